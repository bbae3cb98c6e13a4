package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/internal/testkit/effort"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A streamed is what GenerateStream yielded.
type streamed[T any] struct {
	partials []T // of EventOutput
	events   []funcall.EventKind
	last     funcall.Partial[T]
	err      error // of the last event
}

// outputs ranges over a stream, and checks what holds for each.
func outputs[T any](t *testing.T, r funcall.Runner) (s streamed[T]) {
	t.Helper()
	for p, err := range funcall.GenerateStream[T](t.Context(), r, "What?") {
		if s.last.Event.Kind == funcall.EventDone || (err != nil) && p.Event.Kind != funcall.EventDone {
			t.Errorf("%v after %v, with the error %v", p.Event.Kind, s.last.Event.Kind, err)
		}
		if p.Event.Kind == funcall.EventOutput {
			s.partials = append(s.partials, p.Value)
		} else if p.Event.Kind != funcall.EventDone && !reflect.ValueOf(&p.Value).Elem().IsZero() {
			t.Errorf("%v has the value %v", p.Event.Kind, p.Value)
		}
		s.events, s.last, s.err = append(s.events, p.Event.Kind), p, err
	}
	if s.last.Event.Kind != funcall.EventDone || s.last.Event.Result == nil {
		t.Fatalf("the last event is %v", s.last.Event.Kind)
	}
	check(t, s.last.Event.Result)
	return s
}

// Parcel is an output whose parts are shown while it is written.
type Parcel struct {
	Note   string   `json:"note"`
	Weight float64  `json:"weight"`
	Fast   bool     `json:"fast,omitempty" jsonschema:"default=true"`
	Items  []string `json:"items,omitempty"`
	Fee    *Amount  `json:"fee,omitempty"`
}

// Each growth of an output is shown, and nothing that is not written. It is the same in both
// ways of asking for it, whatever stands around it.
func TestGenerateStream(t *testing.T) {
	const good = `{"note":"äb\n","weight":12.5,"items":["x","yz"],"fee":"5 cents"}`
	partials := []Parcel{
		{}, {}, {Note: "ä"}, {Note: "äb"}, {Note: "äb\n"},
		{Note: "äb\n", Weight: 12.5},
		{Note: "äb\n", Weight: 12.5, Items: []string{}},
		{Note: "äb\n", Weight: 12.5, Items: []string{""}},
		{Note: "äb\n", Weight: 12.5, Items: []string{"x"}},
		{Note: "äb\n", Weight: 12.5, Items: []string{"x", ""}},
		{Note: "äb\n", Weight: 12.5, Items: []string{"x", "y"}},
		{Note: "äb\n", Weight: 12.5, Items: []string{"x", "yz"}},
		{Note: "äb\n", Weight: 12.5, Items: []string{"x", "yz"}, Fee: &Amount{5}},
	}
	want := partials[len(partials)-1]
	want.Fast = true
	look := providertest.Call("look", `{"id":"a"}`).WithText("One moment.")
	for name, c := range map[string]struct {
		plain bool
		turns []providertest.Turn
	}{
		"in the provider's form": {turns: []providertest.Turn{providertest.Say(good)}},
		"in a fence":             {turns: []providertest.Turn{providertest.Say("```json\n" + good + "\n```")}},
		"behind thoughts":        {turns: []providertest.Turn{providertest.Say("<think>Is it {\"note\":\"no\"}?</think>\n~~~\n" + good + "\n~~~")}},
		"behind reasoning":       {turns: []providertest.Turn{providertest.Say(good).WithReasoning("{}")}},
		"after tools":            {turns: []providertest.Turn{look, providertest.Say(good)}},
		"by a call":              {plain: true, turns: []providertest.Turn{providertest.Call("answer", good)}},
		"by a call, with text":   {plain: true, turns: []providertest.Turn{providertest.Call("answer", good).WithText("[")}},
		"by a call after tools":  {plain: true, turns: []providertest.Turn{look, providertest.Call("answer", good)}},
		"by a call beside tools": {plain: true, turns: []providertest.Turn{providertest.Calls(provider.ToolCall{Name: "look", Args: `{"id":"a"}`}, provider.ToolCall{Name: "answer", Args: good}, provider.ToolCall{Name: "answer", Args: `{"note":"second"}`})}},
		"by a text that is it":   {plain: true, turns: []providertest.Turn{providertest.Say(good)}},
	} {
		for cutting, cut := range map[string]providertest.Cut{"runes": providertest.CutRunes(1), "words": providertest.CutWords, "whole": providertest.CutWhole, "random": providertest.CutRandom(1)} {
			t.Run(name+"/"+cutting, func(t *testing.T) {
				var model provider.Provider = providertest.NewScript(t, c.turns...).Cut(cut)
				if c.plain {
					model = plain(model)
				}
				agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
				s := outputs[Parcel](t, agent)
				if d := cmp.Diff(want, s.last.Value); d != "" || s.err != nil {
					t.Fatalf("%v\n%s", s.err, d)
				}
				shown := s.partials
				if cutting == "runes" {
					if d := cmp.Diff(partials, shown); d != "" {
						t.Errorf("%s", d)
					}
					return
				}
				at := 0
				for _, p := range shown {
					i := slices.IndexFunc(partials[at:], func(q Parcel) bool { return cmp.Equal(p, q) })
					if i < 0 {
						t.Fatalf("%+v is not written, or comes too late", p)
					}
					at += i + 1
				}
				if len(shown) == 0 {
					t.Error("nothing was shown")
				}
			})
		}
	}
}

