package golden_test

import (
	"context"
	"errors"
	"os"
	"regexp"
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

// inDir has the test work in a directory of its own, with no variable set.
func inDir(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("GOLDEN_RECORD", "")
	t.Setenv("GOLDEN_UPDATE", "")
}

// usual is what the model says in most tests here.
func usual() provider.Provider {
	return providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1"}`).WithUsage(provider.Usage{Input: 10, Output: 3}),
		providertest.Say("It was shipped."))
}

// forbidden is a model that must not be asked.
func forbidden(t *testing.T) golden.Option {
	return golden.Live(provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		t.Error("the live model was asked")
		return nil, errors.New("not now")
	}))
}

const usualFile = `funcall golden 1

session: s

request
  instructions: <digest>
  tool look_up: <digest>
  tool cancel: <digest>

user <time>
  subject: CUST-1
  limits: steps 16, calls 64, refusals 3
  text: Where is A1?

model <time>
  call c1 look_up read_only
    args: {
      "order_id": "A1"
    }
    runs: {
      "full": true,
      "order_id": "A1"
    }
  usage: input 10, output 3

result c1 look_up ok <ms> <time>
  text: {
    "order": {
      "order_id": "A1",
      "full": true
    },
    "status": "shipped",
    "email": "sarah@example.com",
    "phone": 5550123
  }

model <time>
  text: It was shipped.

end done <time>
`

func TestRecordThenPlayBack(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	recorded := regexp.MustCompile(`: [0-9a-f]{12,16}\n`).ReplaceAllString(read(t, "TestX"), ": <digest>\n")
	if diff := cmp.Diff(usualFile, recorded); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	for _, watched := range []bool{false, true} {
		d.watched = watched
		try(t, "TestX", d.test(forbidden(t))).passes(t)
		if text := d.results[0].Text(); text != "It was shipped." {
			t.Errorf("the run answered %q", text)
		}
	}
	t.Setenv("GOLDEN_UPDATE", "1")
	before := read(t, "TestX")
	try(t, "TestX", d.test(forbidden(t))).passes(t)
	if diff := cmp.Diff(before, read(t, "TestX")); diff != "" {
		t.Errorf("an update without a change (-before +after):\n%s", diff)
	}
}

// What changed is named once, where it happened, and GOLDEN_UPDATE accepts it
// without asking the model.
func TestChangesAreFound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*desk)
		words  []string
	}{
		{"instructions", func(d *desk) { d.instructions += " Be kind." }, []string{"request 1", "what it is made from", "instructions:"}},
		{"tool", func(d *desk) { d.description = "Finds an order." }, []string{"request 1", "what it is made from", "tool look_up:"}},
		{"settings", func(d *desk) { d.settings.MaxOutputTokens = 100 }, []string{"request 1", `"max_output_tokens": 100`}},
		{"message", func(d *desk) { d.says[0] = "Where is A2?" }, []string{"request 1", "message 1", "-", "Where is A1?", "+", "Where is A2?"}},
		{"result", func(d *desk) { d.status = "lost" }, []string{"request 2", "message 3", `"status": "shipped"`, `"status": "lost"`, "TestX.golden:26"}},
		{"limits", func(d *desk) { d.limits.Calls = 9 }, []string{"the conversation is not the one in testdata/golden/TestX.golden:12.", "calls 64", "calls 9"}},
		{"a longer conversation", func(d *desk) { d.says = append(d.says, "And now?") }, []string{"asked for turn 3, and 2 are recorded", "And now?", "GOLDEN_RECORD=1"}},
		{"a check that is forgotten", func(d *desk) { d.noCheck = true }, []string{"never compared", "call Check"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			tt.change(d)
			f := try(t, "TestX", d.test(forbidden(t)))
			f.fails(t, tt.words...)
			if strings.Contains(f.failures[0], "(-recorded +now)") {
				f.fails(t, "GOLDEN_UPDATE=1")
				t.Setenv("GOLDEN_UPDATE", "1")
				try(t, "TestX", d.test(forbidden(t))).passes(t)
				t.Setenv("GOLDEN_UPDATE", "")
				try(t, "TestX", d.test(forbidden(t))).passes(t)
			}
		})
	}
}

func TestARefusedRequestEndsTheRun(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	d.instructions = "Else."
	try(t, "TestX", d.test()).fails(t, "request 1")
	e, ok := errors.AsType[*provider.Error](d.errs[0])
	if !ok || e.Kind != provider.InvalidRequest {
		t.Errorf("the run ended with %v", d.errs[0])
	}
}

