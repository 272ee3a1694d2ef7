package istio

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

type object = map[string]any

// inventor makes up resources, policies and requests; the same again from the same seed.
type inventor struct{ *rand.Rand }

func (r inventor) one(all ...string) string { return all[r.IntN(len(all))] }

// chance is true once in so many times.
func (r inventor) chance(of int) bool { return r.IntN(of) == 0 }

// some is a few of them, in their order.
func (r inventor) some(all ...string) []string {
	var out []string
	for _, one := range all {
		if r.IntN(2) == 0 {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		out = []string{r.one(all...)}
	}
	return out
}

func resource(kind, namespace, name string, spec object) object {
	return object{
		"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": object{"name": name, "namespace": namespace}, "spec": spec,
	}
}

// service is one of the made-up ones, as a resource in the namespace may write it, with its number.
func (r inventor) service(from string) (written string, number int) {
	number = r.IntN(len(madeUpServices))
	one := madeUpServices[number]
	if one.namespace == from && r.chance(2) {
		return one.name, number
	}
	return fmt.Sprintf("%s.%s.svc.cluster.local", one.name, one.namespace), number
}

// imports are the hosts of a Sidecar's egress.
func (r inventor) imports() []string {
	return [][]string{
		{"./*"}, {"default/*"}, {"*/*"}, {"shop/*", "istio-system/*"}, {"./*", "shop/cart.shop.svc.cluster.local"},
		{"*/reviews.default.svc.cluster.local"}, {"default/*", "kube-system/*"}, {"*/*.shop.svc.cluster.local", "./*"}, {"~/*"},
	}[r.IntN(9)]
}

func (r inventor) exportTo(spec object) object {
	switch r.IntN(8) {
	case 0:
		spec["exportTo"] = []string{"."}
	case 1:
		spec["exportTo"] = []string{r.one("default", "shop")}
	case 2:
		spec["exportTo"] = [][]string{{"*"}, {".", "shop"}, {"default", "shop"}, {"istio-system", "."}}[r.IntN(4)]
	}
	return spec
}

func (r inventor) namespace() string {
	return r.one("default", "default", "default", "shop", "shop", "istio-system")
}

// resources are those of a mesh; some may be invalid.
func (r inventor) resources() []object {
	var all []object
	if r.chance(3) {
		all = append(all, resource("ServiceEntry", "default", "shop", object{
			"hosts": []string{"shop.example.com"}, "location": "MESH_INTERNAL", "resolution": "NONE",
			"ports": []object{{"number": 9080, "name": "http", "protocol": "HTTP"}},
		}))
	}
	if r.chance(4) {
		all = append(all, resource("ServiceEntry", r.namespace(), "api", r.exportTo(object{
			"hosts": []string{"api.example.com"}, "location": "MESH_EXTERNAL", "resolution": "STATIC",
			"ports":     []object{{"number": 9080, "name": "http", "protocol": "HTTP"}},
			"endpoints": []object{{"address": "127.99.99.99"}},
		})))
	}
	for i := range r.IntN(5) {
		all = append(all, r.virtualService(i))
	}
	for i := range 2 {
		all = append(all, r.delegate(i))
	}
	for i := range r.IntN(5) {
		all = append(all, r.destinationRule(i))
	}
	return all
}

func (r inventor) virtualService(i int) object {
	namespace := r.namespace()
	var hosts []string
	for range 1 + r.IntN(5)/3 {
		switch r.IntN(8) {
		case 0:
			hosts = append(hosts, r.one("*.default.svc.cluster.local", "*.shop.svc.cluster.local", "*.svc.cluster.local", "*.example.com", "*"))
		case 1:
			hosts = append(hosts, r.one("shop.example.com", "api.example.com", "a.example.com"))
		default:
			host, _ := r.service(namespace)
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	spec := r.exportTo(object{"hosts": slices.Compact(hosts)})
	if r.chance(4) {
		spec["gateways"] = [][]string{{"mesh"}, {"default/gateway"}, {"default/gateway", "mesh"}, {"default/gateway", "mesh"}}[r.IntN(4)]
	}
	spec["http"] = r.http(namespace, 1+r.IntN(5), true, spec["gateways"] != nil)
	return resource("VirtualService", namespace, fmt.Sprintf("users-%d", i), spec)
}

// delegate is a VirtualService that others may delegate to.
func (r inventor) delegate(i int) object {
	namespace := r.one("default", "shop")
	spec := object{"http": r.http(namespace, 1+r.IntN(3), false, false)}
	if r.chance(6) {
		spec["exportTo"] = []string{r.one(".", "default", "shop")}
	}
	return resource("VirtualService", namespace, fmt.Sprintf("part-%d", i), spec)
}

func (r inventor) http(namespace string, count int, delegates, gateways bool) []object {
	var routes []object
	for i := range count {
		route := object{}
		if r.chance(2) {
			route["name"] = r.one(fmt.Sprintf("r%d", i), fmt.Sprintf("r%d", i), "same")
		}
		var matches []object
		for range r.IntN(3) + 1 {
			matches = append(matches, r.match(gateways))
		}
		if i < count-1 || r.chance(4) {
			route["match"] = matches
		}
		r.action(route, namespace, delegates)
		routes = append(routes, route)
	}
	return routes
}

// action gives a route what it does.
func (r inventor) action(route object, namespace string, delegates bool) {
	switch r.IntN(14) {
	case 0:
		route["redirect"] = object{"uri": "/new"}
	case 1:
		route["directResponse"] = object{"status": []int{403, 404, 418}[r.IntN(3)]}
	case 2:
		if delegates {
			route["delegate"] = object{"name": r.one("part-0", "part-1", "part-1", "users-0"), "namespace": r.one("default", "shop")}
			return
		}
		fallthrough
	case 3:
		route["fault"] = object{"abort": object{"httpStatus": 418, "percentage": object{"value": 100}}}
		fallthrough
	default:
		route["route"] = r.destinations(namespace)
		if r.chance(6) {
			route["timeout"] = "5s"
		}
		if r.chance(8) {
			route["rewrite"] = object{"uri": "/rewritten"}
		}
		if r.chance(8) {
			route["headers"] = object{"request": object{"set": object{"x-more": "1"}}}
		}
	}
}

func (r inventor) destinations(namespace string) []object {
	count, left := max(1, r.IntN(5)-1), 100
	var out []object
	for i := range count {
		host, number := r.service(namespace)
		to := object{"host": host}
		if r.chance(12) {
			to["host"] = r.one("shop.example.com", "nobody", "api.example.com")
		}
		if r.chance(2) {
			to["subset"] = r.one("v1", "v1", "v2", "front", "m1c1", "nowhere")
		}
		ports := madeUpServices[number].ports
		if len(ports) > 1 && r.chance(2) || r.chance(6) {
			to["port"] = object{"number": ports[r.IntN(len(ports))].Number}
		}
		one := object{"destination": to}
		if count > 1 {
			weight := left
			if i < count-1 {
				weight = []int{0, 20, 30, left / 2}[r.IntN(4)]
			}
			left -= weight
			one["weight"] = weight
		}
		if r.chance(12) {
			one["headers"] = object{"response": object{"set": object{"x-leg": "1"}}}
		}
		out = append(out, one)
	}
	return out
}

func (r inventor) match(gateways bool) object {
	match := object{}
	if !r.chance(3) {
		match["uri"] = r.path()
		if r.chance(5) {
			match["ignoreUriCase"] = true
		}
	}
	add := func(of int, field string, value any) {
		if r.chance(of) {
			match[field] = value
		}
	}
	add(4, "headers", r.named([]string{"x-user", "x-beta"}, r.value("a", "user", "yes", "[a-z]+", "user-[0-9]+", "(?i)A|B")))
	add(8, "withoutHeaders", r.named([]string{"x-user", "x-beta"}, r.value("a", "no", "y", ".*", "[^0-9]*", "a|b")))
	add(8, "queryParams", r.named([]string{"page", "empty"}, r.value("2", "2", "1", "[0-9]", ".+", "a=b")))
	add(8, "method", object{"exact": r.one("GET", "POST")})
	add(12, "authority", object{"prefix": r.one("reviews", "ratings.default", "cart.shop.svc")})
	add(20, "scheme", object{"exact": "http"})
	add(8, "port", []int{9080, 8080, 9090}[r.IntN(3)])
	add(10, "sourceLabels", object{"app": r.one("sleep", "client")})
	add(25, "sourceLabels", object{"topology.istio.io/cluster": r.one(m1c1, m1c2), "version": "v1"})
	add(10, "sourceNamespace", r.one("default", "shop"))
	add(10, "name", r.one("m", "n"))
	if gateways {
		add(3, "gateways", [][]string{{"mesh"}, {"default/gateway"}, {"mesh", "default/gateway"}}[r.IntN(3)])
	}
	if len(match) == 0 {
		match["uri"] = object{"prefix": "/"}
	}
	return match
}

func (r inventor) path() object {
	switch r.IntN(8) {
	case 0, 1, 2:
		return object{"prefix": r.one("/", "/a", "/api", "/api/", "/b", "/v1", "/API")}
	case 3, 4:
		return object{"exact": r.one("/", "/a", "/api/1", "/old", "/v1/a")}
	default:
		return object{"regex": r.one(
			"/.*", ".*", "/api/[0-9]+", "(?i)/API/.*", "/v[0-9]/(a|b)", "/(a|old|secret)", "/[[:alpha:]]+", "/\\w+/\\d+", "/b(/c)?", "/[^/]+",
		)}
	}
}

func (r inventor) value(exact, prefix string, more ...string) object {
	switch r.IntN(5) {
	case 0:
		return object{"exact": exact}
	case 1:
		return object{"prefix": prefix}
	case 2:
		return object{}
	default:
		return object{"regex": r.one(more...)}
	}
}

func (r inventor) named(names []string, value object) object { return object{r.one(names...): value} }

func (r inventor) destinationRule(i int) object {
	namespace := r.namespace()
	host, _ := r.service(namespace)
	if r.chance(4) {
		host = r.one("*.default.svc.cluster.local", "*.shop.svc.cluster.local", "*.local")
	}
	var subsets []object
	for _, one := range r.some("v1", "v2", "front", "m1c1") {
		subsets = append(subsets, object{"name": one, "labels": []object{
			{"version": one}, {"version": r.one("v1", "v2")}, {"tier": r.one("front", "back")},
			{"topology.istio.io/cluster": r.one(m1c1, m1c2)}, {"version": "v1", "tier": "front"},
		}[r.IntN(5)]})
	}
	spec := r.exportTo(object{"host": host, "subsets": subsets})
	if r.chance(5) {
		spec["workloadSelector"] = object{"matchLabels": object{"app": r.one("sleep", "client")}}
	}
	if r.chance(5) {
		spec["trafficPolicy"] = object{
			"outlierDetection": object{"consecutive5xxErrors": 50},
			"loadBalancer":     object{"localityLbSetting": object{"enabled": true, "failoverPriority": []string{"topology.istio.io/cluster"}}},
		}
	}
	return resource("DestinationRule", namespace, fmt.Sprintf("users-%d", i), spec)
}

// httpRoute is a route of the Gateway API for callers of a service.
func (r inventor) httpRoute(i int) string {
	to := madeUpServices[r.IntN(len(madeUpServices))]
	namespace := r.one(to.namespace, to.namespace, "shop")
	var rules []object
	for range 1 + r.IntN(3) {
		rule := object{}
		var matches []object
		for range r.IntN(3) {
			match := object{"path": object{
				"type": r.one("PathPrefix", "Exact"), "value": r.one("/", "/a", "/api", "/v1/a", "/b"),
			}}
			if r.chance(3) {
				match["method"] = r.one("GET", "POST")
			}
			if r.chance(3) {
				match["headers"] = []object{{"name": "x-user", "value": r.one("a", "b"), "type": "Exact"}}
			}
			if r.chance(5) {
				match["queryParams"] = []object{{"name": "page", "value": "2", "type": "Exact"}}
			}
			matches = append(matches, match)
		}
		if len(matches) > 0 {
			rule["matches"] = matches
		}
		var backends []object
		for range 1 + r.IntN(2) {
			one := madeUpServices[r.IntN(len(madeUpServices))]
			if one.namespace != namespace {
				one = to
			}
			if one.namespace != namespace {
				continue // it would need a ReferenceGrant
			}
			backends = append(backends, object{"name": one.name, "port": one.ports[0].Number, "weight": 1 + r.IntN(3)})
		}
		if len(backends) > 0 {
			rule["backendRefs"] = backends
		} else {
			rule["filters"] = []object{{"type": "RequestRedirect", "requestRedirect": object{"statusCode": 301, "path": object{
				"type": "ReplaceFullPath", "replaceFullPath": "/new",
			}}}}
		}
		rules = append(rules, rule)
	}
	text, _ := json.Marshal(object{
		"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
		"metadata": object{"name": fmt.Sprintf("api-%d", i), "namespace": namespace},
		"spec": object{
			"parentRefs": []object{{"group": "", "kind": "Service", "name": to.name, "namespace": to.namespace}}, "rules": rules,
		},
	})
	return string(text)
}

// policy is one of any kind.
func (r inventor) policy() string {
	patterns := []any{
		"default/reviews", "default/ratings", "default/lonely", "shop/cart", "shop/items", "default/*", "shop/*", "*",
		object{"host": "*.shop.svc.cluster.local"}, object{"host": "reviews.default.svc.cluster.local"},
	}
	r.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
	var rules []object
	chosen := patterns[:1+r.IntN(4)]
	for _, pattern := range chosen {
		rule := object{"mode": r.one("strict", "strict", "strict", "prefer", "observe", "off")}
		if host, is := pattern.(object); is {
			if slices.ContainsFunc(chosen, func(one any) bool { return one == "shop/*" || one == "default/reviews" }) {
				continue // they may name the same
			}
			rule["hosts"] = []any{host["host"]}
		} else {
			rule["services"] = []any{pattern}
		}
		if r.chance(4) {
			rule["callers"] = []string{r.one("shop/*", "default/sleep-v1", "default/*", "istio-system/istio-ingressgateway*")}
		}
		if r.chance(5) {
			rule["paths"] = []object{{"prefix": r.one("/api", "/a")}}
		}
		if r.chance(8) {
			rule["methods"] = []string{"GET"}
		}
		if r.chance(8) && rule["mode"] != "off" {
			rule["percent"], rule["sticky"] = 50, object{"header": "x-user"}
		}
		rules = append(rules, rule)
	}
	policy := object{"version": 1, "clusters": clusters, "rules": rules}
	if r.chance(6) {
		policy["override"] = object{"header": "x-stay", "allow": []string{"local", "any", m1c2}, "from": []string{"shop"}}
	}
	if r.chance(15) {
		policy["enabled"] = false
	}
	text, _ := json.Marshal(policy)
	return string(text)
}

// request is one to something in the mesh.
func (r inventor) request() question {
	q := question{
		Path: r.one(
			"/", "/", "/a", "/api/1", "/api/2?page=2", "/API/1", "/old", "/secret", "/b/c", "/b", "/v1/a", "/v1/b?page=2&empty", "/a/b?page=2=3", "/a?page=2?x",
		),
		Method: r.one("GET", "GET", "GET", "POST"), Headers: [][2]string{},
	}
	add := func(of int, name string, values ...string) {
		if r.chance(of) {
			q.Headers = append(q.Headers, [2]string{name, r.one(values...)})
		}
	}
	add(2, "x-user", "a", "b", "user-7", "A")
	add(4, "x-beta", "yes", "no", "")
	add(8, "x-stay", "local", "any", m1c1, m1c2)
	if r.chance(8) {
		q.Cluster, q.Caller = m1c1, caller("istio-system/istio-ingressgateway")
		q.Host, q.port = r.one("shop.example.com", "a.example.com", "b.example.org", "reviews.default.svc.cluster.local"), "80"
		return q
	}
	q.Cluster, q.Caller = r.one(clusters...), caller(r.one("default/sleep-v1", "default/client-v1", "shop/sleep-v1"))
	if r.chance(15) {
		q.Host, q.port = r.one("shop.example.com:9080", "api.example.com:9080"), "9080"
		return q
	}
	to := madeUpServices[r.IntN(len(madeUpServices))]
	at := r.IntN(len(to.ports))
	q.port = fmt.Sprint(to.ports[at].Number)
	names := []string{to.name + "." + to.namespace, to.name + "." + to.namespace + ".svc", to.name + "." + to.namespace + ".svc.cluster.local"}
	if to.namespace == q.Caller["namespace"] {
		names = append(names, to.name, to.name, strings.ToUpper(to.name))
	}
	q.Host = r.one(names...)
	if len(to.ports) > 1 || !r.chance(4) {
		q.Host += ":" + q.port
	}
	return q
}
