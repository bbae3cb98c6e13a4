package responsesserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

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

// topLevel are the fields that the API has, as far as they matter. It has no
// stop and no seed.
var topLevel = kinds{
	"model": text, "input": anything, "instructions": text, "tools": array, "tool_choice": anything, "parallel_tool_calls": boolean,
	"stream": boolean, "stream_options": anObject, "store": boolean, "include": array, "temperature": num, "top_p": num,
	"max_output_tokens": integer, "max_tool_calls": integer, "reasoning": anObject, "text": anObject, "previous_response_id": text,
	"prompt_cache_key": text, "metadata": anObject, "user": text, "safety_identifier": text, "service_tier": text, "truncation": text,
}

func (protocol) Check(_ *http.Request, body []byte) (*apiserver.Request, error) {
	o, err := apiserver.Parse(body)
	if err != nil {
		return nil, bad("", "We could not parse the JSON body of your request: %v", err)
	}
	if err := fields(o, "", topLevel); err != nil {
		return nil, err
	}
	model, ok := o["model"].(string)
	if !ok {
		return nil, bad("model", "Missing required parameter: 'model'.")
	}
	for _, check := range []func(object) error{checkSettings, checkTools, checkInput} {
		if err := check(o); err != nil {
			return nil, err
		}
	}
	return &apiserver.Request{Model: model, Stream: o["stream"] == true, Body: o}, nil
}

// includable is what a request may ask responses to include.
var includable = []any{"reasoning.encrypted_content", "message.output_text.logprobs", "web_search_call.action.sources", "file_search_call.results",
	"code_interpreter_call.outputs", "message.input_image.image_url", "computer_call_output.output.image_url"}

func checkSettings(o object) error {
	reasoning, _ := o["reasoning"].(object)
	if err := fields(reasoning, "reasoning", kinds{"effort": text, "summary": text, "context": text}); err != nil {
		return err
	}
	if n, ok := o["max_output_tokens"].(json.Number); ok {
		if v, _ := strconv.Atoi(string(n)); v < 16 {
			return bad("max_output_tokens", "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got %s instead.", n)
		}
	}
	include, _ := o["include"].([]any)
	for _, v := range include {
		if !slices.Contains(includable, v) {
			return bad("include[0]", "Invalid value: '%v'.", v)
		}
	}
	if o["previous_response_id"] != nil {
		return bad("previous_response_id", "Previous response with id '%v' not found.", o["previous_response_id"])
	}
	settings, _ := o["text"].(object)
	if err := fields(settings, "text", kinds{"format": anObject, "verbosity": text}); err != nil {
		return err
	}
	format, ok := settings["format"].(object)
	if !ok || format["type"] == "text" || format["type"] == "json_object" {
		return nil
	}
	if format["type"] != "json_schema" {
		return bad("text.format.type", "Invalid value: '%v'.", format["type"])
	}
	if err := fields(format, "text.format", kinds{"type": text, "name": text, "description": text, "schema": anObject, "strict": boolean}); err != nil {
		return err
	}
	name, _ := format["name"].(string)
	schema, ok := format["schema"].(object)
	switch {
	case !goodName.MatchString(name):
		return bad("text.format.name", "Missing required parameter: 'text.format.name'.")
	case !ok:
		return bad("text.format.schema", "Missing required parameter: 'text.format.schema'.")
	case format["strict"] == true:
		return checkStrict(schema, "response_format '"+name+"'", "()")
	}
	return nil
}

