package rules_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// countingStore counts the loads.
type countingStore struct {
	transcript.Store
	loads int
}

func (s *countingStore) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	s.loads++
	return s.Store.Load(ctx, id)
}

// obedient is a model that calls the tool "pay" if it is told to, and repeats any other
// message.
var obedient = provider.Func(func(ctx context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	last := req.Messages[len(req.Messages)-1]
	switch text := last.Text(); {
	case text == "pay":
		return &provider.Response{Message: provider.Assistant(provider.ToolCall{ID: "1", Name: "pay", Args: `{"id":"a"}`}), Finish: provider.FinishToolCalls}, nil
	case text == "fail":
		return nil, &provider.Error{Kind: provider.KindUnavailable}
	case text == "panic":
		panic("the model")
	case text == "goexit":
		runtime.Goexit()
		return nil, nil
	default:
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "heard " + text}), Finish: provider.FinishStop}, nil
	}
})

// payAgent is an agent of the obedient model. Its tool needs approval.
func payAgent(t *testing.T, store transcript.Store) *funcall.Agent {
	t.Helper()
	pay := tool("pay", func(context.Context, Item) (string, error) { return "paid", nil },
		funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it is dear", nil }), funcall.ApprovalTimeout(time.Hour))
	return newAgent(t, obedient, funcall.Config{Store: store, Tools: []funcall.Tool{pay}})
}

func tell(t *testing.T, s *funcall.Session, text string) *funcall.Result {
	t.Helper()
	res, err := s.Send(t.Context(), text)
	if err != nil {
		t.Fatalf("Send %q: %v", text, err)
	}
	return res
}

// asked returns the texts of the inputs.
func asked(tr transcript.Transcript) (texts []string) {
	for _, e := range tr.Entries {
		if in, ok := e.Body.(*transcript.Input); ok {
			texts = append(texts, in.Message.Text())
		}
	}
	return texts
}

// Two processes take turns in one session. Each finds that the state that it kept is stale.
func TestR05_TwoAgentsAlternate(t *testing.T) {
	store := new(transcript.Memory)
	agents := []*funcall.Session{}
	for _, ahead := range []time.Duration{0, time.Minute} { // no clock but a worker's own counts
		agents = append(agents, agentAt(t, store, ahead).Session("s"))
	}
	var want []string
	for i := range 1000 {
		want = append(want, strconv.Itoa(i))
		res, err := agents[i%2].Send(t.Context(), want[i])
		if err != nil || res.Text() != "heard "+want[i] {
			t.Fatalf("message %d: %q, %v", i, res.Text(), err)
		}
	}
	tr, err := store.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, asked(tr)); diff != "" {
		t.Errorf("the messages (-sent +stored):\n%s", diff)
	}
}

