package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Routing is an answer with everything that can be wrong with one.
type Routing struct {
	Queue  string `json:"queue" jsonschema:"enum=refunds,enum=stock"`
	Urgent bool   `json:"urgent,omitempty" jsonschema:"default=true"`
	Notes  []Note `json:"notes,omitempty"`
}

type Note struct {
	Order int64  `json:"order" jsonschema:"minimum=1"`
	Fee   Amount `json:"fee"`
}

// plain is a provider without a form for answers.
func plain(p provider.Provider) provider.Provider {
	return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		if req.OutputSchema != nil {
			return nil, &provider.Error{Kind: provider.KindUnsupported, Message: "no schemas here"}
		}
		return p.Generate(ctx, req, emit)
	})
}

// inForm checks that the answer is asked for in the provider's own form, and
// byCall that it is asked for as a tool call, in that mode.
func inForm(req *provider.Request) error {
	if req.OutputSchema == nil || req.OutputSchema.Name != "answer" || req.OutputSchema.Description != "The answer to the user." || !json.Valid(req.OutputSchema.Schema) || len(req.Tools) > 1 {
		return errors.New("the request asks for no answer")
	}
	return nil
}

func byCall(mode provider.ToolMode) func(*provider.Request) error {
	return func(req *provider.Request) error {
		last := req.Tools[len(req.Tools)-1]
		if req.OutputSchema != nil || last.Name != "answer" || !strings.Contains(last.Description, "Call it once") || req.Choice.Mode != mode {
			return errors.New("the request asks for no answer call")
		}
		return nil
	}
}

