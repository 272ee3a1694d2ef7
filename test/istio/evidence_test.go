package istio

import (
	"maps"
	"testing"
)

// observe is a dry run.
const observe = `[{services: [default/reviews], mode: observe}]`

// decided are the filter's counters of its decisions.
const decided = "wasmcustom.cluster_local."

// The filter counts each request of a rule once, under what it decided, whatever holds the rule.
func TestTheFilterCountsWhatItDecides(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, routing := range []routing{auto, routes, endpoints, trafficExtension} {
		for _, c := range []struct{ counter, rules string }{
			{"requests.retained", strict("default/reviews")},
			{"requests.retained", conditional("reviews")},
			{"requests.preferred", `[{services: [default/reviews], mode: prefer}]`},
			{"requests.observed", observe},
			{"requests.bypassed", `[{services: [default/reviews], mode: "off"}]`},
		} {
			if routing.name == endpoints.name && (c.rules == conditional("reviews") || c.counter == "requests.preferred") {
				continue // what endpoints cannot hold
			}
			s.Run(t, routing.name+"/"+c.rules, func(t *testing.T) {
				policy := s.NewSet()
				policy.Apply(routing.generate(t, s.Mesh, c.rules).Source)
				s.Settle()
				from := s.sleep[m1c1].Proxy
				before := from.Counters(decided)
				get(t, from, "http://reviews:9080/reviews/0", 20, 200)
				get(t, from, "http://httpbin:8000/get", 10, 200)
				if seen, want := since(before, from.Counters(decided)), (map[string]int{decided + c.counter: 20}); !maps.Equal(seen, want) {
					t.Errorf("counted: %v, not %v", seen, want)
				}
				policy.Clear()
			})
		}
	}
}

// since is what counters have grown by.
func since(before, after map[string]int) map[string]int {
	grown := map[string]int{}
	for name, n := range after {
		if n > before[name] {
			grown[name] = n - before[name]
		}
	}
	return grown
}
