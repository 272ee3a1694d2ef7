package istio

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// routing is one way to keep requests local.
type routing struct {
	name string
	args []string
	// filter says that the filter decides, or counts at least.
	filter bool
}

var (
	auto       = routing{"auto", nil, true}
	routes     = routing{"routes", []string{"--routing", "routes"}, true}
	endpoints  = routing{"endpoints", []string{"--routing", "endpoints"}, true}
	meshConfig = routing{"mesh-config", []string{"--routing", "mesh-config"}, false}
	// The same with Istio's newer API for the filter.
	trafficExtension = routing{"traffic-extension", []string{"--plugin-api", "trafficextension"}, true}
)

var (
	// ours are those with resources of this project's own; these hold strict rules without conditions.
	ours = []routing{auto, routes, endpoints}
	// deciding are those that do what the filter decides: conditions, prefer, overrides.
	deciding = []routing{auto, routes, trafficExtension}
	routings = []routing{auto, routes, endpoints, meshConfig, trafficExtension}
)

// generate makes what a user applies to a mesh for the rules of a policy.
func (r routing) generate(t *testing.T, m *harness.Mesh, rules string, more ...string) generated {
	t.Helper()
	return generate(t, m, policyOf(rules, m.Clusters...), append(r.options(t), more...)...)
}

// refuses is what is said to rules that cannot be generated.
func (r routing) refuses(t *testing.T, m *harness.Mesh, rules string) string {
	t.Helper()
	said, _, err := run(t, m, t.TempDir(), policyOf(rules, m.Clusters...), r.options(t)...)
	if err == nil {
		t.Fatalf("not refused: %s", rules)
	}
	return said
}

// leavesOut generates, which must make all but one service, end with the code for that, and say what is left out and why: the
// line of the report.
func (r routing) leavesOut(t *testing.T, m *harness.Mesh, rules, service string) string {
	t.Helper()
	report, _, err := run(t, m, t.TempDir(), policyOf(rules, m.Clusters...), append(r.options(t), "--out", t.TempDir())...)
	if code := exitCode(err); code != leftOut {
		t.Fatalf("exit code %d, not %d:\n%s", code, leftOut, report)
	}
	_, list, _ := strings.Cut(report, "left out:\n")
	for line := range strings.Lines(list) {
		if _, text, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(text, service+": ") { // after the code
			return line
		}
	}
	t.Fatalf("%s is not left out:\n%s", service, report)
	return ""
}

// leftOut is the exit code for services that could not be kept local, when all others were.
const leftOut = 3

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// remove takes the policy out of a mesh as the docs say: generate for no rules, apply what comes back, delete what is left.
func (r routing) remove(t *testing.T, m *harness.Mesh, set *harness.Set) {
	t.Helper()
	set.Add(r.generate(t, m, "[]").Source)
	prune(t, m, set, policyOf("[]", m.Clusters...), r.options(t)...)
}

func (r routing) options(t *testing.T) []string {
	t.Helper()
	without(t, r.name)
	args := slices.Clone(r.args)
	if r.filter {
		args = append(args, "--image", wasm(t))
	}
	return args
}

// retention is what a user applies so that a service of namespace default is kept local.
func (r routing) retention(t *testing.T, m *harness.Mesh, service string) harness.Source {
	t.Helper()
	return r.generate(t, m, strict("default/"+service)).Source
}

// policyOf is a policy file with these rules, a YAML list in flow style, for these clusters; none: both.
func policyOf(rules string, ids ...string) string {
	if len(ids) == 0 {
		ids = clusters
	}
	return "version: 1\nclusters: [" + strings.Join(ids, ", ") + "]\nrules: " + rules + "\n"
}

// strict are the rules that keep one service local, or those of a pattern.
func strict(service string) string { return `[{services: ["` + service + `"], mode: strict}]` }

// conditional are rules that keep a service of namespace default local, and need the filter for it: a condition that every
// request meets.
func conditional(service string) string {
	return `[{services: [default/` + service + `], mode: strict, methods: [GET, POST]}]`
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
