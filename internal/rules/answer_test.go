package rules_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// says is a model that says a text, whatever it is asked.
func says(text string) provider.Provider {
	return provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: text}), Finish: provider.FinishStop}, nil
	})
}

// firstOutput returns the first turn of the model.
func firstOutput(t *testing.T, tr transcript.Transcript) *transcript.Output {
	t.Helper()
	for _, e := range tr.Entries {
		if out, ok := e.Body.(*transcript.Output); ok {
			return out
		}
	}
	t.Fatal("the model has no turn")
	return nil
}

const fence = "```"

// Text around the JSON of an answer is removed and recorded if it cannot be the answer. Any
// other text is reported to the model.
func TestAnswersWithTextAround(t *testing.T) {
	const good = `{"queue":"stock","notes":[{"order":1,"fee":"5 cents"}]}`
	const inString = `{"queue":"stock","notes":[{"order":1,"fee":"5 cents </think> ` + fence + ` ~~~"}]}`
	const instead = "nothing but JSON"
	for _, c := range []struct {
		name, text string
		fixes      []string
		refused    string // a part of what the model is told
	}{
		{"JSON", good, nil, ""},
		{"JSON in white space", "\n\t " + good + "\r\n", nil, ""},
		{"marks in a string", inString, nil, ""},
		{"marks in a string in a fence", fence + "\n" + inString + "\n" + fence, []string{"fence"}, ""},
		{"marks in a string behind thoughts", "<think>hm</think>" + inString, []string{"thoughts"}, ""},
		{"thoughts", "<think>\nstock {maybe} or ```?\n</think>\n\n" + good, []string{"thoughts"}, ""},
		{"thoughts without an opening tag", "Stock, I think. {\"queue\":1}\n</think>" + good, []string{"thoughts"}, ""},
		{"thoughts of nothing", "</think>" + good, []string{"thoughts"}, ""},
		{"thoughts that are JSON", "<think>" + `{"queue":"refunds"}` + "</think>" + good, []string{"thoughts"}, ""},
		{"a fence", fence + "\n" + good + "\n" + fence, []string{"fence"}, ""},
		{"a fence with a language", "\n" + fence + "json\n" + good + "\n" + fence + "\n", []string{"fence"}, ""},
		{"a fence with a language and \\r\\n", fence + "jsonc \r\n" + good + "\r\n" + fence, []string{"fence"}, ""},
		{"a fence of tildes", "~~~~ \n" + good + "\n~~~~~", []string{"fence"}, ""},
		{"a fence on one line", fence + "json" + good + fence, []string{"fence"}, ""},
		{"a fence behind thoughts", "<think>hm</think>\n" + fence + "json\n" + good + "\n" + fence, []string{"thoughts", "fence"}, ""},
		{"a fence and a correction", fence + "json\n" + `{"queue":"stock","notes":null}` + "\n" + fence, []string{"fence", "null_dropped"}, ""},

		{"prose", "The queue is stock.", nil, instead},
		{"prose and JSON", "Here you are: " + good, nil, instead},
		{"JSON and prose", good + " Anything else?", nil, instead},
		{"prose and a fence", "Here you are:\n" + fence + "\n" + good + "\n" + fence, nil, instead},
		{"a fence and prose", fence + "\n" + good + "\n" + fence + "\nAnything else?", nil, instead},
		{"two fences", fence + "\n" + good + "\n" + fence + "\n" + fence + "\n" + good + "\n" + fence, nil, instead},
		{"a fence and JSON", fence + "\n" + good + "\n" + fence + "\n" + good, nil, instead},
		{"JSON in front of the thoughts", good + "<think>hm</think>", nil, instead},
		{"JSON on both sides of </think>", `{"queue":"refunds"}</think>` + good, nil, instead},
		{"a fence in front of </think>", fence + "\n" + `{"queue":"refunds"}` + "\n" + fence + "\n</think>" + good, nil, instead},
		{"prose in front of the thoughts", "Sure. <think>hm</think>" + good, nil, instead},
		{"thoughts within thoughts", "<think>a<think>b</think>" + good, nil, instead},
		{"thoughts twice", "<think>a</think><think>b</think>" + good, nil, instead},
		{"thoughts and prose", "<think>hm</think>The queue is stock.", nil, instead},
		{"thoughts that do not end", "<think>" + good, nil, instead},
		{"thoughts alone", "<think>hm</think>", nil, instead},
		{"a fence that is not closed", fence + "json\n" + good, nil, instead},
		{"a fence that is closed too soon", "````\n" + good + "\n" + fence, nil, instead},
		{"a fence that is closed by another", fence + "\n" + good + "\n~~~", nil, instead},
		{"an empty fence", fence + "\n" + fence, nil, instead},
		{"null in a fence", fence + "\nnull\n" + fence, nil, instead},
		{"an inline code span", "`" + good + "`", nil, instead},
		{"a brace too much", "{\n" + good, nil, instead},
		{"a fence whose JSON is refused", fence + "json\n" + `{"queue":"sales"}` + "\n" + fence, nil, `/queue: must be one of`},
	} {
		t.Run(c.name, func(t *testing.T) {
			agent := newAgent(t, says(c.text), funcall.Config{Limits: transcript.Limits{Refusals: 1}})
			got, res, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?")
			check(t, res)
			out := firstOutput(t, res.Transcript)
			if !slices.Equal(out.Coercions, c.fixes) {
				t.Errorf("fixes %q, want %q", out.Coercions, c.fixes)
			}
			if c.refused != "" {
				if !errors.Is(err, funcall.ErrNoOutput) || out.StructuredText != "" || !strings.Contains(out.Refusal, c.refused) {
					t.Errorf("taken as %s, refused: %q, %v", out.StructuredText, out.Refusal, err)
				}
				return
			}
			if err != nil || got.Queue != "stock" || !json.Valid([]byte(out.StructuredText)) || string(res.Output) != out.StructuredText {
				t.Errorf("%+v, %s, %v", got, out.StructuredText, err)
			}
			if _, same := reload(t, res.Transcript); !same {
				t.Error("the transcript is another once it is read again")
			}
		})
	}
}

