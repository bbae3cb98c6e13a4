package golden_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestFailuresOfTheModel(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"Where is A1?", "And now?", "Still?"}
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1"}`),
		providertest.Fail(&provider.Error{
			Kind: provider.KindRateLimited, Provider: "openai", Status: 429, Code: "slow_down", Message: "Too fast",
			RetryAfter: 1500 * time.Millisecond, RequestID: "req_123",
		}),
		providertest.Say("It was shipped."),
		providertest.Fail(errors.New("no route to host"))))
	recorded := d.errs
	for _, want := range []string{
		"\nmodel fails:\n  openai: rate limited (HTTP 429, slow_down): Too fast (retry after 1.5s)\n",
		`{"entry":3,"error":{"kind":"rate_limited","provider":"openai","status":429,"code":"slow_down","message":"Too fast","retry_after_ns":1500000000}}` + "\n",
		`{"entry":9,"error":{"kind":"unavailable","provider":"script","message":"no route to host"}}`,
	} {
		if !strings.Contains(read(t, "TestX"), want) {
			t.Errorf("%q does not stand in\n%s", want, read(t, "TestX"))
		}
	}
	try(t, "TestX", d.test()).passes(t)
	for i := range recorded {
		if diff := cmp.Diff(text(recorded[i]), text(d.errs[i])); diff != "" {
			t.Errorf("run %d (-recorded +played back):\n%s", i, diff)
		}
	}
	e, ok := errors.AsType[*provider.Error](d.errs[0])
	if !ok || e.Kind != provider.KindRateLimited || e.Status != 429 || e.Code != "slow_down" || e.RetryAfter != 1500*time.Millisecond {
		t.Errorf("the failure came back as %#v", e)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRetriesAreKept(t *testing.T) {
	inDir(t)
	d := newDesk()
	test := func(opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, opts...)
			d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
				resp, err := g.Generate(ctx, req, emit)
				if err != nil {
					resp, err = g.Generate(ctx, req, emit)
				}
				return resp, err
			}))
			g.Check(d.results[0].Transcript)
		}
	}
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestX", test(golden.Live(providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1"}`),
		providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}),
		providertest.Say("It was shipped."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	if !strings.Contains(read(t, "TestX"), `{"entry":1}`+"\n"+`{"entry":3,"error":{"kind":"overloaded"}}`+"\n"+`{"entry":3}`) {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", test()).passes(t)
}

// If a wrapper between the agent and the recording changes a response, the original response
// is played back.
func TestChangedResponses(t *testing.T) {
	for name, change := range map[string]func(*provider.Response){
		"usage": func(r *provider.Response) { r.Usage.Input += 5 },
		"model": func(r *provider.Response) { r.Model += "+" },
		"message": func(r *provider.Response) {
			r.Message = provider.Assistant(provider.Text{Text: r.Message.Text() + "!"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			test := func(opts ...golden.Option) func(testing.TB) {
				return func(t testing.TB) {
					g := golden.New(t, opts...)
					d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
						resp, err := g.Generate(ctx, req, emit)
						if err != nil {
							return nil, err
						}
						r := *resp
						change(&r)
						return &r, nil
					}))
					g.Check(d.results[0].Transcript)
				}
			}
			t.Setenv("GOLDEN_RECORD", "1")
			try(t, "TestX", test(golden.Live(providertest.NewScript(nil, providertest.Say("Hello."))))).passes(t)
			t.Setenv("GOLDEN_RECORD", "")
			try(t, "TestX", test()).passes(t)
		})
	}
}

// A file holds the instructions and tools of a later request only if they changed.
func TestChangedRequests(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"One.", "Two.", "Three."}
	second := "Be kind."
	test := func(opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, opts...)
			d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
				r := *req
				if len(req.Messages) == 3 {
					r.System, r.Tools = second, nil
				}
				return g.Generate(ctx, &r, emit)
			}))
			g.Check(d.results[2].Transcript)
		}
	}
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestX", test(golden.Live(providertest.NewScript(nil, providertest.Say("1."), providertest.Say("2."), providertest.Say("3."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	file := read(t, "TestX")
	if !strings.Contains(file, "\n-- 2/instructions.txt --\nBe kind.\n-- 2/tools.json --\n-- 3/instructions.txt --\nYou know orders.\n-- 3/tools.json --\n[\n") {
		t.Errorf("the file:\n%s", file)
	}
	try(t, "TestX", test()).passes(t)
	second = "Be brief."
	line := 1 + strings.Count(file[:strings.Index(file, "Be kind.")], "\n")
	try(t, "TestX", test()).fails(t, "request 2", fmt.Sprintf("TestX.txtar:%d in its instructions.", line))
}

func TestOddTurns(t *testing.T) {
	odd := []*provider.Response{
		{Finish: provider.FinishStop, Message: provider.Assistant(
			provider.Reasoning{Redacted: true, State: provider.State{Owner: "x", Data: []byte(`{"sig":"abc"}`)}},
			provider.Text{Text: " two\n\nlines \r\n\x00\xff\u200b"},
			provider.ToolCall{ID: "", Name: "look_up", Args: "{\"order_id\": \"A1\"}\n"},
			provider.ToolCall{ID: "same id", Name: "cancel", Args: `{"order_id":"A1"}`},
			provider.ToolCall{ID: "same id", Name: "cancel", Args: `{"order_id":"A1"}`},
		)},
		{Finish: provider.FinishToolCalls, Message: provider.Assistant(
			provider.ToolCall{ID: "c1", Name: "no such\ntool", Args: "nonsense: {"},
			provider.ToolCall{ID: "c2", Name: "look_up", Args: "", State: provider.State{Owner: "a b", Data: []byte(`"s"`)}},
			provider.Native{State: provider.State{Owner: "y", Data: []byte(`[1,2.50]`)}},
		)},
		{Finish: provider.FinishLength, RawFinish: "MAX", Model: "m-1", Message: &provider.Message{
			Role: provider.RoleAssistant, State: provider.State{Owner: "z"},
			Parts: []provider.Part{provider.Text{}, provider.Media{MIME: "image/png", Data: []byte(strings.Repeat("png", 60))}, provider.Text{Text: "{}"}},
		}},
	}
	var turns []providertest.Turn
	for _, r := range odd {
		turns = append(turns, providertest.Respond(r))
	}
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", providertest.NewScript(nil, turns...))
	recorded := d.results[0].Transcript
	played := watch(t, d, "TestX")
	ignore := cmp.Options{
		cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{}),
		cmpopts.IgnoreFields(transcript.Entry{}, "Time"), cmpopts.IgnoreFields(transcript.Result{}, "Duration"),
	}
	if diff := cmp.Diff(recorded, d.results[0].Transcript, ignore); diff != "" {
		t.Errorf("the transcript (-recorded +played back):\n%s", diff)
	}
	// JSON has no bytes that are no UTF-8: the agent was given what is kept.
	odd[0].Message.Parts[1] = provider.Text{Text: " two\n\nlines \r\n\x00\uFFFD\u200b"}
	for i, r := range odd {
		if diff := cmp.Diff(r, played[i], ignore); diff != "" {
			t.Errorf("turn %d (-said +played back):\n%s", i+1, diff)
		}
	}
}

func watch(t *testing.T, d *desk, name string) (said []*provider.Response) {
	t.Helper()
	try(t, name, func(t testing.TB) {
		g := golden.New(t)
		d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			resp, err := g.Generate(ctx, req, emit)
			said = append(said, resp)
			return resp, err
		}))
		g.Check(d.results[len(d.results)-1].Transcript)
	}).passes(t)
	return said
}

func TestStreaming(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id": "A1"}`).WithReasoning("Which one?").WithText("One moment."),
		providertest.Say("Done.")))
	g := golden.New(t, golden.Name("TestX"))
	var deltas []provider.Delta
	d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		return g.Generate(ctx, req, func(d provider.Delta) { deltas = append(deltas, d) })
	}))
	g.Check(d.results[0].Transcript)
	want := []provider.Delta{
		{Kind: provider.DeltaReasoning, Text: "Which "}, {Kind: provider.DeltaReasoning, Text: "one?"},
		{Kind: provider.DeltaText, Text: "One "}, {Kind: provider.DeltaText, Text: "moment."},
		{Kind: provider.DeltaCallStart, ID: "c1", Name: "look_up"},
		{Kind: provider.DeltaArgs, Text: `{"order_id": `}, {Kind: provider.DeltaArgs, Text: `"A1"}`},
		{Kind: provider.DeltaCallEnd, ID: "c1", Name: "look_up", Text: `{"order_id": "A1"}`},
		{Kind: provider.DeltaText, Text: "Done."},
	}
	if diff := cmp.Diff(want, deltas); diff != "" {
		t.Errorf("deltas (-want +got):\n%s", diff)
	}
}

