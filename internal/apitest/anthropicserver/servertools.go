package anthropicserver

import "fmt"

// serverCall checks a call of a tool that ran at the server. It and its result
// stand in the same turn of the model.
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

func (c *conversation) serverResult(b object, at string) error {
	if err := fields(b, at, kinds{"type": text, "tool_use_id": text, "content": anything, "is_error": boolean, "cache_control": anObject, "caller": anObject}); err != nil {
		return err
	}
	if id, _ := b["tool_use_id"].(string); !c.server[id] {
		return bad("%s: unexpected `tool_use_id` found in `%v` blocks: %s", at, b["type"], id)
	}
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