// A streamed run reads an answer as any other run does.
func TestAnswersWithTextAroundInAStream(t *testing.T) {
	store := new(transcript.Memory)
	gone := newAgent(t, providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnavailable})), funcall.Config{Store: store})
	if _, _, err := funcall.Generate[[]string](t.Context(), gone.Session("s"), "Which queues?"); err == nil {
		t.Fatal("no error")
	}
	text := "<think>hm</think>\n" + fence + "json\n[\"stock\"]\n" + fence
	agent := newAgent(t, providertest.NewScript(t, providertest.Say(text)), funcall.Config{Store: store})
	var streamed strings.Builder
	var res *funcall.Result
	for ev, err := range agent.Session("s").StreamResume(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if streamed.WriteString(ev.Text); ev.Kind == funcall.EventDone {
			res = ev.Result
		}
	}
	check(t, res)
	if fixes := firstOutput(t, res.Transcript).Coercions; string(res.Output) != `{"value":["stock"]}` || !slices.Equal(fixes, []string{"thoughts", "fence", "bare"}) {
		t.Errorf("%s, %q", res.Output, fixes)
	}
	if streamed.String() != text {
		t.Errorf("streamed %q", streamed.String())
	}
}

// Long texts of nothing but marks are read once, not once for each mark.
func TestHostileAnswersAreReadInLinearTime(t *testing.T) {
	for _, piece := range []string{"`", "~", "<think>", "</think>", "```json\n", "```\n{}\n", "{\"a\":", "[", "<think>```", "a", "\u00e9", " ", "0"} {
		text := strings.Repeat(piece, 1<<20/len(piece))
		for _, text := range []string{text, text + "</think>" + text, fence + "\n" + text + "\n" + fence, "<think>" + text + "</think>{}"} {
			agent := newAgent(t, says(text), funcall.Config{Limits: transcript.Limits{Refusals: 1}})
			if _, res, err := funcall.Generate[Routing](t.Context(), agent, "Which queue?"); !errors.Is(err, funcall.ErrNoOutput) {
				t.Errorf("%.20q…: %v %v", text, res.Outcome, err)
			}
		}
	}
}