func TestAStreamStopsWithItsContext(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("one two three")))
	try(t, "TestX", func(tb testing.TB) {
		g := golden.New(tb)
		ctx, cancel := context.WithCancel(t.Context())
		d.converse(tb, provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
			n := 0
			resp, err := g.Generate(ctx, req, func(provider.Delta) {
				if n++; n == 2 {
					cancel()
				}
			})
			e, ok := errors.AsType[*provider.Error](err)
			if n != 2 || !ok || !e.Emitted || e.Kind != provider.KindCanceled || !errors.Is(err, context.Canceled) {
				t.Errorf("%d deltas, %v, %v", n, resp, err)
			}
			_, again := g.Generate(ctx, req, nil)
			if !errors.Is(again, context.Canceled) {
				t.Errorf("a context that is done: %v", again)
			}
			return resp, err
		}))
		g.Check(d.results[0].Transcript)
	}).fails(t, "the conversation differs from")
}

func TestConversationWithHistory(t *testing.T) {
	inDir(t)
	test := func(opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			store := new(transcript.Memory)
			first, err := funcall.New(providertest.NewScript(t, providertest.Say("Hello.")), funcall.Config{Store: store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := first.Session("s").Send(t.Context(), "Hi."); err != nil {
				t.Fatal(err)
			}
			g := golden.New(t, opts...)
			agent, err := funcall.New(g, funcall.Config{Store: store})
			if err != nil {
				t.Fatal(err)
			}
			res, _ := agent.Session("s").Send(t.Context(), "And?")
			g.Check(res.Transcript)
		}
	}
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestX", test(golden.Live(providertest.NewScript(nil, providertest.Say("Nothing."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	if !strings.Contains(read(t, "TestX"), "\n-- calls.jsonl --\n{\"entry\":4}\n") {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", test()).passes(t)
}

func TestRewrittenHistory(t *testing.T) {
	inDir(t)
	d := newDesk()
	summary := "Summary."
	test := func(opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, opts...)
			d.converse(t, provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
				c := *req
				c.Messages = append([]*provider.Message{provider.User(summary)}, req.Messages...)
				return g.Generate(ctx, &c, emit)
			}))
			g.Check(d.results[0].Transcript)
		}
	}
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestX", test(golden.Live(usual()))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	try(t, "TestX", test()).passes(t)
	summary = "Another."
	try(t, "TestX", test()).fails(t, "request 1", "message 1", "Another.")
}

