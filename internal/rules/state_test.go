package rules_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// State shows what the store holds, whatever another process has done, and runs nothing.
func TestStateOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(transcript.Memory)
		here, elsewhere := payAgent(t, store).Session("s", funcall.Subject("anna")), payAgent(t, store).Session("s", funcall.Subject("anna"))
		state := func(s *funcall.Session) transcript.Summary {
			t.Helper()
			sum, err := s.State(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}
		if diff := cmp.Diff(transcript.Summary{ID: "s"}, state(here)); diff != "" {
			t.Errorf("an unknown session:\n%s", diff)
		}
		began := time.Now().UTC()
		tell(t, here, "hi")
		time.Sleep(time.Minute)
		tell(t, elsewhere, "pay")
		got := state(here)
		want := []any{transcript.OutcomeWaiting, 2, "anna", began, began.Add(time.Minute), 1}
		if diff := cmp.Diff(want, []any{got.Outcome, got.Runs, got.Subject, got.CreatedAt, got.LastRunAt, len(got.Pending)}); diff != "" {
			t.Errorf("a session that waits (-want +got):\n%s", diff)
		}
		if _, err := elsewhere.Decide(t.Context(), funcall.Approve(got.Pending[0])); err != nil {
			t.Fatal(err)
		}
		if got := state(here); got.Outcome != transcript.OutcomeDone || len(got.Pending) > 0 || got.TotalCost.UnknownCalls != 3 || got.Cost.UnknownCalls != 2 {
			t.Errorf("%+v", got)
		}
		var exported bytes.Buffer
		if err := here.Export(t.Context(), &exported); err != nil {
			t.Fatal(err)
		}
		tr, err := transcript.Decode(&exported)
		if err != nil || tr.ID != "s" || len(tr.Entries) != state(here).Entries || transcript.Validate(tr) != nil {
			t.Errorf("exported: %d entries of %q, %v", len(tr.Entries), tr.ID, err)
		}
	})
}

// full is a writer that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestExportFails(t *testing.T) {
	s := payAgent(t, nil).Session("s")
	tell(t, s, "hi")
	if err := s.Export(t.Context(), full{}); err == nil || !strings.Contains(err.Error(), `session "s" cannot be exported: the disk is full`) {
		t.Error(err)
	}
}

// loadsOnly is a store without the optional methods.
type loadsOnly struct{ transcript.Store }

// deletes is a store without leases.
type deletes struct {
	transcript.Store
	transcript.Deleter
}

func withDelete(m *transcript.Memory) deletes { return deletes{m, m} }

// panicsAtDelete is a Deleter that panics.
type panicsAtDelete struct{ transcript.Memory }

func (*panicsAtDelete) Delete(context.Context, string) error { panic("the disk is gone") }

