package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

const subsets = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---`

// shop makes sidecars listen for a host that is no service of Kubernetes.
const shop = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: shop, namespace: default}
spec:
  hosts: [shop.example.com]
  location: MESH_INTERNAL
  resolution: NONE
  ports: [{number: 9080, name: http, protocol: HTTP}]
---`

// formsOfHosts are about whom a route is for: hosts, delegates, gateways, namespaces.
var formsOfHosts = []form{
	{"a delegate", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: r-1
    match: [{uri: {prefix: /v1/}, headers: {x-user: {exact: a}}}]
    delegate: {name: part, namespace: shop}
  - name: r-2
    route: [{destination: {host: reviews, subset: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part, namespace: shop}
spec:
  http:
  - name: r-3
    match: [{uri: {prefix: /v1/a}}]
    rewrite: {uri: /rewritten}
    route: [{destination: {host: reviews.default.svc.cluster.local, subset: v1}}]
  - name: r-4
    route: [{destination: {host: ratings.default.svc.cluster.local}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/v1/a", "x-user: a"), "v1")
		if paths := f.paths(); !paths["/rewritten"] || len(paths) != 1 {
			t.Errorf("arrived as %v", paths)
		}
		f.arrive(t, from, where, "ratings", "http://reviews.default:9080/v1/b", "x-user: a")
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/v1/a"), "v2")
	}},
	{"a delegate reached from the mesh and from a gateway", shop + subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: default}
spec:
  hosts: [shop.example.com]
  gateways: [mesh, default/gateway]
  http:
  - name: r-5
    match: [{uri: {prefix: /inside}, gateways: [mesh]}]
    delegate: {name: part, namespace: default}
  - name: r-6
    match: [{uri: {prefix: /both}}]
    delegate: {name: part, namespace: default}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part, namespace: default}
spec: {http: [{name: r-7, route: [{destination: {host: reviews, port: {number: 9080}, subset: v1}}]}]}
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		versions(t, f.arrive(t, from, where, "reviews", "http://shop.example.com:9080/inside"), "v1")
		versions(t, f.arrive(t, from, where, "reviews", "http://shop.example.com:9080/both"), "v1")
		f.atGateway(t, "http://shop.example.com/both")
	}},
	{"lists of gateways with and without mesh", shop + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: both, namespace: shop}
spec:
  hosts: [shop.example.com, reviews.default.svc.cluster.local]
  gateways: [default/gateway, mesh]
  http:
  - name: r-8
    match: [{uri: {prefix: /a}, gateways: [default/gateway]}, {uri: {prefix: /b}}, {uri: {prefix: /c}, gateways: [mesh]}]
    headers: {response: {set: {x-route: first}}}
    route: [{destination: {host: reviews.default.svc.cluster.local, port: {number: 9080}}}]
  - name: r-9
    headers: {response: {set: {x-route: second}}}
    route: [{destination: {host: ratings.default.svc.cluster.local, port: {number: 9080}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: gateway-alone, namespace: default}
spec:
  hosts: [alone.example.com]
  gateways: [gateway]
  http: [{name: r-10, route: [{destination: {host: reviews, port: {number: 9080}}}]}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		for _, host := range []string{"shop.example.com", "reviews.default", "reviews.default.svc.cluster.local"} {
			for path, want := range map[string]string{"/a": "second", "/b": "first", "/c": "first", "/d": "second"} {
				app := map[string]string{"first": "reviews", "second": "ratings"}[want]
				for _, answer := range f.arrive(t, from, where, app, "http://"+host+":9080"+path) {
					if got := answer.Header.Get("x-route"); got != want {
						t.Fatalf("%s%s took the %s route", host, path, got)
					}
				}
			}
		}
		f.atGateway(t, "http://shop.example.com/a")
		f.atGateway(t, "http://shop.example.com/b")
		f.atGateway(t, "http://alone.example.com/")
	}},
	{"a wildcard host", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: wildcard, namespace: default}
spec:
  hosts: ["*.default.svc.cluster.local"]
  http:
  - name: r-11
    match: [{uri: {exact: /old}}]
    redirect: {uri: /new, redirectCode: 308}
  - name: r-12
    match: [{uri: {prefix: /ratings}}]
    headers: {request: {set: {x-route: ratings}}}
    route: [{destination: {host: ratings}}]
  - name: r-13
    route: [{destination: {host: reviews, port: {number: 9080}}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		for _, host := range []string{"reviews.default", "details.default.svc.cluster.local"} {
			f.redirected(t, from, "http://"+host+":9080/old")
			f.arrive(t, from, where, "ratings", "http://"+host+":9080/ratings/1")
			f.arrive(t, from, where, "reviews", "http://"+host+":9080/other")
		}
	}},
	{"names of matches, with and without one of the route", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: r-20
    match: [{name: one, uri: {prefix: /one}}, {name: two, uri: {prefix: /two}}]
    route: [{destination: {host: reviews, subset: v1}}]
  - match: [{name: three, uri: {prefix: /three}}]
    route: [{destination: {host: reviews, subset: v2}}]
  - name: r-21
    route: [{destination: {host: ratings}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/one"), "v1")
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/two"), "v1")
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/three"), "v2")
		f.arrive(t, from, where, "ratings", "http://reviews.default:9080/")
	}},
	{"a VirtualService in another namespace", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: of-the-callers, namespace: shop}
spec:
  hosts: [reviews.default.svc.cluster.local]
  http:
  - name: r-30
    match: [{uri: {prefix: /v1}}]
    timeout: 9s
    route: [{destination: {host: reviews.default.svc.cluster.local, subset: v1}}]
  - name: r-31
    route: [{destination: {host: reviews.default.svc.cluster.local, subset: v2}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/v1"), "v1")
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/"), "v2")
	}},
	{"two VirtualServices for one host, of which the older one counts", subsets + strings.Replace(virtualServiceOf("z-older", "reviews", `
  - name: r-40
    route: [{destination: {host: reviews, subset: v1}}]`), "{name: z-older", "{creationTimestamp: 2026-01-01T00:00:00Z, name: z-older", 1) + virtualServiceOf("a-newer", "reviews", `
  - name: r-41
    route: [{destination: {host: reviews, subset: v2}}]`), func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		versions(t, f.arrive(t, from, where, "reviews", "http://reviews.default:9080/"), "v1")
	}},
	{"routes that only their own namespace sees", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: only-here, namespace: default}
spec:
  hosts: [ratings]
  exportTo: ["."]
  http: [{name: r-14, headers: {response: {set: {x-route: here}}}, route: [{destination: {host: ratings}}]}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		for _, answer := range f.arrive(t, from, where, "ratings", "http://ratings.default:9080/") {
			if seen := answer.Header.Get("x-route") == "here"; seen != f.isIn(from, "default") {
				t.Fatalf("%s: takes the route: %v", from.Name, seen)
			}
		}
	}},
}
