package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// What an API server with Istio's CRDs and webhook refuses must not pass here.
func TestInvalidResourcesAreRefused(t *testing.T) {
	m := harness.New(t, harness.Options{})
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown field", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec: {host: reviews, subset: []}`, "unknown fields [spec.subset]"},
		{"wrong type", `
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: a}
spec: {url: "oci://a/b", sha256: 0000000000000000000000000000000000000000000000000000000000000000}`, "must be of type string"},
		{"istiod's own rules", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [reviews]
  http: [{route: [{destination: {host: reviews}, weight: -1}]}]`, "weight"},
		{"unknown kind", `
apiVersion: networking.istio.io/v1
kind: DestinationRules
metadata: {name: a}`, "no validator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := m.NewSet().TryApply(harness.YAML(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
		})
	}
}
