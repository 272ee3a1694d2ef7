package istio

import (
	"slices"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// edits are what a policy goes through: every second one keeps reviews local, in different ways, the others stop it.
var edits = []struct {
	rules string
	local bool
}{
	{`[{services: [default/reviews], mode: "off"}]`, false},
	{strict("default/*"), true},
	{strict("default/reviews") + "\nenabled: false", false},
	{`[{services: ["*"], mode: strict}, {services: [default/httpbin], mode: "off"}]`, true},
	{strict("default/httpbin"), false},
	{strict("default/reviews"), true},
	{observe, false},
	{strict("default/reviews"), true},
	{`[{services: ["*"], mode: strict}, {services: [default/reviews], mode: "off"}]`, false},
	{strict("default/reviews"), true},
}

// The first policy, 20 edits of it and its removal, while requests go on: none fails, and each shows within a second (of
// a fast machine).
func TestTwentyEditsUnderLoad(t *testing.T) {
	s := newStory(t)
	for _, routing := range ours {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			l := startLoad(s.productpage[m1c1], "http://reviews:9080/reviews/0")
			var took []time.Duration
			edit := func(rules string, local bool) {
				took = append(took, s.edit(t, routing, policy, l, rules, local))
				if bound := time.Duration(harness.Slowdown(t) * float64(time.Second)); took[len(took)-1] > bound {
					t.Errorf("not within %v, a second of a fast machine: %v", bound, took)
				}
			}
			edit(strict("default/reviews"), true)
			for n := range 20 {
				edit(edits[n%len(edits)].rules, edits[n%len(edits)].local)
			}
			since := time.Now()
			routing.remove(t, s.Mesh, policy)
			l.effective(t, since, false)
			l.end()
			l.allAnswered(t)
			t.Logf("slowest edit: %v", slices.Max(took))
			if left := policy.Differs(); len(left) > 0 {
				t.Errorf("after the removal: %v", left)
			}
		})
	}
}

// edit generates for other rules and applies that, as the docs say; it returns after how long that shows.
func (s *story) edit(
	t *testing.T, routing routing, policy *harness.Set, l *load, rules string, local bool,
) time.Duration {
	t.Helper()
	since := s.put(policy, routing.generate(t, s.Mesh, rules))
	prune(t, s.Mesh, policy, policyOf(rules), routing.options(t)...)
	return l.effective(t, since, local)
}

// put applies what was generated as the docs say: subsets are in the proxies, with their endpoints, before anything leads
// to them. It returns when the rest was applied.
func (s *story) put(policy *harness.Set, made generated) time.Time {
	if subsets := made.Only("DestinationRule"); len(subsets.Documents()) > 0 {
		policy.Add(subsets)
		s.Sync()
	}
	now := time.Now()
	policy.Add(made.Source)
	return now
}
