package main

import (
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	const µs, kb = 1e3, 1e3
	beside := &comparison{Row: "one", Title: "one turn", row: &row{byhand: askLoop}, Rounds: map[string][]figures{
		sideFuncall: {{CPU: 30 * µs, Allocs: 12345}, {CPU: 10 * µs, Allocs: 12345}, {CPU: 20 * µs, Allocs: 12345}},
		sideHand:    {{CPU: 20 * µs, Allocs: 100}, {CPU: 20 * µs, Allocs: 100}, {CPU: 20 * µs, Allocs: 100}},
	}}
	waits := &comparison{Row: "waiting", Title: "waits", row: &row{byhand: askLoop, waits: true}, Rounds: map[string][]figures{
		sideFuncall: {{Resident: 10 * kb}, {Resident: 12 * kb}},
		sideHand:    {{Resident: 5 * kb}, {Resident: 5 * kb}},
	}}
	alone := &comparison{Row: "cold", Title: "load", row: &row{}, Rounds: map[string][]figures{
		sideFuncall: {{CPU: 1234 * µs, Wall: 999, Allocs: 7}},
	}}
	var out strings.Builder
	if err := writeTables(&out, []*comparison{beside, alone, waits}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| one turn (`one`) | 20.0 µs (10.0 to 30.0) | 20.0 µs (20.0 to 20.0) | 1.00 (0.50 to 1.50) | 12,345 | 100 | 123 |\n",
		"| waits (`waiting`): resident memory | 11.0 KB (10.0 to 12.0) | 5.00 KB (5.00 to 5.00) | 2.20 (2.00 to 2.40) | | | |\n\n",
		"| load (`cold`) | 1.23 ms | 999 ns | 7.00 |\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, &out)
		}
	}
}

// What an operation does while the timer is stopped does not count.
func TestMeterCountsWhileItRuns(t *testing.T) {
	var kept [][]byte
	m := new(meter)
	m.StartTimer()
	for range 100 {
		m.StopTimer()
		m.StopTimer()
		for range 1000 {
			kept = append(kept, make([]byte, 100))
		}
		m.StartTimer()
		m.StartTimer()
		kept = append(kept, make([]byte, 1<<20))
	}
	m.StopTimer()
	f, err := m.figures(100)
	if err != nil {
		t.Skip(err)
	}
	if f.Allocs < 1 || f.Allocs > 100 || f.Bytes < 1<<20 {
		t.Errorf("%v allocations of %v bytes in each operation, want few of %d", f.Allocs, f.Bytes, 1<<20)
	}
	if len(kept) != 100*1001 {
		t.Error(len(kept))
	}
}
