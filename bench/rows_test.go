//go:build !race

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every row runs, on both sides, and appears in the tables and in the file. How long it takes
// decides nothing. Its processes tell the race detector nothing.
func TestEveryRowRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every benchmark")
	}
	if _, err := cpuTime(); err != nil {
		t.Skip(err)
	}
	var names []string
	for _, r := range rows {
		if r.waits {
			if _, err := resident(); err != nil {
				continue
			}
		}
		// A longer history runs the same code.
		if r.byhand != nil || strings.HasPrefix(r.name, "send") && strings.HasSuffix(r.name, "-10") || strings.HasPrefix(r.name, "cold") && strings.HasSuffix(r.name, "-1000") {
			names = append(names, r.name)
		}
	}
	file := filepath.Join(t.TempDir(), "figures.json")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-rounds", "1", "-ops", "1", "-rows", strings.Join(names, ","), "-o", file}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []comparison
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(names) {
		t.Errorf("%d rows, want %d", len(all), len(names))
	}
	for _, c := range all {
		if !strings.Contains(out.String(), c.Title+" (`"+c.Row+"`)") {
			t.Errorf("row %s is in no table:\n%s", c.Row, &out)
		}
		found, err := rowsNamed(c.Row)
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range found[0].sides() {
			if len(c.Rounds[side]) != 1 {
				t.Errorf("row %s has %d rounds of %s, want 1", c.Row, len(c.Rounds[side]), side)
			}
		}
	}
}
