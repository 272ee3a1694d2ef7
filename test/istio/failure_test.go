package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

const (
	noModule    = "http://127.0.0.1:1/cluster-local.wasm" // nothing listens there: what a registry that is down looks like
	refusedMode = "nonsense"                              // what the filter refuses with its reason in the log
)

// broken is what retains reviews, with the module at a URL, a failStrategy and a mode.
func broken(t *testing.T, s *story, url, strategy, mode string) harness.Source {
	t.Helper()
	args := []string{"--image", url}
	if strategy != "FAIL_OPEN" {
		args = append(args, "--fail-closed")
	}
	source := generate(t, s.Mesh, policyOf(strict("default/reviews")), args...).Source
	return source.Replace("failStrategy: FAIL_CLOSE", "failStrategy: "+strategy).Replace("mode: strict", "mode: "+mode)
}

// What becomes of all outbound requests of a workload when the filter does not come up, by what preceded.
// Istio applies failStrategy to a module that cannot be fetched; a configuration that is refused fails closed
// whatever it says, unless one was accepted before.
func TestWhenTheFilterFails(t *testing.T) {
	const untouched, retained = -1, 0 // otherwise a status
	for _, c := range []struct {
		name, strategy string
		good           bool // another configuration was in force
		url, mode      string
		want           int
	}{
		{"no module, fail open", "FAIL_OPEN", false, noModule, "strict", untouched},
		{"no module, fail close", "FAIL_CLOSE", false, noModule, "strict", 403},
		{"no module, fail reload", "FAIL_RELOAD", false, noModule, "strict", 403},
		{"no module any more, fail open", "FAIL_OPEN", true, noModule, "strict", untouched},
		{"no module any more, fail close", "FAIL_CLOSE", true, noModule, "strict", 403},
		{"refused, fail open", "FAIL_OPEN", false, "", refusedMode, 500},
		{"refused, fail close", "FAIL_CLOSE", false, "", refusedMode, 500},
		{"refused, fail reload", "FAIL_RELOAD", false, "", refusedMode, 500},
		{"refused after a good one, fail open", "FAIL_OPEN", true, "", refusedMode, retained},
		{"refused after a good one, fail close", "FAIL_CLOSE", true, "", refusedMode, retained},
		{"refused after a good one, fail reload", "FAIL_RELOAD", true, "", refusedMode, retained},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			policy := s.NewSet()
			if c.good {
				policy.Apply(broken(t, s, wasm(t), c.strategy, "strict"))
				s.Settle()
			}
			if c.url == "" {
				c.url = wasm(t)
			}
			policy.Apply(broken(t, s, c.url, c.strategy, c.mode))
			s.Sync()
			from, url := s.productpage[m1c1].Proxy, "http://reviews:9080/reviews/0"
			switch c.want {
			case untouched:
				mixes(t, s.served(t, from, "reviews", url, 40))
			case retained:
				stays(t, s.served(t, from, "reviews", url, 40), m1c1)
			default:
				get(t, from, url, 10, c.want)
				get(t, from, "http://httpbin:8000/get", 10, c.want) // not only what was to be retained
			}
		})
	}
}

// A pod that starts while the configuration in force is one that the filter refuses has no earlier one to go
// on with: Envoy refuses the listeners together with the filter, whatever failStrategy says. A right
// configuration alone does not bring them back, because istiod then sends the filter and not the listeners:
// the plugin has to go, or the pod.
func TestAPodThatStartsWithARefusedConfiguration(t *testing.T) {
	s := newStory(t)
	policy := s.NewSet()
	policy.Apply(broken(t, s, wasm(t), "FAIL_OPEN", "strict"))
	s.Settle()
	policy.Apply(broken(t, s, wasm(t), "FAIL_OPEN", refusedMode))
	s.Sync()
	late := s.Deploy(harness.Workload{Cluster: m1c1, App: "sleep", Sidecar: true, Version: "v2"})
	s.Sync()
	// Whether the listener is missing (nothing connects) or there without its filter (500) is a matter of timing; what
	// matters is that nothing passes unfiltered, and that pods which were there before do not notice.
	if answer, err := late.Proxy.Get("http://httpbin:8000/get"); err == nil && answer.Status != 500 {
		t.Errorf("while refused the late pod is served: %d", answer.Status)
	}
	get(t, s.sleep[m1c1].Proxy, "http://httpbin:8000/get", 10, 200)
	policy.Apply(broken(t, s, wasm(t), "FAIL_OPEN", "strict"))
	s.Sync()
	get(t, s.sleep[m1c1].Proxy, "http://httpbin:8000/get", 10, 200)
	policy.Clear()
	s.Sync()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
	policy.Apply(broken(t, s, wasm(t), "FAIL_OPEN", "strict"))
	s.Settle()
	get(t, late.Proxy, "http://httpbin:8000/get", 10, 200)
}