// The events are those of a run that is watched by Stream; an EventOutput follows the event of
// its text, and none comes before the model writes the output.
func TestGenerateStreamYieldsTheEventsOfTheRun(t *testing.T) {
	look := providertest.Call("look", `{"id":"a"}`)
	input, model, start, end, text, output, done := funcall.EventToolInput, funcall.EventModelEnd, funcall.EventToolStart, funcall.EventToolEnd, funcall.EventText, funcall.EventOutput, funcall.EventDone
	for name, c := range map[string]struct {
		plain bool
		turns []providertest.Turn
		want  []funcall.EventKind
	}{
		"in the provider's form": {false, []providertest.Turn{look, providertest.Say(`{"note": "a b", "weight": 1}`)}, []funcall.EventKind{input, model, start, end, text, output, text, output, text, output, text, text, output, model, done}},
		"by a call":              {true, []providertest.Turn{look, providertest.Call("answer", `{"note": "a b", "weight": 1}`)}, []funcall.EventKind{input, model, start, end, input, output, output, output, output, model, end, done}},
	} {
		var m provider.Provider = providertest.NewScript(t, c.turns...)
		if c.plain {
			m = plain(m)
		}
		agent := newAgent(t, m, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
		if s := outputs[Parcel](t, agent.Session("s")); s.err != nil || !slices.Equal(s.events, c.want) {
			t.Errorf("%s: %v, %v\nwant %v", name, s.events, s.err, c.want)
		}
	}
}

// After a refusal the model writes another output, which is shown from its beginning.
func TestGenerateStreamBeginsAnew(t *testing.T) {
	const bad, good = `{"note":"first"}`, `{"note":"n","weight":1}`
	want := []Parcel{{Note: "first"}, {Note: "n"}, {Note: "n", Weight: 1}}
	for name, model := range map[string]provider.Provider{
		"in the provider's form": providertest.NewScript(t, providertest.Say(bad), providertest.Say("Sorry: "+good), providertest.Say(good)).Cut(cutQuotes),
		"by a call":              plain(providertest.NewScript(t, providertest.Call("answer", bad), providertest.Call("answer", good)).Cut(cutQuotes)),
	} {
		s := outputs[Parcel](t, newAgent(t, model, funcall.Config{}))
		if d := cmp.Diff(want, withoutEmpty(s.partials)); d != "" || s.err != nil || s.last.Value.Weight != 1 {
			t.Errorf("%s: %v\n%s", name, s.err, d)
		}
	}
}

// cutQuotes cuts behind each quotation mark and comma.
func cutQuotes(rest string) int { return strings.IndexAny(rest, `",`) + 1 }

func withoutEmpty(partials []Parcel) []Parcel {
	return slices.DeleteFunc(slices.Clone(partials), func(p Parcel) bool { return p.Note == "" })
}

// An output of any type is shown, if it comes as an object or as the value alone.
func TestGenerateStreamValues(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"a list":            shows([]string{`{"value":["a","bc"]}`, `["a","bc"]`}, []string{}, []string{"a"}, []string{"a", "b"}, []string{"a", "bc"}),
		"a list of structs": shows([]string{`{"value":[{"order":1,"fee":"5 cents"}]}`, `[{"order":1,"fee":"5 cents"}]`}, []Note{{}}, []Note{{1, Amount{}}}, []Note{{1, Amount{5}}}),
		"a string":          shows([]string{`{"value":"ab"}`, `"ab"`}, "a", "ab"),
		"a number":          shows([]string{`{"value":12}`}, 12),
		"a text type":       shows([]string{`{"value":"5 cents"}`, `"5 cents"`}, Amount{5}),
		"a map":             shows([]string{`{"value":{"a":1,"b":2}}`}, map[string]int{}, map[string]int{"a": 1}, map[string]int{"a": 1, "b": 2}),
		"a pointer":         shows([]string{`{"note":"ab","weight":1}`}, &Parcel{Note: "a"}, &Parcel{Note: "ab"}, &Parcel{Note: "ab", Weight: 1}),
		"anything":          shows([]string{`{"value":{"a":[true]}}`}, any(map[string]any{"a": []any{}}), any(map[string]any{"a": []any{true}})),
		"JSON":              shows([]string{`{"value":[1.50,"x"]}`, `[1.50,"x"]`}, json.RawMessage(`[1.50]`), json.RawMessage(`[1.50,"x"]`)),
	} {
		t.Run(name, test)
	}
}

