package istio

import (
	"regexp"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// The filter's counters in Prometheus' form, from Envoys that keep and tag stats as Istio's own bootstrap says: all of them are
// kept, and with MeshConfig's extraStatTags the rule and the mode are labels.
func TestTheCountersInPrometheus(t *testing.T) {
	for _, c := range []struct {
		name string
		tags []string
		want []string // regular expressions
	}{
		{"with extraStatTags", []string{"rule", "mode"}, []string{
			`cluster_local_requests_retained{} 20`,
			`cluster_local_requests_observed{} 10`,
			`cluster_local_upstream_local{rule="default/reviews",mode="strict"} 20`,
			`cluster_local_upstream_(local|remote){rule="\*",mode="observe"} \d+`,
		}},
		{"without", []string{}, []string{
			`cluster_local_requests_retained{} 20`,
			`cluster_local_requests_observed{} 10`,
			`cluster_local_upstream_local_rule___default_reviews___mode___strict___{} 20`,
			`cluster_local_upstream_(local|remote)_rule_______mode___observe___{} \d+`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := harness.New(t, harness.Options{ExtraStatTags: c.tags})
			m.Service("default", "reviews", harness.HTTP(9080))
			m.Service("default", "httpbin", harness.HTTP(9080))
			for _, cluster := range clusters {
				m.Deploy(harness.Workload{Cluster: cluster, App: "reviews"})
				m.Deploy(harness.Workload{Cluster: cluster, App: "httpbin"})
			}
			from := m.Deploy(harness.Workload{Cluster: m1c1, App: "sleep", Sidecar: true}).Proxy
			m.NewSet().Apply(auto.generate(t, m,
				`[{services: [default/reviews], mode: strict}, {services: ["*"], mode: observe}]`).Source)
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
			t.Log(strings.Join(lines, "\n"))
			for _, want := range c.want {
				if !regexp.MustCompile(`(?m)^` + want + `$`).MatchString(strings.Join(lines, "\n")) {
					t.Errorf("not there: %s", want)
				}
			}
		})
	}
}
