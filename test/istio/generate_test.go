package istio

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// This file is where the tests get the YAML that makes a mesh obey a policy: from the command that users run, with an
// inventory of what the mesh really holds.

// generated is what `cluster-local generate istio` made.
type generated struct {
	harness.Source
	report string        // what it printed, warnings first
	took   time.Duration // the command alone
}

// generate runs `cluster-local generate istio` for a policy on the mesh as it is now.
func generate(t *testing.T, m *harness.Mesh, policy string, args ...string) generated {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	report, took, err := run(t, m, dir, policy, append([]string{"--out", out}, args...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, report)
	}
	return madeIn(out, report, took)
}

// generateSome is generate where services may be left out, because the user's routes to them cannot be told apart.
func generateSome(t *testing.T, m *harness.Mesh, policy string, args ...string) generated {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	report, took, err := run(t, m, dir, policy, append([]string{"--out", out}, args...)...)
	if err != nil && exitCode(err) != leftOut {
		t.Fatalf("%v\n%s", err, report)
	}
	return madeIn(out, report, took)
}

func madeIn(out, report string, took time.Duration) generated {
	if entries, err := os.ReadDir(out); err != nil || len(entries) == 0 {
		return generated{report: report, took: took} // nothing to apply
	}
	return generated{harness.Path(out), report, took}
}

// run runs the built command line in a folder, on an inventory of the mesh, and returns what it prints
// and how long the command took.
func run(t *testing.T, m *harness.Mesh, dir, policy string, args ...string) (string, time.Duration, error) {
	t.Helper()
	file, inventory := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "inventory")
	if err := os.WriteFile(file, []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := m.WriteInventory(inventory); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"../../build/js/cli/main.js", "generate", "istio", "--policy", file, "--inventory", inventory}, args...)
	start := time.Now()
	out, err := exec.Command("node", args...).CombinedOutput()
	took := time.Since(start)
	if err != nil {
		err = fmt.Errorf("node %v (npm run build makes it): %w", args, err)
	}
	return string(out), took, err
}

// prune removes from a set what an earlier run made and one for this policy does not need, by the commands that --prune
// lists: kubectl delete KIND.GROUP --namespace NAMESPACE NAME, and pauses in which Istio tells the proxies.
func prune(t *testing.T, m *harness.Mesh, set *harness.Set, policy string, args ...string) {
	t.Helper()
	commands, _, err := run(t, m, t.TempDir(), policy, append([]string{"--prune"}, args...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, commands)
	}
	for line := range strings.Lines(commands) {
		if strings.HasSuffix(line, " ...\n") {
			continue // progress: it took more than a second
		}
		if strings.HasPrefix(line, "sleep ") {
			m.Sync()
			continue
		}
		var kind, namespace, name string
		if _, err := fmt.Sscanf(line, "kubectl delete %s --namespace %s %s", &kind, &namespace, &name); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		kind, _, _ = strings.Cut(kind, ".") // the group
		set.Delete(kind, namespace, name)
	}
}
