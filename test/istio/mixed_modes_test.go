package istio

import "testing"

// One service, strict for some callers and prefer for all others: without local endpoints the ones get 503, the others go to
// the other cluster.
func TestStrictForSomeCallersAndPreferForOthers(t *testing.T) {
	t.Parallel()
	f := newForms(t)
	const url = "http://details.default:9080/"
	ready := func(ready bool) {
		for _, pod := range f.pods {
			if pod.App == "details" && pod.Workload.Cluster == m1c1 {
				pod.SetReady(ready)
			}
		}
		f.Settle()
	}
	for _, routing := range deciding {
		f.Run(t, routing.name, func(t *testing.T) {
			policy := f.NewSet()
			policy.Apply(routing.generate(t, f.Mesh, `
- {services: [default/details], mode: strict, callers: [shop/*]}
- {services: [default/details], mode: prefer}
- {services: [default/ratings], mode: strict}`).Source)
			f.Settle()
			for _, namespace := range []string{"default", "shop"} {
				stays(t, f.served(t, f.callers[namespace][m1c1], "details", url, 40), m1c1)
			}
			ready(false)
			stays(t, f.served(t, f.callers["default"][m1c1], "details", url, 40), m1c2)
			get(t, f.callers["shop"][m1c1], url, 10, 503)
			ready(true)
			stays(t, f.served(t, f.callers["shop"][m1c1], "details", url, 40), m1c1)
			policy.Clear()
			f.Settle()
			mixes(t, f.served(t, f.callers["shop"][m1c1], "details", url, 40))
		})
	}
}