// A decision on a state that an earlier run left is as good as one on what is stored.
func TestAStaleStateDecidesNothing(t *testing.T) {
	for _, test := range []struct {
		name   string
		before string                             // what the agent whose state is kept is told
		since  func(*testing.T, *funcall.Session) // what another agent does since
		then   func(*testing.T, *funcall.Session) // what the first agent does then
	}{
		{"Send finds a run", "hi", say("ho"), func(t *testing.T, s *funcall.Session) {
			if diff := cmp.Diff([]string{"hi", "ho", "hello"}, asked(tell(t, s, "hello").Transcript)); diff != "" {
				t.Error(diff)
			}
		}},
		{"Send finds a pending call", "hi", say("pay"), func(t *testing.T, s *funcall.Session) {
			res, err := s.Send(t.Context(), "hello")
			if !errors.Is(err, funcall.ErrPending) || len(res.Pending) != 1 {
				t.Errorf("%+v, %v", res.Pending, err)
			}
		}},
		{"Send finds that the call was decided", "pay", decideIt, func(t *testing.T, s *funcall.Session) { tell(t, s, "hello") }},
		{"Decide finds a pending call", "hi", say("pay"), func(t *testing.T, s *funcall.Session) {
			res, err := s.Resume(t.Context())
			if err != nil || len(res.Pending) != 1 {
				t.Fatalf("%+v, %v", res.Pending, err)
			}
			if res, err := s.Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || res.Calls[0].Text() != "paid" {
				t.Errorf("%+v, %v", res.Calls, err)
			}
		}},
		{"Decide finds that the call was decided", "pay", decideIt, func(t *testing.T, s *funcall.Session) {
			p := transcript.PendingCall{Session: "s", Ref: transcript.Ref{Entry: 1}, Tool: "pay"}
			if res, err := s.Decide(t.Context(), funcall.Deny(p, "no")); !errors.Is(err, funcall.ErrNotPending) || res.Outcome != transcript.OutcomeDone {
				t.Errorf("%s, %v", res.Outcome, err)
			}
		}},
		{"Resume finds that the run was resumed", "fail", func(t *testing.T, s *funcall.Session) { tell(t, s, "ho") }, func(t *testing.T, s *funcall.Session) {
			res, err := s.Resume(t.Context())
			if err != nil || res.Text() != "heard ho" {
				t.Errorf("%q, %v", res.Text(), err)
			}
		}},
		{"Resume finds a failed run", "hi", func(t *testing.T, s *funcall.Session) {
			if _, err := s.Send(t.Context(), "fail"); err == nil {
				t.Error("no error")
			}
		}, func(t *testing.T, s *funcall.Session) {
			if res, err := s.Resume(t.Context()); err == nil || len(asked(res.Transcript)) != 2 {
				t.Errorf("%s, %v", res.Outcome, err)
			}
		}},
		{"Withdraw takes back the last message", "hi", say("ho"), func(t *testing.T, s *funcall.Session) {
			if m, err := s.Withdraw(t.Context()); err != nil || m.Text() != "ho" {
				t.Errorf("%q, %v", m.Text(), err)
			}
		}},
		{"Withdraw finds that the message was taken back", "hi", func(t *testing.T, s *funcall.Session) {
			if _, err := s.Withdraw(t.Context()); err != nil {
				t.Error(err)
			}
		}, func(t *testing.T, s *funcall.Session) {
			if m, err := s.Withdraw(t.Context()); err != nil || m != nil {
				t.Errorf("%q, %v", m.Text(), err)
			}
		}},
		{"Transcript is what is stored", "hi", say("ho"), func(t *testing.T, s *funcall.Session) {
			if tr, err := s.Transcript(t.Context()); err != nil || len(asked(tr)) != 2 {
				t.Errorf("%d inputs, %v", len(asked(tr)), err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := new(transcript.Memory)
			here, elsewhere := payAgent(t, store).Session("s"), payAgent(t, store).Session("s")
			if _, err := here.Send(t.Context(), test.before); (err != nil) != (test.before == "fail") {
				t.Fatal(err)
			}
			test.since(t, elsewhere)
			test.then(t, here)
		})
	}
}

func say(text string) func(*testing.T, *funcall.Session) {
	return func(t *testing.T, s *funcall.Session) { tell(t, s, text) }
}

func decideIt(t *testing.T, s *funcall.Session) {
	t.Helper()
	res, err := s.Resume(t.Context())
	if err != nil || len(res.Pending) != 1 {
		t.Fatalf("%+v, %v", res.Pending, err)
	}
	if _, err := s.Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil {
		t.Fatal(err)
	}
}

// A call that was decided elsewhere does not expire, though the state that is kept says so.
func TestAStaleStateExpiresNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(transcript.Memory)
		here, elsewhere := payAgent(t, store).Session("s"), payAgent(t, store).Session("s")
		tell(t, here, "pay")
		decideIt(t, elsewhere)
		time.Sleep(2 * time.Hour)
		res, err := here.Resume(t.Context())
		if err != nil || res.Outcome != transcript.OutcomeDone || res.Calls[0].Text() != "paid" {
			t.Errorf("%s, %v", res.Outcome, err)
		}
	})
}