// shows returns a test that each of the texts shows those values in that order, and perhaps
// others between them.
func shows[T any](texts []string, want ...T) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range texts {
			for name, model := range map[string]provider.Provider{
				"in the provider's form": providertest.NewScript(t, providertest.Say(text)).Cut(providertest.CutRunes(1)),
				"by a call":              plain(providertest.NewScript(t, providertest.Call("answer", text)).Cut(providertest.CutRunes(1))),
			} {
				s := outputs[T](t, newAgent(t, model, funcall.Config{}))
				left := want
				for _, p := range s.partials {
					if len(left) > 0 && cmp.Equal(left[0], p) {
						left = left[1:]
					}
				}
				if len(left) > 0 || s.err != nil {
					t.Errorf("%s, %s: %v shown, and not %v; %v", text, name, s.partials, left, s.err)
				}
			}
		}
	}
}

// fragile is a type whose methods panic at unfinished text.
type fragile struct{ text string }

func (f *fragile) UnmarshalText(b []byte) error {
	if f.text = string(b); f.text != "complete" {
		panic("unfinished")
	}
	return nil
}

// What does not fit the type is not shown, and the run goes on.
func TestGenerateStreamShowsNothingThatDoesNotFit(t *testing.T) {
	for _, text := range []string{`{"note":7}`, `[{"note":"a"}]`, "null", "No.", `{"weight":"heavy"}`, "{\"note\"\"", ""} {
		agent := newAgent(t, providertest.NewScript(t, providertest.Say(text), providertest.Say("no")).Cut(providertest.CutRunes(1)), funcall.Config{Limits: transcript.Limits{Refusals: 1}})
		s := outputs[Parcel](t, agent)
		empty := slices.DeleteFunc(s.partials, func(p Parcel) bool { return cmp.Equal(p, Parcel{}) })
		if len(empty) > 0 || !errors.Is(s.err, funcall.ErrNoOutput) || !cmp.Equal(s.last.Value, Parcel{}) {
			t.Errorf("%q: %+v, %+v, %v", text, s.partials, s.last.Value, s.err)
		}
	}
	s := outputs[[]*fragile](t, newAgent(t, says(`["complete"]`), funcall.Config{}))
	if s.err != nil || s.last.Value[0].text != "complete" {
		t.Errorf("%v", s.err)
	}
	model := providertest.NewScript(t, providertest.Say(`["complete"]`)).Cut(providertest.CutRunes(1))
	s = outputs[[]*fragile](t, newAgent(t, model, funcall.Config{}))
	if s.err != nil || len(s.partials) != 2 || s.partials[1][0].text != "complete" {
		t.Errorf("%v, %v", s.partials, s.err)
	}
	if s := outputs[chan int](t, newAgent(t, says(`1`), funcall.Config{})); s.err == nil || !strings.Contains(s.err.Error(), "chan int has no JSON form") {
		t.Errorf("%v", s.err)
	}
}

// A loop that is left, panics or ends its goroutine at an output ends the run, as with Stream.
func TestGenerateStreamIsLeft(t *testing.T) {
	value := new(int)
	for name, c := range map[string]struct {
		leave   func() (stay bool)
		outcome string
	}{
		"break":   {func() bool { return false }, "*transcript.End canceled"},
		"panic":   {func() bool { panic(value) }, "*transcript.End failed"},
		"Goexit":  {func() bool { runtime.Goexit(); return true }, "*transcript.End failed"},
		"nothing": {func() bool { return true }, "*transcript.End done"},
	} {
		for way, model := range map[string]provider.Provider{
			"form": providertest.NewScript(nil, providertest.Say(`{"note":"a b c","weight":1}`)).Cut(providertest.CutRunes(1)),
			"call": plain(providertest.NewScript(nil, providertest.Call("answer", `{"note":"a b c","weight":1}`)).Cut(providertest.CutRunes(1))),
		} {
			store := new(transcript.Memory)
			agent := newAgent(t, model, funcall.Config{Store: store})
			outputs := 0
			over := make(chan any)
			go func() {
				var panicked any
				defer func() { over <- panicked }()
				panicked = caught(func() {
					for p := range funcall.GenerateStream[Parcel](t.Context(), agent.Session("s"), "What?") {
						if p.Event.Kind != funcall.EventOutput {
							continue
						}
						if outputs++; outputs == 2 && !c.leave() {
							break
						}
					}
				})
			}()
			if panicked := <-over; (panicked == value) != (name == "panic") {
				t.Errorf("%s, %s: panicked with %v", name, way, panicked)
			}
			if (outputs == 2) != (name != "nothing") {
				t.Errorf("%s, %s: %d outputs", name, way, outputs)
			}
			tr, err := store.Load(t.Context(), "s")
			if err != nil {
				t.Fatal(err)
			}
			if all := kinds(tr); all[len(all)-1] != c.outcome {
				t.Errorf("%s, %s: %q", name, way, all)
			}
		}
	}
}

