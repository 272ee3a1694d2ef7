package istio

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"cluster-local/test/istio/harness"
)

const (
	// generatedMeshes is how many meshes are made up, and perMesh how many requests are compared in each.
	generatedMeshes, perMesh = 30, 125
	// usualSeed makes what the gate runs the same each time.
	usualSeed = 14
)

// explain says what becomes of made-up requests in made-up meshes: VirtualServices with delegates, matches, weights, gateways
// and exportTo, DestinationRules in all places, ServiceEntries, Sidecars, routes of the Gateway API, ports and labels, under
// policies of all kinds. EXPLAIN_SEED makes up others; `-run TestExplainOnGeneratedMeshes/17` repeats one of them.
func TestExplainOnGeneratedMeshes(t *testing.T) {
	t.Parallel()
	seed := uint64(usualSeed)
	if text := os.Getenv("EXPLAIN_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("EXPLAIN_SEED=%d", seed)
	m := newGenerated(t, inventor{rand.New(rand.NewPCG(seed, 0))})
	process, user, ours, seen := startExplainer(t), m.NewSet(), m.NewSet(), tally{}
	for number := range generatedMeshes {
		m.Run(t, strconv.Itoa(number+1), func(t *testing.T) {
			make := inventor{rand.New(rand.NewPCG(seed, uint64(number)+1))}
			documents := m.vary(t, make)
			user.Apply(harness.YAML(documents))
			policy := make.policy()
			dir := t.TempDir()
			made := process.generate(t, m.Mesh, dir, policy, auto.options(t)...)
			ours.Apply(made)
			m.Settle()
			if number%2 == 0 {
				process.lookAt(t, m.Mesh, dir, policy, true) // with what is applied
			}
			wrong := 0
			for range perMesh {
				q := make.request()
				said, _ := process.explain(t, q)
				if !m.compare(t, q, said, seen) {
					wrong++
				}
				if wrong == 2 {
					break // the others are like them
				}
			}
			if wrong > 0 {
				t.Logf("the policy:\n%s\nthe resources:\n%s", policy, documents)
			}
			ours.Clear()
			user.Clear()
			m.clearRoutes()
		})
	}
	t.Log(seen)
	for _, what := range []string{
		"strict", "prefer", "observe", "off", "override", "untouched", "status 301", "status 403", "status 404", "status 503",
		"compared", "excluded", "each allowed", "parts",
	} {
		if seen[what] == 0 && seed == usualSeed && !t.Failed() {
			t.Errorf("no case of %q", what)
		}
	}
	if asked := seen["compared"] + seen["not compared"]; !t.Failed() && asked == generatedMeshes*perMesh && seen["compared"] < 3000 {
		t.Errorf("only %d of %d requests could be compared", seen["compared"], asked)
	}
}

// generatedMesh is one whose services and callers stay, and whose resources are made up again and again.
type generatedMesh struct {
	explained
	pods   []*harness.Pod // that serve
	unsure []*harness.Pod // of these: not ready now
	seeing []*harness.Pod // callers with a Sidecar of the user's
	asking []*harness.Pod
	routes []func()
}

// madeUpServices are what there is to call. Some share a port, and one is in one cluster alone.
var madeUpServices = []struct {
	namespace, name string
	ports           []harness.Port
}{
	{"default", "reviews", []harness.Port{{Name: "http", Number: 9080}, {Name: "http-admin", Number: 9090}}},
	{"default", "ratings", harness.HTTP(9080)},
	{"default", "lonely", []harness.Port{{Name: "http", Number: 9080, Target: 9180}}},
	{"shop", "cart", harness.HTTP(8080)},
	{"shop", "items", []harness.Port{{Name: "http-web", Number: 9080, Target: 9081}, {Name: "http2", Number: 8080, Target: 8081}}},
	{"kube-system", "registry", harness.HTTP(9080)},
}

func newGenerated(t *testing.T, make inventor) *generatedMesh {
	t.Helper()
	options := harness.Options{Namespaces: []string{"shop", "kube-system"}, UsersProblems: true}
	m := &generatedMesh{explained: explained{harness.New(t, options), map[string]*harness.Proxy{}}}
	for _, one := range madeUpServices {
		m.Service(one.namespace, one.name, one.ports)
	}
	for _, cluster := range clusters {
		for _, one := range madeUpServices {
			if one.name == "lonely" && cluster == m1c1 {
				continue
			}
			for range 1 + make.IntN(3) {
				m.pods = append(m.pods, m.Deploy(harness.Workload{
					Cluster: cluster, Namespace: one.namespace, App: one.name, Version: make.one("v1", "v2"),
					Labels: map[string]string{"tier": make.one("front", "back")},
				}))
			}
		}
		for _, caller := range []harness.Workload{{App: "sleep"}, {App: "client"}, {App: "sleep", Namespace: "shop"}} {
			caller.Cluster, caller.Sidecar = cluster, true
			pod := m.Deploy(caller)
			m.asking = append(m.asking, pod)
			m.callers[cluster+" "+pod.Namespace+"/"+caller.App+"-v1"] = pod.Proxy
		}
	}
	m.callers[m1c1+" istio-system/istio-ingressgateway"] = m.Gateway(m1c1)
	m.NewSet().Apply(gatewayForAllHosts)
	m.Settle()
	return m
}

// vary makes up what the user has: which pods are ready, what callers' Sidecars import, and resources, of which it returns the
// YAML. What Istio would not take is left out.
func (m *generatedMesh) vary(t *testing.T, make inventor) string {
	t.Helper()
	for _, pod := range m.unsure {
		pod.SetReady(true)
	}
	m.unsure = nil
	for _, pod := range m.pods {
		if make.IntN(8) == 0 {
			pod.SetReady(false)
			m.unsure = append(m.unsure, pod)
		}
	}
	for _, pod := range m.seeing {
		pod.See()
	}
	m.seeing = nil
	var text string
	add := func(resource object) {
		document, err := json.Marshal(resource)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := harness.Validate(string(document)); err == nil {
			text += string(document) + "\n---\n"
		} else if os.Getenv("EXPLAIN_INVALID") != "" {
			t.Log(err)
		}
	}
	for i, pod := range m.asking {
		if make.IntN(6) > 0 {
			continue
		}
		hosts := make.imports()
		pod.See(hosts...)
		m.seeing = append(m.seeing, pod)
		add(resource("Sidecar", pod.Namespace, fmt.Sprintf("users-%d", i), object{
			"workloadSelector": object{"labels": object{
				"app": pod.App, "version": "v1", "topology.istio.io/cluster": pod.Workload.Cluster,
			}},
			"egress": []object{{"hosts": hosts}},
		}))
	}
	for _, one := range make.resources() {
		add(one)
	}
	for i := range make.IntN(3) {
		if make.IntN(2) == 0 {
			m.routes = append(m.routes, m.TemporaryHTTPRoute(make.httpRoute(i)))
		}
	}
	return text
}

func (m *generatedMesh) clearRoutes() {
	for _, end := range slices.Backward(m.routes) {
		end()
	}
	m.routes = nil
}
