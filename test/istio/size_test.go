package istio

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// What a sidecar is sent when it connects, for each routing with some services retained and with all of them.
// ISTIO_SERVICES sets how many there are, a hundredth of which are some (default 100, for a quick run); the tables of
// examples/istio-bookinfo/sizes.md are from 5000.
func TestSizes(t *testing.T) {
	services := 100
	if n, err := strconv.Atoi(os.Getenv("ISTIO_SERVICES")); err == nil {
		services = n
	}
	m := harness.New(t, harness.Options{Namespaces: []string{"shop"}, Patience: 5 * time.Minute})
	for i := range services {
		namespace := "default"
		if i < services/100 {
			namespace = "shop"
		}
		m.Service(namespace, fmt.Sprintf("s%04d", i), harness.HTTP(8000))
	}
	t.Logf("| %d services, retained | routing | CDS kB | RDS kB | LDS kB | objects | generated |", services)
	plain := sizes(t, m, "none", "", 0, 0)
	policy := m.NewSet()
	for _, scope := range []struct{ name, rules string }{{strconv.Itoa(services / 100), strict("shop/*")}, {"all", strict("*")}} {
		for _, routing := range routings {
			made := routing.generate(t, m, scope.rules)
			policy.Apply(made.Source)
			sent := sizes(t, m, scope.name, routing.name, len(made.Documents()), made.took)
			for _, resource := range []string{"Cluster", "RouteConfiguration"} {
				if sent[resource] < plain[resource] {
					t.Errorf("%s, %s: less %s than without", scope.name, routing.name, resource)
				}
			}
			policy.Clear()
		}
	}
}

// sizes starts a sidecar and tells, in a line of a table, how many bytes it was sent.
func sizes(t *testing.T, m *harness.Mesh, retained, routing string, objects int, took time.Duration) map[string]int {
	t.Helper()
	m.Sync()
	pod := m.Deploy(harness.Workload{Cluster: m1c1, App: "caller", Sidecar: true})
	m.Sync()
	sent := pod.Proxy.Sizes()
	pod.Proxy.Stop()
	kB := func(resource string) float64 { return float64(sent[resource]) / 1000 }
	t.Logf("| %s | %s | %.0f | %.0f | %.1f | %d | %.1f s |", retained, routing, kB("Cluster"), kB("RouteConfiguration"),
		kB("Listener"), objects, took.Seconds())
	if sent["Cluster"] == 0 || sent["RouteConfiguration"] == 0 {
		t.Errorf("%s: nothing sent", routing)
	}
	return sent
}