// A counting text counts the bytes that it was given to decode.
type counting string

var counted int

func (c *counting) UnmarshalText(b []byte) error {
	counted += len(b)
	*c = counting(b)
	return nil
}

// A long output that arrives in tiny pieces is decoded in linear time.
func TestGenerateStreamIsLinear(t *testing.T) {
	effort.Cost(t)
	const size = 1 << 20
	value := strings.Repeat("lorem ipsum ", size/12)
	for name, model := range map[string]provider.Provider{
		"in the provider's form": providertest.NewScript(t, providertest.Say(`{"value":"`+value+`"}`)).Cut(providertest.CutRunes(3)),
		"by a call":              plain(providertest.NewScript(t, providertest.Call("answer", `{"value":"`+value+`"}`)).Cut(providertest.CutRunes(3))),
	} {
		counted = 0
		s := outputs[counting](t, newAgent(t, model, funcall.Config{}))
		if s.err != nil || string(s.last.Value) != value {
			t.Fatalf("%s: %d bytes, %v", name, len(s.last.Value), s.err)
		}
		if counted > 40*size || len(s.partials) < 500 || len(s.partials) > 3000 {
			t.Errorf("%s: %d bytes were decoded for %d, and %d values shown", name, counted, size, len(s.partials))
		}
		if last := len(s.partials[len(s.partials)-1]); last < size*9/10 {
			t.Errorf("%s: the last value that was shown has %d bytes", name, last)
		}
	}
}

// Hostile texts are looked at in linear time while they arrive.
func TestHostileOutputsAreShownInLinearTime(t *testing.T) {
	effort.Cost(t)
	for _, piece := range []string{"`", "<think>", "</think>", "```\n{}\n", "{\"a\":", "[", " ", "0", "\"\\ud83d", "<think></think>"} {
		model := provider.Func(func(_ context.Context, _ *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			for range (1 << 17) / len(piece) {
				emit(provider.Delta{Kind: provider.DeltaText, Text: piece})
			}
			return &provider.Response{Message: provider.Assistant(provider.Text{Text: "no"}), Finish: provider.FinishStop}, nil
		})
		s := outputs[Parcel](t, newAgent(t, model, funcall.Config{Limits: transcript.Limits{Refusals: 1}}))
		if !errors.Is(s.err, funcall.ErrNoOutput) || s.last.Event.Result.Steps != 2 {
			t.Errorf("%.20q: %v", piece, s.err)
		}
	}
}

// Outputs are shown while they arrive from each API, in its own form and as a call.
func TestGenerateStreamOverHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		handler func(...providertest.Turn) *apiserver.Server
		dial    func(address string) provider.Provider
	}{
		"chat":      {chatserver.New, func(a string) provider.Provider { return openai.New("gpt-5-mini", openai.BaseURL(a+"/v1")) }},
		"responses": {responsesserver.New, func(a string) provider.Provider { return openai.NewResponses("gpt-5", openai.BaseURL(a+"/v1")) }},
		"anthropic": {anthropicserver.New, func(a string) provider.Provider {
			return anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(a+"/v1"), anthropic.APIKey("k"))
		}},
		"gemini": {geminiserver.New, func(a string) provider.Provider {
			return gemini.New("gemini-2.5-flash", gemini.BaseURL(a+"/v1beta"), gemini.APIKey("k"))
		}},
	} {
		for _, byCall := range []bool{false, true} {
			const good = `{"note":"a b c","weight":1}`
			server := httptest.NewServer(c.handler(providertest.Call("look", `{"id":"a"}`), providertest.Say(good)))
			if byCall {
				server.Close()
				server = httptest.NewServer(c.handler(providertest.Call("look", `{"id":"a"}`), providertest.Call("answer", good)))
			}
			model := c.dial(server.URL)
			if byCall {
				model = plain(model)
			}
			agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
			s := outputs[Parcel](t, agent.Session("s"))
			if s.err != nil || !cmp.Equal(s.last.Value, Parcel{Note: "a b c", Weight: 1, Fast: true}) || len(s.partials) == 0 {
				t.Errorf("%s, by a call %t: %+v, %+v, %v", name, byCall, s.partials, s.last.Value, s.err)
			}
			server.Close()
		}
	}
}
