package sqlstoretest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// DeleteAgainstSend deletes sessions through one store while an agent sends through another.
// Both are open in one database, as in two processes. The sending agent keeps the state of the
// session, so it appends at a position that it remembers. Once Delete has returned, the session
// has no entries and gets none.
func DeleteAgainstSend(t *testing.T, here, elsewhere transcript.Store) {
	newAgent := func(store transcript.Store) *funcall.Agent {
		agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Hello.")).Loop(), funcall.Config{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		return agent
	}
	sends, deletes := newAgent(here), newAgent(elsewhere)
	for round := range 10 {
		id := fmt.Sprint("round ", round)
		if _, err := sends.Session(id).Send(t.Context(), "hi"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				_, err := sends.Session(id).Send(t.Context(), "hi")
				if errors.Is(err, transcript.ErrDeleted) {
					return
				}
				if err != nil && !errors.Is(err, funcall.ErrBusy) { // Delete has the lease for a moment
					t.Errorf("Send: %v", err)
					return
				}
			}
		})
		for {
			err := deletes.Session(id).Delete(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, funcall.ErrBusy) {
				t.Fatalf("Delete: %v", err)
			}
		}
		wg.Wait()
		for _, store := range []transcript.Store{here, elsewhere} {
			if tr, err := store.Load(t.Context(), id); !errors.Is(err, transcript.ErrDeleted) || len(tr.Entries) > 0 {
				t.Fatalf("%d entries, %v", len(tr.Entries), err)
			}
		}
	}
}