// Color is a type with an enum of its own.
type Color string

func (Color) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Enum: []any{"red", "green"}}
}

type (
	labels map[string]int
	colors []Color
)

// generated returns what Generate makes of what a model says, as Go prints it.
func generated[T any](t *testing.T, p provider.Provider) (any, *funcall.Result, error) {
	got, res, err := funcall.Generate[T](t.Context(), newAgent(t, p, funcall.Config{Limits: transcript.Limits{Refusals: 1}}), "What?")
	return got, res, err
}

// An answer of any type is asked for as an object, and comes as the value.
func TestGenerateValues(t *testing.T) {
	type ask func(*testing.T, provider.Provider) (any, *funcall.Result, error)
	ten := 10
	for name, c := range map[string]struct {
		ask     ask
		value   string // in JSON
		want    any
		refused map[string]string // what is refused, and what the model is told
	}{
		"a list":            {generated[[]string], `["a","b"]`, []string{"a", "b"}, map[string]string{`["a",1]`: "/value/1: must be a string", `"a"`: "/value: must be an array"}},
		"an empty list":     {generated[[]string], `[]`, []string{}, nil},
		"a list of structs": {generated[[]Note], `[{"order":1,"fee":"5 cents"}]`, []Note{{1, Amount{5}}}, map[string]string{`[{"order":0,"fee":"5 cents"}]`: "/value/0/order"}},
		"a list of lists":   {generated[[][]int], `[[1],[]]`, [][]int{{1}, {}}, nil},
		"an array":          {generated[[2]int], `[1,2]`, [2]int{1, 2}, map[string]string{`[1]`: "/value"}},
		"a string":          {generated[string], `"a"`, "a", map[string]string{`1`: "/value: must be a string"}},
		"an integer":        {generated[int64], `9007199254740993`, int64(9007199254740993), map[string]string{`1.5`: "/value: must be an integer"}},
		"a small integer":   {generated[uint8], `255`, uint8(255), map[string]string{`256`: "/value: must be at most 255", `-1`: "/value"}},
		"a float":           {generated[float64], `0.25`, 0.25, nil},
		"a boolean":         {generated[bool], `false`, false, map[string]string{`"no"`: "/value: must be a boolean"}},
		"an enum":           {generated[Color], `"red"`, Color("red"), map[string]string{`"blue"`: `/value: must be one of`}},
		"a list of enums":   {generated[colors], `["red"]`, colors{"red"}, map[string]string{`["blue"]`: `/value/0: must be one of`}},
		"a pointer":         {generated[*int], `10`, &ten, nil},
		"a time":            {generated[time.Time], `"2026-03-01T00:00:00Z"`, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), map[string]string{`"today"`: "/value"}},
		"a literal":         {generated[json.Number], `1.50`, json.Number("1.50"), map[string]string{`"1.50"`: "/value: must be a number"}},
		"a large integer":   {generated[*big.Int], `123456789012345678901234567890`, func() *big.Int { n, _ := new(big.Int).SetString("123456789012345678901234567890", 10); return n }(), nil},
		"a text type":       {generated[Amount], `"5 cents"`, Amount{5}, map[string]string{`"much"`: "/value: cannot be read"}},
		"anything":          {generated[any], `[1,{"a":true}]`, []any{json.Number("1"), map[string]any{"a": true}}, nil},
		"JSON":              {generated[json.RawMessage], `[1.50]`, json.RawMessage(`[1.50]`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{`{"value":` + c.value + `}`, c.value} {
				got, res, err := c.ask(t, says(text))
				if err != nil || !reflect.DeepEqual(got, c.want) || string(res.Output) != `{"value":`+c.value+`}` {
					t.Errorf("%s: %#v, %s, %v", text, got, res.Output, err)
				}
				check(t, res)
				var bare []string
				if text == c.value {
					bare = []string{"bare"}
				}
				if fixes := firstOutput(t, res.Transcript).Coercions; !slices.Equal(fixes, bare) {
					t.Errorf("%s: fixes %q", text, fixes)
				}
			}
			for text, want := range c.refused {
				got, res, err := c.ask(t, says(text))
				if out := firstOutput(t, res.Transcript); !errors.Is(err, funcall.ErrNoOutput) || !strings.Contains(out.Refusal, want) {
					t.Errorf("%s: %v, refused: %q, %v", text, got, out.Refusal, err)
				}
			}
			called, res, err := c.ask(t, plain(providertest.NewScript(t, providertest.Call("answer", `{"value":`+c.value+`}`))))
			if err != nil || !reflect.DeepEqual(called, c.want) {
				t.Errorf("by a call: %#v, %s, %v", called, res.Output, err)
			}
			called, res, err = c.ask(t, plain(providertest.NewScript(t, providertest.Call("answer", c.value))))
			if err != nil || !reflect.DeepEqual(called, c.want) || !slices.Contains(firstOutput(t, res.Transcript).Calls[0].Coercions, "bare") {
				t.Errorf("by a call of the value alone: %#v, %s, %v", called, res.Output, err)
			}
		})
	}
}

