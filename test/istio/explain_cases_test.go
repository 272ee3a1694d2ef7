package istio

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// explainedPolicies are policies, without what all have in common.
var explainedPolicies = map[string]string{
	"modes": `
rules:
- {services: [default/reviews, default/lonely, shop/cart], mode: strict}
- {services: [default/ratings], mode: observe}
`,
	"prefer": `
rules:
- {services: [default/ratings, default/lonely], mode: prefer}
- {services: [shop/cart], mode: strict}
`,
	"all": `
rules:
- {services: ["*"], mode: strict}
- {services: [default/ratings], mode: "off"}
`,
	"conditions": `
rules:
- {services: [default/reviews], mode: strict, callers: ["shop/*"]}
- {services: [default/reviews], mode: strict, paths: [{prefix: /api}], methods: [GET]}
- {services: [default/ratings], mode: strict, callers: ["istio-system/istio-ingressgateway*"]}
- {services: [default/lonely], mode: observe}
- {services: [shop/cart], mode: strict, percent: 50, sticky: {header: x-user}}
`,
	"override": `
override: {header: x-stay, allow: [local, any, m1c2], from: [shop]}
rules:
- {services: [default/reviews], mode: strict}
- {services: [default/ratings], mode: "off"}
`,
	"disabled": "enabled: false\nrules: [{services: [default/reviews, default/ratings], mode: strict}]\n",
	"narrow":   "rules: [{services: [default/reviews], mode: strict, callers: [\"shop/*\"]}]\n",
}

// named gives each HTTP route in YAML a name of its own, by which every routing can patch it.
func named(yaml string) string {
	number := 0
	return routeInYAML.ReplaceAllStringFunc(yaml, func(begin string) string {
		number++
		if strings.HasSuffix(begin, "{") {
			return fmt.Sprintf("%sname: route-%d, ", begin, number)
		}
		return fmt.Sprintf("\n  - name: route-%d\n    match:", number)
	})
}

var routeInYAML = regexp.MustCompile(`\n  - (\{|match:)`)

// explainedCase is what a user has, with what is asked there.
type explainedCase struct {
	name     string
	yaml     string
	policies []string
	// hosts are asked beside the services' own; with the port.
	hosts []string
	// atGateway are hosts that the gateway knows, and one that it does not.
	atGateway []string
	// otherRoutings are beside auto: those that generate what is the same here.
	otherRoutings []string
}

// ask makes up a request.
func (c explainedCase) ask(random *rand.Rand) question {
	pick := func(all ...string) string { return all[random.IntN(len(all))] }
	q := question{
		Path:   pick("/", "/", "/a", "/api/1", "/api/2?page=2", "/API/1", "/old", "/secret", "/b/c", "/ratings/1", "/v1/a", "/v1/b"),
		Method: pick("GET", "GET", "POST"), Headers: [][2]string{},
	}
	add := func(name string, values ...string) { q.Headers = append(q.Headers, [2]string{name, pick(values...)}) }
	for _, header := range []func(){
		func() { add("x-user", "a", "b", "jason", "user-7") },
		func() { add("x-beta", "yes", "no", "") },
		func() { add("x-stay", "local", "any", m1c1, m1c2) },
	} {
		if random.IntN(4) == 0 {
			header()
		}
	}
	if len(c.atGateway) > 0 && random.IntN(3) == 0 {
		q.Cluster, q.Caller = m1c1, caller("istio-system/istio-ingressgateway")
		q.Host, q.port = pick(append(c.atGateway, "unknown.example.net")...), "80"
		return q
	}
	q.Cluster, q.Caller = pick(clusters...), caller(pick("default/sleep-v1", "default/client-v1", "shop/sleep-v1"))
	names := slices.Concat(c.hosts, c.hosts, []string{
		"reviews.default:9080", "reviews.default:9080", "reviews.default:9090", "reviews.default.svc.cluster.local:9080",
		"ratings.default:9080", "ratings.default.svc:9080", "lonely.default:9080", "cart.shop:8080", "registry.kube-system:9080",
	})
	own := map[string][]string{"default": {"reviews:9080", "Ratings:9080", "lonely:9080"}, "shop": {"cart:8080"}}
	q.Host = pick(append(names, own[q.Caller["namespace"]]...)...)
	host, port, _ := strings.Cut(q.Host, ":")
	q.port = port
	if random.IntN(4) == 0 && !strings.HasPrefix(strings.ToLower(host), "reviews") {
		q.Host = host // the service has only that port
	}
	return q
}

