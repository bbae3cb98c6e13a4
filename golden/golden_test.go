package golden_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// inDir changes to an empty directory and clears the variables of package golden.
func inDir(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("GOLDEN_RECORD", "")
	t.Setenv("GOLDEN_UPDATE", "")
}

// usual returns the model of most tests.
func usual() provider.Provider {
	return providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1"}`).WithUsage(provider.Usage{Input: 10, Output: 3}),
		providertest.Say("It was shipped."))
}

// forbidden names a live model that fails the test if it is asked.
func forbidden(t *testing.T) golden.Option {
	return golden.Live(provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		t.Error("the live model was asked")
		return nil, errors.New("not now")
	}))
}

const usualFile = `funcall golden 1
-- conversation.txt --
subject: CUST-1
user:
  Where is A1?

model calls look_up c1:
  {
    "order_id": "A1"
  }
which runs with:
  {
    "full": true,
    "order_id": "A1"
  }

look_up c1 returns ok:
  {
    "order": {
      "order_id": "A1",
      "full": true
    },
    "status": "shipped",
    "email": "sarah@example.com",
    "phone": 5550123
  }

model:
  It was shipped.

run ends: done
-- instructions.txt --
You know orders.
-- tools.json --
[
  {
    "name": "look_up",
    "description": "Looks up an order.",
    "schema": {
      "type": "object",
      "properties": {
        "order_id": {
          "type": "string"
        },
        "email": {
          "type": "string"
        },
        "full": {
          "type": "boolean",
          "default": true
        }
      },
      "required": [
        "order_id"
      ],
      "additionalProperties": false
    }
  },
  {
    "name": "cancel",
    "description": "Cancels an order.",
    "schema": {
      "type": "object",
      "properties": {
        "order_id": {
          "type": "string"
        },
        "email": {
          "type": "string"
        },
        "full": {
          "type": "boolean",
          "default": true
        }
      },
      "required": [
        "order_id"
      ],
      "additionalProperties": false
    }
  }
]
-- journal.jsonl --
{"funcall_transcript":"1.2","id":"s"}
{"at":"2000-01-01T00:00:00Z","type":"input","message":{"role":"user","parts":[{"type":"text","text":"Where is A1?"}]},"subject":"CUST-1","limits":{"steps":16,"calls":64,"refusals":3,"words":"I am sorry, I could not finish this. Please ask again, or in smaller steps."}}
{"at":"2000-01-01T00:00:01Z","type":"output","message":{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"look_up","args":"{\"order_id\":\"A1\"}"}]},"finish":"tool_calls","usage":{"input":10,"output":3},"calls":[{"id":"c1","tool":"look_up","args":"{\"full\":true,\"order_id\":\"A1\"}","class":"read_only"}]}
{"at":"2000-01-01T00:00:02Z","type":"result","call":"1.0","status":"ok","content":[{"type":"text","text":"{\"order\":{\"order_id\":\"A1\",\"full\":true},\"status\":\"shipped\",\"email\":\"sarah@example.com\",\"phone\":5550123}"}]}
{"at":"2000-01-01T00:00:03Z","type":"output","message":{"role":"assistant","parts":[{"type":"text","text":"It was shipped."}]},"finish":"stop"}
{"at":"2000-01-01T00:00:04Z","type":"end","outcome":"done"}
`

