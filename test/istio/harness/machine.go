package harness

import (
	"os/exec"
	"testing"
	"time"
)

// emptyNode is how long an empty Node takes to start on the machine that the bounds of tests are meant for, when it does
// nothing else (test/support/machine.ts has the same).
const emptyNode = 45 * time.Millisecond

// Slowdown returns how many times slower than that machine this one is now, at least 1: because its processor is, or
// because others use it. A bound in time that is multiplied by it says the same everywhere.
func Slowdown(t *testing.T) float64 {
	t.Helper()
	start := time.Now()
	if err := exec.Command("node", "-e", "0").Run(); err != nil {
		t.Fatal(err)
	}
	return max(1, float64(time.Since(start))/float64(emptyNode))
}
