package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
)

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
