package rules_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// What the program plugs in, and panics.

// brokenHandler panics in the method of that name.
type brokenHandler struct{ method string }

func (h brokenHandler) panics(method string) {
	if h.method == method {
		panic("the log is broken")
	}
}

func (h brokenHandler) Enabled(context.Context, slog.Level) bool { h.panics("Enabled"); return true }
func (h brokenHandler) Handle(context.Context, slog.Record) error {
	h.panics("Handle")
	return nil
}
func (h brokenHandler) WithAttrs([]slog.Attr) slog.Handler { h.panics("WithAttrs"); return h }
func (h brokenHandler) WithGroup(string) slog.Handler      { return h }

func TestALogHandlerThatPanics(t *testing.T) {
	for _, logger := range []*slog.Logger{
		slog.New(brokenHandler{"Enabled"}), slog.New(brokenHandler{"Handle"}), slog.New(brokenHandler{"WithAttrs"}), {},
	} {
		synctest.Test(t, func(t *testing.T) {
			var tries atomic.Int32 // the last try is abandoned, and not waited for
			look := tool("look", func(ctx context.Context, _ Item) (string, error) {
				if tries.Add(1) == 1 {
					return "", errors.New("once more") // a retry is logged on the call's goroutine
				}
				time.Sleep(time.Minute) // and so is the return of a call that was abandoned
				return "", nil
			}, funcall.ReadOnly(), funcall.Retry(1, time.Millisecond), funcall.Timeout(time.Second))
			agent := newAgent(t, providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("done")), funcall.Config{Tools: []funcall.Tool{look}, Logger: logger})
			res, err := agent.Session("s").Send(t.Context(), "go")
			if err != nil || res.Text() != "done" || tries.Load() != 2 {
				t.Errorf("%v: %q, %v, tried %d times", logger.Handler(), res.Text(), err, tries.Load())
			}
			time.Sleep(2 * time.Minute)
		})
	}
}

// seenHandler fails the test if a value holds a control character.
type seenHandler struct {
	t    *testing.T
	seen *strings.Builder
}

func (h seenHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h seenHandler) WithGroup(string) slog.Handler            { return h }
func (h seenHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		h.look(a)
	}
	return h
}

func (h seenHandler) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool { h.look(a); return true })
	return nil
}

func (h seenHandler) look(a slog.Attr) {
	h.seen.WriteString(a.String() + "\n")
	s := a.Value.String()
	if a.Key == "stack" {
		s = strings.NewReplacer("\n", "", "\t", "").Replace(s)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		h.t.Errorf("%s=%q", a.Key, s)
	}
}

func TestTheLogHoldsNoControlCharacters(t *testing.T) {
	const evil = "x\x1b[2J\nlevel=ERROR\u009b\x00"
	var seen strings.Builder
	look := tool("look", func(context.Context, Item) (string, error) { return "", errors.New(evil) }, funcall.ReadOnly())
	pay := tool("pay", func(context.Context, Item) (string, error) { panic(evil) })
	turns := 0
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		if turns++; turns == 2 {
			return nil, &provider.Error{Kind: provider.KindUnavailable, Message: evil, Code: evil, RequestID: evil}
		}
		m := provider.Assistant(
			provider.ToolCall{ID: "1", Name: "look", Args: `{"id":"a"}`},
			provider.ToolCall{ID: "2", Name: "pay", Args: `{"id":"a"}`},
			provider.ToolCall{ID: "3", Name: evil, Args: "{}"})
		return &provider.Response{Message: m, Finish: provider.FinishToolCalls, Model: evil, RequestID: evil}, nil
	})
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{look, pay}, Logger: slog.New(seenHandler{t, &seen})})
	if _, err := agent.Session("s\x1b").Send(t.Context(), "go"); err == nil {
		t.Error("no error")
	}
	if !strings.Contains(seen.String(), `error=x\x1b[2J\nlevel=ERROR`) || !strings.Contains(seen.String(), "\n\t") {
		t.Errorf("%s", &seen)
	}
}

