//go:build istio_1_29

package harness

import (
	"path/filepath"
	"sync"

	crdschema "istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/test/env"
)

// crdSchemas reads the CRDs that Istio's base chart installs, once.
var crdSchemas = sync.OnceValues(func() (*crdschema.Validator, error) {
	file := filepath.Join(env.IstioSrc, "manifests/charts/base/files/crd-all.gen.yaml")
	return crdschema.NewValidatorFromFiles(file)
})
