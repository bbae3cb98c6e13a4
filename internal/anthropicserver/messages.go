package anthropicserver

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A conversation is checked block by block.
type conversation struct {
	thinks bool
	marks  *marks
	seen   map[string]bool // ids of all calls so far
	open   map[string]bool // those of the last message, which the next must answer
}

func checkMessages(messages []any, thinks bool, m *marks) error {
	if len(messages) == 0 {
		return bad("messages: at least one message is required")
	}
	c := conversation{thinks: thinks, marks: m, seen: map[string]bool{}, open: map[string]bool{}}
	for i, v := range messages {
		at := fmt.Sprintf("messages.%d", i)
		message, ok := v.(object)
		if !ok {
			return bad("%s: Input should be a valid dictionary", at)
		}
		if err := fields(message, at, kinds{"role": text, "content": anything}); err != nil {
			return err
		}
		role := message["role"]
		switch {
		case role != "user" && role != "assistant":
			return bad("%s.role: Input should be 'user' or 'assistant'", at)
		case i == 0 && role != "user":
			return bad("messages: first message must use the \"user\" role")
		}
		blocks, err := blocksOf(message["content"], at)
		if err != nil {
			return err
		}
		last := i == len(messages)-1
		if role == "assistant" {
			err = c.assistant(blocks, at, last)
		} else {
			err = c.user(blocks, at)
		}
		if err != nil {
			return err
		}
	}
	if c.thinks {
		return c.openTurn(messages)
	}
	return c.answered("messages")
}

func blocksOf(content any, at string) ([]object, error) {
	if s, ok := content.(string); ok {
		content = []any{object{"type": "text", "text": s}}
	}
	list, ok := content.([]any)
	if !ok || len(list) == 0 {
		return nil, bad("%s: all messages must have non-empty content except for the optional final assistant message", at)
	}
	var blocks []object
	for _, v := range list {
		b, ok := v.(object)
		if !ok {
			return nil, bad("%s.content: Input should be a valid dictionary", at)
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// openTurn checks that a turn whose calls are being answered began with what
// the model thought.
func (c *conversation) openTurn(messages []any) error {
	if err := c.answered("messages"); err != nil {
		return err
	}
	n := len(messages)
	if n < 2 {
		return nil
	}
	blocks, _ := blocksOf(messages[n-1].(object)["content"], "")
	answers := slices.ContainsFunc(blocks, func(b object) bool { return b["type"] == "tool_result" })
	before, _ := blocksOf(messages[n-2].(object)["content"], "")
	if typ, _ := before[0]["type"].(string); answers && typ != "thinking" && typ != "redacted_thinking" {
		return bad("messages.%d.content.0.type: Expected `thinking` or `redacted_thinking`, but found `%s`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.", n-2, typ)
	}
	return nil
}

func (c *conversation) answered(at string) error {
	for _, id := range slices.Sorted(maps.Keys(c.open)) {
		return bad("%s: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next message.", at, id)
	}
	return nil
}

func checkText(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "text": text, "cache_control": anObject, "citations": anything}); err != nil {
		return err
	}
	s, _ := b["text"].(string)
	switch {
	case s == "":
		return bad("messages: text content blocks must be non-empty")
	case strings.TrimSpace(s) == "":
		return bad("messages: text content blocks must contain non-whitespace text")
	}
	return nil
}

func (c *conversation) user(blocks []object, at string) error {
	behind := false // something other than results has come
	for i, b := range blocks {
		path := fmt.Sprintf("%s.content.%d", at, i)
		if err := c.marks.of(b, path); err != nil {
			return err
		}
		var err error
		switch typ := b["type"]; typ {
		case "text":
			err = checkText(b, path)
		case "image", "document":
			err = checkSource(b, path)
		case "tool_result":
			if behind && len(c.open) > 0 {
				return bad("%s: tool_result blocks must come first in the message", path)
			}
			err = c.result(b, path)
		default:
			return bad("%s: Input tag '%v' found using 'type' does not match any of the expected tags", path, typ)
		}
		if err != nil {
			return err
		}
		behind = behind || b["type"] != "tool_result"
	}
	return c.answered(at)
}

func (c *conversation) result(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "tool_use_id": text, "content": anything, "is_error": boolean, "cache_control": anObject}); err != nil {
		return err
	}
	id, _ := b["tool_use_id"].(string)
	if !c.open[id] {
		return bad("%s: unexpected `tool_use_id` found in `tool_result` blocks: %s. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.", at, id)
	}
	delete(c.open, id)
	if b["is_error"] == true && (b["content"] == nil || b["content"] == "") {
		return bad("%s: content cannot be empty if `is_error` is true", at)
	}
	list, _ := b["content"].([]any)
	for _, v := range list {
		part, _ := v.(object)
		var err error
		switch part["type"] {
		case "text":
			err = checkText(part, at+".content")
		case "image", "document":
			err = checkSource(part, at+".content")
		default:
			err = bad("%s.content: Input tag '%v' does not match any of the expected tags", at, part["type"])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkSource(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "source": anObject, "cache_control": anObject, "title": text, "context": text, "citations": anObject}); err != nil {
		return err
	}
	source, _ := b["source"].(object)
	switch source["type"] {
	case "url":
		return fields(source, at+".source.url", kinds{"type": text, "url": text})
	case "base64":
		if err := fields(source, at+".source.base64", kinds{"type": text, "media_type": text, "data": text}); err != nil {
			return err
		}
		data, _ := source["data"].(string)
		if _, err := base64.StdEncoding.DecodeString(data); err != nil || data == "" {
			return bad("%s.source.base64: invalid base64 data", at)
		}
		good := []any{"image/jpeg", "image/png", "image/gif", "image/webp"}
		if b["type"] == "document" {
			good = []any{"application/pdf"}
		}
		if !slices.Contains(good, source["media_type"]) {
			return bad("%s.source.base64.media_type: Input should be %v", at, good)
		}
		return nil
	}
	return bad("%s.source: Field required", at)
}

