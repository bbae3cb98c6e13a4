package transcript

import (
	"context"
	"errors"
	"fmt"
)

// ErrDeleted is returned by Load and Append if the session was deleted; see [Deleter].
var ErrDeleted = errors.New("transcript: the session was deleted; use a new ID")

// A Deleter is a [Store] that can delete sessions. [Memory] is one. Package
// transcript/storetest checks these guarantees.
type Deleter interface {
	// Delete removes the entries of a session and what the store has derived from them, such
	// as the subject. The ID stays as a tombstone, since idempotency keys are made of it. From
	// now on Load, and each Append with that ID, returns an error that matches [ErrDeleted], a
	// repeated append included. List does not yield the session.
	//
	// Delete also sets the tombstone if the ID is unknown, so that no append that comes late
	// creates the session. If it was deleted before, Delete returns nil.
	Delete(ctx context.Context, id string) error
}

// Delete implements [Deleter]. Agents of other processes may keep the deleted conversation in
// memory until other sessions take its place.
func (m *Memory) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions == nil {
		m.sessions = make(map[string]kept)
	}
	m.sessions[id] = kept{deleted: true}
	delete(m.leases, id)
	return nil
}

// check returns an error if the session was deleted.
func (k kept) check(id string) error {
	if k.deleted {
		return fmt.Errorf("session %q: %w", id, ErrDeleted)
	}
	return nil
}
