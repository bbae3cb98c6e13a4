package anthropicserver

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A conversation is checked turn by turn and block by block.
type conversation struct {
	marks  *marks
	open   map[string]bool // ids of the calls of the last turn, which the next must answer
	server map[string]bool // ids of the calls of tools that run at the server, without a result so far
}

// A turn is what one side says: messages of one role that stand in a row are
// one for the API.
type turn struct {
	role, at string
	blocks   []object
}

// takesSystem are the models that take a system message in a conversation.
var takesSystem = regexp.MustCompile(`^claude-(opus-4-8|opus-5|fable-5)`)

func turnsOf(model string, messages []any) ([]turn, error) {
	var turns []turn
	for i, v := range messages {
		at := fmt.Sprintf("messages.%d", i)
		message, ok := v.(object)
		if !ok {
			return nil, bad("%s: Input should be a valid dictionary", at)
		}
		if err := fields(message, at, kinds{"role": text, "content": anything}); err != nil {
			return nil, err
		}
		role, _ := message["role"].(string)
		if system := role == "system" && takesSystem.MatchString(model) && i > 0; role != "user" && role != "assistant" && !system {
			return nil, bad("%s.role: Input should be 'user' or 'assistant'", at)
		}
		blocks, err := blocksOf(message["content"], at)
		if err != nil {
			return nil, err
		}
		if last := len(turns) - 1; last >= 0 && turns[last].role == role {
			turns[last].blocks = append(turns[last].blocks, blocks...)
			continue
		}
		turns = append(turns, turn{role, at, blocks})
	}
	return turns, nil
}

func checkMessages(model string, messages []any, thinks bool, m *marks) error {
	if len(messages) == 0 {
		return bad("messages: at least one message is required")
	}
	turns, err := turnsOf(model, messages)
	if err != nil {
		return err
	}
	c := conversation{marks: m, open: map[string]bool{}, server: map[string]bool{}}
	for i, turn := range turns {
		switch turn.role {
		case "assistant":
			err = c.assistant(turn.blocks, turn.at, i == len(turns)-1)
		case "system":
			err = c.system(turn.blocks, turn.at)
		default:
			err = c.user(turn.blocks, turn.at)
		}
		if err != nil {
			return err
		}
	}
	if err := c.answered("messages"); err != nil || !thinks {
		return err
	}
	return openTurn(turns)
}

// haveCalls reports whether a call or a result is among the blocks.
func haveCalls(messages []any) bool {
	for _, v := range messages {
		message, _ := v.(object)
		blocks, _ := message["content"].([]any)
		for _, v := range blocks {
			if block, _ := v.(object); block["type"] == "tool_use" || block["type"] == "tool_result" {
				return true
			}
		}
	}
	return false
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
func openTurn(turns []turn) error {
	n := len(turns)
	if n < 2 || !slices.ContainsFunc(turns[n-1].blocks, func(b object) bool { return b["type"] == "tool_result" }) {
		return nil
	}
	if typ, _ := turns[n-2].blocks[0]["type"].(string); typ != "thinking" && typ != "redacted_thinking" {
		return bad("%s.content.0.type: Expected `thinking` or `redacted_thinking`, but found `%s`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.", turns[n-2].at, typ)
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
		case "container_upload":
			err = fields(b, path, kinds{"type": text, "file_id": text, "cache_control": anObject})
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
	if behind {
		if err := c.resolved(at, none); err != nil {
			return err
		}
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
		case "tool_reference":
			err = fields(part, at+".content", kinds{"type": text, "tool_name": text, "cache_control": anObject})
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
		if address, _ := source["url"].(string); strings.HasPrefix(address, "data:") {
			return bad("%s.source.url: Only HTTPS URLs are supported.", at)
		}
		return fields(source, at+".source.url", kinds{"type": text, "url": text})
	case "file":
		return fields(source, at+".source.file", kinds{"type": text, "file_id": text})
	case "text":
		if b["type"] != "document" || source["media_type"] != "text/plain" {
			return bad("%s.source.text.media_type: Input should be 'text/plain'", at)
		}
		return fields(source, at+".source.text", kinds{"type": text, "media_type": text, "data": text})
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
	earlier := maps.Clone(c.server)
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
			if err == nil && b["signature"] != Sign(said) {
				err = bad("%s: Invalid `signature` in `thinking` block", path)
			}
		case "redacted_thinking":
			err = fields(b, path, kinds{"type": text, "data": text})
			if err == nil && b["data"] != Redacted {
				err = bad("%s: Invalid `data` in `redacted_thinking` block", path)
			}
		case "tool_use":
			err = c.call(b, path)
		case "compaction":
			err = fields(b, path, kinds{"type": text, "content": anything, "encrypted_content": anything, "cache_control": anObject})
		case "server_tool_use", "mcp_tool_use":
			err = c.serverCall(b, path)
		default:
			if typ, _ := typ.(string); strings.HasSuffix(typ, "_tool_result") {
				err = c.serverResult(b, path)
				break
			}
			err = bad("%s: Input tag '%v' found using 'type' does not match any of the expected tags", path, typ)
		}
		if err != nil {
			return err
		}
	}
	if err := c.waits(blocks, at, earlier); err != nil {
		return err
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
	if err := fields(b, at, kinds{"type": text, "id": text, "name": text, "input": anObject, "cache_control": anObject, "caller": anObject}); err != nil {
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
	case c.open[id]:
		return bad("%s: `tool_use` ids must be unique", at)
	}
	c.open[id] = true
	return nil
}

// Sign makes the signature of a thought, which no other thought has.
func Sign(thought string) string {
	sum := sha256.Sum256([]byte(thought))
	return "Eq" + base64.StdEncoding.EncodeToString(sum[:])
}

// Redacted is the data of every redacted thought.
const Redacted = "redacted-by-the-server"
