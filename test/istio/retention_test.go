package istio

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// This file is where the tests get the YAML that retains a service. It is written by hand in testdata, a
// folder for each routing.

// routing is one way to keep requests local.
type routing struct {
	name   string
	header string // the one that the filter owns; empty without the filter
}

var virtualService = routing{"virtual-service", "x-cluster-local"}

var routings = []routing{
	virtualService,
	{"native-cluster-local", ""},
	{"native-source-labels", ""},
	{"envoy-filter", "x-cluster-local-target"},
	{"traffic-extension", "x-cluster-local"}, // virtual-service with the newer plugin API
}

// retention is what a user applies so that a service of namespace default is retained.
func (r routing) retention(t *testing.T, service string) harness.Source {
	t.Helper()
	source := harness.Path(filepath.Join("testdata", r.name)).Replace("reviews", service)
	return source.With("WASM_URL", wasm(t))
}

// everything retains s0000, s0001 and so on, which are all services of the namespace.
func (r routing) everything(t *testing.T, services int) []harness.Source {
	t.Helper()
	one := harness.Path(filepath.Join("testdata", r.name)).With("WASM_URL", wasm(t)).Replace("default/reviews", `"*"`)
	perService, rest := one.Split(func(document string) bool {
		return strings.Contains(document, "name: cluster-local-reviews")
	})
	sources := []harness.Source{rest.Replace("reviews.default.svc", "*.default.svc")}
	for i := range services {
		sources = append(sources, perService.Replace("reviews", fmt.Sprintf("s%04d", i)))
	}
	return sources
}

// plugin is the WasmPlugin of the virtual-service routing, with a URL, a failStrategy and the mode of its
// rule.
func plugin(url, failStrategy, mode string) harness.Source {
	source := harness.Path("testdata/plugin").With("WASM_URL", url)
	return source.With("FAIL_STRATEGY", failStrategy).With("MODE", mode)
}

// wasm is the URL of the release filter for a WasmPlugin.
func wasm(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../build/cluster-local.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: npm run build makes it", err)
	}
	return "file://" + path
}