func TestATurnThatNobodyAsksFor(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"Where is A1?", "Thanks."}
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Say("I do not know."), providertest.Say("You are welcome.")))
	d.says = d.says[:1]
	try(t, "TestX", d.test()).fails(t, "turn 2 of the model (testdata/golden/TestX.golden:23) was never asked for")
	t.Setenv("GOLDEN_UPDATE", "1")
	f := try(t, "TestX", d.test())
	f.passes(t)
	if len(f.logs) != 1 || !strings.Contains(f.logs[0], "loses its last turns of the model (1)") {
		t.Errorf("logged: %q", f.logs)
	}
	t.Setenv("GOLDEN_UPDATE", "")
	try(t, "TestX", d.test()).passes(t)
}

func TestAnEndThatIsMissing(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	write(t, "TestX", read(t, "TestX")+"\nresume <time>\n")
	try(t, "TestX", d.test()).fails(t, "ends before testdata/golden/TestX.golden:42", "the file goes on")
}

func TestCheckAfterEachRun(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says, d.checkEach = []string{"One.", "Two.", "Three."}, true
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("1"), providertest.Say("2"), providertest.Say("3")))
	if n := strings.Count(read(t, "TestX"), "\nend done"); n != 3 {
		t.Errorf("the file has %d runs", n)
	}
	try(t, "TestX", d.test()).passes(t)
}

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		name, update, record string
		live                 bool
		words                []string
	}{
		{"nothing recorded", "", "", true, []string{"there is no recording testdata/golden/TestX.golden", "GOLDEN_RECORD=1", "golden.Live"}},
		{"nothing to update", "1", "", true, []string{"there is no recording"}},
		{"nobody to record", "", "1", false, []string{"no model to record", "golden.Live"}},
		{"both", "1", "true", true, []string{"both set"}},
		{"a word", "yes", "", true, []string{`GOLDEN_UPDATE="yes"`, "set it to 1"}},
		{"off is off", "0", "false", true, []string{"there is no recording"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inDir(t)
			t.Setenv("GOLDEN_UPDATE", tt.update)
			t.Setenv("GOLDEN_RECORD", tt.record)
			t.Setenv("OPENAI_API_KEY", "sk-0123456789abcdefghij") // a key alone means nothing
			var opts []golden.Option
			if tt.live {
				opts = append(opts, forbidden(t))
			}
			try(t, "TestX", newDesk().test(opts...)).fails(t, tt.words...)
			if _, err := os.Stat("testdata"); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// A test that failed, for whatever reason, leaves the file as it is.
func TestAFailedTestWritesNothing(t *testing.T) {
	for _, env := range []string{"GOLDEN_RECORD", "GOLDEN_UPDATE"} {
		t.Run(env, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			before := read(t, "TestX")
			t.Setenv(env, "1")
			d.status = "lost"
			f := try(t, "TestX", func(t testing.TB) {
				d.test(golden.Live(usual()))(t)
				t.Errorf("something else")
			})
			f.fails(t, "something else")
			if read(t, "TestX") != before {
				t.Error("it was written all the same")
			}
		})
	}
}

func TestRecordingAgainReplaces(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("Who knows.")))
	if got := read(t, "TestX"); !strings.Contains(got, "text: Who knows.") || strings.Contains(got, "shipped") {
		t.Errorf("the file:\n%s", got)
	}
}

