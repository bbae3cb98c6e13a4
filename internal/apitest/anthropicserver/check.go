package anthropicserver

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
)

const (
	text     = apiserver.Text
	boolean  = apiserver.Boolean
	num      = apiserver.Num
	integer  = apiserver.Integer
	array    = apiserver.Array
	anObject = apiserver.AnObject
	anything = apiserver.Anything
)

// fields checks that an object has no field but the known ones, each of its
// kind.
func fields(o object, path string, known kinds) error {
	name, want, isKnown, ok := apiserver.Fields(o, known)
	at := strings.TrimPrefix(path+"."+name, ".")
	switch {
	case ok:
		return nil
	case !isKnown:
		return bad("%s: Extra inputs are not permitted", at)
	}
	return bad("%s: Input should be a valid %s", at, want)
}

func (protocol) Check(_ *http.Request, body []byte) (*apiserver.Request, error) {
	o, err := apiserver.Parse(body)
	if err != nil {
		return nil, bad("The request body is not valid JSON: %v", err)
	}
	if err := fields(o, "", kinds{
		"model": text, "messages": array, "max_tokens": integer, "system": anything, "tools": array, "tool_choice": anObject, "stream": boolean,
		"temperature": num, "top_p": num, "top_k": integer, "stop_sequences": array, "metadata": anObject, "service_tier": text,
		"thinking": anObject, "output_config": anObject, "cache_control": anObject, "container": anything, "context_management": anObject, "mcp_servers": array,
	}); err != nil {
		return nil, err
	}
	for _, name := range []string{"model", "max_tokens", "messages"} {
		if o[name] == nil {
			return nil, bad("%s: Field required", name)
		}
	}
	thinks, err := checkSettings(o)
	if err != nil {
		return nil, err
	}
	if err := checkTools(o, thinks); err != nil {
		return nil, err
	}
	marks := &marks{}
	if err := marks.of(o, "request"); err != nil {
		return nil, err
	}
	if err := checkSystem(o["system"], marks); err != nil {
		return nil, err
	}
	tools, _ := o["tools"].([]any)
	for _, t := range tools {
		if err := marks.of(t.(object), "tools"); err != nil {
			return nil, err
		}
	}
	messages, _ := o["messages"].([]any)
	model := o["model"].(string)
	if err := checkMessages(model, messages, thinks, marks); err != nil {
		return nil, err
	}
	if len(tools) == 0 && haveCalls(messages) {
		return nil, bad("messages: Requests which include `tool_use` or `tool_result` blocks must define tools")
	}
	return &apiserver.Request{Model: model, Stream: o["stream"] == true, Body: o}, nil
}

// checkSettings reports whether the model is to think.
func checkSettings(o object) (thinks bool, err error) {
	maxTokens := number(o["max_tokens"])
	if maxTokens < 1 {
		return false, bad("max_tokens: Input should be greater than or equal to 1")
	}
	thinking, _ := o["thinking"].(object)
	if err := fields(thinking, "thinking", kinds{"type": text, "budget_tokens": integer, "display": text}); err != nil {
		return false, err
	}
	switch thinking["type"] {
	case nil, "disabled":
	case "adaptive":
		thinks = true
	case "enabled":
		thinks = true
		if budget := number(thinking["budget_tokens"]); budget < 1024 || budget >= maxTokens {
			return false, bad("`max_tokens` must be greater than `thinking.budget_tokens`, which must be at least 1024")
		}
	default:
		return false, bad("thinking.type: Input should be 'enabled', 'disabled' or 'adaptive'")
	}
	if t, ok := o["temperature"].(json.Number); ok {
		v, _ := t.Float64()
		if v < 0 || v > 1 {
			return false, bad("temperature: range: 0..1")
		}
		if thinks && v != 1 {
			return false, bad("`temperature` may only be set to 1 when thinking is enabled")
		}
	}
	stops, _ := o["stop_sequences"].([]any)
	for _, v := range stops {
		if s, _ := v.(string); strings.TrimSpace(s) == "" {
			return false, bad("stop_sequences: each stop sequence must contain non-whitespace")
		}
	}
	return thinks, checkOutput(o)
}

func number(v any) int {
	n, _ := v.(json.Number)
	i, _ := strconv.Atoi(string(n))
	return i
}

func checkOutput(o object) error {
	config, _ := o["output_config"].(object)
	if err := fields(config, "output_config", kinds{"format": anObject, "effort": text}); err != nil {
		return err
	}
	if e, ok := config["effort"]; ok && !slices.Contains([]any{"low", "medium", "high", "xhigh", "max"}, e) {
		return bad("output_config.effort: Input should be 'low', 'medium', 'high' or 'max'")
	}
	format, ok := config["format"].(object)
	if !ok {
		return nil
	}
	if err := fields(format, "output_config.format", kinds{"type": text, "schema": anObject}); err != nil {
		return err
	}
	schema, _ := format["schema"].(object)
	if format["type"] != "json_schema" || schema == nil {
		return bad("output_config.format: Field required")
	}
	return checkStrict(schema, "output_config.format.schema")
}

// strict are the keywords of structured outputs.
var strict = []string{"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "allOf", "$ref", "$defs",
	"description", "title", "default", "format", "minItems"}

