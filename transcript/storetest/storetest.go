// Package storetest checks that a transcript.Store keeps its contract.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Run checks that a Store keeps the contract of [transcript.Store], in one
// subtest a check: what is appended is what is loaded, an append holds whole
// or not at all, of writers that race for a position one wins, and an append that is
// tried again is known. A Store that is a [transcript.Lister] lists what there is.
//
// open returns a Store that holds nothing, each time another, and closes it in
// t.Cleanup. The suite uses one Store from up to 16 goroutines at a time and
// needs no other process; run it with -race. A Store that several processes
// share keeps the contract among them too, which a suite in one process cannot
// show.
func Run(t *testing.T, open func(t *testing.T) transcript.Store) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// patience is how long a check may go on without an append that is acknowledged. A
// Store that blocks for ever fails it there, if it heeds its context.
const patience = time.Minute

var errNoProgress = fmt.Errorf("no append was acknowledged for %v", patience)

// A check returns what a Store does against its contract, or nil. Its Store
// holds nothing yet.
type check struct {
	name string
	run  func(context.Context, transcript.Store) error
}

var checks = []check{
	{"Unknown", checkUnknown},
	{"RoundTrip", checkRoundTrip},
	{"OddContent", checkOddContent},
	{"Order", checkOrder},
	{"Conflict", checkConflict},
	{"Atomic", checkAtomic},
	{"AppendNothing", checkAppendNothing},
	{"OddIDs", checkOddIDs},
	{"TriedAgain", checkTriedAgain},
	{"Canceled", checkCanceled},
	{"Snapshot", checkSnapshot},
	{"WritersRace", checkWritersRace},
	{"WritersTryAgain", checkWritersTryAgain},
	{"NothingLost", checkNothingLost},
	{"ReadersSeeWholeAppends", checkReaders},
	{"SessionsSideBySide", checkSessions},
	{"Listed", checkListed},
}
