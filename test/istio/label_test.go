package istio

import (
	"strings"
	"testing"
)

// Users whose pods have a label of their own for the cluster name it: every routing by labels goes by that one alone.
func TestAClusterLabelOfTheUsers(t *testing.T) {
	t.Parallel()
	w := newPair(t)
	s := &story{Mesh: w.Mesh}
	const url = "http://reviews:9080/"
	for _, routing := range routings {
		if routing.name == "native-cluster-local" {
			continue // goes by what istiod itself knows
		}
		for _, mode := range []string{"strict", "prefer"} {
			t.Run(routing.name+"/"+mode, func(t *testing.T) {
				given := routing.generate(t, w.Mesh, `[{services: [default/reviews], mode: `+mode+`}]`, "--cluster-label", "cluster")
				for _, document := range given.Documents() {
					if strings.Contains(document, "topology.istio.io/cluster") {
						t.Errorf("the default label is in use:\n%s", document)
					}
				}
				policy := w.NewSet()
				policy.Apply(given.Source)
				w.Settle()
				for _, cluster := range clusters {
					stays(t, s.served(t, w.callers["default/"+cluster].Proxy, "reviews", url, 40), cluster)
				}
				policy.Clear()
				w.Settle()
				mixes(t, s.served(t, w.callers["default/m1c1"].Proxy, "reviews", url, 40))
			})
		}
	}
}
