package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/funcall/funcall/transcript"
)

// together runs f n times at once and returns the errors, joined.
func together(n int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errors.Join(errs...)
}

// checkWritersRace lets many writers append at the same position at once, at one position
// after the other.
func checkWritersRace(ctx context.Context, s transcript.Store) error {
	const writers, rounds, size = 8, 25, 3
	var want []transcript.Entry
	for round := range rounds {
		var mu sync.Mutex
		var won []transcript.Entry
		winners := 0
		err := together(writers, func(w int) error {
			batch := make([]transcript.Entry, size)
			for i := range batch {
				batch[i] = said("round %d, writer %d, entry %d", round, w, i)
			}
			err := s.Append(ctx, unnamed("r", round*size, batch...))
			if errors.Is(err, transcript.ErrConflict) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("round %d: Append of a losing writer returned %w, want transcript.ErrConflict", round, err)
			}
			mu.Lock()
			defer mu.Unlock()
			winners++
			won = batch
			return nil
		})
		if err != nil {
			return err
		}
		if winners != 1 {
			return fmt.Errorf("%d writers appended at %d at once: Append returned nil to %d, want 1", writers, round*size, winners)
		}
		want = append(want, won...)
		if err := holds(ctx, s, "r", want); err != nil {
			return fmt.Errorf("after the race of round %d: %w", round, err)
		}
	}
	return nil
}

// checkNothingLost has several writers of one transcript load and append until all their
// appends have succeeded.
func checkNothingLost(ctx context.Context, s transcript.Store) error {
	const writers, appends = 6, 12
	err := together(writers, func(w int) error {
		for n := range appends {
			if err := appendAtEnd(ctx, s, w, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t, err := s.Load(ctx, "n")
	if err != nil {
		return err
	}
	next := make([]int, writers) // the number of the next append of each writer
	for i := 0; i < len(t.Entries); {
		var w, n int
		if _, err := fmt.Sscanf(textOf(t.Entries[i]), "writer %d, append %d, entry 0", &w, &n); err != nil {
			return fmt.Errorf("entry %d is %q, want the first entry of an append", i, textOf(t.Entries[i]))
		}
		if n > next[w] {
			return fmt.Errorf("append %d of writer %d was acknowledged and is missing: entry %d is of its append %d", next[w], w, i, n)
		}
		if n < next[w] {
			return fmt.Errorf("entry %d is of append %d of writer %d, want its append %d", i, n, w, next[w])
		}
		next[w]++
		for _, e := range batchOf(w, n) {
			if i == len(t.Entries) || textOf(t.Entries[i]) != textOf(e) {
				return fmt.Errorf("entry %d is not %q: an append is incomplete", i, textOf(e))
			}
			i++
		}
	}
	for w, n := range next {
		if n != appends {
			return fmt.Errorf("%d appends of writer %d were acknowledged, found %d", appends, w, n)
		}
	}
	return nil
}

// appendAtEnd appends a batch at the end of the transcript, wherever that is by then.
func appendAtEnd(ctx context.Context, s transcript.Store, w, n int) error {
	for {
		t, err := s.Load(ctx, "n")
		if err != nil {
			return fmt.Errorf("Load during concurrent appends: %w", err)
		}
		batch := batchOf(w, n)
		err = s.Append(ctx, unnamed("n", len(t.Entries), batch...))
		if errors.Is(err, transcript.ErrConflict) {
			continue // another writer was first
		}
		if err != nil {
			return fmt.Errorf("Append during concurrent appends: %w", err)
		}
		after, err := s.Load(ctx, "n")
		if err != nil {
			return fmt.Errorf("Load during concurrent appends: %w", err)
		}
		if end := len(t.Entries) + len(batch); len(after.Entries) < end {
			return fmt.Errorf("Load after an acknowledged append returned %d entries, want at least %d", len(after.Entries), end)
		}
		return nil
	}
}

func batchOf(w, n int) []transcript.Entry {
	batch := make([]transcript.Entry, 1+(w+n)%4)
	for i := range batch {
		batch[i] = said("writer %d, append %d, entry %d", w, n, i)
	}
	return batch
}

// checkReaders loads while a writer appends. A reader sees whole appends, and never fewer
// entries than before.
func checkReaders(ctx context.Context, s transcript.Store) error {
	const readers, appends, size = 4, 60, 5
	written := make(chan struct{})
	return together(readers+1, func(i int) error {
		if i == readers {
			defer close(written)
			for n := range appends {
				batch := make([]transcript.Entry, size)
				for j := range batch {
					batch[j] = said("%d", n*size+j)
				}
				if err := s.Append(ctx, unnamed("w", n*size, batch...)); err != nil {
					return fmt.Errorf("Append by the only writer: %w", err)
				}
			}
			return nil
		}
		for seen, last := 0, false; ; {
			select {
			case <-written:
				last = true
			default:
			}
			t, err := s.Load(ctx, "w")
			switch {
			case err != nil:
				return fmt.Errorf("Load during an append: %w", err)
			case len(t.Entries)%size != 0:
				return fmt.Errorf("Load returned %d entries, not a multiple of the %d of each append", len(t.Entries), size)
			case len(t.Entries) < seen:
				return fmt.Errorf("Load returned %d entries after a Load that returned %d", len(t.Entries), seen)
			}
			for i := seen; i < len(t.Entries); i++ {
				if got := textOf(t.Entries[i]); got != fmt.Sprint(i) {
					return fmt.Errorf("Load returned %q as entry %d", got, i)
				}
			}
			if seen = len(t.Entries); last {
				return nil
			}
		}
	})
}

// checkSessions writes many transcripts at once, each by one writer. No append may fail.
func checkSessions(ctx context.Context, s transcript.Store) error {
	const sessions, appends = 16, 10
	return together(sessions, func(i int) error {
		id := fmt.Sprintf("session %d", i)
		var want []transcript.Entry
		for n := range appends {
			e := said("entry %d of %s", n, id)
			if err := s.Append(ctx, unnamed(id, n, e)); err != nil {
				return fmt.Errorf("Append by the only writer of the transcript: %w", err)
			}
			want = append(want, e)
		}
		return holds(ctx, s, id, want)
	})
}
