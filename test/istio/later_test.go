package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// later is something that somebody adds or changes after the policy took effect.
type later struct {
	name string // as in failures.md
	does func(w *pair, user, others *harness.Set)
	// url is asked then; empty: reviews'.
	url string
}

const reviewsHost = "reviews.default.svc.cluster.local"

// ruleNamed is a DestinationRule for reviews that knows nothing of clusters.
func ruleNamed(namespace, more string) harness.Source {
	return harness.YAML(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: later, namespace: ` + namespace + `}
spec:
  host: ` + reviewsHost + `
  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}
  subsets: [{name: theirs, labels: {version: v1}}]
` + more)
}

// subsetsAnd are the user's subsets, and one of both versions.
func subsetsAnd(name string) string {
	return strings.Replace(subsets, "subsets: [", "subsets: [{name: "+name+", labels: {app: reviews}}, ", 1)
}

var whatOthersAdd = []later{
	{name: "routes in the VirtualService, without names", does: func(_ *pair, user, _ *harness.Set) {
		user.Apply(harness.YAML(subsets + virtualServiceOf("reviews", "reviews", `
  - {match: [{headers: {x-user: {}}}], timeout: 3s, route: [{destination: {host: reviews, subset: v1}}]}
  - {timeout: 5s, route: [{destination: {host: reviews}}]}`)))
	}},
	{name: "a subset, and a route to it without a name", does: func(_ *pair, user, _ *harness.Set) {
		user.Apply(harness.YAML(subsetsAnd("canary") + virtualServiceOf("reviews", "reviews", `
  - {timeout: 5s, route: [{destination: {host: reviews, subset: canary}}]}`)))
	}},
	{name: "a subset, and a route of the old name to it", does: func(_ *pair, user, _ *harness.Set) {
		user.Apply(harness.YAML(subsetsAnd("canary") + virtualServiceOf("reviews", "reviews", `
  - {name: all, timeout: 5s, route: [{destination: {host: reviews, subset: canary}}]}`)))
	}},
	{name: "another VirtualService for the host", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(harness.YAML(virtualServiceOf("a-second", reviewsHost, `
  - {name: theirs, route: [{destination: {host: reviews}}]}`)))
	}},
	{name: "a DestinationRule in the callers' namespace", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(ruleNamed("shop", ""))
	}},
	{name: "a DestinationRule with workloadSelector", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(ruleNamed("shop", "  workloadSelector: {matchLabels: {app: sleep}}\n"))
	}},
	{name: "a DestinationRule with workloadSelector in the service's namespace", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(ruleNamed("default", "  workloadSelector: {matchLabels: {app: sleep}}\n"))
	}},
	{name: "a DestinationRule beside the service's", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(ruleNamed("default", ""))
	}},
	{name: "a DestinationRule in the root namespace", does: func(_ *pair, _, others *harness.Set) {
		others.Apply(ruleNamed("istio-system", ""))
	}},
	{name: "a Sidecar that imports some namespaces", does: func(w *pair, _, _ *harness.Set) {
		for _, caller := range w.callers {
			caller.See("./*", "default/*")
		}
	}},
	{name: "a port of the Service", url: "http://reviews.default:9099/", does: func(w *pair, _, _ *harness.Set) {
		w.AddPort("default", "reviews", harness.Port{Name: "http-later", Number: 9099})
	}},
}

// What becomes of requests that are kept local when others add something later is what failures.md says: held by the routes, by
// the endpoints, or by both. A column of both never says that requests cross.
func TestWhatOthersAddLater(t *testing.T) {
	t.Parallel()
	table := documented(t, "what others add")
	for _, routing := range ours {
		t.Run(routing.name, func(t *testing.T) {
			t.Parallel()
			w := newPair(t, "default", "shop")
			user := w.NewSet()
			resources := harness.YAML(subsets + virtualServiceOf("reviews", "reviews", `
  - {name: all, timeout: 8s, route: [{destination: {host: reviews}}]}`))
			for _, each := range whatOthersAdd {
				w.Run(t, each.name, func(t *testing.T) {
					policy, others := w.NewSet(), w.NewSet()
					user.Apply(resources)
					for _, caller := range w.callers {
						caller.See() // all
					}
					policy.Apply(routing.retention(t, w.Mesh, "reviews"))
					w.Settle()
					each.does(w, user, others)
					w.Settle()
					url := each.url
					if url == "" {
						url = "http://reviews.default:9080/"
					}
					seen := w.outcome(t, url)
					if want := table[each.name][routing.name]; seen != want {
						t.Errorf("measured: %s; failures.md says %q", seen, want)
					}
					others.Clear()
					policy.Clear()
				})
			}
		})
	}
}

// outcome is what becomes of the requests of all callers, in the words of failures.md.
func (w *pair) outcome(t *testing.T, url string) string {
	t.Helper()
	crossed, statuses := 0, map[int]int{}
	for _, caller := range w.callers {
		w.Reset()
		for range 40 {
			answer, err := caller.Proxy.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			statuses[answer.Status]++
		}
		counts := w.Served("reviews")
		crossed += counts.Total() - counts[caller.Workload.Cluster]
		t.Logf("%s: %v, statuses so far %v", caller.Backend.Name, counts, statuses)
	}
	switch {
	case crossed > 0:
		return "crosses"
	case statuses[503] > 0:
		return "503"
	case len(statuses) == 1 && statuses[200] > 0:
		return "local"
	}
	t.Errorf("statuses %v", statuses)
	return ""
}
