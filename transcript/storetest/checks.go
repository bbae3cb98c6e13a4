package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/funcall/funcall/transcript"
)

func checkUnknown(ctx context.Context, s transcript.Store) error {
	if err := holds(ctx, s, "unnamed", nil); err != nil {
		return err
	}
	// The Load must not have created the transcript.
	if err := s.Append(ctx, unnamed("unnamed", 0, said("first"))); err != nil {
		return fmt.Errorf("the first append, after a Load: %w", err)
	}
	return holds(ctx, s, "unnamed", []transcript.Entry{said("first")})
}

func checkRoundTrip(ctx context.Context, s transcript.Store) error {
	want := everyBody("one by one")
	for i, e := range everyBody("one by one") {
		if err := s.Append(ctx, unnamed("one by one", i, e)); err != nil {
			return fmt.Errorf("appending entry %d: %w", i, err)
		}
	}
	if err := holds(ctx, s, "one by one", want); err != nil {
		return err
	}
	want = everyBody("at once")
	given := everyBody("at once")
	if err := s.Append(ctx, unnamed("at once", 0, given...)); err != nil {
		return fmt.Errorf("appending %d entries at once: %w", len(given), err)
	}
	if err := same(given, want); err != nil {
		return fmt.Errorf("Append changed the entries of its caller: %w", err)
	}
	// The loaded transcript is valid.
	t, err := s.Load(ctx, "at once")
	if err != nil {
		return err
	}
	if err := transcript.Validate(t); err != nil {
		return fmt.Errorf("the transcript is no longer valid: %w", err)
	}
	return holds(ctx, s, "at once", want)
}

func checkOddContent(ctx context.Context, s transcript.Store) error {
	want := oddContent()
	for i, e := range want {
		if err := s.Append(ctx, unnamed("odd", i, e)); err != nil {
			return fmt.Errorf("appending entry %d: %w", i, err)
		}
	}
	return holds(ctx, s, "odd", want)
}

// checkOrder appends enough entries that their numbers sort differently as text, in appends of
// several sizes.
func checkOrder(ctx context.Context, s transcript.Store) error {
	var want []transcript.Entry
	for size := 1; len(want) < 300; size = size*3%101 + 1 {
		var batch []transcript.Entry
		for i := range size {
			batch = append(batch, said("%d", len(want)+i))
		}
		if err := s.Append(ctx, unnamed("long", len(want), batch...)); err != nil {
			return fmt.Errorf("appending %d entries at %d: %w", size, len(want), err)
		}
		want = append(want, batch...)
	}
	return holds(ctx, s, "long", want)
}

func checkConflict(ctx context.Context, s transcript.Store) error {
	want := []transcript.Entry{said("0"), said("1"), said("2")}
	if err := refuses(ctx, s, unnamed("c", 1, said("too high in an empty transcript"))); err != nil {
		return err
	}
	if err := s.Append(ctx, unnamed("c", 0, want...)); err != nil {
		return fmt.Errorf("appending at 0: %w", err)
	}
	for _, at := range []int{0, 1, 2, 4, 5, -1, math.MinInt32, math.MaxInt32} {
		for n := 1; n <= 4; n++ {
			batch := make([]transcript.Entry, n)
			for i := range batch {
				batch[i] = said("%d at %d", n, at)
			}
			if err := refuses(ctx, s, unnamed("c", at, batch...)); err != nil {
				return err
			}
		}
	}
	if err := holds(ctx, s, "c", want); err != nil {
		return fmt.Errorf("after refused appends: %w", err)
	}
	if err := s.Append(ctx, unnamed("c", 3, said("3"))); err != nil {
		return fmt.Errorf("appending at the end, after refused appends: %w", err)
	}
	return holds(ctx, s, "c", append(want, said("3")))
}

// unnamed returns a batch whose Writer is "".
func unnamed(id string, at int, es ...transcript.Entry) transcript.Batch {
	return transcript.Batch{Session: id, At: at, Entries: es}
}

// refuses returns an error if the append does not return ErrConflict.
func refuses(ctx context.Context, s transcript.Store, batch transcript.Batch) error {
	if err := s.Append(ctx, batch); !errors.Is(err, transcript.ErrConflict) {
		return fmt.Errorf("appending %d entries at %d, not the end of the transcript: got error %v, want transcript.ErrConflict", len(batch.Entries), batch.At, err)
	}
	return nil
}

// checkAtomic appends entries of which the last may not be storable: all are kept, or none.
func checkAtomic(ctx context.Context, s transcript.Store) error {
	late := said("late")
	late.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) // has no JSON
	err := s.Append(ctx, unnamed("a", 0, said("0"), said("1"), late))
	t, loadErr := s.Load(ctx, "a")
	switch {
	case loadErr != nil:
		return fmt.Errorf("Load, after an append that failed with %v: %w", err, loadErr)
	case err != nil && len(t.Entries) > 0:
		return fmt.Errorf("an append failed (%v) and stored %d of its 3 entries", err, len(t.Entries))
	case err == nil && len(t.Entries) != 3:
		return fmt.Errorf("an append of 3 entries succeeded and stored %d", len(t.Entries))
	case errors.Is(err, transcript.ErrConflict):
		return fmt.Errorf("an entry that cannot be stored returned a conflict: %w", err)
	}
	return nil
}

