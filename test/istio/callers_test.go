package istio

import (
	"strings"
	"testing"
)

// callers says which proxies a rule is for: here those of one namespace, where alone the plugin then is.
func TestRulesForCallersOfANamespace(t *testing.T) {
	t.Parallel()
	w := newPair(t, "default", "other")
	s := &story{Mesh: w.Mesh}
	const url = "http://reviews.default:9080/"
	for _, routing := range deciding {
		w.Run(t, routing.name, func(t *testing.T) {
			given := routing.generate(t, w.Mesh, `[{services: [default/reviews], mode: strict, callers: ["other/*"]}]`)
			for _, document := range given.Documents() {
				isPlugin := strings.Contains(document, "kind: WasmPlugin") || strings.Contains(document, "kind: TrafficExtension")
				if isPlugin && !strings.Contains(document, "namespace: other") {
					t.Errorf("the plugin is not where the callers are:\n%s", document)
				}
			}
			policy := w.NewSet()
			policy.Apply(given.Source)
			w.Settle()
			for _, cluster := range clusters {
				stays(t, s.served(t, w.callers["other/"+cluster].Proxy, "reviews", url, 40), cluster)
				mixes(t, s.served(t, w.callers["default/"+cluster].Proxy, "reviews", url, 40))
			}
			policy.Clear()
			w.Settle()
		})
	}
}

// A gateway is left alone unless callers name it, and its routes' subsets with it. The story's routes have no names, so their
// service is left out, and the edit that the report asks for is what helps.
func TestRulesForAGateway(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	named := `[{services: [default/productpage], mode: strict, callers: ["istio-system/istio-ingressgateway*"]}]`
	for _, routing := range ours {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "productpage"))
			s.Settle()
			mixes(t, s.served(t, s.gateway, "productpage", "http://bookinfo.example/login", 40))
			stays(t, s.served(t, s.gateway, "productpage", "http://bookinfo.example/productpage2", 10), m1c2)
			policy.Clear()
			if routing.name == endpoints.name {
				return // for rules without conditions
			}
			out := routing.leavesOut(t, s.Mesh, named, "default/productpage")
			if want := "VirtualService default/bookinfo-cluster-local, spec.http[0] has no name"; !strings.Contains(out, want) {
				t.Errorf("%q does not say %q", out, want)
			}
			s.user.Apply(storyResources().Replace("\n  - match:", "\n  - name: ROUTE\n    match:").Number("ROUTE"))
			policy.Apply(routing.generate(t, s.Mesh, named).Source)
			s.Settle()
			stays(t, s.served(t, s.gateway, "productpage", "http://bookinfo.example/login", 40), m1c1)
			stays(t, s.served(t, s.gateway, "productpage", "http://bookinfo.example/productpage1", 10), m1c1)
			get(t, s.gateway, "http://bookinfo.example/productpage2", 10, 503) // m1c2's alone, and m1c1's: none
			get(t, s.gateway, "http://bookinfo.example/elsewhere", 2, 404)
			mixes(t, s.served(t, s.sleep[m1c1].Proxy, "productpage", "http://productpage:9080/", 40))
			routing.remove(t, s.Mesh, policy)
			if left := policy.Differs(); len(left) > 0 {
				t.Errorf("left of the policy: %v", left)
			}
			s.user.Apply(storyResources())
			s.Settle()
			mixes(t, s.served(t, s.gateway, "productpage", "http://bookinfo.example/login", 40))
		})
	}
}
