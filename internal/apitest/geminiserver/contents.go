package geminiserver

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// A conversation is checked content by content.
type conversation struct {
	signs bool     // the model asks for signatures
	open  []object // the calls of the last content, which the next must answer
}

func checkContents(contents []any, signs bool) error {
	if len(contents) == 0 {
		return bad("* GenerateContentRequest.contents: contents is not specified")
	}
	// The current turn is what follows the last words of the user.
	current := 0
	for i, v := range contents {
		c, _ := v.(object)
		parts, _ := c["parts"].([]any)
		if c["role"] != "model" && !slices.ContainsFunc(parts, has("functionResponse")) {
			current = i
		}
	}
	conv := conversation{signs: signs}
	last := ""
	for i, v := range contents {
		c, ok := v.(object)
		if !ok {
			return bad("Invalid value at 'contents[%d]'", i)
		}
		if err := fields(c, "contents", kinds{"role": text, "parts": array}); err != nil {
			return err
		}
		role, _ := c["role"].(string)
		if c["role"] == nil && len(contents) == 1 {
			role = "user"
		}
		switch {
		case role != "user" && role != "model":
			return bad("Please use a valid role: user, model.")
		case role == last:
			return bad("Please ensure that multiturn requests alternate between user and model.")
		case i == 0 && role != "user":
			return bad("Please ensure that the first content is the user's.")
		}
		last = role
		if err := conv.content(c, role, i >= current); err != nil {
			return err
		}
	}
	if last != "user" {
		return bad("Please ensure that single turn requests end with a user role or a role that has a function response.")
	}
	return nil
}

func has(member string) func(any) bool {
	return func(v any) bool { p, _ := v.(object); return p[member] != nil }
}

func (c *conversation) content(content object, role string, current bool) error {
	parts, _ := content["parts"].([]any)
	if len(parts) == 0 {
		return bad("* GenerateContentRequest.contents.parts: must not be empty.")
	}
	var calls, responses []object
	for _, v := range parts {
		p, ok := v.(object)
		if !ok {
			return bad("Invalid value at 'contents.parts'")
		}
		if err := checkPart(p, role); err != nil {
			return err
		}
		if call, ok := p["functionCall"].(object); ok {
			if err := c.call(call, p["thoughtSignature"], current && len(calls) == 0); err != nil {
				return err
			}
			calls = append(calls, call)
		}
		if r, ok := p["functionResponse"].(object); ok {
			responses = append(responses, r)
		}
	}
	if err := c.answered(responses); err != nil {
		return err
	}
	c.open = calls
	return nil
}

// answered checks the responses to the calls of the content before.
func (c *conversation) answered(responses []object) error {
	if len(c.open) != len(responses) {
		return bad("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
	}
	for i, r := range responses {
		at := i
		if id, ok := r["id"].(string); ok {
			at = slices.IndexFunc(c.open, func(call object) bool { return call != nil && call["id"] == id })
		}
		if at < 0 || c.open[at] == nil || c.open[at]["name"] != r["name"] || (c.open[at]["id"] == nil) != (r["id"] == nil) {
			return bad("The function response %v answers no function call.", r["name"])
		}
		c.open[at] = nil // each once
	}
	return nil
}

// data are the members that a part has exactly one of.
var data = []string{"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"}

func checkPart(p object, role string) error {
	if err := fields(p, "contents.parts", kinds{
		"text": text, "inlineData": anObject, "fileData": anObject, "functionCall": anObject, "functionResponse": anObject,
		"executableCode": anObject, "codeExecutionResult": anObject, "toolCall": anObject, "toolResponse": anObject,
		"thought": boolean, "thoughtSignature": text, "videoMetadata": anObject, "mediaResolution": anything, "partMetadata": anObject,
	}); err != nil {
		return err
	}
	n := 0
	for _, member := range data {
		if p[member] != nil {
			n++
		}
	}
	switch {
	case n != 1:
		return bad("contents.parts: exactly one of the data fields must be set, not %d", n)
	case p["text"] == "" && p["thoughtSignature"] == nil:
		return bad("Unable to submit request because it must have a text parameter.")
	case p["functionCall"] != nil && role != "model", p["functionResponse"] != nil && role != "user":
		return bad("Please ensure that function calls are the model's and function responses the user's.")
	case role != "model" && (p["toolCall"] != nil || p["toolResponse"] != nil || p["executableCode"] != nil || p["codeExecutionResult"] != nil):
		return bad("Please ensure that what ran at the server is the model's.")
	case p["thoughtSignature"] != nil && !isBase64(p["thoughtSignature"]):
		return bad("Invalid value at 'contents.parts.thought_signature' (TYPE_BYTES)")
	}
	if c, ok := p["toolCall"].(object); ok {
		return fields(c, "contents.parts.tool_call", kinds{"id": text, "toolType": text, "args": anObject})
	}
	if r, ok := p["toolResponse"].(object); ok {
		return fields(r, "contents.parts.tool_response", kinds{"id": text, "toolType": text, "response": anObject})
	}
	if r, ok := p["functionResponse"].(object); ok {
		if err := fields(r, "contents.parts.function_response", kinds{"id": text, "name": text, "response": anObject, "parts": array, "willContinue": boolean, "scheduling": text}); err != nil {
			return err
		}
		parts, _ := r["parts"].([]any)
		for _, v := range parts {
			if err := checkBlob(v.(object)); err != nil {
				return err
			}
		}
		if _, ok := r["response"].(object); !ok {
			return bad("contents.parts.function_response.response: must be set")
		}
	}
	return checkBlob(p)
}

func checkBlob(p object) error {
	if blob, ok := p["inlineData"].(object); ok {
		if err := fields(blob, "contents.parts.inline_data", kinds{"mimeType": text, "data": text, "displayName": text}); err != nil {
			return err
		}
		if blob["mimeType"] == nil || !isBase64(blob["data"]) {
			return bad("Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES)")
		}
	}
	if file, ok := p["fileData"].(object); ok {
		if err := fields(file, "contents.parts.file_data", kinds{"mimeType": text, "fileUri": text}); err != nil {
			return err
		}
		if file["fileUri"] == nil || file["mimeType"] == nil {
			return bad("contents.parts.file_data: needs a file_uri and a mime_type")
		}
		if uri, _ := file["fileUri"].(string); strings.HasPrefix(uri, "data:") {
			return bad("Unsupported file URI type: %s", uri)
		}
	}
	return nil
}

// dummy stands in for signatures of calls that another model made.
const dummy = "skip_thought_signature_validator"

func (c *conversation) call(call object, signature any, wanted bool) error {
	if err := fields(call, "contents.parts.function_call", kinds{"id": text, "name": text, "args": anObject}); err != nil {
		return err
	}
	name, _ := call["name"].(string)
	switch {
	case !goodName.MatchString(name):
		return bad("Invalid function name %q. Must start with a letter or an underscore.", name)
	case signature == nil && wanted && c.signs:
		return bad("Function call is missing a thought_signature in functionCall parts. Function call %q.", name)
	case signature != nil && signature != dummy && signature != sign(name, call["args"]):
		return bad("Corrupted thought signature.")
	}
	return nil
}

// sign makes the signature of a call, which no other call has.
func sign(name string, args any) string {
	if args == nil {
		args = apiserver.Object{}
	}
	sum := sha256.Sum256(jsontree.Append([]byte(name), args))
	return base64.StdEncoding.EncodeToString(sum[:])
}
