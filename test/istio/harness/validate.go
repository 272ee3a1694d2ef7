package harness

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	crdschema "istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/test/env"
)

// crdSchemas reads the CRDs that Istio's base chart installs, once.
var crdSchemas = sync.OnceValues(func() (*crdschema.Validator, error) {
	return newValidator(filepath.Join(env.IstioSrc, "manifests/charts/base/files/crd-all.gen.yaml"))
})

// Validate checks one document as an API server with Istio's CRDs and webhook does: by the schema of the CRD
// (unknown fields are errors, as with kubectl's strict validation; CEL rules included), then by istiod's
// validation. Warnings of the latter are returned.
func Validate(document string) (config.Config, []string, error) {
	none := config.Config{}
	var object unstructured.Unstructured
	text, err := yaml.YAMLToJSONStrict([]byte(document))
	if err != nil {
		return none, nil, err
	}
	// Its own reader keeps whole numbers whole, which CEL rules ask for.
	if err := object.UnmarshalJSON(text); err != nil {
		return none, nil, err
	}
	schemas, err := crdSchemas()
	if err != nil {
		return none, nil, err
	}
	name := fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
	// The validator fills in defaults: a copy keeps them out of what is applied.
	if err := schemas.ValidateCustomResource(object.DeepCopy()); err != nil {
		return none, nil, fmt.Errorf("%s: CRD schema: %w", name, err)
	}
	configs, others, err := crd.ParseInputs(document)
	if err != nil {
		return none, nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(configs) != 1 || len(others) != 0 {
		return none, nil, errors.New(name + ": istiod does not know this kind")
	}
	c := configs[0]
	c.Domain = "cluster.local" // as istiod's reader of CRDs sets it: short host names are completed with it
	if c.Namespace == "" {
		c.Namespace = "default"
	}
	schema, _ := collections.PilotGatewayAPI().FindByGroupVersionKind(c.GroupVersionKind)
	warning, err := schema.ValidateConfig(c)
	if err != nil {
		return none, nil, fmt.Errorf("%s: %w", name, err)
	}
	if warning != nil {
		return c, []string{name + ": " + warning.Error()}, nil
	}
	return c, nil, nil
}
