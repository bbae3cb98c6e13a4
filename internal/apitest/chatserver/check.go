package chatserver

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
)

// Check reads a body as strictly as the API does.
func (p protocol) Check(_ *http.Request, body []byte) (*apiserver.Request, error) {
	req, err := check(body)
	if err != nil || p.demand == nil {
		return req, err
	}
	if choice, ok := req.Body["tool_choice"].(object); ok && choice["type"] != "function" {
		return nil, bad("tool_choice.type", "Input should be 'function'") // only OpenAI has others
	}
	var messages []object
	for _, m := range req.Body["messages"].([]any) {
		messages = append(messages, m.(object)) // as check has found
	}
	return req, p.demand(messages)
}

func check(body []byte) (*apiserver.Request, error) {
	o, err := apiserver.Parse(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "", "", "We could not parse the JSON body of your request: %v", err)
	}
	for _, name := range []string{"model", "messages"} {
		if _, ok := o[name]; !ok {
			return nil, bad(name, "Missing required parameter: '%s'.", name)
		}
	}
	if err := fields(o, "", topLevel); err != nil {
		return nil, err
	}
	req := &apiserver.Request{Model: o["model"].(string), Body: o}
	req.Stream, _ = o["stream"].(bool)
	if options, ok := o["stream_options"].(object); ok {
		if !req.Stream {
			return nil, bad("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
		}
		if err := fields(options, "stream_options", map[string]kind{"include_usage": boolean, "include_obfuscation": boolean}); err != nil {
			return nil, err
		}
	}
	names, err := checkTools(o)
	if err != nil {
		return nil, err
	}
	if err := checkChoice(o, names); err != nil {
		return nil, err
	}
	if err := checkFormat(o); err != nil {
		return nil, err
	}
	return req, checkMessages(o["messages"].([]any))
}

func bad(param, format string, args ...any) error {
	return refuse(http.StatusBadRequest, param, "", format, args...)
}