func caller(name string) map[string]string {
	namespace, workload, _ := strings.Cut(name, "/")
	return map[string]string{"namespace": namespace, "workload": workload}
}

func stopAtRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// virtualServiceOf is one for a host in namespace default, of routes in YAML's flow style.
func virtualServiceOf(name, hosts, http string, more ...string) string {
	return fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: %s, namespace: default}
spec:
  hosts: [%s]
  %s
  http:
%s
---`, name, hosts, strings.Join(more, "\n  "), http)
}

var usersResources = []explainedCase{
	{name: "nothing", policies: []string{"modes", "prefer", "all", "conditions", "override", "disabled", "narrow"}, otherRoutings: []string{"routes", "endpoints", "mesh-config", "traffic-extension"}},
	{
		name: "subsets, weights, matches", policies: []string{"modes", "all", "conditions"}, otherRoutings: []string{"routes", "endpoints", "mesh-config"},
		yaml: subsets + virtualServiceOf("reviews", "reviews", `
  - {match: [{uri: {prefix: /api}, method: {exact: POST}}, {uri: {exact: /v1/a}}], route: [{destination: {host: reviews, subset: v1}}]}
  - {match: [{uri: {regex: "/api/[0-9]+"}, headers: {x-user: {prefix: j}}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {match: [{withoutHeaders: {x-beta: {}}, queryParams: {page: {exact: "2"}}}], route: [{destination: {host: reviews, subset: nowhere}}]}
  - match: [{uri: {prefix: /API}, ignoreUriCase: true}, {withoutHeaders: {x-user: {exact: a}}, headers: {x-beta: {}}}]
    route: [{destination: {host: reviews, subset: v1}, weight: 70}, {destination: {host: reviews, subset: v2}, weight: 30}]
  - {match: [{headers: {x-user: {exact: b}}}], route: [{destination: {host: reviews}, weight: 60}, {destination: {host: ratings}, weight: 40}]}
  - {route: [{destination: {host: reviews}}]}`),
	},
	{
		name: "subsets", policies: []string{"prefer", "override"}, otherRoutings: []string{"routes", "traffic-extension"},
		yaml: subsets + virtualServiceOf("reviews", "reviews", `
  - {match: [{uri: {prefix: /api}}], route: [{destination: {host: reviews, subset: v1}}]}
  - {match: [{uri: {prefix: /v1}}], route: [{destination: {host: reviews, subset: v2}, weight: 60}, {destination: {host: ratings}, weight: 40}]}
  - {route: [{destination: {host: reviews}}]}`) + virtualServiceOf("lonely", "lonely", `
  - {match: [{headers: {x-user: {}}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {route: [{destination: {host: lonely}}]}`),
	},
	{
		name: "ports", policies: []string{"modes"},
		yaml: virtualServiceOf("ports", "reviews.default.svc.cluster.local", `
  - {match: [{uri: {prefix: /secret}}], directResponse: {status: 403}}
  - {match: [{port: 9080, uri: {prefix: /old}}], redirect: {uri: /new}}
  - {match: [{port: 9080, uri: {prefix: /a}}], route: [{destination: {host: ratings}}]}
  - {match: [{uri: {prefix: /b}}], route: [{destination: {host: lonely}}]}
  - {match: [{uri: {prefix: /v1}}], route: [{destination: {host: reviews, port: {number: 9090}}}]}
  - {match: [{uri: {prefix: /ratings}}], route: [{destination: {host: cart.shop.svc.cluster.local}}]}
  - {match: [{uri: {exact: /}}], route: [{destination: {host: nobody}}]}`) + virtualServiceOf("elsewhere", "ratings", `
  - {match: [{port: 1234}], directResponse: {status: 418}}`) + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: tcp, namespace: default}
spec:
  hosts: [lonely]
  tcp: [{match: [{port: 5432}], route: [{destination: {host: lonely, port: {number: 5432}}}]}]
`,
	},
	{
		name: "wildcard hosts", policies: []string{"modes", "all"}, otherRoutings: []string{"routes", "endpoints", "mesh-config"},
		yaml: virtualServiceOf("wildcard", `"*.default.svc.cluster.local"`, `
  - {match: [{uri: {prefix: /ratings}}], route: [{destination: {host: ratings}}]}
  - {match: [{uri: {exact: /old}}], redirect: {uri: /new}}
  - {match: [{uri: {prefix: /b}}], route: [{destination: {host: lonely, port: {number: 9080}}}]}
  - {route: [{destination: {host: reviews, port: {number: 9080}}}]}`) + virtualServiceOf("wider", `"*.svc.cluster.local"`, `
  - {directResponse: {status: 418}}`) + virtualServiceOf("lonely", "lonely", `
  - {match: [{uri: {prefix: /api}}], route: [{destination: {host: lonely}}]}
  - {match: [{headers: {x-user: {}}}], route: [{destination: {host: ratings}}]}`),
	},
	{
		name: "delegates", policies: []string{"modes", "conditions"},
		yaml: subsets + virtualServiceOf("root", "reviews", `
  - {match: [{uri: {prefix: /v1/}}, {headers: {x-user: {exact: a}}}], delegate: {name: part, namespace: shop}}
  - {match: [{uri: {prefix: /b}}], delegate: {name: nobody}}
  - {route: [{destination: {host: reviews, subset: v2}}]}`) + `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part, namespace: shop}
spec:
  http:
  - match: [{uri: {prefix: /v1/a}}, {headers: {x-beta: {exact: "yes"}}}]
    route: [{destination: {host: reviews.default.svc.cluster.local, subset: v1}}]
  - {match: [{uri: {prefix: /api}}], directResponse: {status: 418}}
  - {match: [{headers: {x-user: {exact: b}}}], directResponse: {status: 403}}
  - {match: [{uri: {prefix: /v1}}], directResponse: {status: 404}}
  - {route: [{destination: {host: cart.shop.svc.cluster.local}}]}
`,
	},
	{
		name: "gateways", policies: []string{"modes", "all", "conditions", "prefer"},
		hosts: []string{"shop.example.com:9080"}, atGateway: []string{"shop.example.com", "a.example.com", "b.example.org", "other.example.com:8080"},
		yaml: shop + virtualServiceOf("both", "shop.example.com, reviews.default.svc.cluster.local", `
  - match: [{uri: {prefix: /a}, gateways: [default/gateway]}, {uri: {prefix: /b}}, {uri: {prefix: /v1}, gateways: [mesh]}]
    route: [{destination: {host: reviews, port: {number: 9080}}}]
  - {route: [{destination: {host: ratings}}]}`, "gateways: [gateway, mesh]") + virtualServiceOf("first", `"*.example.com"`, `
  - {match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, port: {number: 9090}}}]}
  - {route: [{destination: {host: lonely}}]}`, "gateways: [gateway]") + virtualServiceOf("second", `"*.example.com"`, `
  - {match: [{uri: {prefix: /b}}], route: [{destination: {host: ratings}}]}
  - {route: [{destination: {host: cart.shop.svc.cluster.local}}]}`, "gateways: [default/gateway]") + virtualServiceOf("third", `"*.org"`, `
  - {match: [{uri: {prefix: /}, headers: {x-user: {}}}], route: [{destination: {host: reviews}}]}
  - {match: [{uri: {prefix: /b}}], route: [{destination: {host: lonely}}]}`, "gateways: [gateway]"),
	},
	{
		name: "a host of a ServiceEntry", policies: []string{"modes", "override"}, hosts: []string{"shop.example.com:9080"},
		yaml: shop + virtualServiceOf("outside", "shop.example.com", `
  - {match: [{uri: {prefix: /a}}], rewrite: {authority: reviews}, route: [{destination: {host: reviews, port: {number: 9080}}}]}
  - match: [{uri: {prefix: /b}}]
    route: [{destination: {host: ratings}, weight: 50}, {destination: {host: reviews, port: {number: 9080}}, weight: 50}]
  - {match: [{headers: {x-user: {}}}], route: [{destination: {host: lonely}}]}
  - {match: [{uri: {prefix: /v1}}], directResponse: {status: 404}}`),
	},
	{
		name: "sources", policies: []string{"prefer"},
		yaml: subsets + virtualServiceOf("reviews", "reviews", `
  - {match: [{sourceLabels: {app: client}}], route: [{destination: {host: reviews, subset: v1}}]}
  - {match: [{sourceLabels: {topology.istio.io/cluster: m1c2, version: v1}, uri: {prefix: /a}}], route: [{destination: {host: ratings}}]}
  - {match: [{sourceNamespace: shop}], route: [{destination: {host: reviews, subset: v2}}]}`) + virtualServiceOf("hidden", "ratings", `
  - {match: [{uri: {prefix: /a}}], route: [{destination: {host: ratings}}]}`, `exportTo: ["."]`) + virtualServiceOf("shown", "lonely", `
  - {match: [{uri: {prefix: /a}}], route: [{destination: {host: ratings}}]}`, `exportTo: [shop]`),
	},
	{
		name: "sources, and a route for all", policies: []string{"modes", "narrow"},
		yaml: subsets + virtualServiceOf("reviews", "reviews", `
  - {match: [{sourceLabels: {app: client}}], route: [{destination: {host: reviews, subset: v1}}]}
  - {match: [{sourceLabels: {topology.istio.io/cluster: m1c2, version: v1}, uri: {prefix: /a}}], route: [{destination: {host: ratings}}]}
  - {match: [{sourceNamespace: shop}], route: [{destination: {host: reviews, subset: v2}}]}
  - {match: [{uri: {prefix: /}, headers: {x-user: {}}}], route: [{destination: {host: reviews}}]}`),
	},
	{
		name: "DestinationRules", policies: []string{"modes"},
		yaml: subsets + `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: of-shop, namespace: shop}
spec:
  host: "*.default.svc.cluster.local"
  subsets: [{name: v1, labels: {version: v2}}, {name: only, labels: {app: ratings}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: of-all, namespace: istio-system}
spec:
  host: "*.local"
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5}
    loadBalancer: {localityLbSetting: {enabled: true, failoverPriority: [topology.istio.io/cluster]}}
  subsets: [{name: any, labels: {version: v1}}]
---` + virtualServiceOf("reviews", "reviews", `
  - {match: [{uri: {prefix: /api}}], route: [{destination: {host: reviews, subset: v1}}]}
  - {match: [{uri: {prefix: /v1}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {match: [{uri: {prefix: /a}}], route: [{destination: {host: ratings, subset: only}}]}
  - {match: [{uri: {prefix: /b}}], route: [{destination: {host: cart.shop.svc.cluster.local, subset: any}}]}
  - {route: [{destination: {host: reviews}}]}`),
	},
	{
		name: "faults", policies: []string{"modes", "all"},
		yaml: virtualServiceOf("reviews", "reviews", `
  - match: [{uri: {prefix: /a}}]
    fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
    route: [{destination: {host: reviews}}]
  - {match: [{uri: {prefix: /old}}], redirect: {uri: /new, redirectCode: 308}}
  - {match: [{authority: {prefix: reviews.default.svc}}], route: [{destination: {host: lonely}}]}
  - {match: [{uri: {exact: /}, scheme: {exact: http}}], route: [{destination: {host: ratings}}]}
  - {match: [{headers: {x-of-the-users: {}}}], directResponse: {status: 404}}
  - {route: [{destination: {host: reviews}}]}`),
	},
}