func TestFailuresOfTheModel(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"Where is A1?", "And now?", "Still?"}
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1"}`),
		providertest.Fail(&provider.Error{
			Kind: provider.RateLimited, Provider: "openai", Status: 429, Code: "slow_down", Message: "Too fast",
			RetryAfter: 1500 * time.Millisecond, RequestID: "req_123",
		}),
		providertest.Say("It was shipped."),
		providertest.Fail(errors.New("no route to host"))))
	recorded := d.errs
	for _, want := range []string{"failure rate_limited\n  provider: openai\n  status: 429\n  code: slow_down\n  message: Too fast\n  retry_after: 1.5s\n", "failure unavailable"} {
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
	if !ok || e.Kind != provider.RateLimited || e.Status != 429 || e.Code != "slow_down" || e.RetryAfter != 1500*time.Millisecond {
		t.Errorf("the failure came back as %#v", e)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A wrapper between the agent and the recording tries again: both calls are
// kept, in their order.
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
		providertest.Fail(&provider.Error{Kind: provider.Overloaded}),
		providertest.Say("It was shipped."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	if !strings.Contains(read(t, "TestX"), "\nfailure overloaded\n\nmodel <time>\n  text: It was shipped.") {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", test()).passes(t)
}

// What a model says is played back to the byte, however odd it is, and what
// the agent makes of it is kept beside it.
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
		cmpopts.IgnoreFields(transcript.Entry{}, "At"), cmpopts.IgnoreFields(transcript.Result{}, "Took"),
	}
	if diff := cmp.Diff(recorded, d.results[0].Transcript, ignore); diff != "" {
		t.Errorf("the transcript (-recorded +played back):\n%s", diff)
	}
	for i, r := range odd {
		if diff := cmp.Diff(r, played[i], ignore); diff != "" {
			t.Errorf("turn %d (-said +played back):\n%s", i+1, diff)
		}
	}
}

// watch plays a file back and returns what the model said.
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
		{Kind: provider.DeltaCall, ID: "c1", Name: "look_up"},
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
			if n != 2 || !ok || !e.Emitted || e.Kind != provider.Canceled || !errors.Is(err, context.Canceled) {
				t.Errorf("%d deltas, %v, %v", n, resp, err)
			}
			_, again := g.Generate(ctx, req, nil)
			if !errors.Is(again, context.Canceled) {
				t.Errorf("a context that is done: %v", again)
			}
			return resp, err
		}))
		g.Check(d.results[0].Transcript)
	}).fails(t, "the conversation is not the one")
}

func TestRandomSessionsAreMasked(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.session = ""
	d.record(t, "TestX", usual())
	if !strings.Contains(read(t, "TestX"), "\nsession: run-<id>\n") {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", d.test()).passes(t)
}

func TestMask(t *testing.T) {
	inDir(t)
	d := newDesk()
	opt := golden.Mask(regexp.MustCompile(`\d{4}-\d\d-\d\d`), "<date>")
	d.status, d.instructions = "shipped on 2024-11-20", "Today is 2024-11-20."
	d.record(t, "TestX", usual(), opt)
	if got := read(t, "TestX"); !strings.Contains(got, `"shipped on <date>"`) || strings.Contains(got, "2024") {
		t.Errorf("the file:\n%s", got)
	}
	d.status, d.instructions = "shipped on 2031-01-01", "Today is 2031-01-01."
	try(t, "TestX", d.test(opt)).passes(t)
}

func TestNames(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, `TestX/a:b/..`, usual())
	d.record(t, "TestX", usual(), golden.Name("other/one"))
	for _, name := range []string{"TestX/a%3Ab/%2E%2E", "other/one"} {
		read(t, name)
	}
	try(t, "TestY", d.test(golden.Name("other/one"))).passes(t)
	try(t, "TestY", func(t testing.TB) {
		d.test(golden.Name("other/one"))(t)
		golden.New(t, golden.Name("other/one"))
	}).fails(t, "is in use", "golden.Name")
}

// What git and editors do to a file is not a change.
func TestFilesSurviveEditorsAndGit(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"line ends of Windows": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"no last line end":     func(s string) string { return strings.TrimSuffix(s, "\n") },
		"more line ends":       func(s string) string { return s + "\n\n" },
		"byte order mark":      func(s string) string { return "\uFEFF" + s },
		"no blank lines":       func(s string) string { return strings.ReplaceAll(s, "\n\n", "\n") },
		"quotes":               func(s string) string { return strings.ReplaceAll(s, "It was shipped.", `"It was shipped."`) },
	} {
		t.Run(name, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			write(t, "TestX", change(read(t, "TestX")))
			try(t, "TestX", d.test()).passes(t)
		})
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, tt := range []struct {
		old, with string
		words     []string
	}{
		{"funcall golden 1", "{}", []string{":1: this is no golden file"}},
		{"funcall golden 1", "funcall golden 2", []string{":1: the file has version 2", "upgrade"}},
		{"session: s\n", "", []string{"begins with its session"}},
		{"session: s", "session s", []string{":3: \"session\" takes a value"}},
		{"user <time>", "usr <time>", []string{`:10: there is no "usr"`}},
		{"user <time>", "user", []string{":10:", "needs 1"}},
		{"  subject", "   subject", []string{":11: the line is indented by 3 spaces"}},
		{"  subject", "\tsubject", []string{":11:", "tab"}},
		{"end done", "<<<<<<< HEAD\nend done", []string{":40: a merge conflict"}},
		{"steps 16", "steps many", []string{":12:", `"many" is no whole number`}},
		{"steps 16", "stairs 16", []string{":12:", `no "stairs"`}},
		{"      \"order_id\": \"A1\"\n", "      \"order_id\": \"A1\",\n", []string{":17: the JSON that begins here is broken"}},
		{"result c1", "result c9", []string{`:26: no call has the id "c9"`}},
		{"result c1 look_up", "result c1 cancel", []string{":26:", `call c1 is one of "look_up"`}},
		{"text: It was", "txt: It was", []string{`:38: there is no "txt" in "model"`}},
		{"text: It was shipped.", `text: "It was shipped.`, []string{":38: the text in double quotes is not closed"}},
		{"text: It was shipped.", "text: |\n  x", []string{":38: after | there must be lines of text"}},
		{"text: It was shipped.", "text:", []string{":38: after the colon there must be a value"}},
		{"end done <time>", "end done <time> now", []string{":40:", "too many words"}},
	} {
		t.Run(tt.with, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			edit(t, "TestX", tt.old, tt.with)
			try(t, "TestX", d.test(forbidden(t))).fails(t, append(tt.words, "testdata/golden/TestX.golden:", "GOLDEN_RECORD=1")...)
		})
	}
}

