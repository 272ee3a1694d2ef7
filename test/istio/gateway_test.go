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
	user.Apply(harness.YAML(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: at-the-gateway, namespace: default}
spec:
  hosts: ["*"]
  gateways: [gateway]
  http: [{name: all, route: [{destination: {host: reviews, port: {number: 9080}}}]}]
`))
	const url = "http://shop.example.com/"
	f.Settle()
	mixes(t, f.served(t, f.gateway, "reviews", url, 40))
	for _, routing := range []routing{auto, routes} {
		f.Run(t, routing.name, func(t *testing.T) {
			// The gateway's labels are known, so the filter is on it alone: nobody else counts requests.
			rules := `[{services: [default/reviews], mode: strict, callers: [istio-system/istio-ingressgateway]}]`
			policy := f.NewSet()
			policy.Apply(routing.generate(t, f.Mesh, rules).Source)
			f.Settle()
			before := f.gateway.Counters(decided)
			stays(t, f.served(t, f.gateway, "reviews", url, 40), m1c1)
			for _, forged := range forgeries()[:10] {
				stays(t, f.served(t, f.gateway, "reviews", url, 4, forged...), m1c1)
			}
			mixes(t, f.served(t, f.callers["default"][m1c1], "reviews", "http://reviews.default:9080/", 40))
			if n := since(before, f.gateway.Counters(decided))[decided+"requests.retained"]; n != 80 {
				t.Errorf("the gateway has kept %d requests local, not 80", n)
			}
			filters, err := f.callers["default"][m1c1].Admin("/config_dump?resource=ecds_filters")
			if strings.Contains(filters, "cluster_local") {
				t.Errorf("the filter is on a sidecar: %v %s", err, filters)
			}
			policy.Clear()
			f.Settle()
			mixes(t, f.served(t, f.gateway, "reviews", url, 40))
		})
	}
}
