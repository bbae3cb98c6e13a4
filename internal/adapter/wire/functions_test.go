package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestDraftChoosesFunctions has requests that may call only some of the agent's tools, for an
// API that can restrict a list and for one that cannot.
func TestDraftChoosesFunctions(t *testing.T) {
	tools := map[rune]*provider.Tool{}
	for _, name := range "abcx" {
		tools[name] = &provider.Tool{Name: string(name)}
	}
	list := func(names string) (l []*provider.Tool) {
		for _, name := range names {
			l = append(l, tools[name])
		}
		return l
	}
	const search = `{"tools":[{"type":"search"}]}`
	for _, c := range []struct {
		some, all string
		mode      provider.ToolMode
		extra     string
		restricts bool
		want      string // functions, those that are allowed, the choice
	}{
		{"ac", "", "", "", true, "ac  "},
		{"ac", "abc", "", "", false, "ac  "},
		{"ac", "abc", "", "", true, "abc ac "},
		{"ac", "abc", provider.ToolsRequired, "", true, "abc ac required"},
		{"ac", "abc", provider.ToolsRequired, "", false, "ac  required"},
		{"ac", "abc", provider.ToolsNone, "", true, "abc  none"},
		{"ac", "abc", provider.ToolsNone, "", false, "ac  none"},
		{"ac", "abc", provider.ToolsNamed, "", true, "abc  named"},
		{"abc", "abc", "", "", true, "abc  "},
		{"", "abc", "", "", true, "abc  none"},
		{"", "abc", "", "", false, "abc  none"},
		{"", "abc", provider.ToolsNone, "", false, "abc  none"},
		{"", "abc", provider.ToolsRequired, "", true, `tool choice: "required" needs tools`},
		{"c", "abc", provider.ToolsNamed, "", true, `no tool named "a"`},
		// A wrapper added a tool, or sorted the list.
		{"ax", "abc", "", "", true, "ax  "},
		{"ca", "abc", "", "", true, "ca  "},
		// Server-side tools would be excluded, and a choice of the program's replaces the list.
		{"ac", "abc", "", search, true, "ac  "},
		{"ac", "abc", provider.ToolsRequired, search, true, "ac  required"},
		{"", "abc", "", search, true, "  "},
		{"ac", "abc", "", `{"tool_choice":"auto"}`, true, "ac  "},
	} {
		req := &provider.Request{Tools: list(c.some), AllTools: list(c.all), Choice: provider.ToolChoice{Mode: c.mode}, Settings: provider.Settings{Extra: json.RawMessage(c.extra)}}
		if c.mode == provider.ToolsNamed {
			req.Choice.Name = "a"
		}
		d, err := testForm.Draft(req, nil, c.restricts)
		names := func(tools []*provider.Tool) (s string) {
			for _, t := range tools {
				s += t.Name
			}
			return s
		}
		got := fmt.Sprintf("%s %s %s", names(d.Functions), names(d.Allowed), d.Choice)
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s of %s, %q, %s, restricts %v: got %q, want %q", c.some, c.all, c.mode, c.extra, c.restricts, got, c.want)
		}
		if err == nil && d.HasTools != (len(d.Functions)+len(d.Server) > 0) {
			t.Errorf("%s of %s: HasTools is %v", c.some, c.all, d.HasTools)
		}
	}
}
