package storetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/funcall/funcall/transcript"
)

func TestMemory(t *testing.T) {
	Run(t, func(*testing.T) transcript.Store { return new(transcript.Memory) })
}

func TestEveryBodyIsValid(t *testing.T) {
	if err := transcript.Validate(transcript.Transcript{ID: "t", Entries: everyBody("t")}); err != nil {
		t.Error(err)
	}
}

// broken is a Store whose methods can be replaced by broken ones.
type broken struct {
	transcript.Memory
	load   func(ctx context.Context, id string) (transcript.Transcript, error)
	append func(ctx context.Context, batch transcript.Batch) error
}

func (b *broken) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	if b.load == nil {
		return b.Memory.Load(ctx, id)
	}
	return b.load(ctx, id)
}

func (b *broken) Append(ctx context.Context, batch transcript.Batch) error {
	if b.append == nil {
		return b.Memory.Append(ctx, batch)
	}
	return b.append(ctx, batch)
}

// Each store here breaks the contract in one way. The check for it must fail and say so.
func TestBrokenStoresFail(t *testing.T) {
	for name, c := range map[string]struct {
		check string
		want  string // part of the error
		store func() transcript.Store
	}{
		"an unknown id is an error": {"Unknown", "not there", func() transcript.Store {
			b := &broken{}
			b.load = func(ctx context.Context, id string) (transcript.Transcript, error) {
				t, err := b.Memory.Load(ctx, id)
				if len(t.Entries) == 0 {
					err = errors.New("not there")
				}
				return t, err
			}
			return b
		}},
		"forgets the id": {"Unknown", `returned a transcript with ID ""`, func() transcript.Store {
			b := &broken{}
			b.load = func(ctx context.Context, id string) (transcript.Transcript, error) {
				t, err := b.Memory.Load(ctx, id)
				t.ID = ""
				return t, err
			}
			return b
		}},
		"milliseconds only": {"RoundTrip", "differs from what was appended", func() transcript.Store {
			return appending(func(es []transcript.Entry) []transcript.Entry {
				for i := range es {
					es[i].Time = es[i].Time.Truncate(1e6)
				}
				return es
			})
		}},
		"drops unknown bodies": {"RoundTrip", "entry 9 differs from what", func() transcript.Store {
			return appending(func(es []transcript.Entry) []transcript.Entry {
				return slices.DeleteFunc(es, func(e transcript.Entry) bool { _, ok := e.Body.(*transcript.Unknown); return ok })
			})
		}},
		"strips control characters": {"OddContent", "entry 4 differs from what", func() transcript.Store {
			return appending(func(es []transcript.Entry) []transcript.Entry {
				for i := range es {
					if s := textOf(es[i]); strings.Contains(s, "\x00") {
						es[i] = said("%s", strings.ReplaceAll(s, "\x00", ""))
					}
				}
				return es
			})
		}},
		"sorts by text": {"Order", "entry 2 differs from what", func() transcript.Store {
			b := &broken{}
			b.load = func(ctx context.Context, id string) (transcript.Transcript, error) {
				t, err := b.Memory.Load(ctx, id)
				t.Entries = slices.Clone(t.Entries)
				slices.SortFunc(t.Entries, func(a, b transcript.Entry) int { return strings.Compare(textOf(a), textOf(b)) })
				return t, err
			}
			return b
		}},
		"takes any position": {"Conflict", "want transcript.ErrConflict", anywhere},
		"another error for a conflict": {"Conflict", "want transcript.ErrConflict", func() transcript.Store {
			b := &broken{}
			b.append = func(ctx context.Context, batch transcript.Batch) error {
				if err := b.Memory.Append(ctx, batch); err != nil {
					return errors.New("another writer was first")
				}
				return nil
			}
			return b
		}},
		"appends entry by entry":               {"Atomic", "stored 2 of its 3 entries", oneByOne},
		"takes no entries at any position":     {"AppendNothing", "want transcript.ErrConflict", nothingAnywhere},
		"refuses to append no entries":         {"AppendNothing", "nothing to append", refusesNothing},
		"ids in lower case":                    {"OddIDs", `"A"`, func() transcript.Store { return renaming(strings.ToLower) }},
		"ids without spaces":                   {"OddIDs", `" a"`, func() transcript.Store { return renaming(strings.TrimSpace) }},
		"ids of 255 bytes":                     {"OddIDs", "xxx", func() transcript.Store { return renaming(func(s string) string { return s[:min(len(s), 255)] }) }},
		"does not recognize a repeated append": {"TriedAgain", "repeated by its writer", func() transcript.Store { return misnamed(func(string) string { return "" }) }},
		"recognizes any writer":                {"TriedAgain", "of another writer", func() transcript.Store { return misnamed(func(string) string { return "x" }) }},
		"recognizes an empty writer":           {"TriedAgain", "without a writer's name, repeated", func() transcript.Store { return misnamed(func(s string) string { return s + "x" }) }},
		"recognizes a part of an append":       {"TriedAgain", "its first entries", trusting},
		"all writers of the same entries win":  {"WritersTryAgain", "returned nil to two writers", func() transcript.Store { return misnamed(func(string) string { return "x" }) }},
		"lists no waiting session":             {"Listed", "List(", func() transcript.Store { return new(filtersAll) }},
		"ignores the subject":                  {"Paged", "have 220 sessions", listing(func(f *transcript.Filter) { f.Subject = "" })},
		"ignores the limit":                    {"Paged", "yields 220 sessions", listing(func(f *transcript.Filter) { f.Limit = 0 })},
		"ignores the cursor's ID":              {"Paged", "the pages of", listing(func(f *transcript.Filter) { f.After.ID = "\xff" })},
		"continues at the cursor":              {"Paged", "the pages of", listing(func(f *transcript.Filter) { f.After.ID = f.After.ID[:max(0, len(f.After.ID)-1)] })},
		"counts sessions that do not match":    {"Paged", "the pages of", func() transcript.Store { return new(countsAll) }},
		"a cursor of a later time":             {"Paged", "with \"s004\" updated while", func() transcript.Store { return new(leaps) }},
		"a deleted session is unknown":         {"Deleted", "returned 0 entries and error <nil>", func() transcript.Store { return new(reborn) }},
		"a deleted session can begin anew":     {"DeletedMeanwhile", "began after Delete had returned", func() transcript.Store { return new(reborn) }},
		"deletes known sessions alone":         {"Deleted", `after Delete of "unknown"`, func() transcript.Store { return new(knowing) }},
		"a deleted session is a conflict":      {"Deleted", "want transcript.ErrDeleted", conflicting},
		"recognizes an append once deleted":    {"Deleted", `writer "a" appending 3 entries at 0: got error <nil>`, recalling},
		"takes no entries of a deleted one":    {"Deleted", "appending 0 entries at 0: got error <nil>", nothingOfDeleted},
		"lists deleted sessions":               {"Deleted", "[\"deleted\" \"other\"]", func() transcript.Store { return new(listsDeleted) }},
		"ignores a canceled context":           {"Canceled", "no error", deaf},
		"keeps the slices of its callers":      {"Snapshot", "reused the appended slice", sharing},
		"returns slices with spare capacity":   {"Snapshot", "share memory", unclipped},
		"lets the last writer win":             {"WritersRace", "returned nil to 8", lastWins},
		"loses acknowledged appends":           {"NothingLost", "acknowledged", forgetful},
		"interleaves appends":                  {"NothingLost", "want the first entry of an append", func() transcript.Store { return new(interleaving) }},
		"shows half of an append":              {"ReadersSeeWholeAppends", "not a multiple of", torn},
		"one position for all transcripts":     {"SessionsSideBySide", "by the only writer of the transcript", onePosition},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(checks, func(k check) bool { return k.name == c.check })
			if i < 0 {
				t.Fatalf("there is no check %q", c.check)
			}
			err := checks[i].run(t.Context(), c.store())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s says %v, want %q", c.check, err, c.want)
			}
		})
	}
}

