package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

const m1c3 = "m1c3"

// newTrio is a mesh of three clusters with reviews and a caller in each.
func newTrio(t *testing.T) (s *story, reviews map[string]*harness.Pod, callers map[string]*harness.Proxy) {
	t.Helper()
	m := harness.New(t, harness.Options{Clusters: []string{m1c1, m1c2, m1c3}})
	reviews, callers = map[string]*harness.Pod{}, map[string]*harness.Proxy{}
	m.Service("default", "reviews", harness.HTTP(9080))
	for _, cluster := range m.Clusters {
		reviews[cluster] = m.Deploy(harness.Workload{Cluster: cluster, App: "reviews"})
		callers[cluster] = m.Deploy(harness.Workload{Cluster: cluster, App: "sleep", Sidecar: true}).Proxy
	}
	m.Settle()
	return &story{Mesh: m}, reviews, callers
}

// A third cluster is kept local as the others are. One that the policy does not list, although callers are there, is an error
// that names it: nothing crosses without a word.
func TestThreeClusters(t *testing.T) {
	t.Parallel()
	s, reviews, callers := newTrio(t)
	const url = "http://reviews:9080/"
	for _, routing := range routings {
		s.Run(t, routing.name, func(t *testing.T) {
			said, _, err := run(t, s.Mesh, t.TempDir(), policyOf(strict("default/reviews"), m1c1, m1c2), routing.options(t)...)
			if err == nil || !strings.Contains(said, m1c3) {
				t.Errorf("a cluster that is not listed: %v %s", err, said)
			}
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "reviews"))
			s.Settle()
			for _, cluster := range s.Clusters {
				stays(t, s.served(t, callers[cluster], "reviews", url, 30), cluster)
			}
			reviews[m1c3].SetReady(false)
			s.Settle()
			s.Reset()
			get(t, callers[m1c3], url, 10, 503)
			if n := s.Served("reviews").Total(); n > 0 {
				t.Errorf("%d crossed", n)
			}
			reviews[m1c3].SetReady(true)
			policy.Clear()
			s.Settle()
		})
	}
}

// prefer keeps its order over more than two clusters, with and without conditions, and comes back as soon as an endpoint is ready.
func TestPreferKeepsItsOrder(t *testing.T) {
	t.Parallel()
	s, reviews, callers := newTrio(t)
	const url = "http://reviews:9080/"
	for _, c := range []struct {
		name, rules string
		order       []string // from m1c1
	}{
		{"the order of a rule", `[{services: [default/reviews], mode: prefer, order: [m1c3, m1c2]}]`, []string{m1c1, m1c3, m1c2}},
		{"the order of the clusters", `[{services: [default/reviews], mode: prefer}]`, []string{m1c1, m1c2, m1c3}},
		{"with a condition", `[{services: [default/reviews], mode: prefer, order: [m1c3, m1c2], paths: [{prefix: /}]}]`, []string{m1c1, m1c3, m1c2}},
	} {
		for _, routing := range deciding {
			s.Run(t, c.name+"/"+routing.name, func(t *testing.T) {
				policy := s.NewSet()
				policy.Apply(routing.generate(t, s.Mesh, c.rules).Source)
				s.Settle()
				goes := func(to string) {
					t.Helper()
					s.Settle()
					stays(t, s.served(t, callers[m1c1], "reviews", url, 20), to)
				}
				goes(c.order[0])
				reviews[c.order[0]].SetReady(false)
				goes(c.order[1])
				reviews[c.order[1]].SetReady(false)
				goes(c.order[2])
				reviews[c.order[2]].SetReady(false)
				s.Settle()
				get(t, callers[m1c1], url, 5, 503)
				reviews[c.order[1]].SetReady(true)
				goes(c.order[1])
				reviews[c.order[0]].SetReady(true)
				goes(c.order[0])
				reviews[c.order[2]].SetReady(true)
				policy.Clear()
				s.Settle()
			})
		}
	}
}