func (c *conversation) assistant(blocks []object, at string, last bool) error {
	if err := c.answered(at); err != nil {
		return err
	}
	for i, b := range blocks {
		path := fmt.Sprintf("%s.content.%d", at, i)
		if err := c.marks.of(b, path); err != nil {
			return err
		}
		var err error
		switch typ := b["type"]; typ {
		case "text":
			err = checkText(b, path)
		case "thinking":
			err = fields(b, path, kinds{"type": text, "thinking": text, "signature": text})
			said, _ := b["thinking"].(string)
			if err == nil && b["signature"] != sign(said) {
				err = bad("%s: Invalid `signature` in `thinking` block", path)
			}
		case "redacted_thinking":
			err = fields(b, path, kinds{"type": text, "data": text})
			if data, _ := b["data"].(string); err == nil && !strings.HasPrefix(data, redactedPrefix) {
				err = bad("%s: Invalid `data` in `redacted_thinking` block", path)
			}
		case "tool_use":
			err = c.call(b, path)
		default:
			err = bad("%s: Input tag '%v' found using 'type' does not match any of the expected tags", path, typ)
		}
		if err != nil {
			return err
		}
	}
	final := blocks[len(blocks)-1]
	if typ, _ := final["type"].(string); strings.HasSuffix(typ, "thinking") {
		return bad("%s: The final block in an assistant message cannot be `%s`.", at, typ)
	}
	if typ, _ := blocks[0]["type"].(string); !strings.HasSuffix(typ, "thinking") && slices.ContainsFunc(blocks, func(b object) bool { return b["type"] == "thinking" }) {
		return bad("%s.content.0: If an assistant message contains any thinking blocks, the first block must be `thinking` or `redacted_thinking`. Found `%s`.", at, typ)
	}
	if s, _ := final["text"].(string); last && s != strings.TrimRight(s, " \n\t") {
		return bad("messages: final assistant content cannot end with trailing whitespace")
	}
	return nil
}

func (c *conversation) call(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "id": text, "name": text, "input": anObject, "cache_control": anObject}); err != nil {
		return err
	}
	id, _ := b["id"].(string)
	name, _ := b["name"].(string)
	switch {
	case !goodID.MatchString(id):
		return bad("%s.id: String should match pattern '%s'", at, goodID)
	case !goodName.MatchString(name):
		return bad("%s.name: String should match pattern '%s'", at, goodName)
	case b["input"] == nil:
		return bad("%s.input: Field required", at)
	case c.seen[id]:
		return bad("messages: `tool_use` ids must be unique")
	}
	c.seen[id], c.open[id] = true, true
	return nil
}

// sign makes the signature of a thought, which no other thought has.
func sign(thought string) string {
	sum := sha256.Sum256([]byte(thought))
	return "Eq" + base64.StdEncoding.EncodeToString(sum[:])
}

const redactedPrefix = "redacted-by-the-server-"
