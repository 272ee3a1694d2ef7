package istio

import (
	"fmt"
	"testing"

	"cluster-local/test/istio/harness"
)

// TCP and TLS have no routes that EnvoyFilter can match: endpoints hold them, also where a VirtualService leads by port or SNI.
func TestPortsWithoutHTTP(t *testing.T) {
	t.Parallel()
	m := harness.New(t, harness.Options{})
	m.Service("default", "store", []harness.Port{
		{Name: "http", Number: 9080}, {Name: "tcp-store", Number: 9100}, {Name: "tls-store", Number: 9443},
	})
	callers, pods := map[string]*harness.Proxy{}, map[string]*harness.Pod{}
	for _, cluster := range clusters {
		pods[cluster] = m.Deploy(harness.Workload{Cluster: cluster, App: "store", Labels: map[string]string{"tier": "a"}})
		callers[cluster] = m.Deploy(harness.Workload{Cluster: cluster, App: "sleep", Sidecar: true}).Proxy
	}
	m.Settle()
	user := m.NewSet()
	count := func(t *testing.T, cluster, url string) harness.Counts {
		t.Helper()
		m.Reset()
		for range 40 {
			if answer, err := callers[cluster].Once(url); err != nil || answer.Status != 200 {
				t.Fatalf("%s: %d %v", url, answer.Status, err)
			}
		}
		return m.Served("store")
	}
	urls := []string{"http://store:9080/", "http://store:9100/", "https://store.default.svc.cluster.local:9443/"}
	for _, c := range []struct{ name, yaml string }{
		{"without routes", ""},
		{"by port and by SNI", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: store, namespace: default}
spec: {host: store, subsets: [{name: a, labels: {tier: a}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: store, namespace: default}
spec:
  hosts: [store.default.svc.cluster.local]
  tcp: [{match: [{port: 9100}], route: [{destination: {host: store, subset: a, port: {number: 9100}}}]}]
  tls:
  - match: [{port: 9443, sniHosts: [store.default.svc.cluster.local]}]
    route: [{destination: {host: store, subset: a, port: {number: 9443}}}]
`},
	} {
		user.Apply(harness.YAML(c.yaml))
		m.Settle()
		for _, url := range urls {
			t.Run(fmt.Sprintf("%s/without/%s", c.name, url), func(t *testing.T) { mixes(t, count(t, m1c1, url)) })
		}
		for _, routing := range []routing{endpoints, auto} {
			m.Run(t, c.name+"/"+routing.name, func(t *testing.T) {
				policy := m.NewSet()
				policy.Apply(routing.retention(t, m, "store"))
				m.Settle()
				for _, cluster := range clusters {
					for _, url := range urls {
						stays(t, count(t, cluster, url), cluster)
					}
				}
				pods[m1c1].SetReady(false)
				m.Settle()
				m.Reset()
				for _, url := range urls {
					if answer, err := callers[m1c1].Once(url); err == nil && answer.Status != 503 {
						t.Errorf("%s without local endpoints: %d", url, answer.Status)
					}
				}
				if n := m.Served("store").Total(); n > 0 {
					t.Errorf("%d crossed", n)
				}
				pods[m1c1].SetReady(true)
				m.Settle()
				policy.Clear()
				m.Settle()
			})
		}
	}
}
