package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/funcall/funcall/transcript"
)

// together runs f n times at once and returns what they return, joined.
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

// checkWritersRace lets many writers that saw the same transcript append at
// once, at one position after the other.
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
				return fmt.Errorf("round %d: a writer that lost the race got %w, which is not transcript.ErrConflict", round, err)
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
			return fmt.Errorf("of %d writers that appended at %d at once, %d were told that they had won", writers, round*size, winners)
		}
		want = append(want, won...)
		if err := holds(ctx, s, "r", want); err != nil {
			return fmt.Errorf("after the race of round %d: %w", round, err)
		}
	}
	return nil
}

// checkNothingLost has writers of one transcript load and append until each
// has had its say.
func checkNothingLost(ctx context.Context, s transcript.Store) error {
	const writers, appends = 6, 12
	err := together(writers, func(w int) error {
		for n := range appends {
			if err := appendAnyhow(ctx, s, w, n); err != nil {
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
	next := make([]int, writers) // the append that each is to be seen with
	for i := 0; i < len(t.Entries); {
		var w, n int
		if _, err := fmt.Sscanf(textOf(t.Entries[i]), "writer %d, append %d, entry 0", &w, &n); err != nil {
			return fmt.Errorf("entry %d is %q, where an append should begin", i, textOf(t.Entries[i]))
		}
		if n > next[w] {
			return fmt.Errorf("append %d of writer %d was acknowledged and is not there: entry %d is of its append %d", next[w], w, i, n)
		}
		if n < next[w] {
			return fmt.Errorf("entry %d is of append %d of writer %d, where its append %d should be", i, n, w, next[w])
		}
		next[w]++
		for _, e := range batchOf(w, n) {
			if i == len(t.Entries) || textOf(t.Entries[i]) != textOf(e) {
				return fmt.Errorf("entry %d should be %q: an append was torn", i, textOf(e))
			}
			i++
		}
	}
	for w, n := range next {
		if n != appends {
			return fmt.Errorf("of %d appends of writer %d that were acknowledged, %d are there", appends, w, n)
		}
	}
	return nil
}

// appendAnyhow appends a batch at whatever position it turns out to be.
func appendAnyhow(ctx context.Context, s transcript.Store, w, n int) error {
	for {
		t, err := s.Load(ctx, "n")
		if err != nil {
			return fmt.Errorf("Load while others append: %w", err)
		}
		batch := batchOf(w, n)
		err = s.Append(ctx, unnamed("n", len(t.Entries), batch...))
		if errors.Is(err, transcript.ErrConflict) {
			continue // somebody else got through
		}
		if err != nil {
			return fmt.Errorf("Append while others append: %w", err)
		}
		after, err := s.Load(ctx, "n")
		if err != nil {
			return fmt.Errorf("Load while others append: %w", err)
		}
		if end := len(t.Entries) + len(batch); len(after.Entries) < end {
			return fmt.Errorf("an append was acknowledged, and a Load after it has %d entries, not %d", len(after.Entries), end)
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

// checkReaders loads while a writer appends: what a reader sees ends where an
// append ended, and never goes back.
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
					return fmt.Errorf("Append, with nobody else writing: %w", err)
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
				return fmt.Errorf("a reader saw %d entries of appends of %d: one of them in part", len(t.Entries), size)
			case len(t.Entries) < seen:
				return fmt.Errorf("a reader saw %d entries after it had seen %d", len(t.Entries), seen)
			}
			for i := seen; i < len(t.Entries); i++ {
				if got := textOf(t.Entries[i]); got != fmt.Sprint(i) {
					return fmt.Errorf("a reader saw %q as entry %d", got, i)
				}
			}
			if seen = len(t.Entries); last {
				return nil
			}
		}
	})
}

// checkSessions writes many transcripts at once, each by one writer: nobody
// is in anybody's way.
func checkSessions(ctx context.Context, s transcript.Store) error {
	const sessions, appends = 16, 10
	return together(sessions, func(i int) error {
		id := fmt.Sprintf("session %d", i)
		var want []transcript.Entry
		for n := range appends {
			e := said("entry %d of %s", n, id)
			if err := s.Append(ctx, unnamed(id, n, e)); err != nil {
				return fmt.Errorf("Append, with nobody else writing that transcript: %w", err)
			}
			want = append(want, e)
		}
		return holds(ctx, s, id, want)
	})
}
