package istio

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

const (
	noModule    = "http://127.0.0.1:1/cluster-local.wasm" // nothing listens there: what a registry that is down looks like
	refusedMode = "nonsense"                              // what the filter refuses with its reason in the log
)

// broken is what retains reviews, with the module at a URL, a failStrategy and a mode.
func (r routing) broken(t *testing.T, m *harness.Mesh, url, strategy, mode string) harness.Source {
	t.Helper()
	args := append(slices.Clone(r.args), "--image", url)
	if strategy != "FAIL_OPEN" {
		args = append(args, "--fail-closed")
	}
	source := generate(t, m, policyOf(strict("default/reviews")), args...).Source
	return source.Replace("failStrategy: FAIL_CLOSE", "failStrategy: "+strategy).Replace("mode: strict", "mode: "+mode)
}

// documented is the table of examples/istio-bookinfo/failures.md: by its first column and a failStrategy, what becomes of
// requests.
func documented(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../examples/istio-bookinfo/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	var strategies []string
	table := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.ReplaceAll(line, "`", ""), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case len(cells) != 6 || strings.HasPrefix(cells[1], "--"):
		case strategies == nil:
			for _, cell := range cells[2:5] {
				name, _, _ := strings.Cut(cell, " ") // beside it, how to get it
				strategies = append(strategies, name)
			}
		default:
			table[cells[1]] = map[string]string{strategies[0]: cells[2], strategies[1]: cells[3], strategies[2]: cells[4]}
		}
	}
	return table
}

// What becomes of all outbound requests of a workload when the filter does not come up is what the docs say, by what
// preceded. Istio applies failStrategy to a module that cannot be fetched; a configuration that is refused fails closed
// whatever it says, unless one was accepted before.
func TestWhenTheFilterFails(t *testing.T) {
	t.Parallel()
	table := documented(t)
	for _, routing := range filtered() {
		for _, c := range []struct {
			name      string // as in the docs
			good      bool   // another configuration was in force
			url, mode string
		}{
			{"no module", false, noModule, "strict"},
			{"no module any more", true, noModule, "strict"},
			{"configuration refused", false, wasm(t), refusedMode},
			{"configuration refused, a good one before", true, wasm(t), refusedMode},
		} {
			for _, strategy := range []string{"FAIL_OPEN", "FAIL_CLOSE", "FAIL_RELOAD"} {
				t.Run(routing.name+"/"+c.name+"/"+strategy, func(t *testing.T) {
					t.Parallel()
					w := newPair(t)
					policy := w.NewSet()
					if c.good {
						policy.Apply(routing.broken(t, w.Mesh, wasm(t), strategy, "strict"))
						w.Settle()
					}
					policy.Apply(routing.broken(t, w.Mesh, c.url, strategy, c.mode))
					w.Sync()
					w.answers(t, routing, table[c.name][strategy])
				})
			}
		}
	}
}

// answers checks that requests meet with what the docs call so.
func (w *pair) answers(t *testing.T, routing routing, want string) {
	t.Helper()
	s := &story{Mesh: w.Mesh}
	from, url := w.callers["default/"+m1c1].Proxy, "http://reviews:9080/reviews/0"
	switch want {
	case "as without the policy":
		mixes(t, s.served(t, from, "reviews", url, 40))
		for _, forged := range []string{"x-cluster-local: m1c2", "x-cluster-local-target: outbound|9080|m1c2|reviews.default.svc.cluster.local"} {
			mixes(t, s.served(t, from, "reviews", url, 40, forged))
			if routing.name == envoyFilter.name {
				s.unforged(t, routing, []string{forged})
			}
		}
		if routing.name != envoyFilter.name {
			stays(t, s.served(t, from, "reviews", url, 40, "x-cluster-local: m1c1"), m1c1)
		}
	case "retained as before":
		stays(t, s.served(t, from, "reviews", url, 40), m1c1)
	case "403", "500":
		status, _ := strconv.Atoi(want)
		get(t, from, url, 10, status)
		get(t, from, "http://httpbin:8000/get", 10, status) // not only what was to be retained
	default:
		t.Fatalf("examples/istio-bookinfo/failures.md says %q", want)
	}
}

// A pod that starts while the configuration in force is one that the filter refuses has no earlier one to go
// on with: Envoy refuses the listeners together with the filter, whatever failStrategy says. A right
// configuration alone does not bring them back, because istiod then sends the filter and not the listeners:
// the plugin has to go, or the pod.
func TestAPodThatStartsWithARefusedConfiguration(t *testing.T) {
	t.Parallel()
	s := newPair(t)
	broken := func(mode string) harness.Source {
		return virtualService.broken(t, s.Mesh, wasm(t), "FAIL_OPEN", mode)
	}
	running := s.callers["default/m1c1"].Proxy
	policy := s.NewSet()
	policy.Apply(broken("strict"))
	s.Settle()
	policy.Apply(broken(refusedMode))
	s.Sync()
	late := s.Deploy(harness.Workload{Cluster: m1c1, App: "sleep", Sidecar: true, Version: "v2"})
	s.Sync()
	// Whether the listener is missing (nothing connects) or there without its filter (500) is a matter of timing; what
	// matters is that nothing passes unfiltered, and that pods which were there before do not notice.
	if answer, err := late.Proxy.Get("http://httpbin:8000/get"); err == nil && answer.Status != 500 {
		t.Errorf("while refused the late pod is served: %d", answer.Status)
	}
	get(t, running, "http://httpbin:8000/get", 10, 200)
	policy.Apply(broken("strict"))
	s.Sync()
	get(t, running, "http://httpbin:8000/get", 10, 200)
	policy.Clear()
	s.Sync()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
	policy.Apply(broken("strict"))
	s.Settle()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
}
