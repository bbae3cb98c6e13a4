package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall/transcript"
)

// checkDeleted checks that a Deleter removes a session and keeps its ID from being used again.
func checkDeleted(ctx context.Context, s transcript.Store) error {
	deleter, ok := optional[transcript.Deleter](s)
	if !ok {
		return nil
	}
	want := []transcript.Entry{said("0"), said("1"), said("2")}
	for _, id := range []string{"deleted", "other"} {
		if err := s.Append(ctx, transcript.Batch{Session: id, Writer: "a", Entries: want}); err != nil {
			return fmt.Errorf("appending to %q: %w", id, err)
		}
	}
	for _, id := range []string{"deleted", "unknown"} {
		for _, what := range []string{"Delete", "Delete of a deleted session"} {
			if err := deleter.Delete(ctx, id); err != nil {
				return fmt.Errorf("%s returned %w", what, err)
			}
			if err := gone(ctx, s, id, want); err != nil {
				return fmt.Errorf("after %s of %q: %w", what, id, err)
			}
		}
	}
	if list, ok := optional[transcript.Lister](s); ok {
		for _, f := range []transcript.Filter{{}, {Outcome: transcript.OutcomeOpen}, {UpdatedBefore: began.Add(time.Hour)}} {
			if err := pages(ctx, list, f, 0, []string{"other"}); err != nil {
				return fmt.Errorf("after Delete: %w", err)
			}
		}
		if err := pages(ctx, list, transcript.Filter{Outcome: transcript.OutcomeDone}, 0, nil); err != nil {
			return fmt.Errorf("after Delete: %w", err)
		}
	}
	if err := s.Append(ctx, unnamed("other", 3, said("3"))); err != nil {
		return fmt.Errorf("appending to another session, after Delete: %w", err)
	}
	return holds(ctx, s, "other", append(want, said("3")))
}

// gone checks that a session is deleted, which had the entries, written by writer "a".
func gone(ctx context.Context, s transcript.Store, id string, had []transcript.Entry) error {
	if t, err := s.Load(ctx, id); !errors.Is(err, transcript.ErrDeleted) || len(t.Entries) > 0 {
		return fmt.Errorf("Load returned %d entries and error %v, want transcript.ErrDeleted", len(t.Entries), err)
	}
	for _, b := range []transcript.Batch{
		{At: 0, Writer: "a", Entries: had}, // repeated
		{At: 0, Writer: "b", Entries: had},
		{At: len(had), Writer: "a", Entries: had[:1]}, // at the end that a writer has seen
		{At: 0},
		{At: len(had)},
		{At: -1},
		{At: -1, Entries: had},
	} {
		b.Session = id
		if err := s.Append(ctx, b); !errors.Is(err, transcript.ErrDeleted) || errors.Is(err, transcript.ErrConflict) {
			return fmt.Errorf("writer %q appending %d entries at %d: got error %v, want transcript.ErrDeleted", b.Writer, len(b.Entries), b.At, err)
		}
	}
	return nil
}

// checkDeletedMeanwhile deletes sessions while writers append to them. No append that begins
// after Delete has returned succeeds, and no entry is left.
func checkDeletedMeanwhile(ctx context.Context, s transcript.Store) error {
	deleter, ok := optional[transcript.Deleter](s)
	if !ok {
		return nil
	}
	const writers, rounds = 8, 15
	for round := range rounds {
		id := fmt.Sprint("round ", round)
		var deleted atomic.Bool
		err := together(writers, func(w int) error {
			if w > 0 {
				return appendUntilDeleted(ctx, s, id, w, &deleted)
			}
			defer deleted.Store(true)
			for range round { // gives the writers time
				if _, err := s.Load(ctx, id); err != nil {
					return err
				}
			}
			return deleter.Delete(ctx, id)
		})
		if err == nil {
			err = gone(ctx, s, id, []transcript.Entry{said("0")})
		}
		if err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
	}
	return nil
}

// appendUntilDeleted appends at the end of a transcript until that returns ErrDeleted. It must
// if the append begins after deleted is set.
func appendUntilDeleted(ctx context.Context, s transcript.Store, id string, writer int, deleted *atomic.Bool) error {
	for at := 0; ; {
		late := deleted.Load()
		err := s.Append(ctx, transcript.Batch{Session: id, At: at, Writer: fmt.Sprint(writer), Entries: []transcript.Entry{said("0"), said("1")}})
		switch {
		case errors.Is(err, transcript.ErrDeleted):
			return nil
		case late:
			return fmt.Errorf("an append that began after Delete had returned: got error %v, want transcript.ErrDeleted", err)
		case err != nil && !errors.Is(err, transcript.ErrConflict):
			return err
		}
		t, err := s.Load(ctx, id)
		if err != nil && !errors.Is(err, transcript.ErrDeleted) {
			return err
		}
		at = len(t.Entries)
	}
}
