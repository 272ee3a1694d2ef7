package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

// Two networks: what goes to the other cluster goes through its east-west gateway, over mTLS.
func TestMultiNetwork(t *testing.T) {
	t.Parallel()
	m := harness.New(t, harness.Options{Networks: map[string]string{m1c1: "net1", m1c2: "net2"}})
	m.Service("default", "reviews", harness.HTTP(9080))
	sleep := map[string]*harness.Proxy{}
	for _, cluster := range clusters {
		m.Deploy(harness.Workload{Cluster: cluster, App: "reviews", Sidecar: true})
		sleep[cluster] = m.Deploy(harness.Workload{Cluster: cluster, App: "sleep", Sidecar: true}).Proxy
		m.EastWest(cluster)
	}
	m.Settle()
	s := &story{Mesh: m}
	const url = "http://reviews:9080/reviews/0"
	for _, cluster := range clusters {
		mixes(t, s.served(t, sleep[cluster], "reviews", url, 60))
	}
	for _, routing := range routings {
		m.Run(t, routing.name, func(t *testing.T) {
			policy := m.NewSet()
			policy.Apply(routing.retention(t, m, "reviews"))
			m.Settle()
			for _, cluster := range clusters {
				stays(t, s.served(t, sleep[cluster], "reviews", url, 60), cluster)
			}
			policy.Clear()
			m.Settle()
			mixes(t, s.served(t, sleep[m1c1], "reviews", url, 60))
		})
	}
}
