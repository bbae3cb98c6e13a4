package rules_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// What other people's code gets wrong: tools, providers, stores, consumers.

type nilError struct{ msg string }

func (e *nilError) Error() string { return e.msg }

type panickyError struct{}

func (panickyError) Error() string { panic("an error's own panic") }

func TestR09_ErrorsThatPanic(t *testing.T) {
	for _, err := range []error{(*nilError)(nil), panickyError{}} {
		for status, opts := range map[transcript.Status][]funcall.ToolOption{transcript.StatusFailed: {funcall.ReadOnly()}, transcript.StatusInDoubt: nil} {
			c := runOne(t, tool("look", func(context.Context, Item) (string, error) { return "", err }, opts...), `{"id":"a"}`)
			if c.Status != status || !strings.HasPrefix(c.ErrorText, "panic: ") {
				t.Errorf("%T: %s %q", err, c.Status, c.ErrorText)
			}
		}
	}
	c := runOne(t, tool("look", func(context.Context, Item) (string, error) { panic(panickyError{}) }, funcall.ReadOnly()), `{"id":"a"}`)
	if c.Status != transcript.StatusFailed {
		t.Errorf("%s %q", c.Status, c.ErrorText)
	}
}

type panickyJSON struct{}

func (panickyJSON) MarshalJSON() ([]byte, error) { panic("no") }

// A fatal error ends the run, and no further call of the turn begins.
func TestAFatalErrorBeginsNoFurtherCall(t *testing.T) {
	ran := 0
	look := tool("look", func(context.Context, Item) (string, error) { ran++; return "", funcall.Fatal(errors.New("no licence")) }, funcall.ReadOnly())
	res, err := newAgent(t, forever(5, ""), funcall.Config{Tools: []funcall.Tool{look}, MaxParallel: 1}).Run(t.Context(), "go")
	if err == nil || ran != 1 || res.Outcome != transcript.OutcomeFailed {
		t.Errorf("%d ran, %s, %v", ran, res.Outcome, err)
	}
}

// cancelStore cancels a context when an attempt has been stored.
type cancelStore struct {
	transcript.Store
	attempt int
	cancel  func()
}

func (s cancelStore) Append(ctx context.Context, b transcript.Batch) error {
	if err := s.Store.Append(ctx, b); err != nil {
		return err
	}
	for _, e := range b.Entries {
		if in, ok := e.Body.(*transcript.Intent); ok && in.Attempt == s.attempt && !in.Void {
			s.cancel()
		}
	}
	return nil
}

// TakeoverAfter is longer than any step can take, so no worker takes a live run over.
func TestR05_TakeoverAfterOutlastsEveryStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := tool("look", func(context.Context, Item) (string, error) { time.Sleep(4 * time.Minute); return "", nil }, funcall.ReadOnly(), funcall.Timeout(5*time.Minute))
		store := new(transcript.Memory)
		cfg := funcall.Config{Store: store, Tools: []funcall.Tool{look}, MaxParallel: 2, Limits: transcript.Limits{Steps: 1, Calls: 8}}
		done := make(chan error)
		go func() {
			_, err := newAgent(t, forever(8, ""), cfg).Session("s").Send(t.Context(), "go")
			done <- err
		}()
		time.Sleep(15 * time.Minute)
		if _, err := newAgent(t, forever(8, ""), cfg).Session("s").Resume(t.Context()); !errors.Is(err, funcall.ErrBusy) {
			t.Errorf("Resume of a live run: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("the live run was disturbed: %v", err)
		}
	})
}

