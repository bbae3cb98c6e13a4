package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/funcall/funcall/transcript"
)

// reborn gives a deleted session new entries.
type reborn struct {
	transcript.Memory
	mu    sync.Mutex
	lives map[string]int
}

func (s *reborn) life(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(id, s.lives[id])
}

func (s *reborn) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t, err := s.Memory.Load(ctx, s.life(id))
	t.ID = id
	return t, err
}

func (s *reborn) Append(ctx context.Context, batch transcript.Batch) error {
	batch.Session = s.life(batch.Session)
	return s.Memory.Append(ctx, batch)
}

func (s *reborn) Delete(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lives == nil {
		s.lives = make(map[string]int)
	}
	s.lives[id]++
	return nil
}

// knowing sets no tombstone for an unknown session.
type knowing struct{ transcript.Memory }

func (s *knowing) Delete(ctx context.Context, id string) error {
	if t, err := s.Load(ctx, id); err != nil || len(t.Entries) == 0 {
		return nil
	}
	return s.Memory.Delete(ctx, id)
}

// conflicting returns ErrConflict for an append to a deleted session.
func conflicting() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		err := b.Memory.Append(ctx, batch)
		if errors.Is(err, transcript.ErrDeleted) {
			return transcript.ErrConflict
		}
		return err
	}
	return b
}

// recalling recognizes a repeated append, though the session was deleted.
func recalling() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		err := b.Memory.Append(ctx, batch)
		if errors.Is(err, transcript.ErrDeleted) && batch.Writer == "a" && batch.At == 0 {
			return nil
		}
		return err
	}
	return b
}

// nothingOfDeleted accepts an append of no entries to a deleted session.
func nothingOfDeleted() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		err := b.Memory.Append(ctx, batch)
		if errors.Is(err, transcript.ErrDeleted) && len(batch.Entries) == 0 {
			return nil
		}
		return err
	}
	return b
}

// listsDeleted lists what was deleted, too.
type listsDeleted struct {
	transcript.Memory
	all transcript.Memory
}

func (s *listsDeleted) Append(ctx context.Context, batch transcript.Batch) error {
	if err := s.Memory.Append(ctx, batch); err != nil {
		return err
	}
	return s.all.Append(ctx, batch)
}

func (s *listsDeleted) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	return s.all.List(ctx, f)
}
