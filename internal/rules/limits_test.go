package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// forever is a model that calls look at every turn, until tools are off.
func forever(perTurn int, closing string) provider.Provider {
	n := 0
	return provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		usage := provider.Usage{Input: 100, Output: 10}
		if req.Choice.Mode == provider.ToolsNone {
			return &provider.Response{Message: provider.Assistant(provider.Text{Text: closing}), Finish: provider.FinishStop, Usage: usage}, nil
		}
		m := provider.Assistant()
		for range perTurn {
			n++
			m.Parts = append(m.Parts, provider.ToolCall{ID: fmt.Sprint("c", n), Name: "look", Args: `{"id":"a"}`})
		}
		return &provider.Response{Message: m, Finish: provider.FinishToolCalls, Usage: usage}, nil
	})
}

func TestR21_ARunFinishesAtItsLimits(t *testing.T) {
	const words = "Please ask a colleague."
	for _, c := range []struct {
		name    string
		limits  transcript.Limits
		perTurn int
		closing string
		why     string
		steps   int
		ran     int
		skipped int
		text    string
	}{
		{"the default", transcript.Limits{}, 1, "So far.", transcript.LimitSteps, 17, 16, 0, "So far."},
		{"steps", transcript.Limits{Steps: 3}, 2, "So far.", transcript.LimitSteps, 4, 6, 0, "So far."},
		{"steps, and no closing text", transcript.Limits{Steps: 3}, 2, "", transcript.LimitSteps, 4, 6, 0, wording.ClosingText},
		{"calls, in the middle of a turn", transcript.Limits{Calls: 5}, 3, "So far.", transcript.LimitCalls, 3, 5, 1, "So far."},
		{"tokens", transcript.Limits{Tokens: 250, ClosingText: words}, 2, "So far.", transcript.LimitTokens, 3, 4, 2, words},
	} {
		t.Run(c.name, func(t *testing.T) {
			ran := 0
			look := tool("look", func(context.Context, Item) (string, error) { ran++; return "", nil }, funcall.ReadOnly())
			agent := newAgent(t, forever(c.perTurn, c.closing), funcall.Config{Tools: []funcall.Tool{look}, MaxParallel: 1})
			res, err := agent.Session("s").Send(t.Context(), "go", funcall.WithLimits(c.limits))
			if err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != c.why || res.Text() != c.text {
				t.Errorf("%s (%s) %q, %v", res.Outcome, res.Reason, res.Text(), err)
			}
			skipped := 0
			for _, call := range res.Calls {
				if call.Status == transcript.StatusSkipped {
					skipped++
				}
			}
			if res.Steps != c.steps || ran != c.ran || skipped != c.skipped {
				t.Errorf("%d steps, %d calls ran, %d were skipped", res.Steps, ran, skipped)
			}
			check(t, res)
			// The conversation goes on, and the model knows what was said.
			model := providertest.NewScript(t, providertest.Say("hello").Expect(func(r *provider.Request) error {
				if m := r.Messages[len(r.Messages)-2]; m.Role != provider.RoleAssistant || m.Text() != c.text {
					return fmt.Errorf("before the user's message there is %s %q", m.Role, m.Text())
				}
				return nil
			}))
			store := new(transcript.Memory)
			if err := store.Append(t.Context(), transcript.Batch{Session: "s", Entries: res.Transcript.Entries}); err != nil {
				t.Fatal(err)
			}
			if _, err := newAgent(t, model, funcall.Config{Store: store}).Session("s").Send(t.Context(), "hi"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestR21_ActiveTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := tool("look", func(ctx context.Context, _ Item) (string, error) {
			select {
			case <-time.After(4 * time.Second):
				return "seen", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}, funcall.ReadOnly())
		agent := newAgent(t, forever(1, "So far."), funcall.Config{Tools: []funcall.Tool{look}, Limits: transcript.Limits{ActiveTime: 10 * time.Second}})
		s := agent.Session("s")
		for range 2 { // the time between two messages does not count
			began := time.Now()
			res, err := s.Send(t.Context(), "go")
			if err != nil || res.Outcome != transcript.OutcomeLimit || res.Reason != transcript.LimitActiveTime || res.Text() != wording.ClosingText {
				t.Errorf("%s (%s) %q, %v", res.Outcome, res.Reason, res.Text(), err)
			}
			if took := time.Since(began); took != 10*time.Second {
				t.Errorf("it took %v", took)
			}
			time.Sleep(time.Hour)
		}
		// A model call that would go on is stopped, too.
		slow := newAgent(t, providertest.NewScript(t, providertest.Hang()), funcall.Config{Limits: transcript.Limits{ActiveTime: 7 * time.Second}})
		if res, err := slow.Run(t.Context(), "go"); err != nil || res.Reason != transcript.LimitActiveTime {
			t.Errorf("%s (%s), %v", res.Outcome, res.Reason, err)
		}
	})
}

func TestR22_NothingIsUnbounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		agent := newAgent(t, providertest.NewScript(t, providertest.Hang()), funcall.Config{})
		began := time.Now()
		res, err := agent.Run(t.Context(), "go")
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindTimeout || res.Outcome != transcript.OutcomeFailed {
			t.Errorf("a silent model: %s, %v", res.Outcome, err)
		}
		if took := time.Since(began); took != 15*time.Minute {
			t.Errorf("a silent model was waited for %v", took)
		}
	})
	t.Run("results are cut visibly", func(t *testing.T) {
		long := strings.Repeat("é", 40_000)
		c := runOne(t, tool("look", func(context.Context, Item) (string, error) { return long, nil }, funcall.ReadOnly()), `{"id":"a"}`)
		if want := "\n[cut: the first 65536 of 80000 bytes]"; !strings.HasSuffix(c.Text(), want) || len(c.Text()) != 65536+len(want) {
			t.Errorf("%d bytes, ending in %q", len(c.Text()), c.Text()[len(c.Text())-50:])
		}
		c = runOne(t, tool("look", func(context.Context, Item) (string, error) { return "éééé", nil }, funcall.ReadOnly(), funcall.MaxResultBytes(3)), `{"id":"a"}`)
		if c.Text() != "é\n[cut: the first 2 of 8 bytes]" {
			t.Errorf("%q", c.Text())
		}
	})
	t.Run("responses are bounded", func(t *testing.T) {
		for _, parts := range [][]provider.Part{
			{provider.Text{Text: strings.Repeat("x", 32<<20+1)}},
			make([]provider.Part, 257),
		} {
			for i := range parts {
				if parts[i] == nil {
					parts[i] = provider.ToolCall{ID: fmt.Sprint(i), Name: "look"}
				}
			}
			model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
				return &provider.Response{Message: provider.Assistant(parts...), Finish: provider.FinishStop}, nil
			})
			_, err := newAgent(t, model, funcall.Config{}).Run(t.Context(), "go")
			if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindMalformed {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("a provider that returns nothing", func(t *testing.T) {
		model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return nil, nil
		})
		if _, err := newAgent(t, model, funcall.Config{}).Run(t.Context(), "go"); err == nil {
			t.Error("no error")
		}
	})
}

