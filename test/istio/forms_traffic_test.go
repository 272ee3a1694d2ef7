package istio

import (
	"fmt"
	"maps"
	"testing"

	"cluster-local/test/istio/harness"
)

// formsOfTraffic are about what becomes of a request: ports, redirects, protocols, balancing, weights.
var formsOfTraffic = []form{
	{"several ports, CORS, headers, redirects", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ports, namespace: default}
spec:
  hosts: [reviews.default.svc.cluster.local]
  http:
  - name: r-1
    match: [{port: 9090, uri: {prefix: /secret}}]
    directResponse: {status: 403}
  - name: r-2
    match: [{port: 9080, uri: {prefix: /old}}]
    redirect: {uri: /new, redirectCode: 301}
  - name: r-3
    match: [{port: 9080}]
    corsPolicy: {allowOrigins: [{exact: "https://example.com"}], allowMethods: [GET]}
    headers: {request: {add: {x-a: b}}, response: {remove: [x-served-at]}}
    route: [{destination: {host: reviews, port: {number: 9080}}}]
  - name: r-4
    match: [{port: 9090}]
    route: [{destination: {host: reviews, port: {number: 9090}}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		get(t, from, "http://reviews.default:9090/secret", 3, 403)
		f.redirected(t, from, "http://reviews.default:9080/old")
		answers := f.arrive(t, from, where, "reviews", "http://reviews.default:9080/", "origin: https://example.com")
		if got := answers[0].Header.Get("access-control-allow-origin"); got != "https://example.com" {
			t.Errorf("CORS: %q", got)
		}
		f.arrive(t, from, where, "reviews", "http://reviews.default:9090/")
	}},
	{"routes for TCP alone", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: tcp, namespace: default}
spec:
  hosts: [ratings]
  tcp: [{match: [{port: 5432}], route: [{destination: {host: ratings, port: {number: 5432}}}]}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		f.arrive(t, from, where, "ratings", "http://ratings.default:9080/")
	}},
	{"a host of a ServiceEntry, whose route leads to a service", `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: default}
spec:
  hosts: [api.example.com]
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints: [{address: 127.0.0.2}]
  ports: [{number: 9080, name: http, protocol: HTTP}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: outside, namespace: default}
spec:
  hosts: [api.example.com]
  http:
  - name: r-5
    match: [{uri: {prefix: /reviews}}]
    rewrite: {authority: reviews}
    route: [{destination: {host: reviews, port: {number: 9080}}}]
  - name: r-6
    directResponse: {status: 404}
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		f.arrive(t, from, where, "reviews", "http://api.example.com:9080/reviews")
		get(t, from, "http://api.example.com:9080/", 3, 404)
	}},
	{"a consistent hash, and another policy for a version", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}
  subsets: [{name: any, labels: {app: reviews}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: r-7
    match: [{uri: {prefix: /random}}]
    route: [{destination: {host: reviews, subset: any}}]
  - name: r-8
    route: [{destination: {host: reviews}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		f.Reset()
		all := map[string]bool{}
		for user := range 30 {
			pods := servers(get(t, from, "http://reviews.default:9080/", 5, 200, fmt.Sprintf("x-user: user-%d", user)))
			if len(pods) != 1 {
				t.Fatalf("one user was served by %v", pods)
			}
			maps.Copy(all, pods)
		}
		if len(all) < 2 {
			t.Errorf("all users were served by %v", all)
		}
		where(t, "reviews")
		if pods := servers(f.arrive(t, from, where, "reviews", "http://reviews.default:9080/random", "x-user: a")); len(pods) < 2 {
			t.Errorf("at random: %v", pods)
		}
	}},
	{"weights over a service that is kept local and one that is not", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: weights, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: r-50
    route:
    - {destination: {host: reviews}, weight: 50}
    - {destination: {host: details}, weight: 50}
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		f.Reset()
		get(t, from, "http://reviews.default:9080/", 160, 200)
		t.Log(f.Served("reviews"), f.Served("details"))
		if total := f.Served("details").Total(); total < 50 || total > 110 {
			t.Errorf("details got %d of 160", total)
		}
		where(t, "reviews")
		mixes(t, f.Served("details"))
	}},
	{"weights over two services that are kept local, and versions", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: weights, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: r-9
    route:
    - {destination: {host: reviews, subset: v1}, weight: 50}
    - {destination: {host: ratings}, weight: 50}
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		f.Reset()
		get(t, from, "http://reviews.default:9080/", 80, 200)
		t.Log(f.Served("reviews"), f.Served("ratings"))
		for _, app := range []string{"reviews", "ratings"} {
			if total := f.Served(app).Total(); total < 20 || total > 60 {
				t.Errorf("%s got %d of 80", app, total)
			}
			where(t, app)
		}
	}},
}
