package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

// An HTTPRoute of a service: what can be retained beside it is, and keeps the backends and weights of the route.
func TestRoutesOfTheGatewayAPI(t *testing.T) {
	f := newForms(t)
	f.HTTPRoute(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: reviews, namespace: default}
spec:
  parentRefs: [{group: "", kind: Service, name: reviews, port: 9080}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /both}}]
    backendRefs: [{name: reviews, port: 9080, weight: 50}, {name: ratings, port: 9080, weight: 50}]
  - backendRefs: [{name: ratings, port: 9080}]
`)
	f.Settle()
	check := func(t *testing.T, from *harness.Proxy, where func(t *testing.T, app string)) {
		t.Helper()
		f.Reset()
		get(t, from, "http://reviews.default:9080/both", 80, 200)
		t.Log(f.Served("reviews"), f.Served("ratings"))
		for _, app := range []string{"reviews", "ratings"} {
			if total := f.Served(app).Total(); total < 20 || total > 60 {
				t.Errorf("%s got %d of 80", app, total)
			}
			where(t, app)
		}
		f.arrive(t, from, where, "ratings", "http://reviews.default:9080/")
	}
	check(t, f.callers["default"][m1c1], func(t *testing.T, app string) { mixes(t, f.Served(app)) })
	for _, routing := range []routing{envoyFilter, {"native", "", []string{"--routing", "native"}}} {
		t.Run(routing.name, func(t *testing.T) {
			policy := f.NewSet()
			policy.Apply(routing.generate(t, f.Mesh, `[{services: [default/reviews, default/ratings], mode: strict}]`).Source)
			f.Settle()
			for _, cluster := range clusters {
				check(t, f.callers["shop"][cluster], func(t *testing.T, app string) { t.Helper(); stays(t, f.Served(app), cluster) })
			}
			policy.Clear()
			f.Settle()
		})
	}
}
