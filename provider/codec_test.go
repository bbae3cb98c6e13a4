package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var everyPart = []Part{
	Text{Text: "a <b> & c", State: State{Owner: "x", Data: json.RawMessage(`{"n":9007199254740993}`)}},
	Reasoning{Redacted: true, State: State{Owner: "x", Data: json.RawMessage(`"blob"`)}},
	Media{MIME: "image/png", Data: []byte{0, 1, 2}},
	Media{MIME: "image/png", URL: "https://example.com/a.png"},
	ToolCall{ID: "c1", Name: "f", Args: `{"x":`, RawID: "c 1"},
	ToolCall{ID: "c2", Name: "f"},
	ToolResult{CallID: "c1", Name: "f", Parts: []Part{Text{Text: "ok"}, Media{MIME: "a/b", URL: "u"}}, IsError: true},
	ServerCall{ID: "s1", Name: "web_search", Input: "i", Output: "<o>", IsError: true, State: State{Owner: "y", Data: json.RawMessage(`{}`)}},
	ServerCall{},
	Native{State: State{Owner: "y", Data: json.RawMessage(`[1,2]`)}},
}

func TestMessageRoundTrip(t *testing.T) {
	m := &Message{Role: RoleAssistant, Parts: everyPart, State: State{Owner: "z", Data: json.RawMessage(`{"id":"m"}`)}}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var got Message
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, &got, cmpopts.IgnoreUnexported(Message{})); diff != "" {
		t.Errorf("a message changed on its way (-want +got):\n%s", diff)
	}
}

func TestUnknownPartsAreKept(t *testing.T) {
	const in = `{"role":"assistant","parts":[{"type":"hologram","depth":9007199254740993,"args":[1.50]},{"type":"text","text":"hi"}]}`
	var m Message
	if err := json.Unmarshal([]byte(in), &m); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Parts[0].(Native); !ok || m.Text() != "hi" {
		t.Fatalf("got %#v", m.Parts)
	}
	if b, err := json.Marshal(&m); err != nil || string(b) != in {
		t.Errorf("written back as %s, %v", b, err)
	}
}

func TestMessageCodecRefuses(t *testing.T) {
	for in, want := range map[string]string{
		`{"role":"user","parts":[{"text":"x"}]}`:                                             `part 0: missing "type"`,
		`{"role":"user","parts":[{"type":"text","text":"x"},{"type":"tool_call","id":"a"}]}`: `part 1: tool call without "args"`,
		`{"role":"user","parts":[{"type":"native","state":{"owner":"json:part"}}]}`:          `is reserved`,
		`[]`: "message:",
	} {
		var m Message
		if err := json.Unmarshal([]byte(in), &m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", in, err, want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	b, err := json.Marshal(&Message{Role: RoleAssistant, Parts: everyPart})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"role":"user","parts":[{"type":"new","x":1},{"type":"native","state":{"owner":"","data": [ 1 ]}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var m Message
		if json.Unmarshal(in, &m) != nil {
			return
		}
		out, err := m.MarshalJSON() // json.Marshal would add escapes for HTML to opaque state
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		var again Message
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if diff := cmp.Diff(&m, &again, cmpopts.IgnoreUnexported(Message{})); diff != "" && utf8.Valid(in) {
			t.Fatalf("a message changed on its way (-first +second):\n%s\n%s", diff, out)
		}
	})
}

func TestEncodedKeepsAFewAndEncodesOnce(t *testing.T) {
	m := User("hi")
	n := 0
	enc := func(m *Message) ([]byte, error) { n++; return []byte(m.Text()), nil }
	for range 3 {
		for _, key := range []string{"a", "b"} {
			if b, err := m.Encoded(key, enc); err != nil || string(b) != "hi" {
				t.Fatal(string(b), err)
			}
		}
	}
	if n != 2 {
		t.Errorf("encoded %d times for 2 keys", n)
	}
	for i := range maxEncodings {
		if _, err := m.Encoded(fmt.Sprint("more ", i), enc); err != nil {
			t.Fatal(err)
		}
	}
	if kept := len(*m.enc.kept.Load()); kept != maxEncodings {
		t.Errorf("%d encodings kept", kept)
	}
}
