package istio

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cluster-local/test/istio/harness"
)

// routing is one way to keep requests local.
type routing struct {
	name   string
	header string // the one that the filter owns; empty without the filter
	args   []string
}

var (
	virtualService = routing{"virtual-service", "x-cluster-local", nil}
	envoyFilter    = routing{"envoy-filter", "x-cluster-local-target", []string{"--routing", "envoy-filter"}}
	sourceLabels   = routing{"native-source-labels", "", []string{"--routing", "native", "--native", "source-labels"}}
)

var routings = []routing{
	virtualService,
	{"native-cluster-local", "", []string{"--routing", "native"}},
	sourceLabels,
	envoyFilter,
	{"traffic-extension", "x-cluster-local", []string{"--plugin-api", "trafficextension"}},
}

// filtered are the routings with the filter.
func filtered() (out []routing) {
	for _, r := range routings {
		if r.header != "" {
			out = append(out, r)
		}
	}
	return out
}

// generate makes what a user applies to a mesh for the rules of a policy.
func (r routing) generate(t *testing.T, m *harness.Mesh, rules string, more ...string) generated {
	t.Helper()
	return generate(t, m, policyOf(rules), append(r.options(t), more...)...)
}

// refuses is what is said to rules that cannot be generated.
func (r routing) refuses(t *testing.T, m *harness.Mesh, rules string) string {
	t.Helper()
	said, _, err := run(t, m, t.TempDir(), policyOf(rules), r.options(t)...)
	if err == nil {
		t.Fatalf("not refused: %s", rules)
	}
	return said
}

// remove takes the policy out of a mesh as the docs say: generate for no rules, apply what comes back, delete what is left.
func (r routing) remove(t *testing.T, m *harness.Mesh, set *harness.Set) {
	t.Helper()
	set.Add(r.generate(t, m, "[]").Source)
	prune(t, m, set, policyOf("[]"), r.options(t)...)
}

func (r routing) options(t *testing.T) []string {
	t.Helper()
	args := slices.Clone(r.args)
	if r.header != "" {
		args = append(args, "--image", wasm(t))
	}
	return args
}

// retention is what a user applies so that a service of namespace default is retained.
func (r routing) retention(t *testing.T, m *harness.Mesh, service string) harness.Source {
	t.Helper()
	return r.generate(t, m, strict("default/"+service)).Source
}

// policyOf is a policy file for both clusters with these rules, a YAML list in flow style.
func policyOf(rules string) string {
	return "version: 1\nclusters: [m1c1, m1c2]\nrules: " + rules + "\n"
}

// strict are the rules that retain one service, or those of a pattern.
func strict(service string) string { return `[{services: ["` + service + `"], mode: strict}]` }

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
