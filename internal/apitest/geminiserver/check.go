package geminiserver

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
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

type kinds = map[string]apiserver.Kind

// fields checks that an object has no field but the known ones, each of its
// kind.
func fields(o object, path string, known kinds) error {
	name, _, isKnown, ok := apiserver.Fields(o, known)
	switch {
	case ok:
		return nil
	case !isKnown && path == "":
		return bad("Invalid JSON payload received. Unknown name %q: Cannot find field.", name)
	case !isKnown:
		return bad("Invalid JSON payload received. Unknown name %q at '%s': Cannot find field.", name, path)
	}
	return bad("Invalid value at '%s': wrong type", strings.TrimPrefix(path+"."+name, "."))
}

func (protocol) Check(r *http.Request, body []byte) (*apiserver.Request, error) {
	model, method, err := method(r)
	if err != nil {
		return nil, err
	}
	o, err := apiserver.Parse(body)
	if err != nil {
		return nil, bad("Invalid JSON payload received. %v", err)
	}
	if err := fields(o, "", kinds{
		"contents": array, "systemInstruction": anObject, "tools": array, "toolConfig": anObject, "generationConfig": anObject,
		"safetySettings": array, "cachedContent": text, "labels": anObject, "serviceTier": text,
	}); err != nil {
		return nil, err
	}
	if s, ok := o["systemInstruction"].(object); ok {
		if err := checkInstruction(s); err != nil {
			return nil, err
		}
	}
	names, err := checkTools(o, model)
	if err != nil {
		return nil, err
	}
	if err := checkConfig(o, names, model); err != nil {
		return nil, err
	}
	contents, _ := o["contents"].([]any)
	if err := checkContents(contents, !strings.HasPrefix(model, "gemini-2")); err != nil {
		return nil, err
	}
	return &apiserver.Request{Model: model, Stream: method == "streamGenerateContent", Body: o}, nil
}

