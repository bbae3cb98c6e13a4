package transcript

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// ErrConflict is returned by Append where another writer was first.
var ErrConflict = errors.New("transcript: another writer was first")

// A Store keeps transcripts. It is safe for concurrent use, by other processes
// too. What Append has acknowledged, Load returns. transcript/storetest checks
// all of this.
type Store interface {
	// Load returns the transcript with that id; one that was never written is
	// empty, which is no error. The caller may append to the entries it gets.
	Load(ctx context.Context, id string) (Transcript, error)
	// Append writes entries from position at on, all of them or none. Where
	// the transcript does not hold exactly at entries it returns an error for
	// which errors.Is(err, ErrConflict) holds: of several writers that saw the
	// same transcript, one wins. The store must not change the entries.
	//
	// A writer that has a name ([WithWriter]) may try again what it does not
	// know to have been written: where the very same append of its was the
	// last, there is nothing to do, and no error. The same entries of another
	// writer, or of one without a name, are a conflict: two workers may have
	// the same to say. So are entries that another writer's follow: it has taken
	// over, and whoever comes with a retry must learn of it.
	Append(ctx context.Context, id string, at int, entries ...Entry) error
}

// Memory is a Store that keeps everything in memory, until it is deleted. The
// zero value is ready.
type Memory struct {
	mu       sync.RWMutex
	sessions map[string]kept
}

// kept is what Memory has of one session.
type kept struct {
	entries []Entry
	last    int    // where the last append began
	writer  string // who made it
}

// Load implements [Store].
func (m *Memory) Load(ctx context.Context, id string) (Transcript, error) {
	if err := ctx.Err(); err != nil {
		return Transcript{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	// Clipped: who appends to it gets memory of his own.
	return Transcript{ID: id, Entries: slices.Clip(m.sessions[id].entries)}, nil
}

// Append implements [Store].
func (m *Memory) Append(ctx context.Context, id string, at int, entries ...Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k, writer := m.sessions[id], WriterOf(ctx)
	if have := len(k.entries); have != at {
		if writer != "" && writer == k.writer && at == k.last && SameEntries(k.entries[at:], entries) {
			return nil
		}
		return fmt.Errorf("%w: %q has %d entries, not %d", ErrConflict, id, have, at)
	}
	if m.sessions == nil {
		m.sessions = make(map[string]kept)
	}
	if len(entries) > 0 {
		m.sessions[id] = kept{append(k.entries, entries...), at, writer}
	}
	return nil
}

// Delete forgets a transcript.
func (m *Memory) Delete(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, id)
}

// List implements [Lister].
func (m *Memory) List(ctx context.Context, f Filter) iter.Seq2[Summary, error] {
	return func(yield func(Summary, error) bool) {
		var found []Summary
		m.mu.RLock()
		for id, k := range m.sessions {
			if s := Track(Transcript{ID: id, Entries: slices.Clip(k.entries)}).Summary(); f.Matches(s) {
				found = append(found, s)
			}
		}
		m.mu.RUnlock()
		slices.SortFunc(found, func(a, b Summary) int {
			if c := a.UpdatedAt.Compare(b.UpdatedAt); c != 0 {
				return c
			}
			return strings.Compare(a.ID, b.ID)
		})
		for _, s := range found {
			if err := ctx.Err(); err != nil {
				yield(Summary{}, err)
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// SameEntries reports whether two lists of entries say the same, for a Store that
// holds an append against what it has.
func SameEntries(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(a, b Entry) bool {
		x, err1 := a.MarshalJSON()
		y, err2 := b.MarshalJSON()
		return err1 == nil && err2 == nil && bytes.Equal(x, y)
	})
}

type writerKey struct{}

// WithWriter names the worker whose appends are made under the context. The name
// must be its alone, so something random; see [Store]. An empty one is none.
func WithWriter(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, writerKey{}, name)
}

// WriterOf returns the name that [WithWriter] gave, or "".
func WriterOf(ctx context.Context) string {
	name, _ := ctx.Value(writerKey{}).(string)
	return name
}
