package istio

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// diagnosis is what `cluster-local doctor --json` prints, as far as it matters here.
type diagnosis struct {
	Proxies []struct {
		Findings []struct{ Check, Level, Message string }
	}
}

// doctor looks at a proxy, beside the policy that keeps reviews local, and returns what is not as it should be, and the exit code.
func doctor(t *testing.T, p *harness.Proxy) (wrong []string, code int) {
	t.Helper()
	var d diagnosis
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte(policyOf(strict("default/reviews"))), 0o644); err != nil {
		t.Fatal(err)
	}
	code = live(t, &d, "doctor", "--json", "--policy", policy, "--admin", p.AdminAddress())
	for _, f := range d.Proxies[0].Findings {
		if f.Level != "ok" {
			wrong = append(wrong, f.Level+" "+f.Check+": "+f.Message)
		}
	}
	return wrong, code
}

// live runs the built command line and reads the JSON that it prints.
func live(t *testing.T, into any, args ...string) int {
	t.Helper()
	out, err := exec.Command("node", append([]string{"../../build/js/cli/main.js"}, args...)...).Output()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%v: %v (npm run build makes it): %s", args, err, out)
	}
	return code
}

func TestDoctorOnSidecars(t *testing.T) {
	without(t, "panic threshold")
	s := newStory(t)
	from := s.productpage[m1c1].Proxy
	policy := s.NewSet()
	expect := func(t *testing.T, code int, want ...string) {
		t.Helper()
		wrong, got := doctor(t, from)
		if strings.Join(wrong, "\n") != strings.Join(want, "\n") || got != code {
			t.Errorf("exit %d, want %d; found:\n%s\nwant:\n%s", got, code, strings.Join(wrong, "\n"), strings.Join(want, "\n"))
		}
	}

	t.Run("without the filter", func(t *testing.T) {
		expect(t, 1,
			"error routes: default/reviews:9080, default/reviews:9081: without the filter its requests go as if there were no rule",
			"note filter: the filter is in no listener")
		if wrong, code := doctor(t, s.gateway); code != 0 {
			t.Errorf("the gateway: %v", wrong)
		}
	})
	for _, r := range ours {
		s.Run(t, "kept local by "+r.name, func(t *testing.T) {
			policy.Apply(r.retention(t, s.Mesh, "reviews"))
			s.Settle()
			get(t, from, "http://reviews:9080/reviews/0", 20, 200)
			expect(t, 0)
		})
	}
	s.Run(t, "the filter without subsets and routes", func(t *testing.T) {
		policy.Apply(harness.YAML(`
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: cluster-local, namespace: istio-system}
spec:
  url: ` + wasm(t) + `
  pluginName: cluster_local
  failStrategy: FAIL_CLOSE
  match: [{mode: CLIENT}]
  pluginConfig:
    {version: 1, clusters: [m1c1, m1c2], rules: [{services: [default/httpbin], mode: strict}]}
`))
		s.Settle()
		get(t, from, "http://httpbin:8000/get", 40, 200)
		if counts := s.Served("httpbin"); counts[m1c2] == 0 {
			t.Errorf("nothing leaked: %v", counts)
		}
		wrong, code := doctor(t, from)
		found := strings.Join(wrong, "\n")
		for _, want := range []string{
			"error routes: default/httpbin:8000: no route reads the pin: its requests go as if there were no rule",
			"policy.yaml is not what runs: rules differs",
		} {
			if !strings.Contains(found, want) {
				t.Errorf("not found: %s\nin:\n%s", want, found)
			}
		}
		if code != 1 {
			t.Errorf("exit %d, want 1", code)
		}
	})
	s.Run(t, "outlier detection that turns on failover", func(t *testing.T) {
		policy.Apply(auto.retention(t, s.Mesh, "reviews"), harness.YAML(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: httpbin, namespace: default}
spec:
  host: httpbin
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5}
    loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/cluster]}}
`))
		s.Settle()
		expect(t, 0,
			"warning failover: default/httpbin: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters")
	})
}

func TestStatusOnSidecars(t *testing.T) {
	s := newStory(t)
	from := s.sleep[m1c1].Proxy
	s.NewSet().Apply(auto.retention(t, s.Mesh, "reviews"))
	s.Settle()
	s.Reset()
	get(t, from, "http://reviews:9080/reviews/0", 20, 200)
	get(t, from, "http://httpbin:8000/get", 40, 200)
	var status struct {
		Proxies []struct {
			Proxy struct{ Cluster, Namespace, Workload string }
			Flows []struct {
				Service, To string
				Requests    int
			}
		}
	}
	if code := live(t, &status, "status", "--once", "--json", "--admin", from.AdminAddress()); code != 0 {
		t.Errorf("exit %d", code)
	}
	proxy := status.Proxies[0]
	if p := proxy.Proxy; p.Cluster != m1c1 || p.Namespace != "default" || p.Workload != "sleep-v1" {
		t.Errorf("the proxy is %+v", p)
	}
	for _, app := range []string{"reviews", "httpbin"} {
		seen := harness.Counts{}
		for _, flow := range proxy.Flows {
			if flow.Service == "default/"+app && flow.Requests > 0 {
				seen[flow.To] += flow.Requests
			}
		}
		counted := s.Served(app)
		for _, cluster := range clusters {
			if seen[cluster] != counted[cluster] {
				t.Errorf("%s: status says %v, the receivers counted %v", app, seen, counted)
			}
		}
	}
}
