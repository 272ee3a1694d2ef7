package istio

import (
	"os"
	"strings"
	"testing"
)

// documented is the table of examples/istio-bookinfo/failures.md whose first column has this heading: what stands in a cell, by
// the first cell of its row and the heading of its column.
func documented(t *testing.T, heading string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../examples/istio-bookinfo/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	table := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(strings.ReplaceAll(line, "`", "")), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case columns == nil && cells[0] == heading:
			columns = cells
		case columns == nil || strings.HasPrefix(cells[0], "--"):
		case len(cells) != len(columns):
			return table
		default:
			table[cells[0]] = map[string]string{}
			for i, cell := range cells[1:] {
				name, _, _ := strings.Cut(columns[i+1], " ") // beside it, what it means
				table[cells[0]][name] = cell
			}
		}
	}
	if len(table) == 0 {
		t.Fatalf("examples/istio-bookinfo/failures.md has no table %q", heading)
	}
	return table
}