// Who may delete a session, and when.
func TestDeleteOfASession(t *testing.T) {
	for name, c := range map[string]struct {
		store transcript.Store
		begin func(t *testing.T, s *funcall.Session)
		age   time.Duration // if begin is nil, of the entry with which a run began
		by    string        // the subject
		err   string        // "" if the session is deleted
	}{
		"done":                     {begin: say("hi")},
		"waiting":                  {begin: say("pay")},
		"failed":                   {begin: func(t *testing.T, s *funcall.Session) { _, _ = s.Send(t.Context(), "fail") }},
		"unknown":                  {begin: func(*testing.T, *funcall.Session) {}},
		"deleted":                  {begin: func(t *testing.T, s *funcall.Session) { _ = s.Delete(t.Context()) }},
		"by its subject":           {begin: say("hi"), by: "anna"},
		"by another subject":       {begin: say("hi"), by: "bert", err: funcall.ErrWrongSubject.Error()},
		"interrupted":              {store: withDelete(new(transcript.Memory)), age: time.Minute},
		"interrupted, with leases": {age: time.Second},
		"maybe still running":      {store: withDelete(new(transcript.Memory)), age: 59 * time.Second, err: "taken over after 1m0s"},
		"a store without Delete": {store: loadsOnly{new(transcript.Memory)}, begin: say("hi"),
			err: `session "s" cannot be deleted: the store, a rules_test.loadsOnly, is no transcript.Deleter`},
		"a store that panics": {store: new(panicsAtDelete), begin: say("hi"), err: "the store panicked (panic: the disk is gone)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.store == nil {
					c.store = new(transcript.Memory)
				}
				agent := deletingAgent(t, c.store)
				if c.begin != nil {
					c.begin(t, agent.Session("s", funcall.Subject("anna")))
				} else {
					begun := transcript.Entry{Time: time.Now().Add(-c.age), Body: &transcript.Input{Message: provider.User("hi"), Subject: "anna"}}
					if err := c.store.Append(t.Context(), transcript.Batch{Session: "s", Entries: []transcript.Entry{begun}}); err != nil {
						t.Fatal(err)
					}
				}
				var opts []funcall.RunOption
				if c.by != "" {
					opts = append(opts, funcall.Subject(c.by))
				}
				before, _ := c.store.Load(t.Context(), "s")
				err := agent.Session("s", opts...).Delete(t.Context())
				if c.err != "" {
					if err == nil || !strings.Contains(err.Error(), c.err) {
						t.Errorf("got %v, want %q", err, c.err)
					}
					after, err := c.store.Load(t.Context(), "s")
					if err != nil || len(after.Entries) != len(before.Entries) {
						t.Errorf("%d of %d entries are left, %v", len(after.Entries), len(before.Entries), err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for what, err := range every(t, agent.Session("s", opts...)) {
					if !errors.Is(err, transcript.ErrDeleted) {
						t.Errorf("then %s: %v", what, err)
					}
				}
			})
		})
	}
}

// deletingAgent is like payAgent, over the store itself.
func deletingAgent(t *testing.T, store transcript.Store) *funcall.Agent {
	t.Helper()
	agent, err := funcall.New(obedient, funcall.Config{Store: store, TakeoverAfter: time.Minute, Tools: []funcall.Tool{
		tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it is dear", nil })),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

// A session that runs in this process cannot be deleted.
func TestARunningSessionIsNotDeleted(t *testing.T) {
	var s *funcall.Session
	var got error
	agent, err := funcall.New(obedient, funcall.Config{TakeoverAfter: 1, Tools: []funcall.Tool{
		tool("pay", func(ctx context.Context, _ Item) (string, error) { got = s.Delete(ctx); return "paid", nil }),
	}})
	if err != nil {
		t.Fatal(err)
	}
	s = agent.Session("s")
	tell(t, s, "pay")
	if !errors.Is(got, funcall.ErrBusy) {
		t.Errorf("Delete: %v", got)
	}
	if err := s.Delete(t.Context()); err != nil {
		t.Errorf("Delete after the run: %v", err)
	}
}

// Two agents share a store: one sends, the other deletes. Once Delete has returned, the session
// never has entries again.
func TestR05_DeleteAgainstSend(t *testing.T) {
	for round := range 200 {
		store := new(transcript.Memory)
		here, elsewhere := deletingAgent(t, store), deletingAgent(t, store)
		tell(t, here.Session("s"), "hi") // its state is kept here
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := 0; ; n++ {
				_, err := here.Session("s").Send(t.Context(), fmt.Sprint(n))
				if errors.Is(err, transcript.ErrDeleted) {
					return
				}
				if err != nil && !errors.Is(err, funcall.ErrBusy) {
					t.Errorf("round %d: Send: %v", round, err)
					return
				}
			}
		})
		for {
			err := elsewhere.Session("s").Delete(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, funcall.ErrBusy) {
				t.Fatalf("round %d: Delete: %v", round, err)
			}
		}
		wg.Wait()
		if tr, err := store.Load(t.Context(), "s"); !errors.Is(err, transcript.ErrDeleted) || len(tr.Entries) > 0 {
			t.Fatalf("round %d: %d entries, %v", round, len(tr.Entries), err)
		}
	}
}