// Beside another property a value needs its name; null means that it is missing; and invalid
// JSON is reported with its own position.
func TestGenerateBareValue(t *testing.T) {
	type paged struct {
		Value []string `json:"value"`
		Next  string   `json:"next,omitempty"`
	}
	type optional struct {
		Value []string `json:"value,omitempty"`
	}
	for _, c := range []struct {
		ask        func(*testing.T, provider.Provider) (any, *funcall.Result, error)
		args, want string
	}{
		{generated[paged], `["a"]`, "must be an object"},
		{generated[optional], `["a"]`, "must be an object"},
		{generated[any], `null`, `missing required property "value"`},
		{generated[[]string], `["a",`, "at byte 5"},
		{generated[[]string], `{"values":["a"]}`, `unknown property "values"`},
	} {
		call := providertest.Call("answer", c.args)
		_, res, err := c.ask(t, plain(providertest.NewScript(t, call, providertest.Say("no"))))
		if refused := firstOutput(t, res.Transcript).Calls[0].Refusal; !errors.Is(err, funcall.ErrNoOutput) || !strings.Contains(refused, c.want) {
			t.Errorf("%s: %q, %v", c.args, refused, err)
		}
	}
}

// An object could be the value or hold it, and is always taken to hold it.
func TestGenerateMaps(t *testing.T) {
	got, res, err := generated[labels](t, says(`{"value":{"value":1}}`))
	if err != nil || !reflect.DeepEqual(got, labels{"value": 1}) || string(res.Output) != `{"value":{"value":1}}` {
		t.Errorf("%v, %s, %v", got, res.Output, err)
	}
	for _, text := range []string{`{"a":1}`, `{"value":1}`, `{"value":{},"a":1}`, `{}`, `1,"value":{}`, `"x"`} {
		if got, _, err := generated[labels](t, says(text)); !errors.Is(err, funcall.ErrNoOutput) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// A type without a valid schema is an error before the model is called.
func TestGenerateRefusesTypes(t *testing.T) {
	for want, ask := range map[string]func(*testing.T, provider.Provider) (any, *funcall.Result, error){
		"funcall: Generate: chan int has no JSON form; use a struct, list, map, string, number or bool":    generated[chan int],
		"funcall: Generate: *complex128 has no JSON form; use a struct, list, map, string, number or bool": generated[*complex128],
		"funcall: Generate: []chan int cannot be an answer: struct.Value[]: chan int has no JSON form":     generated[[]chan int],
		"funcall: Generate: time.Duration cannot be an answer: struct.Value: time.Duration is":             generated[time.Duration],
		"funcall: Generate: fmt.Stringer cannot be an answer":                                              generated[fmt.Stringer],
		"funcall: Generate: map[bool]int cannot be an answer":                                              generated[map[bool]int],
	} {
		if _, res, err := ask(t, providertest.NewScript(t)); err == nil || !strings.Contains(err.Error(), want) || res == nil {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// Every API takes the objects that values are asked for as.
func TestGenerateValuesOverEveryAPI(t *testing.T) {
	for _, api := range apis {
		for value, ask := range map[string]func(*testing.T, provider.Provider) (any, *funcall.Result, error){
			`["a"]`: generated[[]string], `[{"order":1,"fee":"5 cents"}]`: generated[[]Note], `1`: generated[int], `"red"`: generated[Color], `{"a":1}`: generated[labels],
		} {
			text := `{"value":` + value + `}`
			_, res, err := ask(t, api.dial(api.serve(providertest.Say(text)).Start(t)))
			if err != nil || string(res.Output) != text {
				t.Errorf("%s: %s: %s, %v", api.name, value, res.Output, err)
			}
		}
	}
}

// A process that does not know the Go type takes the value in either form, and a
// struct of nothing but a value is such a value.
func TestGenerateValuesAreResumed(t *testing.T) {
	for _, text := range []string{`["stock"]`, `{"value":["stock"]}`} {
		store := new(transcript.Memory)
		first := newAgent(t, providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindUnavailable})), funcall.Config{Store: store})
		if _, _, err := funcall.Generate[[]string](t.Context(), first.Session("s"), "Which queues?"); err == nil {
			t.Fatal("no error")
		}
		second := newAgent(t, providertest.NewScript(t, providertest.Say(text)), funcall.Config{Store: store})
		res, err := second.Session("s").Resume(t.Context())
		if err != nil || string(res.Output) != `{"value":["stock"]}` {
			t.Errorf("%s, %v", res.Output, err)
		}
	}
	type own struct {
		Value []string `json:"value"`
	}
	if got, _, err := generated[own](t, says(`["stock"]`)); err != nil || !reflect.DeepEqual(got, own{[]string{"stock"}}) {
		t.Errorf("%v, %v", got, err)
	}
}

// A server that refuses tools and a schema together, as Gemini 2 and Groq do, is asked
// for the answer as a call, and from then on at once. Without tools it keeps its form.
func TestGenerateFallsBackToACall(t *testing.T) {
	var asked []string // of each request: its tools, and whether it has a form
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		names := make([]string, len(req.Tools))
		for i, tool := range req.Tools {
			names[i] = tool.Name
		}
		asked = append(asked, cmp.Or(strings.Join(names, "+"), "none"))
		said := provider.Assistant(provider.Text{Text: `{"queue":"stock"}`})
		switch last := req.Messages[len(req.Messages)-1]; {
		case req.OutputSchema != nil && len(req.Tools) > 0:
			asked[len(asked)-1] += " with a form"
			return nil, &provider.Error{Kind: provider.KindUnsupported, Message: "function calling with a response schema is unsupported"}
		case req.OutputSchema != nil:
			asked[len(asked)-1] += " with a form"
		case last.Role == provider.RoleUser:
			return asks(provider.FinishToolCalls, provider.ToolCall{ID: fmt.Sprint("look_", len(asked)), Name: "look", Args: `{"id":"a"}`}), nil
		default:
			return asks(provider.FinishToolCalls, provider.ToolCall{ID: fmt.Sprint("answer_", len(asked)), Name: "answer", Args: `{"queue":"stock"}`}), nil
		}
		return &provider.Response{Message: said, Finish: provider.FinishStop}, nil
	})
	with := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
	without := newAgent(t, model, funcall.Config{})
	for i, c := range []struct {
		agent *funcall.Agent
		want  []string
	}{
		{without, []string{"none with a form"}},
		{with, []string{"look with a form", "look+answer", "look+answer"}},
		{with, []string{"look+answer", "look+answer"}},
		{without, []string{"none with a form"}},
	} {
		asked = nil
		got, res, err := funcall.Generate[Routing](t.Context(), c.agent, "Which queue?")
		if err != nil || got.Queue != "stock" || !slices.Equal(asked, c.want) {
			t.Errorf("%d: %+v, %v: asked %q, want %q", i, got, err, asked, c.want)
		}
		check(t, res)
	}
	// At a limit the model has to do without its tools, but they are sent: the answer is
	// asked for as a call there, too.
	asked = nil
	limited := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}, Limits: transcript.Limits{Steps: 1}})
	if got, res, err := funcall.Generate[Routing](t.Context(), limited, "Which queue?"); err != nil || got.Queue != "stock" || res.Outcome != transcript.OutcomeDone {
		t.Errorf("%+v, %s, %v: asked %q", got, res.Outcome, err, asked)
	}
}
