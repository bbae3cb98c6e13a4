package providertest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

func TestScriptErrors(t *testing.T) {
	no := func(*provider.Request) error { return errors.New("that is not what I want") }
	for name, c := range map[string]struct {
		turns []providertest.Turn
		asked int
		want  []string // what the complaints hold, one each
	}{
		"nothing to complain about": {
			[]providertest.Turn{providertest.Say("a")}, 1, nil,
		},
		"asked too often": {
			[]providertest.Turn{providertest.Say("a")}, 2,
			[]string{"script: turn 2: no turn left: the script has 1\n\trequest: user \"hello\""},
		},
		"asked too rarely": {
			[]providertest.Turn{providertest.Say("a"), providertest.Call("f", `{"x":1}`), providertest.Say("b")}, 1,
			[]string{`script: turn 2 of 3 was not used: assistant c1=f({"x":1})`},
		},
		"a failure is not asked for": {
			[]providertest.Turn{providertest.Fail(errors.New("broken"))}, 0,
			[]string{"turn 1 of 1 was not used: fails after 0 deltas: broken"},
		},
		"a hang is not asked for": {
			[]providertest.Turn{providertest.Say("a").HangAfter(2)}, 0,
			[]string{`was not used: assistant "a" hangs after 2 deltas`},
		},
		"a check fails": {
			[]providertest.Turn{providertest.Say("a").Expect(providertest.UserSays("hell")).Expect(no)}, 1,
			[]string{"script: turn 1: that is not what I want\n"},
		},
		"an empty turn": {
			[]providertest.Turn{{}}, 1,
			[]string{"turn 1: the turn is empty: create it with"},
		},
		"a response without a message": {
			[]providertest.Turn{providertest.Respond(nil)}, 1,
			[]string{"turn 1: the turn is empty"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tb := new(recorder)
			model := providertest.NewScript(tb, c.turns...)
			var err error
			for range c.asked {
				_, err = model.Generate(t.Context(), hello(), nil)
			}
			complained := len(tb.errors) > 0
			if e, _ := errors.AsType[*provider.Error](err); complained && (e == nil || e.Kind != provider.KindInvalidRequest) {
				t.Errorf("the call got %v", err)
			}
			tb.end()
			if len(tb.errors) != len(c.want) {
				t.Fatalf("got the complaints %q, want %d", tb.errors, len(c.want))
			}
			for i, want := range c.want {
				if !strings.Contains(tb.errors[i], want) {
					t.Errorf("got  %s\nwant %s", tb.errors[i], want)
				}
			}
		})
	}
}

func TestUnusedTurnsOfAFailedOrSkippedTest(t *testing.T) {
	tb := new(recorder)
	providertest.NewScript(tb, providertest.Say("a"))
	tb.Errorf("something else")
	tb.end()
	if len(tb.errors) != 1 || len(tb.logs) != 1 {
		t.Errorf("complaints %q, logs %q: an unused turn is worth a line, not another failure", tb.errors, tb.logs)
	}
	tb = &recorder{skipped: true}
	providertest.NewScript(tb, providertest.Say("a"))
	tb.end()
	if len(tb.errors)+len(tb.logs) != 0 {
		t.Errorf("complaints %q, logs %q of a skipped test", tb.errors, tb.logs)
	}
}

func TestScriptErrorsAreShort(t *testing.T) {
	tb := new(recorder)
	req := &provider.Request{
		Messages: []*provider.Message{provider.User(strings.Repeat("ü", 1<<20))},
		Tools:    []*provider.Tool{{Name: "f"}, {Name: "g"}},
		Choice:   provider.ToolChoice{Mode: provider.ToolsNamed, Name: "g"},
	}
	if _, err := providertest.NewScript(tb).Generate(t.Context(), req, nil); err == nil {
		t.Error("a script without turns gave an answer")
	}
	if len(tb.errors) != 1 || len(tb.errors[0]) > 1000 || !strings.Contains(tb.errors[0], "tools: f, g (named g)") {
		t.Errorf("got %q", tb.errors)
	}
}

func call(id string) provider.ToolCall { return provider.ToolCall{ID: id, Name: "f", Args: "{}"} }

func results(rs ...provider.ToolResult) *provider.Message {
	m := &provider.Message{Role: provider.RoleTool}
	for _, r := range rs {
		m.Parts = append(m.Parts, r)
	}
	return m
}

func result(id, text string) provider.ToolResult {
	return provider.ToolResult{CallID: id, Name: "f", Parts: []provider.Part{provider.Text{Text: text}}}
}