func TestDurationsDoNotOverflow(t *testing.T) {
	const forEver = time.Duration(math.MaxInt64)
	in, release := make(chan bool), make(chan bool)
	pay := tool("pay", func(context.Context, Item) (string, error) { in <- true; <-release; return "paid", nil }, funcall.Timeout(forEver))
	store := new(transcript.Memory)
	cfg := funcall.Config{Store: store, Tools: []funcall.Tool{pay}, ModelTimeout: forEver, GracePeriod: forEver}
	done := make(chan *funcall.Result)
	go func() {
		res, _ := newAgent(t, providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done")), cfg).Session("s").Send(t.Context(), "go")
		done <- res
	}()
	<-in
	if _, err := newAgent(t, providertest.NewScript(t), cfg).Session("s").Resume(t.Context()); !errors.Is(err, funcall.ErrBusy) {
		t.Errorf("taken over at once: %v", err)
	}
	close(release)
	if res := <-done; res.Outcome != transcript.OutcomeDone || res.Calls[0].Status != transcript.StatusOK {
		t.Errorf("%s, %s", res.Outcome, res.Calls[0].Status)
	}
}

func TestR21_ActiveTimeBoundsABatchOfManyRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := tool("look", func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }, funcall.ReadOnly())
		agent := newAgent(t, forever(64, ""), funcall.Config{Tools: []funcall.Tool{look}, Limits: transcript.Limits{ActiveTime: 10 * time.Second}})
		began := time.Now()
		res, err := agent.Run(t.Context(), "go")
		if took := time.Since(began); err != nil || took != 10*time.Second || res.Reason != transcript.LimitActiveTime {
			t.Errorf("%v, %s (%s), %v", took, res.Outcome, res.Reason, err)
		}
		check(t, res)
	})
}

func TestR04_AConsumerThatPanicsAtARefusedCall(t *testing.T) {
	for name, leave := range map[string]func(){"panic": func() { panic("consumer") }, "Goexit": runtime.Goexit} {
		store := new(transcript.Memory)
		pay := tool("pay", func(context.Context, Item) (string, error) { t.Error("it ran"); return "", nil })
		model := providertest.NewScript(t,
			providertest.Calls(provider.ToolCall{Name: "nope", Args: "{}"}, provider.ToolCall{Name: "pay", Args: `{"id":"a"}`}),
			providertest.Say("done"))
		agent := newAgent(t, model, funcall.Config{Store: store, Tools: []funcall.Tool{pay}})
		left := make(chan bool)
		go func() {
			defer close(left)
			defer func() { _ = recover() }()
			for ev := range agent.Session("s").Stream(t.Context(), "go") {
				if ev.Kind == funcall.EventToolEnd {
					leave()
				}
			}
		}()
		<-left
		res, err := agent.Session("s").Send(t.Context(), "well?")
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff([]string{"*transcript.Result 1.0 refused", "*transcript.Result 1.1 interrupted"}, results(res.Transcript)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestASubjectSeesNothingOfAnother(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("Your card ends in 4242."), providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}))
	agent := newAgent(t, model, funcall.Config{})
	for range 2 {
		_, _ = agent.Session("s", funcall.Subject("A")).Send(t.Context(), "hi")
	}
	b := agent.Session("s", funcall.Subject("B"))
	for name, ask := range map[string]func() (*funcall.Result, error){
		"Send":   func() (*funcall.Result, error) { return b.Send(t.Context(), "hi") },
		"Resume": func() (*funcall.Result, error) { return b.Resume(t.Context()) },
		"Transcript": func() (*funcall.Result, error) {
			tr, err := b.Transcript(t.Context())
			return &funcall.Result{Transcript: tr}, err
		},
	} {
		if res, err := ask(); !errors.Is(err, funcall.ErrWrongSubject) || res.Text() != "" || len(res.Transcript.Entries) != 0 {
			t.Errorf("%s: %v, %q, %d entries", name, err, res.Text(), len(res.Transcript.Entries))
		}
	}
	if tr, err := agent.Session("s").Transcript(t.Context()); err != nil || len(tr.Entries) == 0 {
		t.Errorf("without a subject: %d entries, %v", len(tr.Entries), err)
	}
}

// flakyStore fails one append.
type flakyStore struct {
	transcript.Store
	n, failing int
}

func (s *flakyStore) Append(ctx context.Context, b transcript.Batch) error {
	if s.n++; s.n == s.failing {
		return errDisk
	}
	return s.Store.Append(ctx, b)
}

