package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/funcall/funcall/transcript"
)

// checkTriedAgain repeats appends, as a writer does that did not get the acknowledgement.
func checkTriedAgain(ctx context.Context, s transcript.Store) error {
	by := func(writer string, at int, es ...transcript.Entry) transcript.Batch {
		return transcript.Batch{Session: "t", At: at, Writer: writer, Entries: es}
	}
	first := []transcript.Entry{said("0"), said("1"), said("2")}
	for _, what := range []string{"an append", "the same append, repeated by its writer", "the same append, repeated again"} {
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
		{"the same entries of another writer", "b", 0, first},
		{"the same entries without a writer's name", "", 0, first},
		{"its first entries", "a", 0, first[:2]},
		{"its last entries", "a", 1, first[1:]},
		{"its entries and one more", "a", 0, append(first[:3:3], said("3"))},
		{"other entries", "a", 0, append(first[:2:2], said("3"))},
		{"no entries", "a", 0, nil},
	} {
		if err := refuses(ctx, s, by(c.writer, c.at, c.es...)); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	// Writer b has taken over. Writer a must not conclude that it is still the writer.
	if err := s.Append(ctx, by("b", 3, said("3"))); err != nil {
		return err
	}
	if err := refuses(ctx, s, by("a", 0, first...)); err != nil {
		return fmt.Errorf("an append, repeated after one of another writer: %w", err)
	}
	// Writers without a name cannot be told apart.
	if err := s.Append(ctx, by("", 4, said("4"))); err != nil {
		return err
	}
	if err := refuses(ctx, s, by("", 4, said("4"))); err != nil {
		return fmt.Errorf("an append without a writer's name, repeated: %w", err)
	}
	return holds(ctx, s, "t", append(first, said("3"), said("4")))
}

// checkWritersTryAgain lets many writers append the same entries at once, each of them twice.
// Both appends of one writer succeed, and none of the others.
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
					return fmt.Errorf("Append of a losing writer returned %w, want transcript.ErrConflict", err)
				}
			}
			switch {
			case won == 1:
				return fmt.Errorf("round %d: the two appends of one writer differ: one returned nil, one ErrConflict", round)
			case won == 2 && !winner.CompareAndSwap(0, int32(w)+1):
				return fmt.Errorf("round %d: Append returned nil to two writers", round)
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