func TestRecordThenPlayBack(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	if diff := cmp.Diff(strings.Split(usualFile, "\n"), strings.Split(read(t, "TestX"), "\n")); diff != "" {
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

// A change is reported once, with its line, and GOLDEN_UPDATE accepts it without a model call.
func TestChangesAreFound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*desk)
		words  []string
	}{
		{"instructions", func(d *desk) { d.instructions += " Be kind." }, []string{"request 1", "TestX.txtar:33 in its instructions.", "Be kind."}},
		{"tool", func(d *desk) { d.description = "Finds an order." }, []string{"request 1", "TestX.txtar:38 in the description or schema of the tool look_up.", "Finds an order."}},
		{"settings", func(d *desk) { d.settings.MaxOutputTokens = 100 }, []string{"request 1", "in its tool choice, output schema or settings.", `"max_output_tokens": 100`}},
		{"message", func(d *desk) { d.says[0] = "Where is A2?" }, []string{"request 1", "message 1", "-", "Where is A1?", "+", "Where is A2?"}},
		{"result", func(d *desk) { d.status = "lost" }, []string{"request 2", "message 3", `"status": "shipped"`, `"status": "lost"`, "TestX.txtar:17 in message 3."}},
		{"limits", func(d *desk) { d.limits.Calls = 9 }, []string{"the conversation differs from testdata/golden/TestX.txtar:85.", `"calls": 64`, `"calls": 9`}},
		{"a longer conversation", func(d *desk) { d.says = append(d.says, "And now?") }, []string{"asks for turn 3 of the model, and 2 are recorded", "And now?", "GOLDEN_RECORD=1"}},
		{"a check that is forgotten", func(d *desk) { d.noCheck = true }, []string{"not compared", "call Check"}},
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
	if !ok || e.Kind != provider.KindInvalidRequest {
		t.Errorf("the run ended with %v", d.errs[0])
	}
}

func TestUnusedTurn(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"Where is A1?", "Thanks."}
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Say("I do not know."), providertest.Say("You are welcome.")))
	d.says = d.says[:1]
	try(t, "TestX", d.test()).fails(t, "the agent did not ask for turn 2 of the model (testdata/golden/TestX.txtar:16)")
	t.Setenv("GOLDEN_UPDATE", "1")
	f := try(t, "TestX", d.test())
	f.passes(t)
	if len(f.logs) != 1 || !strings.Contains(f.logs[0], "loses the model's last turns (1)") {
		t.Errorf("logged: %q", f.logs)
	}
	t.Setenv("GOLDEN_UPDATE", "")
	try(t, "TestX", d.test()).passes(t)
}

func TestMissingEnd(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says = []string{"Where is A1?", "Thanks."}
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("I do not know."), providertest.Say("You are welcome.")))
	try(t, "TestX", func(t testing.TB) {
		g := golden.New(t)
		d.converse(t, g)
		g.Check(d.results[0].Transcript)
	}).fails(t, "ends before testdata/golden/TestX.txtar:12", "the conversation ends before")
}

func TestCheckAfterEachRun(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.says, d.checkEach = []string{"One.", "Two.", "Three."}, true
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("1"), providertest.Say("2"), providertest.Say("3")))
	if n := strings.Count(read(t, "TestX"), "\nrun ends: done"); n != 3 {
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
		{"nothing recorded", "", "", true, []string{"recording testdata/golden/TestX.txtar does not exist", "GOLDEN_RECORD=1", "golden.Live"}},
		{"nothing to update", "1", "", true, []string{"does not exist"}},
		{"no live model", "", "1", false, []string{"no model to record", "golden.Live"}},
		{"both", "1", "true", true, []string{"both set"}},
		{"a word", "yes", "", true, []string{`GOLDEN_UPDATE="yes"`, "set it to 1"}},
		{"off is off", "0", "false", true, []string{"does not exist"}},
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

// A failed test does not change the file.
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
	if got := read(t, "TestX"); !strings.Contains(got, "model:\n  Who knows.") || strings.Contains(got, "shipped") {
		t.Errorf("the file:\n%s", got)
	}
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
	}).fails(t, "another recording uses", "golden.Name")
}