var (
	goodName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$`)
	paramName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)

// lacksValidated are the models from before the mode VALIDATED.
var lacksValidated = regexp.MustCompile(`^gemini-(1|2\.0)`)

func checkInstruction(s object) error {
	if err := fields(s, "system_instruction", kinds{"role": text, "parts": array}); err != nil {
		return err
	}
	parts, _ := s["parts"].([]any)
	if len(parts) == 0 {
		return bad("* GenerateContentRequest.system_instruction.parts: contents is not specified")
	}
	for i, v := range parts {
		part, _ := v.(object)
		at := fmt.Sprintf("system_instruction.parts[%d]", i)
		if err := fields(part, at, kinds{"text": text}); err != nil {
			return err
		}
		if part["text"] == nil || part["text"] == "" {
			return bad("* GenerateContentRequest.%s.data: required oneof field 'data' must have one initialized field", at)
		}
	}
	return nil
}

// builtIn are the tools that run at the server, in both spellings that the API
// takes.
var builtIn = []string{"googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval", "googleMaps", "google_maps",
	"codeExecution", "code_execution", "urlContext", "url_context", "fileSearch", "file_search", "computerUse", "computer_use"}

// checkMix checks that functions stand beside tools of the server's only where
// the model takes that, and the request asks for it.
func checkMix(o object, model string) error {
	config, _ := o["toolConfig"].(object)
	switch {
	case strings.HasPrefix(model, "gemini-2"):
		return bad("Tool use with function calling is unsupported by the model.")
	case config["includeServerSideToolInvocations"] != true:
		return bad("Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.")
	}
	return nil
}

// checkTools returns the names of the functions.
func checkTools(o object, model string) (map[string]bool, error) {
	tools, ok := o["tools"].([]any)
	if !ok {
		return nil, nil
	}
	known := kinds{"functionDeclarations": array, "mcpServers": array}
	for _, name := range builtIn {
		known[name] = anObject
	}
	var names map[string]bool
	hasBuiltIn := false
	for _, v := range tools {
		tool, _ := v.(object)
		if err := fields(tool, "tools[0]", known); err != nil {
			return nil, err
		}
		if files, ok := tool["fileSearch"].(object); ok {
			if err := fields(files, "tools[0].file_search", kinds{"fileSearchStoreNames": array, "topK": integer, "metadataFilter": text}); err != nil {
				return nil, err
			}
			if files["fileSearchStoreNames"] == nil {
				return nil, bad("* GenerateContentRequest.tools[0].file_search.file_search_store_names: must be set")
			}
		}
		hasBuiltIn = hasBuiltIn || slices.ContainsFunc(builtIn, func(name string) bool { return tool[name] != nil })
		if tool["functionDeclarations"] != nil && names == nil {
			names = map[string]bool{}
		}
		list, _ := tool["functionDeclarations"].([]any)
		for _, v := range list {
			f, _ := v.(object)
			const at = "tools[0].function_declarations[0]"
			if err := fields(f, at, kinds{"name": text, "description": text, "parameters": anObject, "parametersJsonSchema": anObject, "behavior": text, "response": anObject, "responseJsonSchema": anObject}); err != nil {
				return nil, err
			}
			name, _ := f["name"].(string)
			if !goodName.MatchString(name) {
				return nil, bad("* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name. Must start with a letter or an underscore. Got %q", name)
			}
			if names[name] {
				return nil, bad("Duplicate function declaration found: %s", name)
			}
			names[name] = true
			if f["parameters"] != nil && f["parametersJsonSchema"] != nil {
				return nil, bad("%s: parameters and parameters_json_schema are mutually exclusive", at)
			}
			if p, ok := f["parameters"].(object); ok {
				if err := checkOpenAPI(p, at+".parameters"); err != nil {
					return nil, err
				}
			}
			if p, ok := f["parametersJsonSchema"].(object); ok {
				if err := checkJSONSchema(p, at+".parameters_json_schema"); err != nil {
					return nil, err
				}
				if p["type"] != "object" {
					return nil, bad("%s: parameters schema should be of type OBJECT", at)
				}
				if p["anyOf"] != nil || p["oneOf"] != nil {
					return nil, bad("%s: parameters schema should be of type OBJECT, and no union", at)
				}
			}
		}
	}
	if hasBuiltIn && names != nil {
		return names, checkMix(o, model)
	}
	return names, nil
}

// checkOpenAPI knows the keywords of the API's own Schema.
func checkOpenAPI(s object, at string) error {
	if properties, _ := s["properties"].(object); s["type"] == "object" && len(properties) == 0 {
		return bad("%s.properties: should be non-empty for OBJECT type", at)
	}
	err := fields(s, at, kinds{"type": text, "nullable": boolean, "properties": anObject, "required": array, "items": anObject,
		"minItems": anything, "maxItems": anything, "minProperties": anything, "maxProperties": anything, "minimum": num, "maximum": num,
		"minLength": anything, "maxLength": anything, "pattern": text, "enum": array, "anyOf": array, "description": text, "default": anything,
		"title": text, "format": text, "example": anything, "propertyOrdering": array})
	if err != nil {
		return err
	}
	list, _ := s["enum"].([]any)
	for _, v := range list {
		if _, ok := v.(string); !ok {
			return bad("Invalid value at '%s.enum' (TYPE_STRING)", at)
		}
	}
	return below(s, at, checkOpenAPI)
}

// checkJSONSchema refuses what the API says that it does not take.
func checkJSONSchema(s object, at string) error {
	if s["$ref"] != nil && len(s) > 1 && s["$defs"] == nil {
		return bad("%s: $ref must stand alone", at)
	}
	return below(s, at, checkJSONSchema)
}

func below(s object, at string, check func(object, string) error) error {
	properties, _ := s["properties"].(object)
	for name, v := range properties {
		if !paramName.MatchString(name) {
			return bad("%s.properties: invalid property name %q", at, name)
		}
		p, ok := v.(object)
		if !ok {
			return bad("%s.properties[%s]: wrong type", at, name)
		}
		if err := check(p, at+".properties["+name+"]"); err != nil {
			return err
		}
	}
	if items, ok := s["items"].(object); ok {
		return check(items, at+".items")
	}
	return nil
}

func checkConfig(o object, names map[string]bool, model string) error {
	if config, ok := o["toolConfig"].(object); ok {
		if err := fields(config, "tool_config", kinds{"functionCallingConfig": anObject, "retrievalConfig": anObject, "includeServerSideToolInvocations": boolean}); err != nil {
			return err
		}
		calling, _ := config["functionCallingConfig"].(object)
		if err := fields(calling, "tool_config.function_calling_config", kinds{"mode": text, "allowedFunctionNames": array}); err != nil {
			return err
		}
		mode, _ := calling["mode"].(string)
		allowed, _ := calling["allowedFunctionNames"].([]any)
		switch {
		case calling == nil:
		case mode != "AUTO" && mode != "ANY" && mode != "NONE" && mode != "VALIDATED":
			return bad("Invalid value at 'tool_config.function_calling_config.mode': %q", mode)
		case names == nil:
			return bad("Function calling config is set without function_declarations.")
		case len(allowed) > 0 && mode != "ANY" && mode != "VALIDATED": // the API cannot tell an empty list from none
			return bad("allowed_function_names should only be set when the function calling mode is ANY.")
		case mode == "VALIDATED" && lacksValidated.MatchString(model):
			return bad("Function calling mode VALIDATED is not supported by this model.")
		}
		for _, v := range allowed {
			if name, _ := v.(string); !names[name] {
				return bad("allowed_function_names contains invalid function name %q", name)
			}
		}
	}
	config, _ := o["generationConfig"].(object)
	if err := fields(config, "generation_config", kinds{
		"temperature": num, "topP": num, "topK": num, "maxOutputTokens": integer, "stopSequences": array, "seed": integer, "candidateCount": integer,
		"responseMimeType": text, "responseSchema": anObject, "responseJsonSchema": anObject, "thinkingConfig": anObject,
		"presencePenalty": num, "frequencyPenalty": num, "responseModalities": array, "responseLogprobs": boolean, "logprobs": integer,
		"mediaResolution": text, "speechConfig": anObject, "imageConfig": anObject,
	}); err != nil {
		return err
	}
	thinking, _ := config["thinkingConfig"].(object)
	if err := fields(thinking, "generation_config.thinking_config", kinds{"includeThoughts": boolean, "thinkingBudget": integer, "thinkingLevel": text}); err != nil {
		return err
	}
	stops, _ := config["stopSequences"].([]any)
	switch {
	case len(stops) > 5:
		return bad("stop_sequences: at most 5 are allowed")
	case thinking["thinkingBudget"] != nil && thinking["thinkingLevel"] != nil:
		return bad("thinking_budget and thinking_level are mutually exclusive")
	case config["responseJsonSchema"] != nil && config["responseMimeType"] != "application/json":
		return bad("response_json_schema needs the response_mime_type application/json")
	}
	if s, ok := config["responseJsonSchema"].(object); ok {
		return checkJSONSchema(s, "generation_config.response_json_schema")
	}
	return nil
}

func isBase64(v any) bool {
	s, _ := v.(string)
	_, std := base64.StdEncoding.DecodeString(s)
	_, url := base64.URLEncoding.DecodeString(s)
	return s != "" && (std == nil || url == nil)
}
