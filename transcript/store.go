package transcript

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// ErrConflict is returned by Append if another writer appended first, or has the session's lease;
// see [Leaser].
var ErrConflict = errors.New("transcript: conflict: another writer appended first")

// A Store keeps transcripts. It is safe for concurrent use, also by several processes. Load
// returns every entry that Append has acknowledged. Package transcript/storetest checks these
// guarantees.
//
// A stored entry is never changed, and the ID of a deleted transcript is not used again: a
// [Deleter] refuses it. So the number of entries tells what they are: a writer may append at the
// position where its own last append ended, without another Load. An Append that returns
// [ErrConflict] has written nothing.
type Store interface {
	// Load returns the transcript with that ID. If the ID is unknown, the transcript is empty
	// and the error is nil. The caller may append to the entries it gets.
	Load(ctx context.Context, id string) (Transcript, error)
	// Append writes the entries of b, all of them or none. If the transcript does not hold
	// exactly b.At entries, Append returns an error that matches [ErrConflict]: if several
	// writers saw the same transcript, one wins. If b repeats the last append to the session
	// and has a Writer, Append writes nothing and returns nil; see [Batch]. The store must not
	// change the entries.
	Append(ctx context.Context, b Batch) error
}

// A Batch is one append to a transcript.
type Batch struct {
	// Session is the ID of the transcript.
	Session string
	// At is the position of the first entry: the number of entries that the writer saw.
	At int
	// Writer identifies the worker that appends. Use a random name for each worker.
	//
	// A worker that does not know whether its append succeeded can repeat it. If the last
	// append to the session has the same Writer, At and Entries, Append succeeds without
	// writing. Any other append at a position that is taken is a conflict: the same entries
	// from another Writer, since two workers can write the same; a repeated append after
	// another writer's, since that writer has taken over; and every append whose Writer is "".
	Writer string
	// LeaseFor is how long the writer keeps the session from now on, if the store is a [Leaser]:
	// the append takes or extends its [Lease], in the same transaction. A negative LeaseFor gives
	// the lease back, and 0 changes nothing. An append that writes nothing changes nothing: one
	// without entries, and one that the store recognizes as repeated. A lease needs a Writer.
	LeaseFor time.Duration
	// Entries are written in this order.
	Entries []Entry
}

// Memory is a Store that keeps transcripts in memory until they are deleted, a [Ledger] and a
// [Leaser]. The zero value is ready to use.
type Memory struct {
	Accounts

	mu       sync.RWMutex
	sessions map[string]kept
	leases   map[string]holding // by session
}

// kept is what Memory stores of one session.
type kept struct {
	entries []Entry
	last    int    // the position of the last append
	writer  string // of the last append
	deleted bool   // then the rest is zero
}

// Load implements [Store].
func (m *Memory) Load(ctx context.Context, id string) (Transcript, error) {
	if err := ctx.Err(); err != nil {
		return Transcript{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	k := m.sessions[id]
	// Clipped, so that an append by the caller allocates new memory.
	return Transcript{ID: id, Entries: slices.Clip(k.entries)}, k.check(id)
}

// Append implements [Store].
func (m *Memory) Append(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.sessions[b.Session]
	if err := k.check(b.Session); err != nil {
		return err
	}
	if have := len(k.entries); have != b.At {
		if b.Writer != "" && b.Writer == k.writer && b.At == k.last && sameEntries(k.entries[b.At:], b.Entries) {
			return nil
		}
		return fmt.Errorf("%w: session %q has %d entries, not %d", ErrConflict, b.Session, have, b.At)
	}
	if b.LeaseFor > 0 && b.Writer == "" {
		return fmt.Errorf("transcript: append to session %q: a lease needs a writer", b.Session)
	}
	if h := m.leases[b.Session]; h.byAnother(b.Writer) {
		return fmt.Errorf("%w: session %q is leased to %s", ErrConflict, b.Session, h.worker)
	}
	if m.sessions == nil {
		m.sessions = make(map[string]kept)
	}
	if len(b.Entries) > 0 {
		m.sessions[b.Session] = kept{entries: append(k.entries, b.Entries...), last: b.At, writer: b.Writer}
		m.lease(Lease{b.Session, b.Writer}, b.LeaseFor)
	}
	return nil
}

// sameEntries reports whether two lists of entries have the same JSON.
func sameEntries(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(a, b Entry) bool {
		x, err1 := a.MarshalJSON()
		y, err2 := b.MarshalJSON()
		return err1 == nil && err2 == nil && bytes.Equal(x, y)
	})
}
