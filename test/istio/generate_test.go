package istio

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cluster-local/test/istio/harness"
)

// This file is where the tests get the YAML that makes a mesh obey a policy: from the command that users run, with an
// inventory of what the mesh really holds.

// generated is what `cluster-local generate istio` made.
type generated struct {
	harness.Source
	report string // what it printed, warnings first
}

// generate runs `cluster-local generate istio` for a policy on the mesh as it is now.
func generate(t *testing.T, m *harness.Mesh, policy string, args ...string) generated {
	t.Helper()
	dir := t.TempDir()
	file, inventory, out := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "inventory"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := m.WriteInventory(inventory); err != nil {
		t.Fatal(err)
	}
	report := run(t, append([]string{"--policy", file, "--inventory", inventory, "--out", out}, args...)...)
	if entries, err := os.ReadDir(out); err != nil || len(entries) == 0 {
		return generated{report: report} // nothing to apply
	}
	return generated{harness.Path(out), report}
}

// run runs the built command line and returns what it prints.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	command := exec.Command("node", append([]string{"../../build/js/cli/main.js", "generate", "istio"}, args...)...)
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Fatalf("cluster-local generate istio %v: %v (npm run build makes it)\n%s", args, err, out.String())
	}
	return out.String()
}
