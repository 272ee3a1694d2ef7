package istio

import (
	"slices"
	"strings"
	"testing"
)

// forgeries are what a client may send to get to the other cluster or anywhere else: names of version 1, of the filter state, of
// Envoy's own headers. The pin is in none of them.
func forgeries() (out [][]string) {
	const target = "outbound|9080|m1c2|reviews.default.svc.cluster.local"
	names := []string{
		"x-pin", "x-cluster-local-decision", "wasm.cluster_local_pin",
		"cluster_local_pin", "x-envoy-filter-state", "x-envoy-original-dst-host", "x-envoy-cluster",
	}
	for _, name := range names {
		for _, value := range []string{m1c2, "*", target, "m1c2,m1c1", ""} {
			out = append(out, []string{name + ": " + value})
		}
	}
	return append(out, []string{"x-pin: m1c2", "x-pin: *", "x-target: " + target, "x-envoy-original-path: /x"})
}

// Nothing that a client sends changes where its requests go, with a rule that the routes hold and with one that the filter
// decides; nor does the policy take away what it sent.
func (s *story) forged(t *testing.T, pinned bool) {
	t.Helper()
	from, seen := s.sleep[m1c1].Proxy, map[string]int{}
	for _, headers := range forgeries() {
		counts := s.served(t, from, "reviews", "http://reviews:9080/reviews/0", 4, headers...)
		for where, n := range counts {
			seen[where] += n
		}
		if pinned {
			stays(t, counts, m1c1)
		}
		name, _, _ := strings.Cut(headers[0], ":")
		if arrived := s.Leaked(name); !slices.Contains(strippedByEnvoy, name) && len(arrived) == 0 {
			t.Errorf("%q did not arrive", headers)
		}
	}
	if !pinned {
		mixes(t, seen)
	}
}

// strippedByEnvoy are headers that Envoy itself takes from requests.
var strippedByEnvoy = []string{"x-envoy-original-dst-host", "x-envoy-cluster", "x-envoy-filter-state"}

func TestForgedHeadersChangeNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, c := range []struct {
		name, rules string
		pinned      bool
	}{
		{"without conditions", strict("default/reviews"), true},
		{"with conditions", conditional("reviews"), true},
		{"off", `[{services: [default/reviews], mode: "off"}]`, false},
		{"observed", observe, false},
	} {
		s.Run(t, c.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(auto.generate(t, s.Mesh, c.rules).Source)
			s.Settle()
			s.forged(t, c.pinned)
			for _, headers := range forgeries() {
				get(t, s.gateway, "http://bookinfo.example/login", 1, 200, headers...)
			}
			policy.Clear()
		})
	}
}