// A state is kept only if the store is known to hold it. Else the session is loaded again.
func TestWhenASessionIsLoadedAgain(t *testing.T) {
	store := &countingStore{Store: new(transcript.Memory)}
	pay := tool("pay", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it is dear", nil }))
	agent, err := funcall.New(obedient, funcall.Config{Store: store, Tools: []funcall.Tool{pay}, TakeoverAfter: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := agent.Session("s")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	var pending []transcript.PendingCall
	for _, step := range []struct {
		name  string
		loads int
		fails bool
		do    func() (*funcall.Result, error)
	}{
		{"the first message", 1, false, func() (*funcall.Result, error) { return s.Send(t.Context(), "hi") }},
		{"the next message", 0, false, func() (*funcall.Result, error) { return s.Send(t.Context(), "hi") }},
		{"a run that fails", 0, true, func() (*funcall.Result, error) { return s.Send(t.Context(), "fail") }},
		{"its resumption", 0, true, func() (*funcall.Result, error) { return s.Resume(t.Context()) }},
		{"a message with a canceled context", 1, true, func() (*funcall.Result, error) { return s.Send(canceled, "hi") }},
		{"a message after it", 1, false, func() (*funcall.Result, error) { return s.Send(t.Context(), "pay") }},
		{"a message that is refused", 1, true, func() (*funcall.Result, error) {
			res, err := s.Send(t.Context(), "hi")
			pending = res.Pending
			return res, err
		}},
		{"a decision after it", 1, false, func() (*funcall.Result, error) { return s.Decide(t.Context(), funcall.Deny(pending[0], "no")) }},
		{"a message after the decision", 0, false, func() (*funcall.Result, error) { return s.Send(t.Context(), "hi") }},
		{"a run whose goroutine ends", 0, false, func() (*funcall.Result, error) {
			done := make(chan bool)
			go func() {
				defer close(done)
				_, _ = s.Send(t.Context(), "goexit")
			}()
			<-done
			return nil, nil
		}},
		{"a message after it", 1, false, func() (*funcall.Result, error) { return s.Send(t.Context(), "hi") }},
		{"a run whose end is not stored", 0, true, func() (*funcall.Result, error) {
			store.Store = &flakyStore{Store: &flakyStore{Store: store.Store, failing: 2}, failing: 3} // the end, twice
			return s.Send(t.Context(), "hi")
		}},
		{"its resumption", 1, false, func() (*funcall.Result, error) { return s.Resume(t.Context()) }},
	} {
		store.loads = 0
		if _, err := step.do(); (err != nil) != step.fails {
			t.Fatalf("%s: %v", step.name, err)
		}
		if store.loads != step.loads {
			t.Errorf("%s: %d loads, want %d", step.name, store.loads, step.loads)
		}
	}
	tr, err := store.Load(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"hi", "hi", "fail", "pay", "hi", "goexit", "hi", "hi"}, asked(tr)); diff != "" {
		t.Errorf("the messages (-want +got):\n%s", diff)
	}
}

// overtakenStore stores an append, loses the reply, and then lets another writer end the run.
type overtakenStore struct {
	transcript.Store
	overtake bool
}

func (s *overtakenStore) Append(ctx context.Context, b transcript.Batch) error {
	if err := s.Store.Append(ctx, b); err != nil || !s.overtake {
		return err
	}
	s.overtake = false
	other := transcript.Batch{Session: b.Session, At: b.At + len(b.Entries), Writer: "other", Entries: []transcript.Entry{{Time: time.Now(), Body: &transcript.End{Outcome: transcript.OutcomeCanceled}}}}
	return errors.Join(errDisk, s.Store.Append(ctx, other))
}

// If the first append may have been stored, the message is not sent again.
func TestALostReplyIsNotDecidedAgain(t *testing.T) {
	store := &overtakenStore{Store: new(transcript.Memory)}
	agent, err := funcall.New(obedient, funcall.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	s := agent.Session("s")
	tell(t, s, "hi")
	store.overtake = true
	if _, err := s.Send(t.Context(), "once"); err == nil || errors.Is(err, funcall.ErrBusy) {
		t.Errorf("%v, which must not say that nothing was stored", err)
	}
	tr, err := store.Load(t.Context(), "s")
	if diff := cmp.Diff([]string{"hi", "once"}, asked(tr)); err != nil || diff != "" {
		t.Errorf("the messages (-want +got), %v:\n%s", err, diff)
	}
}

// What a caller was given stays as it is while later runs go on from the state of the run.
func TestResultsStayAsTheyWere(t *testing.T) {
	agent := payAgent(t, nil)
	s := agent.Session("s")
	image := provider.Media{MIME: "image/png", URL: "https://example.com/a.png"}
	var results []*funcall.Result
	var texts []string
	reading := make(chan bool)
	done := make(chan bool)
	read := func(r *funcall.Result) string {
		var b strings.Builder
		if err := transcript.Encode(&b, r.Transcript); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&b, "%+v %+v %+v %+v %s", r.Calls, r.Pending, r.InDoubt, r.Transcript.Entries[:len(r.Transcript.Entries):cap(r.Transcript.Entries)], r.Text())
		for _, m := range r.Transcript.Messages() {
			fmt.Fprintf(&b, "%+v", m.Parts)
		}
		return b.String()
	}
	keep := func(res *funcall.Result, err error) *funcall.Result {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		results, texts = append(results, res), append(texts, read(res))
		return res
	}
	first := keep(s.Send(t.Context(), "hi"))
	go func() { // beside the later runs
		defer close(done)
		for {
			select {
			case <-reading:
				return
			default:
				read(first)
			}
		}
	}()
	keep(s.Send(t.Context(), "look", funcall.Attach(image)))
	for i := range 8 {
		keep(s.Send(t.Context(), strconv.Itoa(i)))
		waiting := keep(s.Send(t.Context(), "pay"))
		keep(s.Decide(t.Context(), funcall.Approve(waiting.Pending[0])))
		if i%5 == 0 {
			if _, err := s.Withdraw(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(reading)
	<-done
	for i, res := range results {
		if got := read(res); got != texts[i] {
			t.Errorf("result %d has changed:\n%s", i, cmp.Diff(texts[i], got))
		}
	}
}

// The messages of a request stay as they were: a provider may still read them.
func TestRequestsStayAsTheyWere(t *testing.T) {
	var requests [][]*provider.Message
	var before [][]*provider.Message
	model := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		requests, before = append(requests, req.Messages), append(before, append([]*provider.Message(nil), req.Messages...))
		if req.Messages[len(req.Messages)-1].Text() == "bad" {
			return nil, &provider.Error{Kind: provider.KindInvalidMedia}
		}
		return obedient(ctx, req, emit)
	})
	agent := newAgent(t, model, funcall.Config{})
	s := agent.Session("s")
	image := provider.Media{MIME: "image/png", URL: "https://example.com/a.png"}
	for i := range 30 {
		switch i % 10 {
		case 3: // the next message leaves the media out of the messages
			if _, err := s.Send(t.Context(), "bad", funcall.Attach(image)); err == nil {
				t.Error("no error")
			}
		case 7:
			if _, err := s.Withdraw(t.Context()); err != nil {
				t.Error(err)
			}
		default:
			tell(t, s, strconv.Itoa(i))
		}
	}
	for i, messages := range requests {
		for j, m := range messages {
			if m != before[i][j] {
				t.Errorf("message %d of request %d has changed", j, i)
			}
		}
	}
}

// An agent that was made outside of a bubble can be used in several, and outside, with the same
// session: it keeps nothing that belongs to one of them.
func TestASessionInSeveralBubbles(t *testing.T) {
	agent, err := funcall.New(obedient, funcall.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := agent.Session("s")
	tell(t, s, "outside")
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			tell(t, s, "inside")
			time.Sleep(time.Hour)
			tell(t, s, "inside")
		})
		if got := len(asked(tell(t, s, "outside").Transcript)); got%3 != 1 {
			t.Errorf("%d messages", got)
		}
	}
}

// pausedStore lets another act between the call of a worker and its append.
type pausedStore struct {
	transcript.Store
	pause func()
}

func (s *pausedStore) Append(ctx context.Context, b transcript.Batch) error {
	if pause := s.pause; pause != nil {
		s.pause = nil
		pause()
	}
	return s.Store.Append(ctx, b)
}

// A worker that stands still between its call and its append does not repeat what another has
// done meanwhile, as it would if the other had come before the call.
func TestR05_WhatHappensAfterTheCallIsNotDecidedAgain(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"one clock": 0, "the other's clock is behind": -time.Hour, "it is ahead": time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			memory := new(transcript.Memory)
			store := &pausedStore{Store: memory}
			here, elsewhere := agentAt(t, store, 0).Session("s"), agentAt(t, memory, ahead).Session("s")
			tell(t, here, "hi")
			store.pause = func() {
				time.Sleep(8 * time.Second) // an append may take 10
				tell(t, elsewhere, "mail me")
			}
			if _, err := here.Send(t.Context(), "mail me"); !errors.Is(err, funcall.ErrBusy) {
				t.Errorf("%s: %v", name, err)
			}
			tr, err := memory.Load(t.Context(), "s")
			if diff := cmp.Diff([]string{"hi", "mail me"}, asked(tr)); err != nil || diff != "" {
				t.Errorf("%s: %v, the messages (-want +got):\n%s", name, err, diff)
			}
		})
	}
}

// agentAt returns an agent whose clock is ahead of others.
func agentAt(t *testing.T, store transcript.Store, ahead time.Duration) *funcall.Agent {
	t.Helper()
	agent, err := funcall.New(obedient, funcall.Config{Store: store, Now: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		t.Fatal(err)
	}
	return agent
}
