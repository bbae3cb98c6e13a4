package responsesserver

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/apitest/chatserver"
)

// A conversation is checked item by item.
type conversation struct {
	model     string
	stored    bool
	seen      map[string]bool // call_ids so far
	open      map[string]bool // those that have no output yet
	reasoning string          // the id of a reasoning item that nothing has followed yet
}

func checkInput(o object) error {
	if s, ok := o["input"].(string); ok && s != "" {
		return nil
	}
	input, ok := o["input"].([]any)
	if !ok || len(input) == 0 {
		return bad("input", "Missing required parameter: 'input'.")
	}
	model, _ := o["model"].(string)
	c := conversation{model: model, stored: o["store"] != false, seen: map[string]bool{}, open: map[string]bool{}}
	for i, v := range input {
		at := fmt.Sprintf("input[%d]", i)
		item, ok := v.(object)
		if !ok {
			return bad(at, "Invalid type for '%s': expected an object.", at)
		}
		if err := c.item(item, at); err != nil {
			return err
		}
	}
	if c.reasoning != "" {
		return c.alone()
	}
	for _, id := range slices.Sorted(maps.Keys(c.open)) {
		return bad("input", "No tool output found for function call %s.", id)
	}
	return nil
}

func (c *conversation) alone() error {
	return bad("input", "Item '%s' of type 'reasoning' was provided without its required following item.", c.reasoning)
}

func (c *conversation) item(item object, at string) error {
	typ, _ := item["type"].(string)
	role, _ := item["role"].(string)
	if typ == "" && role != "" {
		typ = "message"
	}
	ours := strings.HasSuffix(typ, "_call") || typ == "reasoning" || typ == "message" && role == "assistant"
	if c.reasoning != "" && !ours {
		return c.alone()
	}
	if id, ok := item["id"].(string); ok {
		prefix := map[string]string{"message": "msg_", "function_call": "fc_", "reasoning": "rs_", "web_search_call": "ws_", "file_search_call": "fs_", "code_interpreter_call": "ci_"}[typ]
		if !strings.HasPrefix(id, prefix) || len(id) > 64 {
			return bad(at+".id", "Invalid '%s.id': '%s'. Expected an ID that begins with '%s'.", at, id, prefix)
		}
		if _, needed, ok := strings.Cut(id, behind); ok && needed != c.reasoning {
			return bad("input", "Item '%s' of type '%s' was provided without its required 'reasoning' item: '%s'.", id, typ, needed)
		}
	}
	switch typ {
	case "message":
		c.reasoning = ""
		return checkMessage(item, role, at)
	case "reasoning":
		return c.think(item, at)
	case "function_call":
		c.reasoning = ""
		return c.call(item, at)
	case "function_call_output":
		return c.output(item, at)
	case "web_search_call", "file_search_call", "code_interpreter_call":
		c.reasoning = ""
		return checkHosted(item, typ, at)
	case "image_generation_call", "mcp_call", "mcp_list_tools",
		"tool_search_call", "tool_search_output", "additional_tools": // what the API's own tools did
		c.reasoning = ""
		return nil
	}
	return bad(at+".type", "Invalid value: '%s'.", typ)
}

// parts are the kinds of content that messages have, by their role.
var parts = map[string][]string{
	"user":      {"input_text", "input_image", "input_file"},
	"system":    {"input_text"},
	"developer": {"input_text"},
	"assistant": {"output_text", "refusal"},
}

func checkMessage(item object, role, at string) error {
	if err := fields(item, at, kinds{"type": text, "role": text, "content": anything, "id": text, "status": text, "phase": text}); err != nil {
		return err
	}
	if parts[role] == nil {
		return bad(at+".role", "Invalid value: '%s'.", role)
	}
	return checkContent(item["content"], parts[role], at+".content")
}

