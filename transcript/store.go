package transcript

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	Append(ctx context.Context, id string, at int, entries ...Entry) error
}

// Memory is a Store that keeps everything in memory, until it is deleted. The
// zero value is ready.
type Memory struct {
	mu       sync.RWMutex
	sessions map[string][]Entry
}

// Load implements [Store].
func (m *Memory) Load(ctx context.Context, id string) (Transcript, error) {
	if err := ctx.Err(); err != nil {
		return Transcript{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	// Clipped: who appends to it gets memory of his own.
	return Transcript{ID: id, Entries: slices.Clip(m.sessions[id])}, nil
}

// Append implements [Store].
func (m *Memory) Append(ctx context.Context, id string, at int, entries ...Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if have := len(m.sessions[id]); have != at {
		return fmt.Errorf("%w: %q has %d entries, not %d", ErrConflict, id, have, at)
	}
	if m.sessions == nil {
		m.sessions = make(map[string][]Entry)
	}
	if len(entries) > 0 {
		m.sessions[id] = append(m.sessions[id], entries...)
	}
	return nil
}

// Delete forgets a transcript.
func (m *Memory) Delete(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, id)
}
