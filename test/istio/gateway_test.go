package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// A rule whose callers name the gateway is for it, too, and for nobody else; what clients forge changes nothing.
func TestAGatewayThatCallersName(t *testing.T) {
	f := newForms(t)
	user := f.NewSet()
	routes := harness.YAML(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: at-the-gateway, namespace: default}
spec:
  hosts: ["*"]
  gateways: [gateway]
  http: [{route: [{destination: {host: reviews, port: {number: 9080}}}]}]
`)
	const url = "http://shop.example.com/"
	user.Apply(routes)
	f.Settle()
	mixes(t, f.served(t, f.gateway, "reviews", url, 40))
	for _, routing := range []routing{virtualService, envoyFilter} {
		t.Run(routing.name, func(t *testing.T) {
			// The gateway's labels are known, so the filter is on it alone: nobody else counts requests.
			rules := `[{services: [default/reviews], mode: strict, callers: [istio-system/istio-ingressgateway]}]`
			user.Apply(routes, routing.generate(t, f.Mesh, rules).Source)
			f.Settle()
			stays(t, f.served(t, f.gateway, "reviews", url, 40), m1c1)
			for _, forged := range []string{m1c2, "outbound|9080|m1c2|reviews.default.svc.cluster.local", ""} {
				stays(t, f.served(t, f.gateway, "reviews", url, 40, routing.header+": "+forged), m1c1)
				for leak, n := range f.Leaked(routing.header) {
					t.Errorf("leaked %d times: %s", n, leak)
				}
			}
			mixes(t, f.served(t, f.callers["default"][m1c1], "reviews", "http://reviews.default:9080/", 40))
			if n := f.gateway.Counter("wasmcustom.cluster_local.requests.retained"); n != 160 {
				t.Errorf("the gateway has retained %d requests, not 160", n)
			}
			filters, err := f.callers["default"][m1c1].Admin("/config_dump?resource=ecds_filters")
			if strings.Contains(filters, "cluster_local") {
				t.Errorf("the filter is on a sidecar: %v %s", err, filters)
			}
			user.Apply(routes)
			f.Settle()
			mixes(t, f.served(t, f.gateway, "reviews", url, 40))
		})
	}
}
