package istio

import (
	"fmt"
	"slices"
	"testing"

	"cluster-local/test/istio/harness"
)

// Traffic policies that show at the receivers: the pods take turns, or who says the same x-user comes to the same pod.
const (
	inTurns = "{simple: ROUND_ROBIN}"
	byUser  = "{consistentHash: {httpHeaderName: x-user}}"
)

// ruleFor is a DestinationRule of the user's for a host, with versions.
func ruleFor(host, namespace, loadBalancer string) harness.Source {
	return harness.YAML(fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: %s}
spec:
  host: %q
  trafficPolicy: {loadBalancer: %s}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
`, namespace, host, loadBalancer))
}

// A service with a DestinationRule of its own keeps it, wherever Istio finds the rule for a caller.
func TestAServiceWithADestinationRule(t *testing.T) {
	t.Parallel()
	w := newPair(t, "default", "other")
	const service = "reviews.default.svc.cluster.local"
	for _, c := range []struct{ name, host, namespace, caller string }{
		{"by its short name", "reviews", "default", "default"},
		{"for its namespace", "*.default.svc.cluster.local", "default", "default"},
		{"in the callers' namespace", service, "other", "other"},
		{"in the root namespace", service, "istio-system", "other"},
	} {
		user := w.NewSet()
		user.Apply(ruleFor(c.host, c.namespace, inTurns))
		w.Settle()
		w.obeys(t, c.caller, inTurns, false)
		user.Apply(ruleFor(c.host, c.namespace, byUser))
		w.Settle()
		w.obeys(t, c.caller, byUser, false)
		for _, routing := range append(slices.Clone(ours), meshConfig) {
			w.Run(t, c.name+"/"+routing.name, func(t *testing.T) {
				policy := w.NewSet()
				policy.Apply(routing.retention(t, w.Mesh, "reviews"))
				w.Settle()
				w.obeys(t, c.caller, byUser, true)
				policy.Clear()
				w.Settle()
			})
		}
		w.obeys(t, c.caller, byUser, false)
		user.Clear()
	}
}

// obeys asks as 20 users and looks at which pods they come to: of the caller's cluster, or of both.
func (w *pair) obeys(t *testing.T, namespace, loadBalancer string, local bool) {
	t.Helper()
	for _, cluster := range clusters {
		from := w.callers[namespace+"/"+cluster].Proxy
		w.Reset()
		pods := map[string]int{}
		for user := range 20 {
			of := map[string]bool{}
			for _, answer := range get(t, from, "http://reviews.default:9080/", 4, 200, fmt.Sprint("x-user: ", user)) {
				of[answer.Header.Get("x-served-by")] = true
				pods[answer.Header.Get("x-served-by")]++
			}
			if loadBalancer == byUser && len(of) != 1 {
				t.Errorf("%s: user %d came to %v", from.Name, user, of)
			}
		}
		want := 2
		if local {
			stays(t, w.Served("reviews"), cluster)
		} else if want = 4; w.Served("reviews")[m1c1] == 0 || w.Served("reviews")[m1c2] == 0 {
			t.Errorf("not a mix of both clusters: %v", w.Served("reviews"))
		}
		for pod, n := range pods {
			if loadBalancer == inTurns && n != 80/want {
				t.Errorf("%s: no turns, %s got %d of 80", from.Name, pod, n)
			}
		}
		if len(pods) < 2 {
			t.Errorf("%s: all came to %v", from.Name, pods)
		}
	}
}
