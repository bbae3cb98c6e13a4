package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestMessagesHoldWhatTheirRoleMay puts each kind of part in a message of each role.
func TestMessagesHoldWhatTheirRoleMay(t *testing.T) {
	mark := func(s string) func(*provider.Message) []byte {
		return func(*provider.Message) []byte { return []byte(s) }
	}
	w := &Messages{
		Media: func(p provider.Media) error {
			if p.MIME == "audio/wav" {
				return errors.New("no sound")
			}
			return nil
		},
		System: mark("system"), User: mark("user"), Assistant: mark("assistant"), Results: mark("tool"),
	}
	image, sound := provider.Media{MIME: "image/png", URL: "https://example.com/a"}, provider.Media{MIME: "audio/wav", URL: "https://example.com/a"}
	result := func(parts ...provider.Part) provider.Part { return provider.ToolResult{Name: "f", Parts: parts} }
	for _, c := range []struct {
		part  provider.Part
		takes string // the roles whose messages may hold it
		says  string // the error of another role, if it is not that its messages cannot hold it
	}{
		{provider.Text{}, "system user assistant", ""},
		{&provider.Text{}, "", ""},
		{nil, "", ""},
		{provider.Native{}, "system user assistant", ""},
		{image, "user assistant", ""},
		{sound, "assistant", "part 1: no sound"},
		{provider.Reasoning{}, "assistant", ""},
		{provider.ToolCall{}, "assistant", ""},
		{result(), "tool", ""},
		{result(provider.Text{}, image), "tool", ""},
		{result(provider.Text{}, sound), "", `part 1, the result of "f", part 1: no sound`},
		{result(provider.Native{}), "", `part 1, the result of "f", part 0: a tool result cannot hold a provider.Native`},
	} {
		for _, role := range []provider.Role{provider.RoleSystem, provider.RoleUser, provider.RoleAssistant, provider.RoleTool} {
			first := provider.Part(provider.Text{})
			if role == provider.RoleTool {
				first = result()
			}
			b, err := w.Encode(&provider.Message{Role: role, Parts: []provider.Part{first, c.part}})
			switch {
			case strings.Contains(c.takes, string(role)):
				if err != nil || string(b) != string(role) {
					t.Errorf("%s with a %T: got %q, %v", role, c.part, b, err)
				}
			case err == nil || err.Error() != c.says && !strings.Contains(err.Error(), "part 1: a message of role"):
				t.Errorf("%s with a %T: got %q, %v", role, c.part, b, err)
			}
		}
	}
	if _, err := w.Encode(&provider.Message{Role: "judge"}); err == nil || !strings.Contains(err.Error(), `unknown role "judge"`) {
		t.Errorf("got %v", err)
	}
}
