//go:build istio_1_29

package harness

import crdschema "istio.io/istio/pkg/config/crd"

func newValidator(file string) (*crdschema.Validator, error) {
	return crdschema.NewValidatorFromFiles(file)
}
