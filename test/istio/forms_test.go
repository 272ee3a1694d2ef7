package istio

import (
	"maps"
	"regexp"
	"slices"
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
	f.Service("default", "details", []harness.Port{{Name: "http", Number: 9080}, {Name: "grpc", Number: 9091}})
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
	f.NewSet().Apply(gatewayForAllHosts)
	f.Settle()
	return f
}

// gatewayForAllHosts lets the ingress gateway take requests for any host.
var gatewayForAllHosts = harness.YAML(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gateway, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
`)

// form is one form in which a user may lead requests to services that are kept local then.
type form struct {
	name string
	yaml string
	// check sends requests; where is called after each kind of them, with the app that they are for, and looks at where they
	// arrived.
	check func(t *testing.T, f *forms, from *harness.Proxy, where func(t *testing.T, app string))
}

// unnamed are its resources without names of routes: EnvoyFilter cannot tell these apart.
func (f form) unnamed() harness.Source { return harness.YAML(routeNames.ReplaceAllString(f.yaml, "")) }

var routeNames = regexp.MustCompile(`name: r-\d+(, |\n +)`)

// Each form is tried without the policy and with it: the requests are treated alike, but stay home with it.
func TestEveryFormOfTheUsersRoutes(t *testing.T) {
	f := newForms(t)
	user := f.NewSet()
	for _, each := range slices.Concat(formsOfHosts, formsOfTraffic) {
		t.Run(each.name, func(t *testing.T) {
			user.Apply(harness.YAML(each.yaml))
			f.Settle()
			t.Run("without", func(t *testing.T) {
				each.check(t, f, f.callers["default"][m1c1], func(t *testing.T, app string) { mixes(t, f.Served(app)) })
			})
			before := user.Versions()
			for _, routing := range ours {
				f.Run(t, routing.name, func(t *testing.T) { f.keeps(t, routing, each) })
			}
			user.Apply(each.unnamed())
			f.Settle()
			before = user.Versions()
			f.Run(t, "without names", func(t *testing.T) { f.keeps(t, auto, each) })
			if after := user.Versions(); !maps.Equal(before, after) {
				t.Errorf("somebody has written to the user's objects: %v, then %v", before, after)
			}
			user.Clear()
		})
	}
}

// keeps tries a form with a policy that keeps reviews and ratings local.
func (f *forms) keeps(t *testing.T, routing routing, each form) {
	policy := f.NewSet()
	policy.Apply(routing.generate(t, f.Mesh, `[{services: [default/reviews, default/ratings], mode: strict}]`).Source)
	f.Settle()
	for _, namespace := range []string{"default", "shop"} {
		for _, cluster := range clusters {
			t.Run(namespace+"/"+cluster, func(t *testing.T) {
				each.check(t, f, f.callers[namespace][cluster], func(t *testing.T, app string) {
					t.Helper()
					stays(t, f.Served(app), cluster)
				})
			})
		}
	}
	policy.Clear()
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
