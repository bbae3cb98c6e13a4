// Package storetest tests implementations of transcript.Store.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Run checks the guarantees of [transcript.Store], each in a subtest: Load returns what was
// appended, an append is all or nothing, one of several writers at a position wins, and a
// repeated append is recognized. If the Store is a [transcript.Lister] or a
// [transcript.Deleter], Run also checks List or Delete.
//
// open returns a new, empty Store each time and closes it in t.Cleanup. Run uses a Store from
// up to 16 goroutines at once; run it with -race. It cannot check the guarantees between
// processes.
func Run(t *testing.T, open func(t *testing.T) transcript.Store) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// patience is the longest time without an acknowledged append before a check fails. A Store
// that blocks and honors its context then returns.
const patience = time.Minute

var errNoProgress = fmt.Errorf("no append was acknowledged for %v", patience)

// A check returns an error if a Store breaks a guarantee. Its Store is empty at first.
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
	{"Paged", checkPaged},
	{"Deleted", checkDeleted},
	{"DeletedMeanwhile", checkDeletedMeanwhile},
}