func TestR28_NothingOutlivesARun(t *testing.T) {
	look := tool("look", func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }, funcall.ReadOnly())
	turns := []providertest.Turn{
		providertest.Calls(provider.ToolCall{Name: "look", Args: `{"id":"a"}`}, provider.ToolCall{Name: "look", Args: `{"id":"b"}`}).WithText("I will have a look."),
	}
	for _, leaveAt := range []funcall.EventKind{funcall.EventText, funcall.EventModelEnd, funcall.EventToolStart} {
		for _, panics := range []bool{false, true} {
			agent := newAgent(t, providertest.NewScript(t, turns...), funcall.Config{Tools: []funcall.Tool{look}})
			events := 0
			func() {
				defer func() { _ = recover() }()
				for ev, err := range agent.Stream(t.Context(), "go") {
					events++
					if err != nil {
						t.Error(err)
					}
					if ev.Kind != leaveAt {
						continue
					}
					if panics {
						panic("consumer")
					}
					break
				}
			}()
			if events == 0 {
				t.Error("no events")
			}
			leaktest.Check(t)
		}
	}
}

func TestStreamIsRunWatched(t *testing.T) {
	model := func() *providertest.Script {
		return providertest.NewScript(t,
			providertest.Call("look", `{"id":"a"}`).WithText("Let me see.").WithReasoning("hm").WithUsage(provider.Usage{Input: 5, Output: 2}),
			providertest.Say("It is there.").WithUsage(provider.Usage{Input: 9, Output: 3}))
	}
	cfg := funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}}
	whole, err := newAgent(t, model(), cfg).Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	var text, reasoning string
	var order []funcall.EventKind
	var streamed *funcall.Result
	for ev, err := range newAgent(t, model(), cfg).Stream(t.Context(), "go") {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case funcall.EventText:
			text += ev.Text
		case funcall.EventReasoning:
			reasoning += ev.Text
		case funcall.EventDone:
			streamed = ev.Result
			fallthrough
		default:
			order = append(order, ev.Kind)
		}
	}
	want := []funcall.EventKind{funcall.EventToolInput, funcall.EventModelEnd, funcall.EventToolStart, funcall.EventToolEnd, funcall.EventModelEnd, funcall.EventDone}
	if fmt.Sprint(order) != fmt.Sprint(want) || text != "Let me see.It is there." || reasoning != "hm" {
		t.Errorf("events %v, text %q, reasoning %q", order, text, reasoning)
	}
	if streamed.Text() != whole.Text() || streamed.Usage != whole.Usage || whole.Usage.Total() != 19 || fmt.Sprint(kinds(streamed.Transcript)) != fmt.Sprint(kinds(whole.Transcript)) {
		t.Errorf("streamed %+v\n whole %+v", streamed, whole)
	}
}

// A consumer sees every call end, also those that never ran.
func TestStreamTellsOfRefusedCalls(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Calls(provider.ToolCall{Name: "look", Args: `{"id":"a"}`}, provider.ToolCall{Name: "nope", Args: `{}`}),
		providertest.Say("done"))
	agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
	ends, args := map[string]transcript.Status{}, map[string]string{}
	for ev, err := range agent.Stream(t.Context(), "go") {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == funcall.EventToolEnd {
			ends[ev.Tool], args[ev.Tool] = ev.Status, ev.Args
		}
	}
	if len(ends) != 2 || ends["look"] != transcript.StatusOK || ends["nope"] != transcript.StatusRefused || args["nope"] != `{}` {
		t.Errorf("ends: %v, arguments: %q", ends, args)
	}
}
