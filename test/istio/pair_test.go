package istio

import (
	"net/http"
	"testing"

	"cluster-local/test/istio/harness"
)

// pair is a mesh with reviews v1 and v2 and httpbin in namespace default of both clusters, and a caller in each.
type pair struct {
	*harness.Mesh
	callers map[string]*harness.Pod // by namespace/cluster
	reviews []*harness.Pod
}

// newPair has callers in these namespaces; none: in default.
func newPair(t *testing.T, namespaces ...string) *pair {
	t.Helper()
	if len(namespaces) == 0 {
		namespaces = []string{"default"}
	}
	m := harness.New(t, harness.Options{Namespaces: namespaces[1:]})
	w := &pair{Mesh: m, callers: map[string]*harness.Pod{}}
	w.Service("default", "reviews", harness.HTTP(9080))
	w.Service("default", "httpbin", harness.HTTP(8000))
	for _, cluster := range clusters {
		labels := map[string]string{"cluster": cluster} // as users label pods themselves
		for _, version := range []string{"v1", "v2"} {
			pod := w.Deploy(harness.Workload{Cluster: cluster, App: "reviews", Version: version, Labels: labels})
			w.reviews = append(w.reviews, pod)
		}
		w.Deploy(harness.Workload{Cluster: cluster, App: "httpbin", Labels: labels})
		for _, namespace := range namespaces {
			caller := harness.Workload{Cluster: cluster, Namespace: namespace, App: "sleep", Sidecar: true, Labels: labels}
			w.callers[namespace+"/"+cluster] = w.Deploy(caller)
		}
	}
	return w
}

// handle replaces what every reviews pod does.
func (w *pair) handle(h http.HandlerFunc) {
	for _, pod := range w.reviews {
		pod.Handle(h)
	}
}
