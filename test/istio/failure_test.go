package istio

import (
	"strconv"
	"testing"

	"cluster-local/test/istio/harness"
)

const (
	noModule    = "http://127.0.0.1:1/cluster-local.wasm" // nothing listens there: what a registry that is down looks like
	refusedMode = "nonsense"                              // what the filter refuses with its reason in the log
)

// broken is what keeps reviews local, for some requests by the filter's decision, with the module at a URL, a failStrategy and a
// mode that the filter may refuse.
func broken(t *testing.T, m *harness.Mesh, rules, url, strategy, mode string) harness.Source {
	t.Helper()
	args := []string{"--image", url}
	if strategy != "FAIL_OPEN" {
		args = append(args, "--fail-closed")
	}
	source := generate(t, m, policyOf(rules), args...).Source
	return source.Replace("failStrategy: FAIL_CLOSE", "failStrategy: "+strategy).Replace("mode: strict", "mode: "+mode)
}

// What becomes of all outbound requests of a workload when the filter does not come up is what failures.md says, by what
// preceded. Istio applies failStrategy to a module that cannot be fetched; a configuration that is refused fails closed
// whatever it says, unless one was accepted before.
func TestWhenTheFilterFails(t *testing.T) {
	t.Parallel()
	table := documented(t, "what happened")
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
			t.Run(c.name+"/"+strategy, func(t *testing.T) {
				t.Parallel()
				w := newPair(t)
				if c.mode == refusedMode {
					w.MayRefuse("extension_config|lds")
				}
				rules := `[{services: [default/reviews], mode: strict}, {services: [default/httpbin], mode: strict, methods: [GET]}]`
				policy := w.NewSet()
				if c.good {
					policy.Apply(broken(t, w.Mesh, rules, wasm(t), strategy, "strict"))
					w.Settle()
				}
				policy.Apply(broken(t, w.Mesh, rules, c.url, strategy, c.mode))
				w.Sync()
				w.answers(t, table[c.name][strategy])
			})
		}
	}
}

// answers checks that requests meet with what the docs call so. Reviews is kept local without conditions, httpbin with one.
func (w *pair) answers(t *testing.T, want string) {
	t.Helper()
	s := &story{Mesh: w.Mesh}
	from := w.callers["default/"+m1c1].Proxy
	const reviews, httpbin = "http://reviews:9080/reviews/0", "http://httpbin:8000/get"
	switch want {
	case "local without conditions, else anywhere":
		stays(t, s.served(t, from, "reviews", reviews, 40), m1c1)
		mixes(t, s.served(t, from, "httpbin", httpbin, 40))
	case "local as before":
		stays(t, s.served(t, from, "reviews", reviews, 40), m1c1)
		stays(t, s.served(t, from, "httpbin", httpbin, 40), m1c1)
	case "403", "500":
		status, _ := strconv.Atoi(want)
		get(t, from, reviews, 10, status)
		get(t, from, httpbin, 10, status)
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
	s.MayRefuse("extension_config|lds")
	with := func(mode string) harness.Source {
		return broken(t, s.Mesh, conditional("reviews"), wasm(t), "FAIL_OPEN", mode)
	}
	running := s.callers["default/m1c1"].Proxy
	policy := s.NewSet()
	policy.Apply(with("strict"))
	s.Settle()
	policy.Apply(with(refusedMode))
	s.Sync()
	late := s.Deploy(harness.Workload{Cluster: m1c1, App: "sleep", Sidecar: true, Version: "v2"})
	s.Sync()
	// Whether the listener is missing (nothing connects) or there without its filter (500) is a matter of timing; what
	// matters is that nothing passes unfiltered, and that pods which were there before do not notice.
	if answer, err := late.Proxy.Get("http://httpbin:8000/get"); err == nil && answer.Status != 500 {
		t.Errorf("while refused the late pod is served: %d", answer.Status)
	}
	get(t, running, "http://httpbin:8000/get", 10, 200)
	policy.Apply(with("strict"))
	s.Sync()
	get(t, running, "http://httpbin:8000/get", 10, 200)
	policy.Clear()
	s.Sync()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
	policy.Apply(with("strict"))
	s.Settle()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
}
