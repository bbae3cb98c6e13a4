package wiretool

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/provider"
)

// tools are one tool of each kind for Anthropic.
func tools() []*provider.Tool {
	return []*provider.Tool{
		{Name: "plain", Schema: json.RawMessage(`{"type":"object","properties":{"a":{}}}`)},
		{Name: "files/read", Schema: json.RawMessage(`{"type":"object","properties":{"a":{}}}`)},
		{Name: "plain_search", Schema: json.RawMessage(`{"type":"object","properties":{"$top":{}}}`)},
		{Name: "odd.union", Schema: json.RawMessage(`{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}`)},
	}
}

func begin(t *testing.T) *Answers {
	t.Helper()
	x, err := Anthropic.Answers(tools(), "me")
	if err != nil || x == nil {
		t.Fatalf("%v, %v", x, err)
	}
	return x
}

func TestNothingToTranslate(t *testing.T) {
	list := tools()[:1]
	emit := func(provider.Delta) {}
	response := &provider.Response{Message: provider.Assistant(provider.ToolCall{Name: "plain", Args: "{}"})}
	allocs := testing.AllocsPerRun(100, func() {
		x, err := Anthropic.Answers(list, "me")
		if x != nil || err != nil || x.Emit(emit) == nil || x.Emit(nil) != nil {
			t.Fatal(x, err)
		}
		if r, err := x.Response(response, nil); r != response || err != nil {
			t.Fatal(r, err)
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestOneNameForTwoTools(t *testing.T) {
	list := tools()
	list[0].Name = Anthropic.Name("files/read")
	_, err := Anthropic.Answers(list, "me")
	if err == nil || !strings.Contains(err.Error(), `tools "`+list[0].Name+`" and "files/read" are both`) {
		t.Error(err)
	}
}

func TestDeltas(t *testing.T) {
	const (
		text  = provider.DeltaText
		call  = provider.DeltaCallStart
		args  = provider.DeltaArgs
		end   = provider.DeltaCallEnd
		union = `{"a":1}`
	)
	read, odd := Anthropic.Name("files/read"), Anthropic.Name("odd.union")
	for _, c := range []struct {
		name     string
		in, want []provider.Delta
		calls    []provider.ToolCall // of the response on the wire
	}{
		{"names", []provider.Delta{{Kind: text, Text: "Hm."}, {Kind: call, ID: "c", Name: read}, {Kind: args, Text: `{"a"`}, {Kind: args, Text: `:1}`}, {Kind: end, ID: "c", Name: read, Text: `{"a":1}`}},
			[]provider.Delta{{Kind: text, Text: "Hm."}, {Kind: call, ID: "c", Name: "files/read"}, {Kind: args, Text: `{"a"`}, {Kind: args, Text: `:1}`}, {Kind: end, ID: "c", Name: "files/read", Text: `{"a":1}`}}, nil},
		{"the tool's own name", []provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: args, Text: union}, {Kind: end, Name: "odd.union", Text: union}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: args, Text: union}, {Kind: end, Name: "odd.union", Text: union}}, nil},
		{"no tool's name", []provider.Delta{{Kind: call, Name: "what"}, {Kind: args, Text: `{"input":1}`}, {Kind: end, Name: "what", Text: `{"input":1}`}},
			[]provider.Delta{{Kind: call, Name: "what"}, {Kind: args, Text: `{"input":1}`}, {Kind: end, Name: "what", Text: `{"input":1}`}}, nil},
		{"arguments", []provider.Delta{{Kind: call, Name: odd}, {Kind: args, Text: `{"input":`}, {Kind: text, Text: "…"}, {Kind: args, Text: `{"a":1}}`}, {Kind: end, Name: odd, Text: `{"input":{"a":1}}`}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: text, Text: "…"}, {Kind: args, Text: union}, {Kind: end, Name: "odd.union", Text: union}}, nil},
		{"no arguments", []provider.Delta{{Kind: call, Name: odd}, {Kind: end, Name: odd}}, []provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: end, Name: "odd.union"}}, nil},
		{"a name in pieces", []provider.Delta{{Kind: call, Name: "plain"}, {Kind: args, Text: `{"_top_qg7zrzaj":1}`}, {Kind: end, Name: "plain_search", Text: `{"_top_qg7zrzaj":1}`}},
			[]provider.Delta{{Kind: call, Name: "plain"}, {Kind: args, Text: `{"$top":1}`}, {Kind: end, Name: "plain_search", Text: `{"$top":1}`}}, nil},
		{"calls that do not end", []provider.Delta{{Kind: call, Name: odd}, {Kind: args, Text: `{"input":{"a":1}}`}, {Kind: call, Call: 1, Name: "plain_search"}, {Kind: args, Call: 1, Text: `{"_top_qg7zrzaj":1}`}, {Kind: call, Call: 2, Name: odd}, {Kind: args, Call: 2, Text: `{"input":{"a`}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: call, Call: 1, Name: "plain_search"}, {Kind: call, Call: 2, Name: "odd.union"}, {Kind: args, Text: union}, {Kind: args, Call: 1, Text: `{"$top":1}`}, {Kind: args, Call: 2, Text: `{"input":{"a`}},
			[]provider.ToolCall{{Name: "plain_search", Args: `{"_top_qg7zrzaj":1}`}, {Name: odd, Args: `{"input":{"a":1}}`}, {Name: odd, Args: `{"input":{"a`}}},
		{"an answer that begins anew", []provider.Delta{{Kind: call, Name: odd}, {Kind: args, Text: `{"input":{"a":1}}`}, {Kind: call, Call: 1, Name: odd}, {Kind: args, Call: 1, Text: `{"input":{"a":1}}`}, {Kind: call, Name: odd}, {Kind: args, Text: `{"input":{"a":1}}`}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: call, Call: 1, Name: "odd.union"}, {Kind: call, Name: "odd.union"}, {Kind: args, Text: union}},
			[]provider.ToolCall{{Name: odd, Args: `{"input":{"a":1}}`}}},
		{"an answer that begins anew, with another tool", []provider.Delta{{Kind: call, Name: odd}, {Kind: args, Text: `{"input":`}, {Kind: call, Name: read}, {Kind: args, Text: `{"a"`}, {Kind: args, Text: `:1}`}, {Kind: end, Name: read, Text: `{"a":1}`}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: call, Name: "files/read"}, {Kind: args, Text: `{"a"`}, {Kind: args, Text: `:1}`}, {Kind: end, Name: "files/read", Text: `{"a":1}`}},
			[]provider.ToolCall{{Name: read, Args: `{"a":1}`}}},
		{"an answer that begins anew, without a call", []provider.Delta{{Kind: call, Name: odd}, {Kind: args, Text: `{"input":{"a":`}, {Kind: text, Text: "Hm."}},
			[]provider.Delta{{Kind: call, Name: "odd.union"}, {Kind: text, Text: "Hm."}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := begin(t)
			var got []provider.Delta
			emit := x.Emit(func(d provider.Delta) { got = append(got, d) })
			for _, d := range c.in {
				emit(d)
			}
			m := provider.Assistant()
			for _, c := range c.calls {
				m.Parts = append(m.Parts, c)
			}
			if _, err := x.Response(&provider.Response{Message: m}, nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResponse(t *testing.T) {
	read, odd := Anthropic.Name("files/read"), Anthropic.Name("odd.union")
	state := provider.State{Owner: "me", Data: json.RawMessage(`{"x":{"y":1}}`)}
	got, err := begin(t).Response(&provider.Response{Message: provider.Assistant(
		provider.Text{Text: read},
		provider.ToolCall{ID: "1", Name: read, Args: `{"a":1}`, State: state},
		provider.ToolCall{ID: "2", Name: odd, Args: `{"input":{"a":"é"}}`, State: state},
		provider.ToolCall{ID: "3", Name: odd, Args: `{"b":1}`},
		provider.ToolCall{ID: "4", Name: "plain_search", Args: `{"_top_qg7zrzaj":1}`},
		provider.ToolCall{ID: "5", Name: "files_read", Args: `{"input":1}`},
	)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []provider.Part{
		provider.Text{Text: read},
		provider.ToolCall{ID: "1", Name: "files/read", Args: `{"a":1}`, State: state},
		provider.ToolCall{ID: "2", Name: "odd.union", Args: `{"a":"é"}`, State: provider.State{Owner: "me", Data: json.RawMessage(`{"wire_args":"{\"input\":{\"a\":\"é\"}}","x":{"y":1}}`)}},
		provider.ToolCall{ID: "3", Name: "odd.union", Args: `{"b":1}`},
		provider.ToolCall{ID: "4", Name: "plain_search", Args: `{"$top":1}`, State: provider.State{Owner: "me", Data: json.RawMessage(`{"wire_args":"{\"_top_qg7zrzaj\":1}"}`)}},
		provider.ToolCall{ID: "5", Name: "files_read", Args: `{"input":1}`},
	}
	if diff := cmp.Diff(want, got.Message.Parts); diff != "" {
		t.Error(diff)
	}
}

// TestSent takes back what Response kept, also from a store, which may reformat JSON and
// reorder its members.
func TestSent(t *testing.T) {
	const args = `{"input":{"a":"é\n\u0000"}}`
	me, sibling, other := wire.NewOwner("api", "host", "m"), wire.NewOwner("api", "host", "n"), wire.NewOwner("api", "elsewhere", "m")
	for _, data := range []string{"", "{}", `{"x":{"y":[1]},"z":null}`} {
		state := keep(provider.State{Owner: me.String(), Data: json.RawMessage(data)}, me.String(), args)
		stored, err := json.Marshal(provider.Assistant(provider.ToolCall{ID: "1", Name: "a", Args: "own", State: state}))
		if err != nil {
			t.Fatal(err)
		}
		var m provider.Message
		if err := json.Unmarshal(stored, &m); err != nil {
			t.Fatal(err)
		}
		for _, c := range []provider.ToolCall{{Args: "own", State: state}, m.ToolCalls()[0]} {
			want := data
			if data == "{}" {
				want = ""
			}
			if got, rest := Sent(c, me); got != args || string(rest) != want {
				t.Errorf("%s: %s and %s", c.State.Data, got, rest)
			}
			if got, rest := Sent(c, sibling); got != args || rest != nil {
				t.Errorf("%s: another model of the server gets %s and %s", c.State.Data, got, rest)
			}
			if got, rest := Sent(c, other); got != "own" || rest != nil {
				t.Errorf("%s: another server gets %s and %s", c.State.Data, got, rest)
			}
		}
	}
	for _, data := range []string{
		`{"x":{"y":[1]},"z":null,"wire_args":"{}"}`, `{"x":{"y":[1]},"wire_args":"{}","z":null}`,
		"{\"x\": {\"y\":[1]}, \"wire_args\" :\n\"{}\" , \"z\": null}", `{ "wire_args":"{}","x":{"y":[1]},"z":null}`,
	} {
		c := provider.ToolCall{Args: "own", State: provider.State{Owner: me.String(), Data: json.RawMessage(data)}}
		if got, rest := Sent(c, me); got != "{}" || string(rest) != `{"x":{"y":[1]},"z":null}` {
			t.Errorf("%s: %s and %s", data, got, rest)
		}
	}
	for _, data := range []string{"", `{"x":1}`, `{"wire_args":7}`, `[]`, `{"x":{"wire_args":"{}"}}`, `{"x":"wire_args","y":"\"wire_args\":"}`, `{"x":1,"wire_args":"{}"`} {
		c := provider.ToolCall{Args: "own", State: provider.State{Owner: me.String(), Data: json.RawMessage(data)}}
		if got, rest := Sent(c, me); got != "own" || string(rest) != data {
			t.Errorf("%s: %s and %s", data, got, rest)
		}
	}
}
