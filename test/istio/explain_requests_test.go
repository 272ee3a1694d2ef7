package istio

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// This file makes up routes of the Gateway API, policies and requests, for the meshes of explain_generated_test.go.

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
