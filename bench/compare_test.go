package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every row runs, on both sides, and appears in the tables and in the file. How long it takes
// decides nothing.
func TestEveryRowRuns(t *testing.T) {
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

func TestFlagsAreChecked(t *testing.T) {
	for want, args := range map[string][]string{
		`there is no row "two"; the rows are one, three,`: {"-rows", "three,two"},
		"-rounds 0": {"-rounds", "0"},
		"-ops -1":   {"-ops", "-1"},
		`["three"]`: {"three"},
	} {
		err := run(context.Background(), args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", args, err, want)
		}
	}
}

// A worker does all operations of a round, whatever their number.
func TestSplitLeavesNoOperationOut(t *testing.T) {
	for _, n := range []int{1, 19, 20, 30, 39, 60, 20_000} {
		sizes := split(n, parts)
		sum := 0
		for _, size := range sizes {
			sum += size
		}
		if sum != n || len(sizes) != min(n, parts) || slices.Min(sizes) < 1 || slices.Max(sizes)-slices.Min(sizes) > 1 {
			t.Errorf("%d operations are split into %v", n, sizes)
		}
	}
}

// A row fails whose calls are refused, in the warm-up and later.
func TestRefusedCallsAreNotMeasured(t *testing.T) {
	for _, runs := range []int{0, 3, 4} { // of the tools
		done := 0
		r := &row{name: "pretend", script: threeTurns, funcall: func(*env) (func(timer) error, error) {
			return func(timer) error {
				if done++; done > 1 {
					toolRuns.Add(int64(runs))
				} else {
					toolRuns.Add(4)
				}
				return nil
			}, nil
		}}
		if _, err := r.prepare(new(env), sideFuncall, 2); (err == nil) != (runs == 4) {
			t.Errorf("warming up with %d runs of the tools for 4 calls: %v", runs, err)
		}
		done = 0
		measure, err := r.prepare(new(env), sideFuncall, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := measure(5); (err == nil) != (runs == 4) {
			t.Errorf("measuring %d runs of the tools for 4 calls: %v", runs, err)
		}
	}
}
