package chatserver

import (
	"maps"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// A conversation is checked message by message.
type conversation struct {
	seen map[string]bool // ids of all calls so far
	open map[string]bool // ids of the last assistant's calls that are not answered
}

func checkMessages(messages []any) error {
	if len(messages) == 0 {
		return bad("messages", "Invalid 'messages': empty array. Expected an array with minimum length 1.")
	}
	c := conversation{seen: map[string]bool{}, open: map[string]bool{}}
	for i, v := range messages {
		at := sprintf("messages[%d]", i)
		m, ok := v.(object)
		if !ok {
			return bad(at, "Invalid type for '%s': expected an object.", at)
		}
		if m["role"] != "tool" {
			if err := c.answered(at); err != nil {
				return err
			}
		}
		if err := c.message(m, at); err != nil {
			return err
		}
	}
	return c.answered("messages")
}

func (c *conversation) answered(at string) error {
	if len(c.open) == 0 {
		return nil
	}
	ids := strings.Join(slices.Sorted(maps.Keys(c.open)), ", ")
	return bad(at, "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: %s", ids)
}

func (c *conversation) message(m object, at string) error {
	switch m["role"] {
	case "system", "developer":
		return checkContent(m, at, map[string]kind{"role": text, "content": anything, "name": text}, "text")
	case "user":
		return checkContent(m, at, map[string]kind{"role": text, "content": anything, "name": text}, "text", "image_url", "input_audio", "file")
	case "assistant":
		return c.assistant(m, at)
	case "tool":
		if err := checkContent(m, at, map[string]kind{"role": text, "content": anything, "tool_call_id": text}, "text"); err != nil {
			return err
		}
		id, _ := m["tool_call_id"].(string)
		if !c.open[id] {
			return bad(at+".role", "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'; '%s' is not open.", id)
		}
		delete(c.open, id)
		return nil
	}
	return bad(at+".role", "Invalid value for '%s.role': supported are 'system', 'assistant', 'user', 'tool' and 'developer'.", at)
}

// checkContent checks a message that must have content: a string, or parts of
// the types that it may have.
func checkContent(m object, at string, known map[string]kind, types ...string) error {
	if err := fields(m, at, known); err != nil {
		return err
	}
	switch content := m["content"].(type) {
	case string:
		return nil
	case []any:
		for i, v := range content {
			part, _ := v.(object)
			typ, _ := part["type"].(string)
			if !slices.Contains(types, typ) {
				return bad(at, "Invalid value for '%s.content[%d].type': '%s'.", at, i, typ)
			}
			if image, ok := part["image_url"].(object); typ == "image_url" && (!ok || image["url"] == nil) {
				return bad(at, "Missing required parameter: '%s.content[%d].image_url.url'.", at, i)
			}
		}
		if len(content) > 0 {
			return nil
		}
	}
	return bad(at+".content", "Invalid value for '%s.content': expected a string or an array of parts.", at)
}

// assistantFields has what OpenAI takes, and what gateways want back.
var assistantFields = map[string]kind{
	"role": text, "content": anything, "refusal": anything, "name": text, "tool_calls": array,
	"reasoning_content": text, "reasoning": text, "reasoning_details": array,
}

func (c *conversation) assistant(m object, at string) error {
	if err := fields(m, at, assistantFields); err != nil {
		return err
	}
	calls, ok := m["tool_calls"].([]any)
	if ok && len(calls) == 0 {
		return bad(at+".tool_calls", "Invalid '%s.tool_calls': empty array. Expected an array with minimum length 1.", at)
	}
	if !ok || m["content"] != nil {
		if err := checkContent(m, at, assistantFields, "text", "refusal"); err != nil {
			return err
		}
	}
	for i, v := range calls {
		if err := c.call(v, sprintf("%s.tool_calls[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversation) call(v any, at string) error {
	call, ok := v.(object)
	if !ok || call["type"] != "function" {
		return bad(at+".type", "Invalid value for '%s.type': supported is 'function'.", at)
	}
	if err := fields(call, at, map[string]kind{"id": text, "type": text, "function": anObject, "extra_content": anObject}); err != nil {
		return err
	}
	f, _ := call["function"].(object)
	if err := fields(f, at+".function", map[string]kind{"name": text, "arguments": text}); err != nil {
		return err
	}
	if name, _ := f["name"].(string); !goodName.MatchString(name) {
		return bad(at+".function.name", "Invalid '%s.function.name': string does not match pattern '%s'.", at, goodName)
	}
	args, ok := f["arguments"].(string)
	if !ok {
		return bad(at+".function.arguments", "Missing required parameter: '%s.function.arguments'.", at)
	}
	if _, replaced, err := jsontree.Parse([]byte(args)); err == nil && replaced {
		return bad(at+".function.arguments", "'%s.function.arguments' holds half of a surrogate pair.", at)
	}
	id, _ := call["id"].(string)
	if id == "" {
		return bad(at+".id", "Missing required parameter: '%s.id'.", at)
	}
	if c.seen[id] {
		return bad(at+".id", "Duplicate tool call id '%s'.", id)
	}
	c.seen[id], c.open[id] = true, true
	return nil
}