func checkStrict(schema object, at string) error {
	for keyword := range schema {
		if !slices.Contains(strict, keyword) {
			return bad("%s: For '%v' type, property '%s' is not supported", at, schema["type"], keyword)
		}
	}
	if schema["type"] == "object" && schema["additionalProperties"] != false {
		return bad("%s: For 'object' type, 'additionalProperties' must be explicitly set to false", at)
	}
	properties, _ := schema["properties"].(object)
	for name, p := range properties {
		sub, _ := p.(object)
		if len(sub) == 0 {
			return bad("%s.properties.%s: schema is empty", at, name)
		}
		if err := checkStrict(sub, at+".properties."+name); err != nil {
			return err
		}
	}
	if items, ok := schema["items"].(object); ok {
		return checkStrict(items, at+".items")
	}
	return nil
}

var (
	goodName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	goodKey  = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	goodID   = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
	apiTool  = regexp.MustCompile(`^[a-z0-9_]+_20[0-9]{6}$|^mcp_toolset$`) // such as web_search_20250305
)

func checkTools(o object, thinks bool) error {
	tools, _ := o["tools"].([]any)
	names := map[string]bool{}
	for _, v := range tools {
		tool, ok := v.(object)
		if !ok {
			return bad("tools.0: Input should be a valid dictionary")
		}
		if err := checkTool(tool); err != nil {
			return err
		}
		name, _ := tool["name"].(string)
		if names[name] {
			return bad("tools: Tool names must be unique.")
		}
		names[name] = true
	}
	choice, ok := o["tool_choice"].(object)
	if !ok {
		return nil
	}
	if err := fields(choice, "tool_choice", kinds{"type": text, "name": text, "disable_parallel_tool_use": boolean}); err != nil {
		return err
	}
	name, named := choice["name"].(string)
	switch {
	case len(tools) == 0:
		return bad("tool_choice may only be specified while providing tools")
	case choice["type"] == "tool" && !names[name]:
		return bad("tool_choice: Tool '%s' not found in provided tools", name)
	case named != (choice["type"] == "tool"):
		return bad("tool_choice.name: Extra inputs are not permitted")
	case choice["type"] == "none" && len(choice) > 1:
		return bad("tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted")
	case !slices.Contains([]any{"auto", "any", "tool", "none"}, choice["type"]):
		return bad("tool_choice: Input tag '%v' does not match any of the expected tags", choice["type"])
	case thinks && (choice["type"] == "tool" || choice["type"] == "any"):
		return bad("Thinking may not be enabled when tool_choice forces tool use.")
	}
	return nil
}

// checkTool checks a tool of the caller's own, or one of the API's.
func checkTool(tool object) error {
	name, _ := tool["name"].(string)
	if typ, ok := tool["type"].(string); ok && typ != "custom" {
		if !apiTool.MatchString(typ) || name == "" && !strings.HasPrefix(typ, "mcp_toolset") {
			return bad("tools.0: Input tag '%s' found using 'type' does not match any of the expected tags", typ)
		}
		return checkServerTool(tool, typ, name)
	}
	if err := fields(tool, "tools.0.custom", kinds{"type": text, "name": text, "description": text, "input_schema": anObject, "cache_control": anObject, "strict": boolean,
		"defer_loading": boolean, "eager_input_streaming": boolean, "allowed_callers": array, "input_examples": array}); err != nil {
		return err
	}
	schema, _ := tool["input_schema"].(object)
	switch {
	case !goodName.MatchString(name):
		return bad("tools.0.custom.name: String should match pattern '%s'", goodName)
	case schema["type"] != "object":
		return bad("tools.0.custom.input_schema.type: Field required")
	case schema["oneOf"] != nil || schema["allOf"] != nil || schema["anyOf"] != nil:
		return bad("tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level")
	}
	properties, _ := schema["properties"].(object)
	for key := range properties { // the API does not look at those below
		if !goodKey.MatchString(key) {
			return bad("tools.0.custom.input_schema.properties: Property keys should match pattern '%s'", goodKey)
		}
	}
	return nil
}

// marks counts the marks of the prompt cache.
type marks struct{ n int }

func (m *marks) of(o object, at string) error {
	v, ok := o["cache_control"]
	if !ok {
		return nil
	}
	control, _ := v.(object)
	if err := fields(control, at+".cache_control", kinds{"type": text, "ttl": text}); err != nil {
		return err
	}
	if control["type"] != "ephemeral" {
		return bad("%s.cache_control.type: Input should be 'ephemeral'", at)
	}
	if typ, _ := o["type"].(string); strings.HasSuffix(typ, "thinking") {
		return bad("%s.cache_control: Extra inputs are not permitted", at)
	}
	if m.n++; m.n > 4 {
		return bad("A maximum of 4 blocks with cache_control may be provided. Found %d.", m.n)
	}
	return nil
}

func checkSystem(v any, m *marks) error {
	if _, ok := v.(string); ok || v == nil {
		return nil
	}
	blocks, _ := v.([]any)
	for _, b := range blocks {
		block, _ := b.(object)
		if err := fields(block, "system.0", kinds{"type": text, "text": text, "cache_control": anObject}); err != nil {
			return err
		}
		switch s, _ := block["text"].(string); {
		case block["type"] != "text":
			return bad("system.0.type: Input should be 'text'")
		case s == "":
			return bad("system: text content blocks must be non-empty")
		case strings.TrimSpace(s) == "":
			return bad("system: text content blocks must contain non-whitespace text")
		}
		if err := m.of(block, "system.0"); err != nil {
			return err
		}
	}
	return nil
}
