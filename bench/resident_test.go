//go:build !race

package main

import (
	"errors"
	"testing"
)

// A conversation that waits inside a tool has two goroutines, each on a stack of 4 KB, as the
// frames of what waits fit into a quarter of the next size. They are larger with the race detector.
func TestWaitingConversationsAreSmall(t *testing.T) {
	s, url, err := startServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	found, err := rowsNamed("waiting")
	if err != nil {
		t.Fatal(err)
	}
	r := found[0]
	c, op, err := gather(&env{row: r, url: url + "/" + r.name}, r.work(sideFuncall))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.grow(1, op), c.disperse()); err != nil { // warms up
		t.Fatal(err)
	}
	const n = 500
	before := memory()
	if err := c.grow(n, op); err != nil {
		t.Fatal(err)
	}
	after := memory()
	if err := c.disperse(); err != nil {
		t.Fatal(err)
	}
	stack := (float64(after.StackInuse) - float64(before.StackInuse)) / n
	heap := (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / n
	t.Logf("%.0f bytes of stack and %.0f of heap", stack, heap)
	if stack > 9<<10 || heap > 6<<10 {
		t.Errorf("a conversation that waits has %.0f bytes of stack and %.0f of heap, want at most 9 KB and 6 KB", stack, heap)
	}
}
