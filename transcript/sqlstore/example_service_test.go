package sqlstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// A service with conversations in a file, and refunds that people decide on.
func Example_service() {
	_ = func(ctx context.Context, model provider.Provider, shop ecommerce.Backend) (*funcall.Agent, error) {
		store, err := sqlite.Open(ctx, "conversations.db")
		if err != nil {
			return nil, err
		}
		return funcall.New(model, funcall.Config{
			Instructions: ecommerce.Policy,
			Tools:        ecommerce.Tools(shop, ecommerce.ApproveOver(10000)), // cents
			Store:        store,
		})
	}
}

// pickUp finishes what processes left that were killed. It runs now and then, in
// any process: what is alive is left alone.
func pickUp(ctx context.Context, agent *funcall.Agent, store transcript.Lister) error {
	for s, err := range store.List(ctx, transcript.Filter{Outcome: transcript.OutcomeOpen, UpdatedBefore: time.Now().Add(-10 * time.Minute)}) {
		if err != nil {
			return err
		}
		if s.Err != nil {
			continue // a newer worker wrote it, and picks it up
		}
		if _, err := agent.Session(s.ID).Resume(ctx); err != nil && !errors.Is(err, funcall.ErrBusy) {
			return fmt.Errorf("session %s: %w", s.ID, err)
		}
	}
	return nil
}

// desk is where the staff sees what waits, and decides.
type desk struct {
	agent *funcall.Agent
	store *sqlstore.Store
	who   func(*http.Request) string // by the sign-in
}

func (d *desk) list(w http.ResponseWriter, r *http.Request) {
	var waiting []transcript.Pending
	for s, err := range d.store.List(r.Context(), transcript.Filter{Outcome: transcript.OutcomeWaiting}) {
		if err != nil {
			http.Error(w, "the list cannot be had", http.StatusInternalServerError)
			return
		}
		waiting = append(waiting, s.Pending...)
	}
	_ = json.NewEncoder(w).Encode(waiting)
}

func (d *desk) decide(w http.ResponseWriter, r *http.Request) {
	var word struct {
		Call    transcript.Pending // as it was listed
		Approve bool
		Why     string
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&word); err != nil {
		http.Error(w, "that is no decision", http.StatusBadRequest)
		return
	}
	decision := funcall.Deny(word.Call, word.Why, funcall.By(d.who(r)))
	if word.Approve {
		decision = funcall.Approve(word.Call, funcall.By(d.who(r)))
	}
	_, err := d.agent.Session(word.Call.Session).Decide(r.Context(), decision)
	switch {
	case errors.Is(err, funcall.ErrBusy):
		http.Error(w, "an earlier decision is being carried out: try again in a moment", http.StatusServiceUnavailable)
	case errors.Is(err, funcall.ErrNotPending), errors.Is(err, funcall.ErrExpired), errors.Is(err, funcall.ErrStaleDecision):
		http.Error(w, "it is too late, or the call is another by now: look again", http.StatusConflict)
	}
}
