package main

import (
	"runtime"
	"strings"
	"testing"
)

// The allocations of three turns with four calls are bounded by those of the loop by hand.
func TestThreeTurnsAllocate(t *testing.T) {
	most := 1.78
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		most = 1.58 // the loop by hand allocates a sixth more with its encoding/json
	}
	s, url, err := startServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	found, err := rowsNamed("three")
	if err != nil {
		t.Fatal(err)
	}
	r := found[0]
	allocs := make(map[string]float64)
	for _, side := range r.sides() {
		op, err := r.work(side)(&env{row: r, url: url + "/" + r.name})
		if err != nil {
			t.Fatal(err)
		}
		allocs[side] = testing.AllocsPerRun(300, func() {
			if err := op(nil); err != nil {
				t.Fatal(err)
			}
		})
	}
	ratio := allocs[sideFuncall] / allocs[sideHand]
	t.Logf("%.0f allocations beside %.0f by hand: %.3f", allocs[sideFuncall], allocs[sideHand], ratio)
	if ratio > most {
		t.Errorf("%.0f allocations beside %.0f by hand: %.3f, want at most %.2f", allocs[sideFuncall], allocs[sideHand], ratio, most)
	}
}