func TestConversationsMustPair(t *testing.T) {
	user := provider.User("hello")
	for name, c := range map[string]struct {
		messages []*provider.Message
		want     string // "": all is well
	}{
		"none":              {nil, ""},
		"answered":          {[]*provider.Message{user, provider.Assistant(call("a"), call("b")), results(result("a", ""), result("b", "")), user}, ""},
		"not answered":      {[]*provider.Message{user, provider.Assistant(call("a"))}, `the call "a" of f is not answered`},
		"user in between":   {[]*provider.Message{user, provider.Assistant(call("a")), user}, `message 2: a message of the user comes before the result of call "a"`},
		"half answered":     {[]*provider.Message{user, provider.Assistant(call("a"), call("b")), results(result("a", ""))}, `message 2: results for the calls ["a"], but the message before has the calls ["a" "b"]`},
		"answered twice":    {[]*provider.Message{user, provider.Assistant(call("a")), results(result("a", "")), results(result("a", ""))}, `message 3: tool results without calls in the message before`},
		"wrong order":       {[]*provider.Message{user, provider.Assistant(call("a"), call("b")), results(result("b", ""), result("a", ""))}, `message 2: results for the calls ["b" "a"]`},
		"nothing to answer": {[]*provider.Message{user, results(result("a", ""))}, `message 1: tool results without calls`},
		"repeated ID":       {[]*provider.Message{user, provider.Assistant(call("a"), call("a"))}, `message 1: the call of f has the ID "a"`},
		"repeated later":    {[]*provider.Message{provider.Assistant(call("a")), results(result("a", "")), provider.Assistant(call("a"))}, `message 2: the call of f has the ID "a"`},
		"no ID":             {[]*provider.Message{provider.Assistant(call(""))}, `message 0: the call of f has the ID ""`},
		"unknown role":      {[]*provider.Message{{Role: "judge"}}, `message 0: unknown role "judge"`},
		"nil":               {[]*provider.Message{nil}, `message 0 is nil`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := providertest.NewScript(nil, providertest.Say("a")).Generate(t.Context(), &provider.Request{Messages: c.messages}, nil)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got  %v\nwant %v", err, c.want)
			}
		})
	}
}

func TestExpectations(t *testing.T) {
	failed := result("b", "no such order")
	failed.IsError = true
	req := &provider.Request{
		Tools: []*provider.Tool{{Name: "f"}, {Name: "g"}},
		Messages: []*provider.Message{
			provider.User("Where is ORD-1?"),
			provider.Assistant(call("old")), results(result("old", "long ago")),
			provider.Assistant(call("a"), call("b")), results(result("a", "shipped"), failed),
		},
	}
	off := &provider.Request{Tools: req.Tools, Choice: provider.ToolChoice{Mode: provider.ToolsNone}}
	for name, c := range map[string]struct {
		check func(*provider.Request) error
		req   *provider.Request
		want  string // "": all is well
	}{
		"result by ID":        {providertest.HasResult("a", "ship"), req, ""},
		"result by tool":      {providertest.HasResult("f", "ship"), req, ""},
		"error by ID":         {providertest.HasError("b", "no such"), req, ""},
		"error by tool":       {providertest.HasError("f", "no such"), req, ""},
		"another text":        {providertest.HasResult("a", "lost"), req, `call "a": want result with "lost", got result "shipped"`},
		"an error, no result": {providertest.HasResult("b", "no such"), req, `call "b": want result with "no such", got error "no such order"`},
		"a result, no error":  {providertest.HasError("a", "ship"), req, `call "a": want error with "ship", got result "shipped"`},
		"an older result":     {providertest.HasResult("old", "long"), req, `call "old": want result with "long", got no answer`},
		"user":                {providertest.UserSays("ORD-1"), req, ""},
		"another user":        {providertest.UserSays("ORD-2"), req, `want "ORD-2" from the user, got "Where is ORD-1?"`},
		"no user":             {providertest.UserSays("ORD-2"), off, `want "ORD-2" from the user, but there is no user message`},
		"tools":               {providertest.HasTools("f", "g"), req, ""},
		"other tools":         {providertest.HasTools("g", "f"), req, `want the tools [g f], got [f g]`},
		"tools switched off":  {providertest.HasTools("f", "g"), off, `want tools allowed, but the request forbids calls`},
		"off":                 {providertest.ToolsOff, off, ""},
		"off without tools":   {providertest.ToolsOff, hello(), ""},
		"not off":             {providertest.ToolsOff, req, `want tool calls off, but the request offers [f g]`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := c.check(c.req); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
