package golden_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
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
		{"instructions", func(d *desk) { d.instructions += " Be kind." }, []string{"request 1", "it differs in its instructions.", "instructions:"}},
		{"tool", func(d *desk) { d.description = "Finds an order." }, []string{"request 1", "it differs in the name, description or schema of the tool look_up.", "tool look_up:"}},
		{"settings", func(d *desk) { d.settings.MaxOutputTokens = 100 }, []string{"request 1", "it differs in its settings.", `"max_output_tokens": 100`}},
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

// A wrapper between the agent and the recording tries again: both calls are
// kept, in their order.
// What a model says is played back to the byte, however odd it is, and what
// the agent makes of it is kept beside it.
// watch plays a file back and returns what the model said.
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
