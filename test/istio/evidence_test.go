package istio

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// observe is a dry run.
const observe = `[{services: [default/reviews], mode: observe}]`

// decided are the filter's counters of its decisions.
const decided = "wasmcustom.cluster_local."

// The filter counts each request of a rule once, under what it decided, whatever holds the rule.
func TestTheFilterCountsWhatItDecides(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	counted := map[string]int{}
	for _, routing := range []routing{auto, routes, endpoints, trafficExtension} {
		for _, c := range []struct{ counter, rules, labels string }{
			{"requests.retained", strict("default/reviews"), `mode="strict",pin="m1c1"`},
			{"requests.retained", conditional("reviews"), `mode="strict",pin="m1c1"`},
			{"requests.preferred", `[{services: [default/reviews], mode: prefer}]`, `mode="prefer",pin="m1c1,m1c2"`},
			{"requests.observed", observe, `mode="observe",pin=""`},
			{"requests.bypassed", `[{services: [default/reviews], mode: "off"}]`, `mode="off",pin=""`},
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
				if seen := upstream(t, from, `rule="default/reviews",`+c.labels); seen != counted[c.labels]+20 {
					t.Errorf("Envoy counted %d more with %s, not 20", seen-counted[c.labels], c.labels)
				} else {
					counted[c.labels] = seen
				}
				policy.Clear()
			})
		}
	}
}

// upstream is what the stats access logger has counted with these labels, whoever answered.
func upstream(t *testing.T, from *harness.Proxy, labels string) int {
	t.Helper()
	text, err := from.Admin("/stats/prometheus?filter=cluster_local")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "envoy_cluster_local_upstream{"); ok && strings.Contains(value, labels+",") {
			n, err := strconv.Atoi(strings.TrimSpace(value[strings.LastIndex(value, " "):]))
			if err != nil || !servedBy.MatchString(value) {
				t.Errorf("%v: %s", err, line)
			}
			total += n
		}
	}
	return total
}

// servedBy is the endpoint's own word: the fifth part is its cluster.
var servedBy = regexp.MustCompile(`served_by="[^;"]+;default;reviews;v\d;m1c\d",code="200"`)

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