func checkContent(content any, types []string, at string) error {
	if _, ok := content.(string); ok {
		return nil
	}
	list, ok := content.([]any)
	if !ok || len(list) == 0 {
		return bad(at, "Invalid type for '%s': expected a string or an array of parts.", at)
	}
	for _, v := range list {
		part, _ := v.(object)
		typ, _ := part["type"].(string)
		if !slices.Contains(types, typ) {
			return bad(at, "Invalid value: '%s'. Supported values are: %s.", typ, strings.Join(types, ", "))
		}
		known := kinds{"type": text, "text": text, "annotations": array, "logprobs": array, "refusal": text,
			"image_url": text, "file_id": text, "detail": text, "filename": text, "file_data": text, "file_url": text}
		if err := fields(part, at, known); err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(typ, "_text") && part["text"] == nil:
			return bad(at, "Missing required parameter: '%s.text'.", at)
		case typ == "input_image" && part["image_url"] == nil && part["file_id"] == nil:
			return bad(at, "Missing required parameter: '%s.image_url'.", at)
		case typ == "input_file" && part["file_data"] == nil && part["file_url"] == nil && part["file_id"] == nil:
			return bad(at, "Missing required parameter: '%s.file_data'.", at)
		}
	}
	return nil
}

func (c *conversation) think(item object, at string) error {
	if err := fields(item, at, kinds{"type": text, "id": text, "summary": array, "content": array, "encrypted_content": anything, "status": anything}); err != nil {
		return err
	}
	id, _ := item["id"].(string)
	if item["summary"] == nil || id == "" {
		return bad(at, "Missing required parameter: '%s.summary'.", at)
	}
	if item["encrypted_content"] == nil && !c.stored {
		return chatserver.Refuse(http.StatusNotFound, "input", "", "Item with id '%s' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.", id)
	}
	var said string
	summary, _ := item["summary"].([]any)
	for _, v := range summary {
		part, _ := v.(object)
		s, _ := part["text"].(string)
		said += s
	}
	if e := item["encrypted_content"]; e != nil && e != encrypt(c.model, id, said) {
		return bad(at, "The encrypted content for item %s could not be verified.", id)
	}
	if c.reasoning != "" {
		return c.alone()
	}
	c.reasoning = id
	return nil
}

// behind stands in the ID of an item that reasoning led to, ahead of that
// reasoning's ID.
const behind = "_behind_"

// encrypt makes what a reasoning item's encrypted content is: it fits this item
// alone, and this model.
func encrypt(model, id, text string) string {
	sum := sha256.Sum256([]byte(model + "|" + id + "|" + text))
	return "gAAAA" + base64.StdEncoding.EncodeToString(sum[:])
}

func (c *conversation) call(item object, at string) error {
	if err := fields(item, at, kinds{"type": text, "id": text, "call_id": text, "name": text, "namespace": text, "arguments": text, "status": text}); err != nil {
		return err
	}
	id, _ := item["call_id"].(string)
	name, _ := item["name"].(string)
	switch {
	case id == "" || len(id) > 64:
		return bad(at+".call_id", "Invalid '%s.call_id': '%s'.", at, id)
	case !goodName.MatchString(name):
		return bad(at+".name", "Invalid '%s.name': string does not match pattern.", at)
	case item["arguments"] == nil:
		return bad(at+".arguments", "Missing required parameter: '%s.arguments'.", at)
	case c.seen[id]:
		return bad(at+".call_id", "Duplicate function call id '%s'.", id)
	}
	c.seen[id], c.open[id] = true, true
	return nil
}

func (c *conversation) output(item object, at string) error {
	if err := fields(item, at, kinds{"type": text, "id": text, "call_id": text, "output": anything, "status": text}); err != nil {
		return err
	}
	id, _ := item["call_id"].(string)
	if !c.open[id] {
		return bad("input", "No tool call found for function call output with call_id %s.", id)
	}
	delete(c.open, id)
	return checkContent(item["output"], parts["user"], at+".output")
}
