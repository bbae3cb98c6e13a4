package rules_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestR05_MessagesAreTakenAtRestOnly(t *testing.T) {
	store := new(transcript.Memory)
	in, release := make(chan bool), make(chan bool)
	look := tool("look", func(context.Context, Item) (string, error) { in <- true; <-release; return "seen", nil }, funcall.ReadOnly())
	model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("seen"))
	cfg := funcall.Config{Store: store, Tools: []funcall.Tool{look}}
	here, elsewhere := newAgent(t, model, cfg), newAgent(t, providertest.NewScript(t), cfg)
	done := make(chan error)
	go func() {
		_, err := here.Session("s").Send(t.Context(), "go")
		done <- err
	}()
	<-in
	for name, a := range map[string]*funcall.Agent{"here": here, "in another process": elsewhere} {
		if _, err := a.Session("s").Send(t.Context(), "hello?"); !errors.Is(err, funcall.ErrBusy) {
			t.Errorf("Send %s: %v", name, err)
		}
		if _, err := a.Session("s").Resume(t.Context()); !errors.Is(err, funcall.ErrBusy) {
			t.Errorf("Resume %s: %v", name, err)
		}
	}
	release <- true
	if err := <-done; err != nil {
		t.Errorf("the live run was disturbed: %v", err)
	}
}

func TestR05_OneOfTwoSendersWins(t *testing.T) {
	store := new(transcript.Memory)
	var asked atomic.Int32
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		asked.Add(1)
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "hi"}), Finish: provider.FinishStop}, nil
	})
	loaded := make(chan bool, 2)
	both := make(chan bool)
	send := func() error {
		a := newAgent(t, model, funcall.Config{Store: meetingStore{store, loaded, both}})
		res, err := a.Session("s").Send(t.Context(), "go")
		check(t, res)
		return err
	}
	oneIsBusy(t, loaded, both, send, send)
	if asked.Load() != 1 {
		t.Errorf("the model was asked %d times", asked.Load())
	}
}

// oneIsBusy lets two go on at once when both have loaded the session. One of them
// must find it busy, and nothing else may go wrong.
func oneIsBusy(t *testing.T, loaded <-chan bool, both chan<- bool, first, second func() error) {
	t.Helper()
	errs := make(chan error, 2)
	go func() { errs <- first() }()
	go func() { errs <- second() }()
	<-loaded
	<-loaded
	close(both)
	busy := 0
	for range 2 {
		if err := <-errs; errors.Is(err, funcall.ErrBusy) {
			busy++
		} else if err != nil {
			t.Error(err)
		}
	}
	if busy != 1 {
		t.Errorf("%d were busy", busy)
	}
}

type meetingStore struct {
	*transcript.Memory
	loaded chan<- bool
	both   <-chan bool
}

func (s meetingStore) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t, err := s.Memory.Load(ctx, id)
	select {
	case s.loaded <- true:
	default:
	}
	<-s.both
	return t, err
}

// In a store without leases, the age of the last entry says whether a run is dead.
func TestR05_ResumeTakesOverWhatIsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := loadsOnly{new(transcript.Memory)}
		crashed := &crashingStore{Store: store, after: 2}
		ran := 0
		look := tool("look", func(context.Context, Item) (string, error) { ran++; return "seen", nil }, funcall.ReadOnly())
		model := providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("seen"))
		cfg := funcall.Config{Tools: []funcall.Tool{look}, TakeoverAfter: time.Minute}
		cfg.Store = crashed
		if _, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		cfg.Store = store
		s := newAgent(t, model, cfg).Session("s")
		if _, err := s.Resume(t.Context()); !errors.Is(err, funcall.ErrBusy) {
			t.Fatalf("taken over at once: %v", err)
		}
		if _, err := s.Send(t.Context(), "hello?"); !errors.Is(err, funcall.ErrBusy) {
			t.Fatalf("a message took a run over: %v", err)
		}
		time.Sleep(time.Minute)
		res, err := s.Resume(t.Context())
		if err != nil || res.Text() != "seen" || res.Outcome != transcript.OutcomeDone {
			t.Fatal(res.Text(), err)
		}
		if res, err := s.Resume(t.Context()); err != nil || res.Text() != "seen" {
			t.Errorf("resuming what is done: %q, %v", res.Text(), err)
		}
	})
}

type crashingStore struct {
	transcript.Store
	after int
}

func (s *crashingStore) Append(ctx context.Context, b transcript.Batch) error {
	if s.after--; s.after < 0 {
		return errDisk
	}
	return s.Store.Append(ctx, b)
}

