package istio

import (
	"regexp"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// What is counted in Prometheus' form, from Envoys that keep and tag stats as Istio's own bootstrap says.
func TestTheCountersInPrometheus(t *testing.T) {
	t.Parallel()
	m := harness.New(t, harness.Options{IstioStats: true})
	m.Service("default", "reviews", harness.HTTP(9080))
	m.Service("default", "httpbin", harness.HTTP(9080))
	for _, cluster := range clusters {
		m.Deploy(harness.Workload{Cluster: cluster, App: "reviews"})
		m.Deploy(harness.Workload{Cluster: cluster, App: "httpbin"})
	}
	from := m.Deploy(harness.Workload{Cluster: m1c1, App: "sleep", Sidecar: true}).Proxy
	m.NewSet().Apply(auto.generate(t, m, `[{services: [default/reviews], mode: strict}, {services: ["*"], mode: observe}]`).Source)
	m.Settle()
	get(t, from, "http://reviews:9080/", 20, 200)
	get(t, from, "http://httpbin:9080/", 10, 200)
	text, err := from.Admin("/stats/prometheus?filter=cluster_local")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	all := strings.Join(lines, "\n")
	t.Log(all)
	for _, want := range []string{
		`cluster_local_requests_retained{} 20`,
		`cluster_local_requests_observed{} 10`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$`).MatchString(all) {
			t.Errorf("not there: %s", want)
		}
	}
}
