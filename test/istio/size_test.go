package istio

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// What a sidecar is sent when it connects, for each routing with every service retained. ISTIO_SERVICES sets
// how many there are (default 50, for a quick run).
func TestSizes(t *testing.T) {
	services := 50
	if n, err := strconv.Atoi(os.Getenv("ISTIO_SERVICES")); err == nil {
		services = n
	}
	m := harness.New(t, harness.Options{})
	for i := range services {
		m.Service("default", fmt.Sprintf("s%04d", i), harness.HTTP(8000))
	}
	policy := m.NewSet()
	t.Logf("%d services; bytes that one sidecar gets:", services)
	t.Logf("%-22s %10s %10s %10s %10s %8s", "routing", "CDS", "EDS", "LDS", "RDS", "applied")
	for i, routing := range append([]routing{{name: "none"}}, routings...) {
		start := time.Now()
		if routing.name != "none" {
			policy.Apply(routing.generate(t, m, strict("*")).Source)
		}
		applied := time.Since(start)
		m.Sync()
		pod := m.Deploy(harness.Workload{Cluster: m1c1, App: "caller", Version: fmt.Sprint("v", i), Sidecar: true})
		m.Sync()
		sent := pod.Proxy.Sizes()
		t.Logf("%-22s %10d %10d %10d %10d %8v", routing.name, sent["Cluster"], sent["ClusterLoadAssignment"], sent["Listener"],
			sent["RouteConfiguration"], applied.Round(time.Millisecond))
		if sent["Cluster"] == 0 || sent["RouteConfiguration"] == 0 {
			t.Errorf("%s: nothing sent", routing.name)
		}
		pod.Proxy.Stop()
	}
}
