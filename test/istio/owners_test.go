package istio

import (
	"fmt"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// rollout is what Argo Rollouts keeps of a canary: the weights of a VirtualService's route, and the labels of a
// DestinationRule's subsets. Pods of both hashes run in both clusters.
func rollout(weight int, stable, canary string) harness.Source {
	return harness.YAML(fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
  namespace: default
  annotations: {argo-rollouts.argoproj.io/managed-by-rollouts: reviews}
spec:
  host: reviews
  subsets:
  - {name: stable, labels: {app: reviews, version: %s}}
  - {name: canary, labels: {app: reviews, version: %s}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: primary
    timeout: 5s
    route:
    - {destination: {host: reviews, subset: stable}, weight: %d}
    - {destination: {host: reviews, subset: canary}, weight: %d}
`, stable, canary, 100-weight, weight))
}

// A controller of the user's changes weights and labels while requests go on, and whoever owns the objects puts them back:
// nothing crosses and nothing fails. What goes stale is what the report has named: weights where routes copy them, labels of
// subsets; generating again, which this project's controller does, brings both up to date.
func TestWhatOwnersChange(t *testing.T) {
	t.Parallel()
	w := newPair(t)
	user := w.NewSet()
	user.Apply(rollout(20, "v1", "v2"))
	for _, routing := range ours {
		w.Run(t, routing.name, func(t *testing.T) {
			policy := w.NewSet()
			user.Apply(rollout(20, "v1", "v2"))
			made := routing.generate(t, w.Mesh, strict("default/reviews"))
			policy.Apply(made.Source)
			w.Settle()
			stale := staleOf(t, made.report)
			loads := map[string]*load{}
			for _, cluster := range clusters {
				loads[cluster] = startLoad(w.callers["default/"+cluster], "http://reviews:9080/")
			}
			w.shares(t, "20% canary", 80)
			user.Apply(rollout(70, "v1", "v2"))
			w.Sync()
			w.shares(t, "70% canary", map[bool]int{false: 30, true: 80}[stale.weights])
			user.Reapply()
			w.Sync()
			w.shares(t, "put back", map[bool]int{false: 30, true: 80}[stale.weights])
			user.Apply(rollout(0, "v2", "v2")) // promoted
			w.Sync()
			w.shares(t, "promoted", map[bool]int{false: 0, true: map[bool]int{false: 100, true: 80}[stale.weights]}[stale.labels])
			again := routing.generate(t, w.Mesh, strict("default/reviews")).Source
			// In the order of the guide: changed subsets first, until proxies have their endpoints.
			policy.Add(again.Only("DestinationRule"))
			w.Sync()
			policy.Add(again)
			w.Sync()
			w.shares(t, "promoted, and generated again", 0)
			for cluster, l := range loads {
				l.end()
				l.allAnswered(t)
				if n := l.crossed(); n > 0 {
					t.Errorf("%d requests from %s crossed", n, cluster)
				}
			}
			before := user.Versions()
			routing.remove(t, w.Mesh, policy)
			for key, text := range user.Versions() {
				if text != before[key] {
					t.Errorf("%s was written to", key)
				}
			}
			w.Settle()
		})
	}
}

// stale is what a report says will go stale when its owner changes it.
type stale struct{ weights, labels bool }

func staleOf(t *testing.T, report string) (s stale) {
	t.Helper()
	_, list, _ := strings.Cut(report, "stale when its owner changes it")
	for line := range strings.Lines(list) {
		s.weights = s.weights || strings.Contains(line, "weights of routes of VirtualService default/reviews")
		s.labels = s.labels || strings.Contains(line, "subsets of DestinationRule default/reviews, which Argo Rollouts owns")
	}
	t.Logf("stale are weights: %v, labels: %v", s.weights, s.labels)
	if !s.labels {
		t.Errorf("the report does not say whose labels go stale:\n%s", report)
	}
	return s
}

// shares checks how many of 100 requests version v1 gets, in each cluster.
func (w *pair) shares(t *testing.T, when string, want int) {
	t.Helper()
	for _, cluster := range clusters {
		const of = 200
		v1 := 0
		for _, answer := range get(t, w.callers["default/"+cluster].Proxy, "http://reviews:9080/", of, 200) {
			if strings.HasPrefix(answer.Header.Get("x-served-by"), "reviews-v1") {
				v1++
			}
		}
		if got := v1 * 100 / of; got < want-15 || got > want+15 || (want%100 == 0 && got != want) {
			t.Errorf("%s: v1 got %d%% of the requests of %s, not %d%%", when, got, cluster, want)
		}
	}
}
