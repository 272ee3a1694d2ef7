//go:build istio_1_29

package istio

import "testing"

var lacking = map[string]string{
	trafficExtension.name: "Istio 1.29 has no TrafficExtension",
	meshConfig.name:       "a live edit of MeshConfig does not reach istiod 1.29 in this harness: not known whether it holds",
	"panic threshold":     "Istio 1.29 leaves Envoy's panic threshold at 50%, and doctor warns of that",
}

// without skips a case that this Istio cannot run.
func without(t *testing.T, what string) {
	t.Helper()
	if why, found := lacking[what]; found {
		t.Skip(why)
	}
}
