package istio

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
