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

// A service that keeps conversations in a file, with refunds that need approval.
func Example_service() {
	_ = func(ctx context.Context, model provider.Provider, shop ecommerce.Backend) (*funcall.Agent, error) {
		store, err := sqlite.Open(ctx, "conversations.db")
		if err != nil {
			return nil, err
		}
		return funcall.New(model, funcall.Config{
			Instructions: ecommerce.Policy,
			RunOptions:   ecommerce.RunOptions(shop, time.Now),
			Tools:        ecommerce.Tools(shop, ecommerce.ApproveOver(10000)), // cents
			Store:        store,
		})
	}
}

// pickUp resumes interrupted sessions. Run it every few seconds, in any process: for a session
// that is still running, Resume returns ErrBusy.
func pickUp(ctx context.Context, agent *funcall.Agent, store transcript.Lister) error {
	for s, err := range store.List(ctx, transcript.Filter{Outcome: transcript.OutcomeOpen}) {
		if err != nil {
			return err
		}
		if s.Err != nil {
			continue // written by a newer worker, which resumes it
		}
		if _, err := agent.Session(s.ID).Resume(ctx); err != nil && !errors.Is(err, funcall.ErrBusy) {
			return fmt.Errorf("session %s: %w", s.ID, err)
		}
	}
	return nil
}

// desk lists pending calls and takes decisions of the staff.
type desk struct {
	agent *funcall.Agent
	store *sqlstore.Store
	who   func(*http.Request) string // returns the name of the signed-in user
}

func (d *desk) list(w http.ResponseWriter, r *http.Request) {
	var waiting []transcript.PendingCall
	for s, err := range d.store.List(r.Context(), transcript.Filter{Outcome: transcript.OutcomeWaiting}) {
		if err != nil {
			http.Error(w, "the pending calls cannot be listed", http.StatusInternalServerError)
			return
		}
		waiting = append(waiting, s.Pending...)
	}
	_ = json.NewEncoder(w).Encode(waiting)
}

func (d *desk) decide(w http.ResponseWriter, r *http.Request) {
	var input struct {
		Call    transcript.PendingCall // as list returned it
		Approve bool
		Why     string
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&input); err != nil {
		http.Error(w, "invalid decision", http.StatusBadRequest)
		return
	}
	decision := funcall.Deny(input.Call, input.Why, funcall.By(d.who(r)))
	if input.Approve {
		decision = funcall.Approve(input.Call, funcall.By(d.who(r)))
	}
	_, err := d.agent.Session(input.Call.Session).Decide(r.Context(), decision)
	switch {
	case errors.Is(err, funcall.ErrBusy):
		http.Error(w, "the run is continuing with an earlier decision; try again in a moment", http.StatusServiceUnavailable)
	case errors.Is(err, funcall.ErrNotPending), errors.Is(err, funcall.ErrExpired), errors.Is(err, funcall.ErrStaleDecision):
		http.Error(w, "the call was decided, has expired or has changed; reload the list", http.StatusConflict)
	}
}