func TestStructuredOutput(t *testing.T) {
	type verdict struct {
		Refund bool   `json:"refund"`
		Email  string `json:"email"`
	}
	for name, turns := range map[string][]providertest.Turn{
		"by schema": {
			providertest.Say("I would say yes."),
			providertest.Say(`{"refund":true,"email":"sarah@example.com"}`),
		},
		"by call": {
			providertest.Fail(&provider.Error{Kind: provider.KindUnsupported, Message: "no schemas here"}),
			providertest.Call("answer", `{"refund":"yes"}`),
			providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}),
			providertest.Call("answer", `{"refund":true,"email":"sarah@example.com"}`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			inDir(t)
			test := func(opts ...golden.Option) func(testing.TB) {
				return func(t testing.TB) {
					g := golden.New(t, append(opts, golden.Redact("email"))...)
					agent, err := funcall.New(g, funcall.Config{})
					if err != nil {
						t.Fatal(err)
					}
					chat := agent.Session("s")
					v, res, err := funcall.Generate[verdict](t.Context(), chat, "Refund?")
					if err != nil { // the provider was overloaded
						res, err = chat.Resume(t.Context())
					} else if !v.Refund || v.Email != "<redacted>" {
						t.Errorf("the answer is %+v", v)
					}
					if err != nil || res.Output == nil {
						t.Errorf("%v, answer %s", err, res.Output)
					}
					g.Check(res.Transcript)
				}
			}
			t.Setenv("GOLDEN_RECORD", "1")
			try(t, "TestX", test(golden.Live(providertest.NewScript(nil, turns...)))).passes(t)
			t.Setenv("GOLDEN_RECORD", "")
			if got := read(t, "TestX"); !strings.Contains(got, `"refused":`) || !strings.Contains(got, `"answer":{"name":"answer"`) ||
				strings.Contains(got, "sarah") || strings.Contains(got, `"sent":`) {
				t.Errorf("the file:\n%s", got)
			}
			try(t, "TestX", test()).passes(t)
		})
	}
}

func TestGenerateIsSafeForConcurrentUse(t *testing.T) {
	inDir(t)
	t.Setenv("GOLDEN_RECORD", "1")
	live := providertest.NewScript(nil, providertest.Say("x")).Loop()
	try(t, "TestX", func(t testing.TB) {
		g := golden.New(t, golden.Live(live))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					if _, err := g.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("x")}}, func(provider.Delta) {}); err != nil {
						t.Errorf("%v", err)
					}
				}
			})
		}
		wg.Wait()
		g.Check(transcript.Transcript{ID: "s"})
	}).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	try(t, "TestX", func(t testing.TB) {
		g := golden.New(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					_, _ = g.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("x")}}, nil)
				}
			})
		}
		wg.Wait()
		g.Check(transcript.Transcript{ID: "s"})
	}).passes(t)
}
