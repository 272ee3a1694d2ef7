package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

// An override: callers of a namespace that may ask send one request to another cluster; nobody else can.
func TestOverride(t *testing.T) {
	f := newForms(t)
	policy := f.NewSet()
	for _, routing := range deciding {
		f.Run(t, routing.name, func(t *testing.T) {
			policy.Apply(generate(t, f.Mesh, `
version: 1
clusters: [m1c1, m1c2]
override: {header: x-stay, allow: [local, any, m1c2], from: [shop]}
rules:
- {services: [default/reviews], mode: strict}
- {services: [default/ratings], mode: "off"}
`, routing.options(t)...).Source)
			f.Settle()
			reviews, ratings := "http://reviews.default:9080/", "http://ratings.default:9080/"
			asked := func(namespace, cluster, app, url, header string) harness.Counts {
				t.Helper()
				counts := f.served(t, f.callers[namespace][cluster], app, url, 40, "x-stay: "+header)
				for leak, n := range f.Leaked("x-stay") {
					t.Errorf("leaked %d times: %s", n, leak)
				}
				return counts
			}
			for _, cluster := range clusters {
				stays(t, asked("shop", cluster, "reviews", reviews, m1c2), m1c2)
				stays(t, asked("shop", cluster, "reviews", reviews, "local"), cluster)
				mixes(t, asked("shop", cluster, "reviews", reviews, "any"))
				stays(t, asked("shop", cluster, "reviews", reviews, m1c1), cluster) // not allowed
				stays(t, asked("default", cluster, "reviews", reviews, m1c2), cluster)
				// No rule keeps it local, and it can be asked for.
				stays(t, asked("shop", cluster, "ratings", ratings, m1c2), m1c2)
				stays(t, asked("shop", cluster, "ratings", ratings, "local"), cluster)
				mixes(t, f.served(t, f.callers["shop"][cluster], "ratings", ratings, 40))
			}
			// Not a service of the rules: nothing changes.
			mixes(t, f.served(t, f.callers["shop"][m1c1], "details", "http://details.default:9080/", 40, "x-stay: m1c2"))
			policy.Clear()
			f.Settle()
		})
	}
}