// Changes that git and editors make to line ends are accepted.
func TestFilesSurviveEditorsAndGit(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"line ends of Windows": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"no last line end":     func(s string) string { return strings.TrimSuffix(s, "\n") },
		"more line ends":       func(s string) string { return s + "\n\n" },
		"byte order mark":      func(s string) string { return "\uFEFF" + s },
		"another version": func(s string) string {
			return strings.ReplaceAll(s, `"funcall_transcript":"1.2"`, `"funcall_transcript":"1.9"`)
		},
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
		{"funcall golden 1", "{}", []string{":1: unknown format"}},
		{"funcall golden 1", "funcall golden 2", []string{":1: unknown format", "upgrade"}},
		{"-- journal.jsonl --", "journal.jsonl", []string{`:1: the file has no part "journal.jsonl"`}},
		{"run ends: done", "<<<<<<< HEAD\nrun ends: done", []string{":31: merge conflict"}},
		{`{"funcall_transcript":"1.2","id":"s"}`, "", []string{":84:", "is not a header"}},
		{`"funcall_transcript":"1.2"`, `"funcall_transcript":"2.0"`, []string{":84:", "version 2.0 is newer", "upgrade"}},
		{`"type":"input"`, `"type":"input`, []string{":85: invalid entry: invalid character"}},
		{`"type":"end",`, `"type":"end","needs":"1.65535",`, []string{":89:", `entry 4 ("end")`, "needs version 1.65535, newer than this program", "upgrade"}},
		{`"message":{"role":"user",`, `"massage":{"role":"user",`, []string{":85:", "message is missing"}},
		{`"call":"1.0"`, `"call":"c1"`, []string{":87:", `invalid call reference "c1"`}},
		{`"outcome":"done"}`, `"outcome":"done"}` + "\n-- calls.jsonl --\n{", []string{":91: invalid model call"}},
		{`"outcome":"done"}`, `"outcome":"done"}` + "\n-- calls.jsonl --\n" + `{"entry":9}`, []string{":91: entry 9 is not in the journal, which has 5"}},
		{`"outcome":"done"}`, `"outcome":"done"}` + "\n-- calls.jsonl --\n" + `{"entry":1}` + "\n" + `{"entry":2}`, []string{":92: entry 2 of the journal is not an output"}},
		{`"outcome":"done"}`, `"outcome":"done"}` + "\n-- calls.jsonl --\n" + `{"entry":1,"sent":[null]}`, []string{":91: message 1: message is null"}},
	} {
		t.Run(tt.with, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			edit(t, "TestX", tt.old, tt.with)
			try(t, "TestX", d.test(forbidden(t))).fails(t, append(tt.words, "testdata/golden/TestX.txtar:", "GOLDEN_RECORD=1")...)
		})
	}
}

// An edit of conversation.txt, or of any other byte, fails the test.
func TestEditedFiles(t *testing.T) {
	for _, tt := range []struct{ old, with, line string }{
		{"  It was shipped.\n", "  It was lost.\n", ":29 "},
		{"model calls look_up c1", "model calls cancel c1", ":7 "},
		{`"text":"It was shipped."`, `"text":"It was lost."`, ":29 "},
		{"2000-01-01T00:00:02Z", "2026-01-01T00:00:02Z", ":87 "},
		{`"status":"ok",`, `"status":"ok","took_ns":17,`, ":87 "},
		{`"call":"1.0"`, `"call": "1.0"`, ":87 "},
		{"-- instructions.txt --", "-- instruction.txt --", ":32 "},
		{"-- journal.jsonl --", "-- 3/tools.json --\n[]\n-- journal.jsonl --", ":83 "},
		{"-- journal.jsonl --", "-- tools.json --\n[]\n-- journal.jsonl --", ":35 "},
		{`"outcome":"done"}`, `"outcome":"done"}` + "\n-- calls.jsonl --\n" + `{"entry":1}` + "\n" + `{"entry":3}`, ":90 "},
	} {
		t.Run(tt.with, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			d.record(t, "TestX", usual())
			edit(t, "TestX", tt.old, tt.with)
			try(t, "TestX", d.test(forbidden(t))).fails(t, "testdata/golden/TestX.txtar"+tt.line, "was edited", "GOLDEN_UPDATE=1")
			t.Setenv("GOLDEN_UPDATE", "1")
			try(t, "TestX", d.test()).passes(t)
			t.Setenv("GOLDEN_UPDATE", "")
			try(t, "TestX", d.test()).passes(t)
		})
	}
}