func checkAppendNothing(ctx context.Context, s transcript.Store) error {
	if err := s.Append(ctx, unnamed("n", 0)); err != nil {
		return fmt.Errorf("appending no entries to an empty transcript: %w", err)
	}
	if err := s.Append(ctx, unnamed("n", 0, said("0"))); err != nil {
		return fmt.Errorf("appending after an append of no entries: %w", err)
	}
	if err := s.Append(ctx, unnamed("n", 1)); err != nil {
		return fmt.Errorf("appending no entries: %w", err)
	}
	for _, at := range []int{0, 2} {
		if err := refuses(ctx, s, unnamed("n", at)); err != nil {
			return err
		}
	}
	return holds(ctx, s, "n", []transcript.Entry{said("0")})
}

// checkOddIDs keeps a transcript under each of many IDs that a careless store confuses or
// interprets.
func checkOddIDs(ctx context.Context, s transcript.Store) error {
	long := strings.Repeat("x", 499)
	ids := []string{
		"a", "A", " a", "a ", "a\t", "a\n", "aa", "b/c", "b/../b/c", "b%2Fc", "b\\c", "b:c", "b", "b/", "/b", ".", "..", "../x",
		"%", "_", "*", "?", "'", "''", `"`, "`", ";", "--", "$1", "{}", "#", "null", "0", "00", "1", "-1",
		"é", "e\u0301", "É", "ß", "ss", "ﬁ", "日本", "🛒", "\u200b", "\ufeff",
		long + "0", long + "1", strings.Repeat("é", 500), strings.Repeat("é", 499) + "e",
	}
	for round := range 2 { // so that each is appended to after the others were written
		for i, id := range ids {
			if err := s.Append(ctx, unnamed(id, round, said("%d of %d", round, i))); err != nil {
				return fmt.Errorf("appending entry %d to %.40q: %w", round, id, err)
			}
		}
	}
	for i, id := range ids {
		if err := holds(ctx, s, id, []transcript.Entry{said("0 of %d", i), said("1 of %d", i)}); err != nil {
			return err
		}
	}
	return nil
}

func checkCanceled(ctx context.Context, s transcript.Store) error {
	want := []transcript.Entry{said("0")}
	if err := s.Append(ctx, unnamed("x", 0, want...)); err != nil {
		return err
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	switch err := s.Append(gone, unnamed("x", 1, said("1"), said("2"))); {
	case err == nil:
		return errors.New("Append with a canceled context returned no error")
	case errors.Is(err, transcript.ErrConflict):
		return fmt.Errorf("Append with a canceled context returned a conflict without one: %w", err)
	}
	// A Load may succeed, but only with all entries.
	if t, err := s.Load(gone, "x"); err == nil {
		if err := same(t.Entries, want); err != nil {
			return fmt.Errorf("Load with a canceled context returned no error and wrong entries: %w", err)
		}
	}
	if err := holds(ctx, s, "x", want); err != nil {
		return fmt.Errorf("after an append with a canceled context: %w", err)
	}
	if err := s.Append(ctx, unnamed("x", 1, said("1"))); err != nil {
		return fmt.Errorf("appending after an append with a canceled context: %w", err)
	}
	return holds(ctx, s, "x", append(want, said("1")))
}

// checkSnapshot checks that the store shares no memory with its callers.
func checkSnapshot(ctx context.Context, s transcript.Store) error {
	given := make([]transcript.Entry, 3, 16)
	for i := range given {
		given[i] = said("%d", i)
	}
	want := append([]transcript.Entry(nil), given...)
	if err := s.Append(ctx, unnamed("s", 0, given...)); err != nil {
		return err
	}
	clear(given) // the caller may reuse it
	if err := holds(ctx, s, "s", want); err != nil {
		return fmt.Errorf("after the caller reused the appended slice: %w", err)
	}
	before, err := s.Load(ctx, "s")
	if err != nil {
		return err
	}
	other, err := s.Load(ctx, "s")
	if err != nil {
		return err
	}
	mine := append(before.Entries, said("mine"))
	if err := holds(ctx, s, "s", want); err != nil {
		return fmt.Errorf("after an append to a loaded slice: %w", err)
	}
	if err := s.Append(ctx, unnamed("s", 3, said("theirs"))); err != nil {
		return err
	}
	theirs := append(other.Entries, said("other"))
	for _, c := range []struct {
		got  []transcript.Entry
		last string
	}{{mine, "mine"}, {theirs, "other"}} {
		if err := same(c.got, append(want[:3:3], said("%s", c.last))); err != nil {
			return fmt.Errorf("two loaded transcripts share memory: %w", err)
		}
	}
	if err := same(before.Entries, want); err != nil {
		return fmt.Errorf("a loaded transcript changed after a later append: %w", err)
	}
	return holds(ctx, s, "s", append(want, said("theirs")))
}