func TestAClockThatPanics(t *testing.T) {
	var reads atomic.Int32
	for name, broken := range map[string]func() time.Time{
		"panic":    func() time.Time { panic("the clock is broken") },
		"year":     func() time.Time { return time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"negative": func() time.Time { return time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		for ok := range int32(6) { // how many reads of it go well
			reads.Store(0)
			now := func() time.Time {
				if reads.Add(1) > ok {
					return broken()
				}
				return time.Now()
			}
			look := tool("look", echo, funcall.ReadOnly())
			agent := newAgent(t, providertest.NewScript(t, providertest.Call("look", `{"id":"a"}`), providertest.Say("done")), funcall.Config{Tools: []funcall.Tool{look}, Now: now})
			res, err := agent.Session("s").Send(t.Context(), "go")
			if err != nil || res.Text() != "done" {
				t.Errorf("%s after %d: %q, %v", name, ok, res.Text(), err)
			}
		}
	}
}

func TestDoRefusesNonsense(t *testing.T) {
	agent := newAgent(t, providertest.NewScript(t), funcall.Config{})
	for _, kind := range []transcript.ActionKind{transcript.ActionReconcile, transcript.ActionTools} {
		if bodies, err := agent.Do(t.Context(), nil, transcript.Action{Kind: kind}, nil); err == nil || !strings.Contains(err.Error(), "has no calls") || len(bodies) > 0 {
			t.Errorf("%s: %v, %v", kind, bodies, err)
		}
	}
	if _, err := agent.Do(t.Context(), []*provider.Message{nil}, transcript.Action{Kind: transcript.ActionModel}, nil); err == nil || !strings.Contains(err.Error(), "message 0 is nil") {
		t.Error(err)
	}
	if bodies, err := agent.Do(t.Context(), nil, transcript.Action{}, nil); err != nil || len(bodies) > 0 {
		t.Errorf("nothing: %v, %v", bodies, err)
	}
}

// oddStore returns invalid entries, or panics.
type oddStore struct {
	load   func() []transcript.Entry
	append func() error
}

func (s oddStore) Load(context.Context, string) (transcript.Transcript, error) {
	return transcript.Transcript{Entries: s.load()}, nil
}
func (s oddStore) Append(context.Context, transcript.Batch) error { return s.append() }

func TestStoresThatReturnNonsense(t *testing.T) {
	none := func() []transcript.Entry { return nil }
	one := func(b transcript.Body) func() []transcript.Entry {
		return func() []transcript.Entry { return []transcript.Entry{{Body: b}} }
	}
	for name, store := range map[string]oddStore{
		"no body":         {load: one(nil)},
		"a nil input":     {load: one((*transcript.Input)(nil))},
		"no message":      {load: one(&transcript.Output{})},
		"a nil result":    {load: one((*transcript.Result)(nil))},
		"Load panics":     {load: func() []transcript.Entry { panic("no disk") }},
		"Append panics":   {load: none, append: func() error { panic("no disk") }},
		"Append is tried": {load: none, append: func() error { return errDisk }},
	} {
		agent, err := funcall.New(providertest.NewScript(t), funcall.Config{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		if res, err := agent.Session("s").Send(t.Context(), "go"); err == nil || res == nil {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
}

type panickyIs struct{}

func (panickyIs) Error() string   { return "an error" }
func (panickyIs) Is(error) bool   { panic("Is") }
func (panickyIs) Unwrap() []error { return []error{panickyError{}} }

func TestAProviderThatPanics(t *testing.T) {
	said := func(emit func(provider.Delta)) {
		if emit != nil {
			emit(provider.Delta{Kind: provider.DeltaText, Text: "He"})
		}
	}
	for name, generate := range map[string]func(emit func(provider.Delta)) (*provider.Response, error){
		"a panic":           func(func(provider.Delta)) (*provider.Response, error) { panic("nil map") },
		"a panic with text": func(emit func(provider.Delta)) (*provider.Response, error) { said(emit); panic(panickyError{}) },
		"an error's text":   func(func(provider.Delta)) (*provider.Response, error) { return nil, panickyError{} },
		"an error's Is":     func(func(provider.Delta)) (*provider.Response, error) { return nil, panickyIs{} },
		"a nil error":       func(func(provider.Delta)) (*provider.Response, error) { return nil, (*nilError)(nil) },
	} {
		var log strings.Builder
		model := provider.Func(func(_ context.Context, _ *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			return generate(emit)
		})
		agent := newAgent(t, model, funcall.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		var res *funcall.Result
		var err error
		for ev, e := range agent.Session("s").Stream(t.Context(), "go") {
			res, err = ev.Result, e
		}
		e, ok := errors.AsType[*provider.Error](err)
		if !ok || e.Kind != provider.KindMalformed || e.Emitted != (name == "a panic with text") || res.Outcome != transcript.OutcomeFailed {
			t.Errorf("%s: %v, %s", name, err, res.Outcome)
			continue
		}
		check(t, res)
		if strings.Contains(err.Error()+res.Reason, "goroutine") || !strings.Contains(log.String(), "guard_test.go") && name != "a nil error" {
			t.Errorf("%s: the stack stands in the wrong place:\n%v\n%s", name, err, &log)
		}
		if _, err := agent.Session("s").Resume(t.Context()); !errors.As(err, &e) {
			t.Errorf("%s, again: %v", name, err)
		}
	}
}

// checkless is a provider whose mistakes cannot be asked for.
type checkless struct{ provider.Func }

func (c *checkless) Check() error { panic("no mistake") }

// modelless is a provider whose name cannot be asked for.
type modelless struct{ model *string }

func (m *modelless) Model() string { return *m.model }
func (m *modelless) Generate(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
	return nil, nil
}

func TestNewSurvivesItsProvider(t *testing.T) {
	for _, p := range []provider.Provider{(*modelless)(nil), &modelless{}, (*checkless)(nil), &checkless{}} {
		if _, err := funcall.New(p, funcall.Config{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%T, cannot be used", p)) {
			t.Error(err)
		}
	}
}
