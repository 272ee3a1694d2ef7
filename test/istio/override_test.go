package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

// An override: callers of a namespace that may ask send one request to another cluster; nobody else can.
func TestOverride(t *testing.T) {
	f := newForms(t)
	policy := f.NewSet()
	for _, routing := range []routing{virtualService, envoyFilter} {
		t.Run(routing.name, func(t *testing.T) {
			args := append([]string{"--image", wasm(t)}, routing.args...)
			policy.Apply(generate(t, f.Mesh, `
version: 1
clusters: [m1c1, m1c2]
override: {header: x-stay, allow: [local, any, m1c2], from: [shop]}
rules:
- {services: [default/reviews], mode: strict}
- {services: [default/ratings], mode: "off"}
`, args...).Source)
			f.Settle()
			reviews, ratings := "http://reviews.default:9080/", "http://ratings.default:9080/"
			asked := func(namespace, cluster, app, url, header string) harness.Counts {
				t.Helper()
				counts := f.served(t, f.callers[namespace][cluster], app, url, 40, "x-stay: "+header)
				for _, name := range []string{"x-stay", "x-cluster-local", "x-cluster-local-target"} {
					for leak, n := range f.Leaked(name) {
						t.Errorf("%s leaked %d times: %s", name, n, leak)
					}
				}
				return counts
			}
			for _, cluster := range clusters {
				stays(t, asked("shop", cluster, "reviews", reviews, m1c2), m1c2)
				stays(t, asked("shop", cluster, "reviews", reviews, "local"), cluster)
				mixes(t, asked("shop", cluster, "reviews", reviews, "any"))
				stays(t, asked("shop", cluster, "reviews", reviews, m1c1), cluster) // not allowed
				stays(t, asked("default", cluster, "reviews", reviews, m1c2), cluster)
				// No rule retains it, and it can be asked for.
				stays(t, asked("shop", cluster, "ratings", ratings, m1c2), m1c2)
				stays(t, asked("shop", cluster, "ratings", ratings, "local"), cluster)
				mixes(t, f.served(t, f.callers["shop"][cluster], "ratings", ratings, 40))
			}
			if routing.name == virtualService.name {
				// Not a service of the rules: nothing changes.
				mixes(t, f.served(t, f.callers["shop"][m1c1], "details", "http://details.default:9080/", 40, "x-stay: m1c2"))
			} else {
				get(t, f.callers["shop"][m1c1], "http://details.default:9080/", 5, 200, "x-stay: any")
			}
			policy.Clear()
			f.Settle()
		})
	}
}
