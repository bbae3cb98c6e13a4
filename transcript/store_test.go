package transcript_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) transcript.Store { return new(transcript.Memory) })
}

// Of several workers that would start the same effect, the store lets one append its intent.
func TestR14_OneWorkerBegins(t *testing.T) {
	var store transcript.Memory
	tr := log(user("hi"), asks(effect("a")))
	if err := store.Append(t.Context(), transcript.Batch{Session: tr.ID, Entries: tr.Entries}); err != nil {
		t.Fatal(err)
	}
	const workers = 8
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			seen, err := store.Load(t.Context(), tr.ID)
			if err != nil {
				errs[w] = err
				return
			}
			act := transcript.Next(seen)
			if act.Kind != transcript.ActionTools { // another one was faster still
				errs[w] = transcript.ErrConflict
				return
			}
			begun := then(seen, act.Before...).Entries[len(seen.Entries):]
			errs[w] = store.Append(t.Context(), transcript.Batch{Session: tr.ID, At: len(seen.Entries), Entries: begun})
		})
	}
	wg.Wait()
	begun := 0
	for _, err := range errs {
		switch {
		case err == nil:
			begun++
		case !errors.Is(err, transcript.ErrConflict):
			t.Error(err)
		}
	}
	after, err := store.Load(t.Context(), tr.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := brief(transcript.Next(after)); begun != 1 || got != "reconcile 1.0#2" {
		t.Errorf("%d workers started the effect; the next action is: %s", begun, got)
	}
}
