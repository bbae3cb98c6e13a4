package anthropicserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// checkServerTool checks a tool that the API runs itself. Of the less common ones
// only the name and the type are checked.
func checkServerTool(tool object, typ, name string) error {
	known := kinds{"type": text, "name": text, "cache_control": anObject, "allowed_callers": array, "defer_loading": boolean, "strict": boolean}
	want := ""
	switch {
	case strings.HasPrefix(typ, "web_search_20"):
		want = "web_search"
		known["user_location"] = anObject
	case strings.HasPrefix(typ, "web_fetch_20"):
		want = "web_fetch"
		known["citations"], known["max_content_tokens"] = anObject, integer
	case strings.HasPrefix(typ, "code_execution_20"):
		want = "code_execution"
	default:
		return nil
	}
	if want != "code_execution" {
		known["max_uses"], known["allowed_domains"], known["blocked_domains"] = integer, array, array
	}
	for field, v := range tool {
		if v == nil { // as if it were missing
			delete(tool, field)
		}
	}
	if err := fields(tool, "tools.0."+typ, known); err != nil {
		return err
	}
	place, _ := tool["user_location"].(object)
	switch {
	case name != want:
		return bad("tools.0.%s.name: Input should be '%s'", typ, want)
	case tool["allowed_domains"] != nil && tool["blocked_domains"] != nil:
		return bad("tools.0.%s: allowed_domains and blocked_domains cannot be used together", typ)
	case place != nil && place["type"] != "approximate":
		return bad("tools.0.%s.user_location.type: Input should be 'approximate'", typ)
	}
	return fields(place, "tools.0."+typ+".user_location", kinds{"type": text, "city": text, "region": text, "country": text, "timezone": text})
}

// serverBlocks are the blocks of a tool that ran at the server: the call, and its
// result.
func serverBlocks(c provider.ServerCall) []string {
	id, name, member := c.ID, c.Name, "query"
	content := `[{"type":"web_search_result","title":` + quote(c.Output) + `,"url":"","encrypted_content":"RQ==","page_age":null}]`
	if c.Name == "code_execution" {
		name, member = "bash_code_execution", "command"
		content = `{"type":"bash_code_execution_result","stdout":` + quote(c.Output) + `,"stderr":"","return_code":0,"content":[]}`
	}
	input, _ := json.Marshal(map[string]string{member: c.Input})
	return []string{
		`{"type":"server_tool_use","id":` + quote(id) + `,"name":` + quote(name) + `,"input":` + string(input) + `}`,
		`{"type":"` + name + `_tool_result","tool_use_id":` + quote(id) + `,"content":` + content + `}`,
	}
}

// serverCall checks a call of a tool that ran at the server. Its result stands in the same turn
// of the model, or in a later one if only results of tools are in between.
func (c *conversation) serverCall(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "id": text, "name": text, "server_name": text, "input": anObject, "cache_control": anObject, "caller": anObject}); err != nil {
		return err
	}
	id, _ := b["id"].(string)
	switch {
	case !goodID.MatchString(id):
		return bad("%s.id: String should match pattern '%s'", at, goodID)
	case b["input"] == nil:
		return bad("%s.input: Field required", at)
	}
	c.server[id] = true
	return nil
}

// resolved checks that no call waits for its result any longer, but for those that keep
// reports.
func (c *conversation) resolved(at string, keep func(id string) bool) error {
	for _, id := range slices.Sorted(maps.Keys(c.server)) {
		if c.server[id] && !keep(id) {
			return bad("%s: tool use with id `%s` was found without a corresponding tool result block", at, id)
		}
	}
	return nil
}

// waits checks the calls of earlier turns. A call may wait for its result beyond this turn only if
// its code called a tool here.
func (c *conversation) waits(blocks []object, at string, earlier map[string]bool) error {
	return c.resolved(at, func(id string) bool {
		return !earlier[id] || slices.ContainsFunc(blocks, func(b object) bool {
			caller, _ := b["caller"].(object)
			return b["type"] == "tool_use" && caller["tool_id"] == id
		})
	})
}

func none(string) bool { return false }

func (c *conversation) serverResult(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "tool_use_id": text, "content": anything, "is_error": boolean, "cache_control": anObject, "caller": anObject}); err != nil {
		return err
	}
	id, _ := b["tool_use_id"].(string)
	if !c.server[id] {
		return bad("%s: unexpected `tool_use_id` found in `%v` blocks: %s", at, b["type"], id)
	}
	delete(c.server, id)
	if b["content"] == nil {
		return bad("%s.content: Field required", at)
	}
	return nil
}

// system checks a system message in the middle of a conversation. It may add
// tools, and may stand between the results of a turn and the model's next one.
func (c *conversation) system(blocks []object, at string) error {
	if err := c.answered(at); err != nil {
		return err
	}
	if err := c.resolved(at, none); err != nil {
		return err
	}
	for i, b := range blocks {
		path := fmt.Sprintf("%s.content.%d", at, i)
		if err := c.marks.of(b, path); err != nil {
			return err
		}
		var err error
		switch b["type"] {
		case "text":
			err = checkText(b, path)
		case "tool_addition":
			err = fields(b, path, kinds{"type": text, "tool": anObject, "cache_control": anObject})
		default:
			err = bad("%s: Input tag '%v' found using 'type' does not match any of the expected tags", path, b["type"])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