// appending is a Store that changes the entries it stores.
func appending(change func([]transcript.Entry) []transcript.Entry) transcript.Store {
	b := &broken{}
	kept := map[string]int{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		batch.Entries = change(slices.Clone(batch.Entries))
		batch.At = kept[batch.Session]
		err := b.Memory.Append(ctx, batch)
		kept[batch.Session] += len(batch.Entries)
		return err
	}
	return b
}

// renaming is a Store that changes IDs.
func renaming(id func(string) string) transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		batch.Session = id(batch.Session)
		return b.Memory.Append(ctx, batch)
	}
	b.load = func(ctx context.Context, s string) (transcript.Transcript, error) {
		t, err := b.Memory.Load(ctx, id(s))
		t.ID = s
		return t, err
	}
	return b
}

func anywhere() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		t, err := b.Memory.Load(ctx, batch.Session)
		if err != nil {
			return err
		}
		batch.At = len(t.Entries)
		return b.Memory.Append(ctx, batch)
	}
	return b
}

// misnamed is a Store that changes the names of writers.
func misnamed(name func(string) string) transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		batch.Writer = name(batch.Writer)
		return b.Memory.Append(ctx, batch)
	}
	return b
}

// trusting recognizes a repeated append by its writer and position alone.
func trusting() transcript.Store {
	b := &broken{}
	last := map[string]int{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		if from, ok := last[batch.Writer]; ok && from == batch.At && batch.Writer != "" {
			return nil
		}
		err := b.Memory.Append(ctx, batch)
		if err == nil {
			last = map[string]int{batch.Writer: batch.At}
		}
		return err
	}
	return b
}