func TestGenerate(t *testing.T) {
	const good = `{"queue":"refunds","notes":[{"order":9007199254740993,"fee":"5 cents"}]}`
	want := Routing{Queue: "refunds", Urgent: true, Notes: []Note{{9007199254740993, Amount{5}}}}
	answer := func(args string) providertest.Turn { return providertest.Call("answer", args) }
	look := providertest.Call("look", `{"id":"a"}`)
	for _, c := range []struct {
		name    string
		plain   bool
		limits  transcript.Limits
		turns   []providertest.Turn
		want    Routing
		err     error
		outcome transcript.Outcome
	}{
		{
			name:  "in the provider's form",
			turns: []providertest.Turn{providertest.Say(good).Expect(inForm)},
			want:  want, outcome: transcript.OutcomeDone,
		}, {
			name:  "after tools",
			turns: []providertest.Turn{look, providertest.Say(good).Expect(providertest.HasResult("look", "a++")).Expect(inForm)},
			want:  want, outcome: transcript.OutcomeDone,
		}, {
			name: "corrected",
			turns: []providertest.Turn{
				providertest.Say(`{"queue":"nobody","notes":[{"order":0,"fee":"5 cents"}]}`),
				providertest.Say("It is for refunds.").Expect(providertest.UserSays("Your answer was not taken (2 problems):\n- /")).Expect(providertest.UserSays("/notes/0/order")).Expect(inForm),
				providertest.Say(`{"queue":"refunds","notes":[{"order":1,"fee":"much"}]}`).Expect(providertest.UserSays("nothing but JSON")),
				look.Expect(providertest.UserSays("Your answer was not taken: /notes/0/fee: ")).Expect(providertest.UserSays(". Answer with JSON only.")), // a turn that gets on ends the row of refusals
				providertest.Say(""),
				providertest.Say(good),
			},
			limits: transcript.Limits{Refusals: 4},
			want:   want, outcome: transcript.OutcomeDone,
		}, {
			name: "never",
			turns: []providertest.Turn{
				providertest.Say("no"), providertest.Say("{}"), providertest.Say("[]"),
				providertest.Say("still no").Expect(inForm).Expect(providertest.ToolsOff),
			},
			err: funcall.ErrNoOutput, outcome: transcript.OutcomeLimit,
		}, {
			name: "at the last moment",
			turns: []providertest.Turn{
				look, providertest.Say(good).Expect(inForm).Expect(providertest.ToolsOff),
			},
			limits: transcript.Limits{Steps: 1},
			want:   want, outcome: transcript.OutcomeDone,
		}, {
			name:  "cut off",
			turns: []providertest.Turn{providertest.Respond(&provider.Response{Message: provider.Assistant(provider.Text{Text: good}), Finish: provider.FinishLength})},
			err:   funcall.ErrNoOutput, outcome: transcript.OutcomeTruncated,
		}, {
			name: "by a call", plain: true,
			turns: []providertest.Turn{look.Expect(byCall(provider.ToolsRequired)), answer(good)},
			want:  want, outcome: transcript.OutcomeDone,
		}, {
			name: "by a call, corrected", plain: true,
			turns: []providertest.Turn{
				answer(`{"queue":7}`),
				providertest.Say("For refunds.").Expect(providertest.HasError("answer", "queue")),
				providertest.Say(`{"queue":"nobody"}`).Expect(providertest.UserSays("Give it as a call")),
				answer(good).Expect(providertest.UserSays("queue")),
			},
			limits: transcript.Limits{Refusals: 4},
			want:   want, outcome: transcript.OutcomeDone,
		}, {
			name: "by a text that is it", plain: true,
			turns: []providertest.Turn{providertest.Say("\n" + good + "\n")},
			want:  want, outcome: transcript.OutcomeDone,
		}, {
			name: "by a call, at the last moment", plain: true,
			turns:  []providertest.Turn{look, answer(good).Expect(byCall(provider.ToolsNamed))},
			limits: transcript.Limits{Steps: 1},
			want:   want, outcome: transcript.OutcomeDone,
		}, {
			name: "by a call, though no calls are left", plain: true,
			turns:  []providertest.Turn{providertest.Calls(provider.ToolCall{Name: "look", Args: `{"id":"a"}`}, provider.ToolCall{Name: "look", Args: `{"id":"b"}`}, provider.ToolCall{Name: "answer", Args: good})},
			limits: transcript.Limits{Calls: 1},
			want:   want, outcome: transcript.OutcomeDone,
		}, {
			name: "two answers", plain: true,
			turns: []providertest.Turn{providertest.Calls(provider.ToolCall{Name: "answer", Args: good}, provider.ToolCall{Name: "answer", Args: `{"queue":"stock"}`})},
			want:  want, outcome: transcript.OutcomeDone,
		}, {
			name: "a call that is cut off", plain: true,
			turns: []providertest.Turn{providertest.Respond(&provider.Response{Message: provider.Assistant(provider.ToolCall{ID: "c", Name: "answer", Args: good}), Finish: provider.FinishLength})},
			err:   funcall.ErrTruncated, outcome: transcript.OutcomeTruncated,
		}, {
			name:  "a failure",
			turns: []providertest.Turn{providertest.Fail(&provider.Error{Kind: provider.KindAuth})},
			err:   &provider.Error{Kind: provider.KindAuth}, outcome: transcript.OutcomeFailed,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var model provider.Provider = providertest.NewScript(t, c.turns...)
			if c.plain {
				model = plain(model)
			}
			agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}, Limits: c.limits})
			got, res, err := funcall.Generate[Routing](t.Context(), agent.Session("s"), "Which queue?")
			if !isError(err, c.err) || res.Outcome != c.outcome {
				t.Errorf("%s, %v", res.Outcome, err)
			}
			if d := cmp.Diff(c.want, got); d != "" || (err == nil) != (res.Output != nil) {
				t.Errorf("answer %s\n%s", res.Output, d)
			}
			check(t, res)
			if err != nil {
				return
			}
			// The conversation goes on, with any text for an answer.
			if next := res.Transcript.Messages(); next[len(next)-1].Role == provider.RoleUser {
				t.Errorf("the user would speak twice: %+v", next)
			}
			if _, ok := reload(t, res.Transcript); !ok {
				t.Error("the transcript is another once it is read again")
			}
		})
	}
}