func TestR05_PendingAndForeignSubject(t *testing.T) {
	store := new(transcript.Memory)
	output := &transcript.Output{
		Message: provider.Assistant(provider.ToolCall{ID: "c", Name: "pay"}), Finish: provider.FinishToolCalls,
		Calls: []transcript.Call{{ID: "c", Tool: "pay", Class: transcript.ClassEffect, ApprovalReason: "over 100"}},
	}
	input := &transcript.Input{Message: provider.User("pay"), Subject: "CUST-1", Limits: transcript.Limits{Steps: 1, Calls: 1, Refusals: 1}}
	if err := store.Append(t.Context(), transcript.Batch{Session: "s", Entries: []transcript.Entry{{Body: input}, {Body: output}}}); err != nil {
		t.Fatal(err)
	}
	agent := newAgent(t, providertest.NewScript(t), funcall.Config{Store: store})
	if res, err := agent.Session("s", funcall.Subject("CUST-1")).Send(t.Context(), "well?"); !errors.Is(err, funcall.ErrPending) || res.Outcome != transcript.OutcomeWaiting {
		t.Errorf("%s, %v", res.Outcome, err)
	}
	if _, err := agent.Session("s", funcall.Subject("CUST-2")).Send(t.Context(), "well?"); !errors.Is(err, funcall.ErrWrongSubject) {
		t.Errorf("another subject: %v", err)
	}
	if _, err := agent.Session("s").Send(t.Context(), "well?"); !errors.Is(err, funcall.ErrWrongSubject) {
		t.Errorf("no subject: %v", err)
	}
}

func TestResumeGoesOnAfterAFailure(t *testing.T) {
	ran := 0
	look := tool("look", func(context.Context, Item) (string, error) { ran++; return "seen", nil }, funcall.ReadOnly())
	model := providertest.NewScript(t,
		providertest.Call("look", `{"id":"a"}`),
		providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}),
		providertest.Say("seen").Expect(providertest.HasResult("look", "seen")))
	s := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{look}}).Session("s")
	if _, err := s.Send(t.Context(), "go"); err == nil {
		t.Fatal("no error")
	}
	res, err := s.Resume(t.Context())
	if err != nil || res.Text() != "seen" || ran != 1 {
		t.Errorf("%q, %v, the tool ran %d times", res.Text(), err, ran)
	}
}

// Two processes take the same message at the same moment, by the same clock: what
// they append is the same but for who appends it.
func TestR14_TwoThatWriteTheSame(t *testing.T) {
	store := new(transcript.Memory)
	loaded, both := make(chan bool, 2), make(chan bool)
	var paid atomic.Int32
	send := func() error {
		a, err := funcall.New(providertest.NewScript(nil, payCall("a"), providertest.Say("done")), funcall.Config{
			Store: meetingStore{store, loaded, both}, Now: func() time.Time { return time.Unix(0, 0) },
			Tools: []funcall.Tool{tool("pay", func(context.Context, Item) (string, error) { paid.Add(1); return "", nil })},
		})
		if err == nil {
			_, err = a.Session("s").Send(t.Context(), "go")
		}
		return err
	}
	oneIsBusy(t, loaded, both, send, send)
	if paid.Load() != 1 {
		t.Errorf("it was paid %d times", paid.Load())
	}
}

// Every acknowledgement is lost once: each append was made, and is tried again.
func TestR14_LostAcknowledgements(t *testing.T) {
	store := &deafStore{Memory: new(transcript.Memory), lost: map[int]bool{}}
	paid := 0
	agent := newAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("done")), funcall.Config{
		Store: store, Tools: []funcall.Tool{tool("pay", func(context.Context, Item) (string, error) { paid++; return "", nil })},
	})
	res, err := agent.Session("s").Send(t.Context(), "go")
	if err != nil || res.Text() != "done" || paid != 1 || len(store.lost) < 4 {
		t.Errorf("%q, %v, paid %d times, %d acknowledgements lost", res.Text(), err, paid, len(store.lost))
	}
	kept, err := store.Load(t.Context(), "s")
	if err != nil || len(kept.Entries) != len(res.Transcript.Entries) {
		t.Errorf("%d entries are kept, and there were %d", len(kept.Entries), len(res.Transcript.Entries))
	}
}

type deafStore struct {
	*transcript.Memory
	lost map[int]bool
}

func (s *deafStore) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Memory.Append(ctx, b)
	if err == nil && !s.lost[b.At] {
		s.lost[b.At] = true
		return errDisk
	}
	return err
}
