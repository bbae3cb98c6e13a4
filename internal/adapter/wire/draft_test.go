package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

var testForm = Form{
	Reserved: []string{"model"},
	Choice:   []string{"tool_choice"},
	OfTools:  []string{"parallel"},
	ToolName: strings.ToLower,
}

// TestDraftSortsExtraMembers tests which extra members a request keeps.
func TestDraftSortsExtraMembers(t *testing.T) {
	const members = `{"tool_choice":1,"parallel":2,"other":3}`
	const server = `{"tools":[{"type":"search"}],"tool_choice":1,"parallel":2,"other":3}`
	function := []*provider.Tool{{Name: "F"}}
	for _, c := range []struct {
		tools        []*provider.Tool
		mode         provider.ToolMode
		client, own  string
		extra, error string
	}{
		{nil, provider.ToolsAuto, members, "", `,"other":3`, ""},
		{nil, provider.ToolsNone, "", members, `,"other":3`, ""},
		{function, provider.ToolsAuto, members, "", `,"tool_choice":1,"parallel":2,"other":3`, ""},
		{function, provider.ToolsRequired, members, "", `,"parallel":2,"other":3`, ""},
		{nil, provider.ToolsAuto, server, "", `,"tool_choice":1,"parallel":2,"other":3`, ""},
		{nil, provider.ToolsNone, server, `{"other":4}`, `,"parallel":2,"other":4`, ""},
		{nil, provider.ToolsRequired, members, "", "", `settings: tool choice: "required" needs tools`},
		{nil, provider.ToolsAuto, `{"model":"m"}`, "", "", `settings: extra fields: "model" is reserved`},
		{function, provider.ToolsAuto, `{"tools":[{"name":"f"}]}`, "", "", `settings: extra fields: "tools"[0] and a function are both named "f"`},
	} {
		req := &provider.Request{Tools: c.tools, Choice: provider.ToolChoice{Mode: c.mode}, Settings: provider.Settings{Extra: json.RawMessage(c.own)}}
		d, err := testForm.Draft(req, json.RawMessage(c.client), false)
		if c.error != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.error) {
				t.Errorf("%s, %s: got %v, want %s", c.client, c.own, err, c.error)
			}
			continue
		}
		if got := string(d.Extra.Append(nil)); err != nil || got != c.extra {
			t.Errorf("%d tools, %q, %s: got %s, %v, want %s", len(c.tools), c.mode, c.client, got, err, c.extra)
		}
	}
}

// TestDraftNamesWhatFails has an encoder that fails. The error counts messages as in the
// request, those in the instructions included.
func TestDraftNamesWhatFails(t *testing.T) {
	system := &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: "Be kind."}}}
	req := &provider.Request{System: "Be brief.", Messages: []*provider.Message{system, provider.User("a"), provider.User("b")}, Tools: []*provider.Tool{{Name: "f"}}}
	d, err := testForm.Draft(req, nil, false)
	if err != nil || d.System != (Instructions{"Be brief.", "\n\nBe kind."}) || len(d.Messages) != 2 || d.Pieces() != 3 {
		t.Fatalf("got %+v, %v", d, err)
	}
	broken := errors.New("broken")
	_, err = d.Message(1, Encoder[provider.Message]{"k", func(*provider.Message) ([]byte, error) { return nil, broken }})
	if !errors.Is(err, broken) || err.Error() != "message 2: broken" {
		t.Errorf("got %v", err)
	}
	_, _, err = d.AppendFunctions(nil, Encoder[provider.Tool]{"k", func(*provider.Tool) ([]byte, error) { return nil, broken }})
	if !errors.Is(err, broken) || err.Error() != `tool "f": broken` {
		t.Errorf("got %v", err)
	}
	_, err = testForm.Draft(&provider.Request{Messages: []*provider.Message{nil}}, nil, false)
	if err == nil || err.Error() != "messages: message 0 is nil" {
		t.Errorf("got %v", err)
	}
}

// TestFieldsKeepTheFirstError has settings fail one after the other.
func TestFieldsKeepTheFirstError(t *testing.T) {
	f := &Fields{Extra: Members{{"inner", []byte("7")}, {"x", []byte("1")}}}
	f.MaxTokens("max", -1)
	f.Nested("inner", func(*Fields) { t.Error("an object was written in place of the extra member") })
	if _, err := f.End(); err == nil || err.Error() != "MaxOutputTokens is -1 and must not be negative" {
		t.Errorf("got %v", err)
	}
	f = &Fields{Extra: Members{{"inner", []byte(`{"a":1,"b":2}`)}, {"x", []byte("1")}}}
	f.Nested("inner", func(f *Fields) {
		f.Text("a", "left out")
		f.Text("c", "d")
		f.Extra = f.Extra.Without("b")
	})
	f.Nested("none", func(f *Fields) { f.Text("a", "") })
	if b, err := f.End(); err != nil || string(b) != `,"inner":{"c":"d","a":1},"x":1` {
		t.Errorf("got %s, %v", b, err)
	}
	f = new(Fields)
	f.Nested("outer", func(f *Fields) { f.Fail(Unsupported("no seed")) })
	if _, err := f.End(); Kind(fmt.Errorf("settings: %w", err)) != provider.KindUnsupported {
		t.Errorf("got %v", err)
	}
}
