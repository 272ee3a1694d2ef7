package istio

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// cost is what one sidecar is sent when it connects, and what that takes.
type cost struct {
	sent   map[string]int // bytes by kind of resource
	synced time.Duration  // from the start of its Envoy until all is sent and acknowledged
	cpu    time.Duration  // of istiod (this process) meanwhile
	push   time.Duration  // of istiod for a push of everything to one sidecar
}

// What a sidecar is sent, by routing, where all services are kept local; against plain Istio in the same run. ISTIO_SERVICES
// sets how many services there are (default 100, for a quick run). The table of examples/istio-bookinfo/sizes.md is from 10, 500 and
// 5000; it has bars for these.
func TestSizes(t *testing.T) {
	services := 100
	if n, err := strconv.Atoi(os.Getenv("ISTIO_SERVICES")); err == nil {
		services = n
	}
	m := harness.New(t, harness.Options{Patience: 10 * time.Minute})
	for i := range services {
		m.Service("default", fmt.Sprintf("s%04d", i), harness.HTTP(8000))
	}
	t.Log("| services | routing | CDS kB | RDS kB | connect to synced | istiod's CPU, connect | istiod's CPU, push | objects | generated |")
	plain := measure(t, m)
	plain.row(t, services, "plain Istio", generated{})
	for _, routing := range routings {
		m.Run(t, routing.name, func(t *testing.T) {
			policy := m.NewSet()
			made := routing.generate(t, m, strict("*"))
			policy.Apply(made.Source)
			got := measure(t, m)
			got.row(t, services, routing.name, made)
			for kind, most := range map[string]map[string]float64{
				endpoints.name: {"Cluster": 2800. / 2150, "RouteConfiguration": 1}, auto.name: {"Cluster": 5500. / 2150, "RouteConfiguration": 3500. / 2515},
			}[routing.name] {
				if float64(got.sent[kind]) > most*float64(plain.sent[kind])+2000 {
					t.Errorf("%s: %d bytes of %s, more than %.2f times %d", routing.name, got.sent[kind], kind, most, plain.sent[kind])
				}
			}
			if bound := plain.synced*3/2 + 300*time.Millisecond; routing.name == endpoints.name && got.synced > bound {
				t.Errorf("synced after %v, more than 1.5 times %v", got.synced, plain.synced)
			}
			policy.Clear()
		})
	}
}

// measure starts a sidecar on a mesh that has come to rest, and then has istiod push everything to it.
func measure(t *testing.T, m *harness.Mesh) cost {
	t.Helper()
	m.Sync()
	runtime.GC()
	before, start := processCPU(), time.Now()
	pod := m.Deploy(harness.Workload{Cluster: m1c1, App: "caller", Sidecar: true})
	quiet := m.Sync()
	c := cost{synced: time.Since(start) - quiet, cpu: processCPU() - before, sent: pod.Proxy.Sizes()}
	runtime.GC()
	before = processCPU()
	m.PushAll()
	m.Sync()
	c.push = processCPU() - before
	pod.Proxy.Stop()
	if c.sent["Cluster"] == 0 || c.sent["RouteConfiguration"] == 0 {
		t.Error("nothing sent")
	}
	return c
}

func (c cost) row(t *testing.T, services int, name string, made generated) {
	t.Helper()
	kB := func(kind string) float64 { return float64(c.sent[kind]) / 1000 }
	t.Logf("| %d | %s | %.0f | %.0f | %.1f s | %.1f s | %.1f s | %d | %.1f s |", services, name, kB("Cluster"), kB("RouteConfiguration"),
		c.synced.Seconds(), c.cpu.Seconds(), c.push.Seconds(), len(made.Documents()), made.took.Seconds())
}

// processCPU is the CPU time that this process has used: istiod's, mostly.
func processCPU() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