// filtersAll lists no session if there is a filter.
type filtersAll struct{ transcript.Memory }

func (s *filtersAll) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	f.InDoubt = false
	return s.Memory.List(ctx, f)
}

// oneByOne writes entry by entry, and stops at one that cannot be encoded.
func oneByOne() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		for i, e := range batch.Entries {
			if _, err := e.MarshalJSON(); err != nil {
				return err
			}
			if err := b.Memory.Append(ctx, unnamed(batch.Session, batch.At+i, e)); err != nil {
				return err
			}
		}
		return nil
	}
	return b
}

func nothingAnywhere() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		if len(batch.Entries) == 0 {
			return nil
		}
		return b.Memory.Append(ctx, batch)
	}
	return b
}

func refusesNothing() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		if len(batch.Entries) == 0 {
			return errors.New("nothing to append")
		}
		return b.Memory.Append(ctx, batch)
	}
	return b
}

func deaf() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		return b.Memory.Append(context.WithoutCancel(ctx), batch)
	}
	return b
}

// sharing keeps the slices that it is given and returns them.
func sharing() transcript.Store {
	b := &broken{}
	kept := map[string][]transcript.Entry{}
	b.append = func(_ context.Context, batch transcript.Batch) error {
		if kept[batch.Session] == nil {
			kept[batch.Session] = batch.Entries
			return nil
		}
		kept[batch.Session] = append(kept[batch.Session], batch.Entries...)
		return nil
	}
	b.load = func(_ context.Context, id string) (transcript.Transcript, error) {
		return transcript.Transcript{ID: id, Entries: kept[id]}, nil
	}
	return b
}

// unclipped returns slices with spare capacity in the store's memory.
func unclipped() transcript.Store {
	b := &broken{}
	kept := map[string][]transcript.Entry{}
	b.append = func(_ context.Context, batch transcript.Batch) error {
		kept[batch.Session] = append(slices.Grow(slices.Clone(kept[batch.Session]), 16), batch.Entries...)
		return nil
	}
	b.load = func(_ context.Context, id string) (transcript.Transcript, error) {
		return transcript.Transcript{ID: id, Entries: kept[id]}, nil
	}
	return b
}

// lastWins overwrites entries at the same position.
func lastWins() transcript.Store {
	b := &broken{}
	var mu sync.Mutex
	var kept []transcript.Entry
	b.append = func(_ context.Context, batch transcript.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		if batch.At > len(kept) {
			return transcript.ErrConflict
		}
		kept = append(kept[:batch.At:batch.At], batch.Entries...)
		return nil
	}
	return b
}

// forgetful acknowledges an append that it does not write.
func forgetful() transcript.Store {
	b := &broken{}
	var calls atomic.Int64
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		if calls.Add(1) == 5 {
			return nil
		}
		return b.Memory.Append(ctx, batch)
	}
	return b
}

// torn waits in the middle of its first append until a reader has loaded half of it.
func torn() transcript.Store {
	b := &broken{}
	var once sync.Once
	half := make(chan struct{})
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		if err := b.Memory.Append(ctx, unnamed(batch.Session, batch.At, batch.Entries[0])); err != nil {
			return err
		}
		<-half
		return b.Memory.Append(ctx, unnamed(batch.Session, batch.At+1, batch.Entries[1:]...))
	}
	b.load = func(ctx context.Context, id string) (transcript.Transcript, error) {
		t, err := b.Memory.Load(ctx, id)
		if len(t.Entries) > 0 {
			once.Do(func() { close(half) })
		}
		return t, err
	}
	return b
}

// onePosition counts the entries of all transcripts together.
func onePosition() transcript.Store {
	b := &broken{}
	b.append = func(ctx context.Context, batch transcript.Batch) error {
		batch.Session = "all"
		return b.Memory.Append(ctx, batch)
	}
	return b
}

// interleaving writes another entry after an append.
type interleaving struct {
	transcript.Memory
	mu sync.Mutex
}

func (s *interleaving) Append(ctx context.Context, batch transcript.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.Memory.Append(ctx, batch)
	if err == nil && len(batch.Entries) > 1 {
		_ = s.Memory.Append(ctx, unnamed(batch.Session, batch.At+len(batch.Entries), batch.Entries[len(batch.Entries)-1]))
	}
	return err
}
