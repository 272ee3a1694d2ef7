package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// A proxy from before istio-proxy 1.30 has no specifier that reads the pin: rules without conditions hold there as everywhere,
// strict or prefer, the others leave it alone, and the report says so. It is never sent what it would refuse.
func TestOlderProxies(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	older := s.Deploy(harness.Workload{Cluster: m1c1, App: "client", Sidecar: true, ProxyVersion: "1.29.2"}).Proxy
	s.Settle()
	const url = "http://reviews:9080/"
	for _, c := range []struct {
		name, rules string
		holds       bool // on the older one
	}{
		{"without conditions", strict("default/reviews"), true},
		{"with conditions", conditional("reviews"), false},
		{"prefer", `[{services: [default/reviews], mode: prefer}]`, true},
	} {
		for _, routing := range []routing{auto, routes} {
			s.Run(t, c.name+"/"+routing.name, func(t *testing.T) {
				policy := s.NewSet()
				made := routing.generate(t, s.Mesh, c.rules)
				policy.Apply(made.Source)
				s.Settle()
				stays(t, s.served(t, s.sleep[m1c1].Proxy, "reviews", url, 40), m1c1)
				counts := s.served(t, older, "reviews", url, 40)
				if c.holds {
					stays(t, counts, m1c1)
				} else {
					mixes(t, counts)
					if !strings.Contains(made.report, "1.30") {
						t.Errorf("the report does not say what older proxies do:\n%s", made.report)
					}
				}
				for _, kind := range []string{"dynamic_route_configs", "dynamic_active_clusters"} {
					sent, err := older.Admin("/config_dump?resource=" + kind)
					if err != nil || strings.Contains(sent, "cluster_specifier") {
						t.Errorf("the older proxy was sent a specifier (%v)", err)
					}
				}
				policy.Clear()
				s.Settle()
			})
		}
	}
}
