package openai

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPresetsAreDocumented compares presets with the table in the package comment.
func TestPresetsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("openai.go")
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ hosts, models, quirks string }
	var got, want []row
	_, table, _ := strings.Cut(string(source), "//\tserver ")
	head, table, _ := strings.Cut("//\tserver "+table, "\n")
	models, quirks := strings.Index(head, "model name"), strings.Index(head, "Quirks")
	if models < 0 || quirks < 0 {
		t.Fatalf("the head of the table is %q", head)
	}
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\n")
		if line == "//" {
			break
		}
		line += strings.Repeat(" ", max(0, quirks-len(line)))
		r := row{strings.TrimSpace(line[len("//"):models]), strings.TrimSpace(line[models:quirks]), line[quirks:]}
		if r.quirks != "" {
			got = append(got, r)
			continue
		}
		last := &got[len(got)-1] // the line goes on with the row above
		last.hosts = strings.TrimSpace(last.hosts + " " + r.hosts)
		last.models = strings.TrimSpace(last.models + " " + r.models)
	}
	for _, p := range presets {
		var names []string
		for name, on := range map[string]bool{"AlternateRoles": p.quirks.AlternateRoles, "ShortCallIDs": p.quirks.ShortCallIDs, "ReasoningContent": p.quirks.ReasoningContent, "AllowedTools": p.quirks.AllowedTools} {
			if on {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		want = append(want, row{strings.Join(p.hosts, ", "), strings.Join(p.models, ", "), strings.Join(names, ", ")})
	}
	if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" {
		t.Errorf("the table in the comment of the package (+) is not presets (-): %s", diff)
	}
}