func TestAStoreThatFailsForAMoment(t *testing.T) {
	for failing := 1; failing <= 4; failing++ {
		paid := 0
		pay := tool("pay", func(context.Context, Item) (string, error) { paid++; return "paid", nil })
		model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done"))
		agent := newAgent(t, model, funcall.Config{Store: &flakyStore{Store: new(transcript.Memory), failing: failing}, Tools: []funcall.Tool{pay}})
		if res, err := agent.Session("s").Send(t.Context(), "go"); err != nil || res.Text() != "done" || paid != 1 {
			t.Errorf("append %d fails: %q, %v, paid %d times", failing, res.Text(), err, paid)
		}
	}
}

// downStore is a store that cannot be written to.
type downStore struct{ transcript.Memory }

func (*downStore) Append(context.Context, transcript.Batch) error {
	return errDisk
}

// A message that cannot be stored is not answered: no record would remain of what was done
// for it.
func TestAStoreThatIsDown(t *testing.T) {
	agent, err := funcall.New(providertest.NewScript(t), funcall.Config{Store: new(downStore)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.Session("ticket-4711").Send(t.Context(), "Hello!"); err == nil {
		t.Error("no error")
	}
}

// forgetfulStore does not say which transcript it loaded.
type forgetfulStore struct{ transcript.Store }

func (s forgetfulStore) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t, err := s.Store.Load(ctx, id)
	t.ID = ""
	return t, err
}

func TestR15_KeysDoNotHangOnTheStore(t *testing.T) {
	var key string
	pay := tool("pay", func(ctx context.Context, _ Item) (string, error) { key = funcall.CallFrom(ctx).Key; return "", nil })
	model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done"))
	agent, err := funcall.New(model, funcall.Config{Store: forgetfulStore{new(transcript.Memory)}, Tools: []funcall.Tool{pay}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.Session("s").Send(t.Context(), "go"); err != nil || key != "s/1.0" {
		t.Errorf("%q, %v", key, err)
	}
}

func TestR22_MediaAndErrorsAreBounded(t *testing.T) {
	big := provider.Media{MIME: "image/png", Data: make([]byte, 33<<20)}
	c := runOne(t, funcall.NewTool("look", "Looks.", func(context.Context, struct{}) (provider.Media, error) { return big, nil }, funcall.ReadOnly()), "")
	if c.Status != transcript.StatusFailed || !strings.Contains(c.ErrorText, "bytes of media") {
		t.Errorf("%s %.100q", c.Status, c.ErrorText)
	}
	c = runOne(t, tool("look", func(context.Context, Item) (string, error) { return "", errors.New(strings.Repeat("x", 1<<20)) }, funcall.ReadOnly()), `{"id":"a"}`)
	if len(c.ErrorText) > 5000 {
		t.Errorf("an error of %d bytes is kept", len(c.ErrorText))
	}
	c = runOne(t, funcall.NewTool("look", "Looks.", func(context.Context, struct{}) ([]provider.Part, error) {
		return []provider.Part{provider.Text{Text: "0123456789"}, provider.Text{Text: " NOT"}}, nil
	}, funcall.ReadOnly(), funcall.MaxResultBytes(10)), "")
	if c.Text() != "0123456789\n[cut: the first 10 of 14 bytes]" {
		t.Errorf("an invisible cut: %q", c.Text())
	}
}

func TestResponsesThatNoProviderMayReturn(t *testing.T) {
	text := provider.Assistant(provider.Text{Text: "hi"})
	for name, r := range map[string]*provider.Response{
		"no message":       {Finish: provider.FinishStop},
		"a nil part":       {Message: provider.Assistant(nil), Finish: provider.FinishStop},
		"a pointer":        {Message: provider.Assistant(&provider.ToolCall{ID: "c", Name: "look"}), Finish: provider.FinishStop},
		"a result":         {Message: provider.Assistant(provider.ToolResult{CallID: "c"}), Finish: provider.FinishStop},
		"no finish reason": {Message: text},
		"a user's message": {Message: provider.User("hi"), Finish: provider.FinishStop},
		"no role":          {Message: &provider.Message{Parts: text.Parts}, Finish: provider.FinishStop},
		"tokens past all":  {Message: text, Finish: provider.FinishStop, Usage: provider.Usage{Input: math.MaxInt64}},
		"negative tokens":  {Message: text, Finish: provider.FinishStop, Usage: provider.Usage{Output: -1}},
		"too much media":   {Message: provider.Assistant(provider.Media{Data: make([]byte, 33<<20)}), Finish: provider.FinishStop},
	} {
		model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return r, nil
		})
		res, err := newAgent(t, model, funcall.Config{}).Run(t.Context(), "go")
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindMalformed || len(res.Transcript.Entries) != 3 {
			t.Errorf("%s: %v", name, err)
		}
	}
	typedNil := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return nil, (*provider.Error)(nil)
	})
	if _, err := newAgent(t, typedNil, funcall.Config{}).Run(t.Context(), "go"); err == nil {
		t.Error("an error that is nil is no answer")
	}
}