func TestSecretsStayOut(t *testing.T) {
	inDir(t)
	const inEnv = `quite/"secret`
	t.Setenv("SHOP_API_TOKEN", inEnv)
	t.Setenv("SHOP_KEY", inEnv[:9]) // the beginning of the other
	keys := []string{inEnv, "sk-proj-abcdefghijklmnop1234", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "gsk_abcdefghijklmnopqrstuvwx"}
	d := newDesk()
	d.says[0] = "My keys are " + strings.Join(keys, " ")
	d.status = "Authorization: Bearer abcdefghijklmnop0123 " + strings.Join(keys, " ")
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"quite/\"secret"}`).WithText("With "+keys[1]),
		providertest.Fail(&provider.Error{Kind: provider.Auth, Message: "bad key " + keys[2]})))
	file := read(t, "TestX")
	for _, key := range append(keys, `quite/\"secret`, "quite", "abcdefghijklmnop0123") {
		if strings.Contains(file, key) {
			t.Errorf("%q stands in\n%s", key, file)
		}
	}
	if !strings.Contains(file, "Bearer <key> <key> <key>") {
		t.Errorf("the file:\n%s", file)
	}
	try(t, "TestX", d.test()).passes(t)
}

func TestRedact(t *testing.T) {
	inDir(t)
	d := newDesk()
	opt := golden.Redact("email", "phone")
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1", "email":"sarah@example.com"}`),
		providertest.Say(`{"answer":"sent","EMAIL":"sarah@example.com"}`)), opt)
	file := read(t, "TestX")
	if strings.Contains(file, "sarah") || strings.Contains(file, "5550123") {
		t.Errorf("the file:\n%s", file)
	}
	for _, want := range []string{`{"order_id":"A1", "email":"<redacted>"}`, `"email": "<redacted>"`, `"phone": 0`, `"EMAIL": "<redacted>"`} {
		if !strings.Contains(file, want) {
			t.Errorf("%s does not stand in\n%s", want, file)
		}
	}
	// The agent was given what was written: so it is the same later.
	if got := d.results[0].Calls[0].Args; !strings.Contains(got, "<redacted>") {
		t.Errorf("the tool was called with %s", got)
	}
	try(t, "TestX", d.test(opt)).passes(t)
}

// A transcript that began before the recording did goes on with it.
func TestAConversationThatHadBegun(t *testing.T) {
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
	if !strings.Contains(read(t, "TestX"), "\nstored <time>\n  text: Hello.\n") {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", test()).passes(t)
}

// What stands between the agent and the recording may change the history.
func TestAHistoryThatIsNotTheTranscripts(t *testing.T) {
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

// An answer in a schema, refused at first, and asked for as a tool call where
// the provider has no form for it.
func TestStructuredAnswers(t *testing.T) {
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
			providertest.Fail(&provider.Error{Kind: provider.Unsupported, Message: "no schemas here"}),
			providertest.Call("answer", `{"refund":"yes"}`),
			providertest.Fail(&provider.Error{Kind: provider.Overloaded}),
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
					if err != nil || res.Answer == nil {
						t.Errorf("%v, answer %s", err, res.Answer)
					}
					g.Check(res.Transcript)
				}
			}
			t.Setenv("GOLDEN_RECORD", "1")
			try(t, "TestX", test(golden.Live(providertest.NewScript(nil, turns...)))).passes(t)
			t.Setenv("GOLDEN_RECORD", "")
			if got := read(t, "TestX"); !strings.Contains(got, "refused: ") || !strings.Contains(got, "answer answer\n") ||
				strings.Contains(got, "sarah") || strings.Contains(got, "\nmessages\n") {
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
