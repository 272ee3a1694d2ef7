//go:build !istio_1_29

package istio

import "testing"

// without skips a case that this Istio cannot run.
func without(*testing.T, string) {}