// The names of package apiserver, for short.
type (
	object = apiserver.Object
	kind   = apiserver.Kind
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

var refuse = Refuse

// topLevel are the fields that the API has, as far as they matter.
var topLevel = map[string]kind{
	"model": text, "messages": array, "tools": array, "tool_choice": anything, "parallel_tool_calls": boolean,
	"stream": boolean, "stream_options": anObject, "temperature": num, "top_p": num, "n": integer,
	"max_tokens": integer, "max_completion_tokens": integer, "stop": anything, "seed": integer,
	"reasoning_effort": text, "verbosity": text, "response_format": anObject, "user": text, "safety_identifier": text,
	"prompt_cache_key": text, "metadata": anObject, "store": boolean, "service_tier": text, "logprobs": boolean,
	"top_logprobs": integer, "frequency_penalty": num, "presence_penalty": num, "logit_bias": anObject,
	"moderation": anObject, "web_search_options": anObject, "prompt_cache_options": anObject,
}

// fields checks that an object has no field but the known ones, each of its
// kind.
func fields(o object, path string, known map[string]kind) error {
	name, want, isKnown, ok := apiserver.Fields(o, known)
	at := strings.TrimPrefix(path+"."+name, ".")
	switch {
	case ok:
		return nil
	case !isKnown:
		return refuse(http.StatusBadRequest, at, "unknown_parameter", "Unknown parameter: '%s'.", at)
	}
	return refuse(http.StatusBadRequest, at, "invalid_type", "Invalid type for '%s': expected %s.", at, want)
}

var goodName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// checkTools returns the names of the tools.
func checkTools(o object) (map[string]bool, error) {
	tools, ok := o["tools"].([]any)
	if !ok {
		return nil, nil
	}
	if len(tools) == 0 {
		return nil, bad("tools", "Invalid 'tools': empty array. Expected an array with minimum length 1.")
	}
	names := make(map[string]bool)
	for i, v := range tools {
		at := sprintf("tools[%d]", i)
		tool, ok := v.(object)
		if typ, _ := tool["type"].(string); strings.Contains(typ, ":") {
			continue // a gateway runs it, such as openrouter:web_search
		}
		if !ok || tool["type"] != "function" {
			return nil, bad(at+".type", "Invalid value for '%s.type': supported is 'function'.", at)
		}
		if err := fields(tool, at, map[string]kind{"type": text, "function": anObject}); err != nil {
			return nil, err
		}
		f, _ := tool["function"].(object)
		if err := fields(f, at+".function", map[string]kind{"name": text, "description": text, "parameters": anObject, "strict": boolean}); err != nil {
			return nil, err
		}
		name, _ := f["name"].(string)
		if !goodName.MatchString(name) {
			return nil, bad(at+".function.name", "Invalid '%s.function.name': string does not match pattern '%s'.", at, goodName)
		}
		if names[name] {
			return nil, bad(at+".function.name", "Tool names must be unique: '%s'.", name)
		}
		if p, ok := f["parameters"].(object); ok {
			if mistake := apiserver.OpenAISchema(p); mistake != "" {
				return nil, bad(at+".function.parameters", "Invalid schema for function '%s': %s", name, mistake)
			}
		}
		names[name] = true
	}
	return names, nil
}

func checkChoice(o object, names map[string]bool) error {
	for _, field := range []string{"tool_choice", "parallel_tool_calls"} {
		if _, ok := o[field]; ok && names == nil {
			return bad(field, "Invalid value for '%s': '%s' is only allowed when 'tools' are specified.", field, field)
		}
	}
	switch choice := o["tool_choice"].(type) {
	case nil:
		if _, ok := o["tool_choice"]; !ok {
			return nil
		}
	case string:
		if choice == "none" || choice == "auto" || choice == "required" {
			return nil
		}
	case object:
		if choice["type"] == "allowed_tools" {
			return checkAllowed(choice, names)
		}
		return checkNamed(choice, "tool_choice", names)
	}
	return bad("tool_choice", "Invalid value for 'tool_choice'.")
}

// checkNamed checks a reference to a function.
func checkNamed(choice object, at string, names map[string]bool) error {
	if choice["type"] != "function" {
		return bad(at+".type", "Invalid value: '%v'. Supported values are: 'function', 'allowed_tools', and 'custom'.", choice["type"])
	}
	if err := fields(choice, at, map[string]kind{"type": text, "function": anObject}); err != nil {
		return err
	}
	f, _ := choice["function"].(object)
	if err := fields(f, at+".function", map[string]kind{"name": text}); err != nil {
		return err
	}
	name, ok := f["name"].(string)
	switch {
	case !ok:
		return bad(at+".function.name", "Missing required parameter: '%s.function.name'.", at)
	case !names[name]:
		return bad(at, "Tool choice '%s' not found in 'tools' parameter.", name)
	}
	return nil
}

// checkAllowed checks a choice among some of the tools.
func checkAllowed(choice object, names map[string]bool) error {
	const at = "tool_choice.allowed_tools"
	if err := fields(choice, "tool_choice", map[string]kind{"type": text, "allowed_tools": anObject}); err != nil {
		return err
	}
	allowed, ok := choice["allowed_tools"].(object)
	if !ok {
		return bad(at, "Missing required parameter: '%s'.", at)
	}
	if err := fields(allowed, at, map[string]kind{"mode": text, "tools": array}); err != nil {
		return err
	}
	list, _ := allowed["tools"].([]any)
	switch {
	case allowed["mode"] != "auto" && allowed["mode"] != "required":
		return bad(at+".mode", "Invalid value: '%v'. Supported values are: 'auto' and 'required'.", allowed["mode"])
	case len(list) == 0:
		return bad(at+".tools", "Invalid '%s.tools': empty array. Expected an array with minimum length 1.", at)
	}
	for i, v := range list {
		tool, _ := v.(object)
		if err := checkNamed(tool, sprintf("%s.tools[%d]", at, i), names); err != nil {
			return err
		}
	}
	return nil
}

func checkFormat(o object) error {
	format, ok := o["response_format"].(object)
	if !ok {
		return nil
	}
	switch format["type"] {
	case "text", "json_object":
		return nil
	case "json_schema":
		s, _ := format["json_schema"].(object)
		if name, _ := s["name"].(string); !goodName.MatchString(name) {
			return bad("response_format.json_schema.name", "Missing or invalid 'response_format.json_schema.name'.")
		}
		return fields(s, "response_format.json_schema", map[string]kind{"name": text, "description": text, "schema": anObject, "strict": boolean})
	}
	return bad("response_format.type", "Invalid value for 'response_format.type'.")
}