var goodName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func checkTools(o object) error {
	tools, ok := o["tools"].([]any)
	names := map[string]bool{}
	for i, v := range tools {
		at := fmt.Sprintf("tools[%d]", i)
		tool, _ := v.(object)
		if hosted, err := checkHostedTool(tool, at); err != nil {
			return err
		} else if hosted {
			continue
		} else if tool["type"] != "function" {
			return bad(at+".type", "Invalid value for '%s.type': supported is 'function'.", at)
		}
		if err := fields(tool, at, kinds{"type": text, "name": text, "description": text, "parameters": anObject, "strict": boolean, "defer_loading": boolean}); err != nil {
			return err
		}
		name, _ := tool["name"].(string)
		parameters, _ := tool["parameters"].(object)
		switch {
		case !goodName.MatchString(name):
			return bad(at+".name", "Invalid '%s.name': string does not match pattern '%s'.", at, goodName)
		case names[name]:
			return bad(at+".name", "Tool names must be unique: '%s'.", name)
		case apiserver.OpenAISchema(parameters) != "":
			return bad(at+".parameters", "Invalid schema for function '%s': %s", name, apiserver.OpenAISchema(parameters))
		case tool["strict"] != false: // also where nothing is said
			if err := checkStrict(parameters, "function '"+name+"'", "()"); err != nil {
				return err
			}
		}
		names[name] = true
	}
	for _, field := range []string{"tool_choice", "parallel_tool_calls"} {
		if _, given := o[field]; given && (!ok || len(tools) == 0) {
			return bad(field, "Invalid value for '%s': '%s' is only allowed when 'tools' are specified.", field, field)
		}
	}
	return checkChoice(o["tool_choice"], names)
}

func checkChoice(choice any, names map[string]bool) error {
	switch choice := choice.(type) {
	case nil:
		return nil
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
		return bad(at+".type", "Invalid value: '%v'.", choice["type"])
	}
	if err := fields(choice, at, kinds{"type": text, "name": text}); err != nil {
		return err
	}
	if name, _ := choice["name"].(string); !names[name] {
		return bad(at, "Tool choice '%s' not found in 'tools' parameter.", name)
	}
	return nil
}

// checkAllowed checks a choice among some of the functions.
func checkAllowed(choice object, names map[string]bool) error {
	if err := fields(choice, "tool_choice", kinds{"type": text, "mode": text, "tools": array}); err != nil {
		return err
	}
	list, _ := choice["tools"].([]any)
	switch {
	case choice["mode"] != "auto" && choice["mode"] != "required":
		return bad("tool_choice.mode", "Invalid value: '%v'. Supported values are: 'auto' and 'required'.", choice["mode"])
	case len(list) == 0:
		return bad("tool_choice.tools", "Invalid 'tool_choice.tools': empty array. Expected an array with minimum length 1.")
	}
	for i, v := range list {
		tool, _ := v.(object)
		if err := checkNamed(tool, fmt.Sprintf("tool_choice.tools[%d]", i), names); err != nil {
			return err
		}
	}
	return nil
}

// strict are the keywords of strict mode.
var strict = []string{"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "description", "title",
	"pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "$ref", "$defs"}

// checkStrict refuses what strict mode does not take.
func checkStrict(schema object, what, context string) error {
	refuse := func(format string, args ...any) error {
		return bad("", "Invalid schema for %s: In context=%s, %s", what, context, fmt.Sprintf(format, args...))
	}
	for keyword := range schema {
		if !slices.Contains(strict, keyword) {
			return refuse("'%s' is not permitted.", keyword)
		}
	}
	if schema["$ref"] != nil {
		if len(schema) > 1 {
			return refuse("$ref cannot have keywords beside it.")
		}
		return nil
	}
	properties, _ := schema["properties"].(object)
	if schema["type"] == "object" {
		required, _ := schema["required"].([]any)
		if schema["additionalProperties"] != false {
			return refuse("'additionalProperties' is required to be supplied and to be false.")
		}
		for name := range properties {
			if !slices.Contains(required, any(name)) {
				return refuse("'required' is required to be supplied and to be an array including every key in properties. Missing '%s'.", name)
			}
		}
	} else if schema["type"] == nil && schema["anyOf"] == nil && schema["enum"] == nil && schema["const"] == nil {
		return refuse("schema must have a 'type' key.")
	}
	below := map[string]any{}
	for name, p := range properties {
		below["properties."+name] = p
	}
	if items, ok := schema["items"]; ok {
		below["items"] = items
	}
	forms, _ := schema["anyOf"].([]any)
	for i, f := range forms {
		below[fmt.Sprintf("anyOf.%d", i)] = f
	}
	defs, _ := schema["$defs"].(object)
	for name, d := range defs {
		below["$defs."+name] = d
	}
	for at, v := range below {
		sub, ok := v.(object)
		if !ok {
			return refuse("%s is no schema.", at)
		}
		if err := checkStrict(sub, what, "('"+at+"')"); err != nil {
			return err
		}
	}
	return nil
}
