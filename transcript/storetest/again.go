package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/funcall/funcall/transcript"
)

// checkTriedAgain makes appends as somebody does who has heard nothing of the
// first time.
func checkTriedAgain(ctx context.Context, s transcript.Store) error {
	by := func(writer string, at int, es ...transcript.Entry) transcript.Batch {
		return transcript.Batch{Session: "t", At: at, Writer: writer, Entries: es}
	}
	first := []transcript.Entry{said("0"), said("1"), said("2")}
	for _, what := range []string{"an append", "an append that was made, tried again by who made it", "the same once more"} {
		if err := s.Append(ctx, by("a", 0, first...)); err != nil {
			return fmt.Errorf("%s: got %w, want no error", what, err)
		}
		if err := holds(ctx, s, "t", first); err != nil {
			return fmt.Errorf("after %s: %w", what, err)
		}
	}
	for _, c := range []struct {
		what, writer string
		at           int
		es           []transcript.Entry
	}{
		{"the same of another writer", "b", 0, first},
		{"the same of a writer without a name", "", 0, first},
		{"a part of it", "a", 0, first[:2]},
		{"the end of it", "a", 1, first[1:]},
		{"more than it", "a", 0, append(first[:3:3], said("3"))},
		{"something else", "a", 0, append(first[:2:2], said("3"))},
		{"nothing", "a", 0, nil},
	} {
		if err := refuses(ctx, s, by(c.writer, c.at, c.es...)); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	// Somebody else has taken over, and whoever comes late must not believe that
	// it still writes.
	if err := s.Append(ctx, by("b", 3, said("3"))); err != nil {
		return err
	}
	if err := refuses(ctx, s, by("a", 0, first...)); err != nil {
		return fmt.Errorf("an append that was made, tried again after somebody else's: %w", err)
	}
	// A writer without a name cannot be told from others.
	if err := s.Append(ctx, by("", 4, said("4"))); err != nil {
		return err
	}
	if err := refuses(ctx, s, by("", 4, said("4"))); err != nil {
		return fmt.Errorf("an append without a writer's name, tried again: %w", err)
	}
	return holds(ctx, s, "t", append(first, said("3"), said("4")))
}

// checkWritersTryAgain lets many writers append the same at once, and each of
// them once more, whatever it was told: all appends of one hold, and none of the
// others.
func checkWritersTryAgain(ctx context.Context, s transcript.Store) error {
	const writers, rounds = 8, 15
	var want []transcript.Entry
	for round := range rounds {
		var winner atomic.Int32
		err := together(writers, func(w int) error {
			won := 0
			for range 2 {
				err := s.Append(ctx, transcript.Batch{Session: "w", At: round, Writer: fmt.Sprint(w), Entries: []transcript.Entry{said("round %d", round)}})
				switch {
				case err == nil:
					won++
				case !errors.Is(err, transcript.ErrConflict):
					return fmt.Errorf("a writer that lost the race got %w, which is not transcript.ErrConflict", err)
				}
			}
			switch {
			case won == 1:
				return fmt.Errorf("round %d: a writer was told that it had won, and that it had not", round)
			case won == 2 && !winner.CompareAndSwap(0, int32(w)+1):
				return fmt.Errorf("round %d: two writers were told that they had won", round)
			}
			return nil
		})
		if err != nil {
			return err
		}
		want = append(want, said("round %d", round))
		if err := holds(ctx, s, "w", want); err != nil {
			return fmt.Errorf("after the race of round %d: %w", round, err)
		}
	}
	return nil
}
