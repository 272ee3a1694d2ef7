package istio

import (
	"slices"
	"testing"

	"cluster-local/test/istio/harness"
)

// Routes of the Gateway API for a service keep their backends and weights, by rules with a name and without.
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
  - name: named
    matches: [{path: {type: PathPrefix, value: /named}}]
    timeouts: {request: 9s}
    backendRefs: [{name: reviews, port: 9080}]
  - backendRefs: [{name: ratings, port: 9080}]
`)
	f.GRPCRoute(`
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: details, namespace: default}
spec:
  parentRefs: [{group: "", kind: Service, name: details, port: 9091}]
  rules:
  - matches: [{method: {service: details.Details, method: Get}}]
    backendRefs: [{name: details, port: 9091}]
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
		f.arrive(t, from, where, "reviews", "http://reviews.default:9080/named")
		f.arrive(t, from, where, "ratings", "http://reviews.default:9080/")
		f.Reset()
		for range 40 {
			if err := from.Call("details.default:9091", "/details.Details/Get"); err != nil {
				t.Fatal(err)
			}
		}
		where(t, "details")
	}
	check(t, f.callers["default"][m1c1], func(t *testing.T, app string) { t.Helper(); mixes(t, f.Served(app)) })
	for _, routing := range append(slices.Clone(ours), meshConfig) {
		f.Run(t, routing.name, func(t *testing.T) {
			policy := f.NewSet()
			policy.Apply(routing.generate(t, f.Mesh, `[{services: [default/reviews, default/ratings, default/details], mode: strict}]`).Source)
			f.Settle()
			for _, cluster := range clusters {
				check(t, f.callers["shop"][cluster], func(t *testing.T, app string) { t.Helper(); stays(t, f.Served(app), cluster) })
			}
			policy.Clear()
			f.Settle()
		})
	}
}
