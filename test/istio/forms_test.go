package istio

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// forms is a mesh with reviews v1 and v2, ratings and details in both clusters, callers in the namespaces default and
// shop of each, and a gateway.
type forms struct {
	*story
	callers map[string]map[string]*harness.Proxy // by namespace, then by cluster
	pods    []*harness.Pod
}

func newForms(t *testing.T) *forms {
	t.Helper()
	f := &forms{
		story:   &story{Mesh: harness.New(t, harness.Options{Namespaces: []string{"shop"}})},
		callers: map[string]map[string]*harness.Proxy{"default": {}, "shop": {}},
	}
	f.Service("default", "reviews", []harness.Port{{Name: "http", Number: 9080}, {Name: "http-admin", Number: 9090}})
	f.Service("default", "ratings", harness.HTTP(9080))
	f.Service("default", "details", harness.HTTP(9080))
	for _, cluster := range clusters {
		for _, app := range []string{"reviews", "ratings", "details"} {
			for _, version := range []string{"v1", "v2"} {
				f.pods = append(f.pods, f.Deploy(harness.Workload{Cluster: cluster, App: app, Version: version}))
			}
		}
		for namespace := range f.callers {
			caller := f.Deploy(harness.Workload{Cluster: cluster, Namespace: namespace, App: "sleep", Sidecar: true})
			f.callers[namespace][cluster] = caller.Proxy
		}
	}
	f.gateway = f.Gateway(m1c1)
	f.NewSet().Apply(harness.YAML(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gateway, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
`))
	f.Settle()
	return f
}

// form is one form in which a user may lead requests to services that are retained then.
type form struct {
	name string
	yaml string
	// check sends requests; where is called after each kind of them, with the app that they are for, and looks at where they
	// arrived.
	check func(t *testing.T, f *forms, from *harness.Proxy, where func(t *testing.T, app string))
}

// Each form is tried without the policy and with it: the requests are treated alike, but stay home with it.
func TestEveryFormOfTheUsersRoutes(t *testing.T) {
	f := newForms(t)
	user := f.NewSet()
	for _, each := range formsOfRoutes {
		t.Run(each.name, func(t *testing.T) {
			user.Apply(harness.YAML(each.yaml))
			f.Settle()
			t.Run("without", func(t *testing.T) {
				each.check(t, f, f.callers["default"][m1c1], func(t *testing.T, app string) { mixes(t, f.Served(app)) })
			})
			rules := `[{services: [default/reviews, default/ratings], mode: strict}]`
			made := virtualService.generate(t, f.Mesh, rules)
			// What is woven takes the place of the user's own, as kubectl apply does it.
			user.Apply(harness.YAML(each.yaml), made.Source)
			f.Settle()
			for _, namespace := range []string{"default", "shop"} {
				for _, cluster := range clusters {
					t.Run("with/"+namespace+"/"+cluster, func(t *testing.T) {
						each.check(t, f, f.callers[namespace][cluster], func(t *testing.T, app string) {
							t.Helper()
							stays(t, f.Served(app), cluster)
							for leak, n := range f.Leaked("x-cluster-local") {
								t.Errorf("leaked %d times: %s", n, leak)
							}
						})
					})
				}
			}
			user.Clear()
		})
	}
}

// arrive sends requests and looks at where they went.
func (f *forms) arrive(
	t *testing.T, from *harness.Proxy, where func(*testing.T, string), app, url string, headers ...string,
) []harness.Response {
	t.Helper()
	f.Reset()
	answers := get(t, from, url, 40, 200, headers...)
	t.Logf("%s: %v", url, f.Served(app))
	where(t, app)
	return answers
}

// versions fails unless all answers came from this version.
func versions(t *testing.T, answers []harness.Response, version string) {
	t.Helper()
	for _, answer := range answers {
		if served := answer.Header.Get("x-served-by"); !strings.Contains(served, version) {
			t.Fatalf("served by %s, not by %s", served, version)
		}
	}
}

// servers are the pods that answered.
func servers(answers []harness.Response) map[string]bool {
	pods := map[string]bool{}
	for _, answer := range answers {
		pods[answer.Header.Get("x-served-by")] = true
	}
	return pods
}

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

var formsOfRoutes = []form{
	{"a delegate", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{uri: {prefix: /v1/}, headers: {x-user: {exact: a}}}]
    delegate: {name: part, namespace: shop}
  - route: [{destination: {host: reviews, subset: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part, namespace: shop}
spec:
  http:
  - match: [{uri: {prefix: /v1/a}}]
    rewrite: {uri: /rewritten}
    route: [{destination: {host: reviews.default.svc.cluster.local, subset: v1}}]
  - route: [{destination: {host: ratings.default.svc.cluster.local}}]
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
  - match: [{uri: {prefix: /inside}, gateways: [mesh]}]
    delegate: {name: part, namespace: default}
  - match: [{uri: {prefix: /both}}]
    delegate: {name: part, namespace: default}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part, namespace: default}
spec: {http: [{route: [{destination: {host: reviews, port: {number: 9080}, subset: v1}}]}]}
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
  - match: [{uri: {prefix: /a}, gateways: [default/gateway]}, {uri: {prefix: /b}}, {uri: {prefix: /c}, gateways: [mesh]}]
    headers: {response: {set: {x-route: first}}}
    route: [{destination: {host: reviews.default.svc.cluster.local, port: {number: 9080}}}]
  - headers: {response: {set: {x-route: second}}}
    route: [{destination: {host: ratings.default.svc.cluster.local, port: {number: 9080}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: gateway-alone, namespace: default}
spec:
  hosts: [alone.example.com]
  gateways: [gateway]
  http: [{route: [{destination: {host: reviews, port: {number: 9080}}}]}]
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
  - match: [{uri: {exact: /old}}]
    redirect: {uri: /new, redirectCode: 308}
  - match: [{uri: {prefix: /ratings}}]
    headers: {request: {set: {x-route: ratings}}}
    route: [{destination: {host: ratings}}]
  - route: [{destination: {host: reviews, port: {number: 9080}}}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		for _, host := range []string{"reviews.default", "details.default.svc.cluster.local"} {
			f.redirected(t, from, "http://"+host+":9080/old")
			f.arrive(t, from, where, "ratings", "http://"+host+":9080/ratings/1")
			f.arrive(t, from, where, "reviews", "http://"+host+":9080/other")
		}
	}},
	{"routes that only their own namespace sees", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: only-here, namespace: default}
spec:
  hosts: [ratings]
  exportTo: ["."]
  http: [{headers: {response: {set: {x-route: here}}}, route: [{destination: {host: ratings}}]}]
`, func(t *testing.T, f *forms, from *harness.Proxy, where func(*testing.T, string)) {
		for _, answer := range f.arrive(t, from, where, "ratings", "http://ratings.default:9080/") {
			if seen := answer.Header.Get("x-route") == "here"; seen != f.isIn(from, "default") {
				t.Fatalf("%s: takes the route: %v", from.Name, seen)
			}
		}
	}},
	{"several ports, CORS, headers, redirects", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ports, namespace: default}
spec:
  hosts: [reviews.default.svc.cluster.local]
  http:
  - match: [{port: 9090, uri: {prefix: /secret}}]
    directResponse: {status: 403}
  - match: [{port: 9080, uri: {prefix: /old}}]
    redirect: {uri: /new, redirectCode: 301}
  - match: [{port: 9080}]
    corsPolicy: {allowOrigins: [{exact: "https://example.com"}], allowMethods: [GET]}
    headers: {request: {add: {x-a: b}}, response: {remove: [x-served-at]}}
    route: [{destination: {host: reviews, port: {number: 9080}}}]
  - match: [{port: 9090}]
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
  - match: [{uri: {prefix: /reviews}}]
    rewrite: {authority: reviews}
    route: [{destination: {host: reviews, port: {number: 9080}}}]
  - directResponse: {status: 404}
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
  - match: [{uri: {prefix: /random}}]
    route: [{destination: {host: reviews, subset: any}}]
  - route: [{destination: {host: reviews}}]
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
	{"weights over two retained services, and versions", subsets + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: weights, namespace: default}
spec:
  hosts: [reviews]
  http:
  - route:
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

// paths are those of all requests that have arrived since the last Reset.
func (f *forms) paths() map[string]bool {
	paths := map[string]bool{}
	for _, pod := range f.pods {
		for _, request := range pod.Requests() {
			paths[request.Path] = true
		}
	}
	return paths
}

// atGateway sends requests through the gateway, which is left alone.
func (f *forms) atGateway(t *testing.T, url string) {
	t.Helper()
	f.Reset()
	get(t, f.gateway, url, 40, 200)
	counts := harness.Counts{}
	for _, app := range []string{"reviews", "ratings"} {
		for cluster, n := range f.Served(app) {
			counts[cluster] += n
		}
	}
	mixes(t, counts)
}

// redirected follows redirects to /new.
func (f *forms) redirected(t *testing.T, from *harness.Proxy, url string) {
	t.Helper()
	f.Reset()
	get(t, from, url, 3, 200)
	if paths := f.paths(); !paths["/new"] || len(paths) != 1 {
		t.Errorf("arrived as %v", paths)
	}
}

func (f *forms) isIn(proxy *harness.Proxy, namespace string) bool {
	for _, each := range f.callers[namespace] {
		if each == proxy {
			return true
		}
	}
	return false
}