func TestR26_CanceledHoldsWhateverTheProviderSays(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		cancel()
		return nil, errors.New("connection closed")
	})
	if res, err := newAgent(t, model, funcall.Config{}).Run(ctx, "go"); !errors.Is(err, context.Canceled) || res.Outcome != transcript.OutcomeCanceled {
		t.Errorf("%s, %v", res.Outcome, err)
	}
}

func TestR04_CancelBetweenStepsCallsNoModel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	look := tool("look", func(context.Context, Item) (string, error) { cancel(); return "seen", nil }, funcall.ReadOnly())
	agent := newAgent(t, providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`)), funcall.Config{Tools: []funcall.Tool{look}})
	res, err := agent.Run(ctx, "go")
	if !errors.Is(err, context.Canceled) || res.Calls[0].Status != transcript.StatusOK {
		t.Errorf("%s, %v", res.Calls[0].Status, err)
	}
}

// A run that was taken over midway must not look like one that never began.
func TestARunThatWasTakenOverSaysSo(t *testing.T) {
	store := loadsOnly{new(transcript.Memory)}
	look := tool("look", func(ctx context.Context, _ Item) (string, error) {
		tr, err := store.Load(ctx, "s")
		if err != nil {
			return "", err
		}
		return "seen", store.Append(ctx, transcript.Batch{Session: "s", At: len(tr.Entries), Entries: []transcript.Entry{{Body: &transcript.Resume{By: "another"}}}})
	}, funcall.ReadOnly())
	agent := newAgent(t, providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`)), funcall.Config{Store: store, Tools: []funcall.Tool{look}})
	res, err := agent.Session("s").Send(t.Context(), "go")
	if !errors.Is(err, transcript.ErrConflict) || errors.Is(err, funcall.ErrBusy) || res.Calls[0].Status != transcript.StatusOK {
		t.Errorf("%s, %v", res.Calls[0].Status, err)
	}
}

func TestWhatIsStoredDoesNotChangeWithItsSlice(t *testing.T) {
	parts := []provider.Part{provider.Text{Text: "first"}}
	look := funcall.NewTool("look", "Looks.", func(context.Context, struct{}) ([]provider.Part, error) { return parts, nil }, funcall.ReadOnly())
	c := runOne(t, look, "")
	parts[0] = provider.Text{Text: "second"}
	if c.Text() != "first" {
		t.Errorf("%q", c.Text())
	}
}

// The digest identifies instructions and tools, so that runs can be compared.
func TestConfigDigest(t *testing.T) {
	digest := func(cfg funcall.Config) string {
		in, err := newAgent(t, providertest.NewScript(t), cfg).NewInput(t.Context(), "s", "go")
		if err != nil {
			t.Fatal(err)
		}
		return in.ConfigDigest
	}
	look, other := tool("look", echo), funcall.NewTool("look", "Says something else.", echo)
	seen := map[string]bool{}
	for _, cfg := range []funcall.Config{{}, {Instructions: "x"}, {Tools: []funcall.Tool{look}}, {Tools: []funcall.Tool{other}}, {Tools: []funcall.Tool{look.With(funcall.ReadOnly())}}} {
		if d := digest(cfg); d == "" || seen[d] {
			t.Errorf("digest %q of %+v", d, cfg)
		} else {
			seen[d] = true
		}
	}
	if digest(funcall.Config{Tools: []funcall.Tool{look}}) != digest(funcall.Config{Tools: []funcall.Tool{tool("look", echo)}}) {
		t.Error("the same tools have two digests")
	}
}