// reload writes a transcript and reads it again.
func reload(t *testing.T, tr transcript.Transcript) (transcript.Transcript, bool) {
	t.Helper()
	var b strings.Builder
	if err := transcript.Encode(&b, tr); err != nil {
		t.Fatal(err)
	}
	back, err := transcript.Decode(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	if err := transcript.Encode(&again, back); err != nil {
		t.Fatal(err)
	}
	return back, again.String() == b.String()
}

// The error says how the run ended, and why the last answer was refused.
func TestGenerateErrorNamesTheLastRefusal(t *testing.T) {
	refused := newAgent(t, providertest.NewScript(t, providertest.Say("hm"), providertest.Say(`{"queue":7}`)), funcall.Config{Limits: transcript.Limits{Refusals: 1}})
	called := newAgent(t, plain(providertest.NewScript(t, providertest.Call("answer", `{"queue":7}`), providertest.Call("answer", `{"queue":7}`))), funcall.Config{Limits: transcript.Limits{Refusals: 1}})
	handed := newAgent(t, providertest.NewScript(t, providertest.Call("hand_over", `{"id":"a"}`)), funcall.Config{Tools: []funcall.Tool{tool("hand_over", echo, funcall.EndsRun(transcript.OutcomeHandedOff))}})
	for want, agent := range map[string]*funcall.Agent{
		"funcall: the run ended without a structured output: outcome limit (refusals); last refusal: Your answer was not taken: /queue: must be": refused,
		`funcall: the run ended without a structured output: outcome limit (refusals); last refusal: invalid arguments for "answer": /queue: `:   called,
		"funcall: the run ended without a structured output: outcome handed_over":                                                                handed,
	} {
		_, _, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?")
		if !errors.Is(err, funcall.ErrNoOutput) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// A provider that calls one thing unsupported is not taken to lack another, and
// what it lacks is not asked of it again.
func TestGenerateRemembersWhatIsUnsupported(t *testing.T) {
	asked := 0
	counting := func(p provider.Provider) provider.Provider {
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			asked++
			return p.Generate(ctx, req, emit)
		})
	}
	agent := newAgent(t, counting(plain(providertest.NewScript(t,
		providertest.Fail(&provider.Error{Kind: provider.KindUnsupported}), // whatever it is: it is not the answer's form
		providertest.Call("answer", `{"queue":"stock"}`),
		providertest.Call("answer", `{"queue":"stock"}`),
	))), funcall.Config{})
	for i, want := range []int{2, 4, 5} {
		_, _, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?")
		if asked != want || (err != nil) != (i == 0) {
			t.Errorf("%d: asked %d times, not %d (%v)", i, asked, want, err)
		}
	}
}

// A run that was killed before its structured output continues to it, in a process without
// the Go type.
func TestGenerateIsResumed(t *testing.T) {
	store := new(transcript.Memory)
	first := newAgent(t, providertest.NewScript(t, providertest.Say("hm"), providertest.Fail(&provider.Error{Kind: provider.KindUnavailable})), funcall.Config{Store: store})
	if _, _, err := funcall.Generate[Routing](t.Context(), first.Session("s"), "Which queue?"); err == nil {
		t.Fatal("no error")
	}
	second := newAgent(t, providertest.NewScript(t, providertest.Say(`{"queue":7}`).Expect(inForm), providertest.Say(`{"queue":"stock"}`)), funcall.Config{Store: store})
	res, err := second.Session("s").Resume(t.Context())
	if err != nil || string(res.Output) != `{"queue":"stock","urgent":true}` {
		t.Errorf("%s, %v", res.Output, err)
	}
	check(t, res)
}

func TestGenerateNamesAndForms(t *testing.T) {
	ran := false
	own := funcall.NewTool("answer", "Answers the phone.", func(context.Context, Item) (string, error) { ran = true; return "hello", nil })
	agent := newAgent(t, plain(providertest.NewScript(t, providertest.Call("answer", `{"id":"a"}`), providertest.Call("answer_", `{"queue":"stock"}`))),
		funcall.Config{Tools: []funcall.Tool{own}})
	got, _, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?")
	if err != nil || !ran || got.Queue != "stock" {
		t.Errorf("%+v, %v", got, err)
	}
	near := newAgent(t, plain(providertest.NewScript(t, providertest.Call("answer_", `{"queue":"stock"}`))),
		funcall.Config{Tools: []funcall.Tool{tool("Answer", echo)}})
	if _, _, err := funcall.Generate[Routing](t.Context(), near, "Which queue?"); err != nil {
		t.Errorf("beside a tool whose name differs by case alone: %v", err)
	}
}

// null is no answer, though it stands for {} in a tool's arguments; and what a
// Go type cannot hold is corrected, not returned in part.
func TestGenerateTakesNoHalfAnswers(t *testing.T) {
	type Flags struct {
		Name  string `json:"name,omitempty"`
		Count uint   `json:"count,omitempty"`
	}
	for said, want := range map[string]Flags{`null`: {Name: "x"}, `{"name":"y","count":-0}`: {Name: "y"}} {
		agent := newAgent(t, providertest.NewScript(nil, providertest.Say(said), providertest.Say(`{"name":"x"}`)), funcall.Config{})
		got, _, err := funcall.Generate[Flags](t.Context(), agent, "Which?")
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", said, got, err)
		}
	}
}

// A server that does not take one schema may take another.
func TestGenerateRemembersBySchema(t *testing.T) {
	type Name struct {
		Name string `json:"name"`
	}
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		switch {
		case req.OutputSchema == nil:
			return asks(provider.FinishToolCalls, provider.ToolCall{ID: "1", Name: "answer", Args: `{"queue":"stock"}`}), nil
		case strings.Contains(string(req.OutputSchema.Schema), "queue"):
			return nil, &provider.Error{Kind: provider.KindUnsupported}
		}
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: `{"name":"x"}`}), Finish: provider.FinishStop}, nil
	})
	agent := newAgent(t, model, funcall.Config{})
	if _, res, err := funcall.Generate[Routing](t.Context(), agent, "Which?"); err != nil || len(res.Calls) != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	if got, res, err := funcall.Generate[Name](t.Context(), agent, "Who?"); err != nil || got.Name != "x" || len(res.Calls) != 0 {
		t.Errorf("%+v, %+v, %v", got, res, err)
	}
}

// A type is described once for an agent, and its tool is the same in every
// request, so that it is encoded once.
func TestGenerateDescribesATypeOnce(t *testing.T) {
	var tools []*provider.Tool
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		tools = append(tools, req.Tools[len(req.Tools)-1])
		if len(tools)%2 == 1 {
			return asks(provider.FinishToolCalls, provider.ToolCall{ID: "1", Name: "answer", Args: `{}`}), nil
		}
		return asks(provider.FinishToolCalls, provider.ToolCall{ID: "2", Name: "answer", Args: `{"queue":"stock"}`}), nil
	})
	agent := newAgent(t, plain(model), funcall.Config{})
	for range 2 {
		if _, _, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?"); err != nil {
			t.Fatal(err)
		}
	}
	for _, tl := range tools {
		if tl != tools[0] {
			t.Errorf("%d requests, and not one tool", len(tools))
		}
	}
}

// An agent with a tool of the answer's name cannot tell the two apart, and says
// so rather than to take the tool's calls for the answer.
func TestGenerateIsNotResumedByAnAgentWithSuchATool(t *testing.T) {
	store := new(transcript.Memory)
	first := newAgent(t, providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnavailable})), funcall.Config{Store: store})
	if _, _, err := funcall.Generate[Routing](t.Context(), first.Session("s"), "Which queue?"); err == nil {
		t.Fatal("no error")
	}
	second := newAgent(t, providertest.NewScript(t), funcall.Config{Store: store, Tools: []funcall.Tool{tool("answer", echo)}})
	res, err := second.Session("s").Resume(t.Context())
	if err == nil || !strings.Contains(err.Error(), `a tool of this agent has that name`) || res.Outcome != transcript.OutcomeFailed {
		t.Errorf("%s, %v", res.Outcome, err)
	}
	check(t, res)
}

// Streamed text of an answer cannot be taken back, so the model is not asked again.
func TestGenerateDoesNotAskTwiceOnceSomethingWasShown(t *testing.T) {
	asked := 0
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		asked++
		return nil, &provider.Error{Kind: provider.KindUnsupported, Emitted: true}
	})
	if _, _, err := funcall.Generate[Routing](t.Context(), newAgent(t, model, funcall.Config{}), "Which?"); err == nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}
