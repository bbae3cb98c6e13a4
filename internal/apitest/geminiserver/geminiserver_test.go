package geminiserver

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	path = "/v1beta/models/gemini-3-test:generateContent"
	user = `{"role":"user","parts":[{"text":"hi"}]}`
	said = `{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"ok"}}}]}`
	tool = `{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"type":"string"}}}}]}`
)

// ask is a content with a call that the server made.
var ask = `{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"a":"x"}},"thoughtSignature":"` + sign("f", map[string]any{"a": "x"}) + `"}]}`

func body(contents, more string) string { return `{"contents":[` + contents + `]` + more + `}` }

func TestAccepts(t *testing.T) {
	for name, in := range map[string]string{
		"plain":        body(user, ""),
		"tool loop":    body(user+","+ask+","+said, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}`),
		"restricted":   body(user, `,"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]},"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f"]}}`),
		"no names":     body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":[]}}`),
		"words behind": body(user+","+ask+","+strings.Replace(said, "}]}", `},{"text":"and?"}]}`, 1), ""),
		"a dummy":      body(user+","+strings.Replace(ask, sign("f", map[string]any{"a": "x"}), dummy, 1)+","+said, ""),
		"an old call":  body(user+","+unsigned()+","+said+`,{"role":"model","parts":[{"text":"a"}]},`+user, ""),
		"no ids":       body(user+","+strings.Replace(ask, `"id":"c1",`, "", 1)+","+strings.Replace(said, `"id":"c1",`, "", 1), ""),
		"an image":     body(`{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AQI="}},{"fileData":{"mimeType":"image/png","fileUri":"gs://a"}}]}`, ""),
		"one content":  body(`{"parts":[{"text":"hi"}]}`, ""),
		"tools that ran at the server": body(user+`,{"role":"model","parts":[{"toolCall":{"id":"t","toolType":"GOOGLE_SEARCH","args":{}},"thoughtSignature":"c2ln"},{"toolResponse":{"id":"t","toolType":"GOOGLE_SEARCH","response":{}},"thoughtSignature":"c2ln"},{"executableCode":{"code":"1"}},{"text":"a"}]},`+user,
			`,"tools":[{"urlContext":{}},{"googleSearch":{}},`+tool+`],"toolConfig":{"includeServerSideToolInvocations":true}`),
		"a search":       body(user, `,"tools":[{"google_search":{}},{"codeExecution":{}}]`),
		"settings":       body(user, `,"generationConfig":{"temperature":0.5,"topP":1,"maxOutputTokens":5,"stopSequences":["a"],"seed":3,"thinkingConfig":{"thinkingBudget":0}}`),
		"a schema":       body(user, `,"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}`),
		"the other form": body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","nullable":true}}}}]}]`),
	} {
		if _, err := (protocol{}).Check(httptest.NewRequest("POST", path, nil), []byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func unsigned() string {
	return strings.Replace(ask, `,"thoughtSignature":"`+sign("f", map[string]any{"a": "x"})+`"`, "", 1)
}

func TestRefuses(t *testing.T) {
	two := strings.Replace(ask, `]}`, `,{"functionCall":{"id":"c2","name":"f"}}]}`, 1)
	for in, want := range map[string]string{
		`{`:                                    "Invalid JSON payload",
		`[]`:                                   "must be a JSON object",
		`{}`:                                   "contents is not specified",
		body("", ""):                           "contents is not specified",
		body(`7`, ""):                          "Invalid value at 'contents[0]'",
		body(user, `,"x":1`):                   `Unknown name "x": Cannot find field`,
		body(user+","+user, ""):                "alternate",
		body(ask+","+said, ""):                 "the first content is the user's",
		body(user+","+ask, ""):                 "end with a user role",
		body(`{"parts":[]},`+user, ""):         "valid role",
		body(`{"role":"user","parts":[]}`, ""): "must not be empty",
		body(`{"role":"user","parts":[{"text":""}]}`, ""):                                                         "text parameter",
		body(`{"role":"user","parts":[{"text":"a","inlineData":{}}]}`, ""):                                        "exactly one of the data fields",
		body(`{"role":"user","parts":[{"text":"a","surprise":1}]}`, ""):                                           `Unknown name "surprise" at 'contents.parts'`,
		body(`{"role":"user","parts":[{"text":"\ud83d"}]}`, ""):                                                   "surrogate",
		body(`{"role":"user","parts":[{"inlineData":{"mimeType":"a/b","data":"%"}}]}`, ""):                        "TYPE_BYTES",
		body(`{"role":"user","parts":[{"fileData":{"mimeType":"a/b","fileUri":"data:a/b,c"}}]}`, ""):              "Unsupported file URI",
		body(`{"role":"user","parts":[{"fileData":{"mimeType":"a/b"}}]}`, ""):                                     "file_uri",
		body(`{"role":"user","parts":[{"functionCall":{"name":"f"}}]}`, ""):                                       "function calls are the model's",
		body(`{"role":"user","parts":[{"toolCall":{"id":"t"}}]}`, ""):                                             "the model's",
		body(user+`,{"role":"model","parts":[{"toolResponse":{"id":"t","x":1}}]},`+user, ""):                      `Unknown name "x" at 'contents.parts.tool_response'`,
		body(user+","+unsigned()+","+said, ""):                                                                    "missing a thought_signature",
		body(user+","+strings.Replace(ask, `"x"`, `"y"`, 1)+","+said, ""):                                         "Corrupted thought signature",
		body(user+","+strings.Replace(ask, `"name":"f"`, `"name":"1f"`, 1)+","+said, ""):                          "Invalid function name",
		body(user+","+strings.Replace(ask, `{"a":"x"}`, `"{}"`, 1)+","+said, ""):                                  "wrong type",
		body(user+","+ask+","+user, ""):                                                                           "number of function response parts",
		body(user+","+said, ""):                                                                                   "alternate",
		body(said, ""):                                                                                            "number of function response parts",
		body(user+","+two+","+said, ""):                                                                           "number of function response parts",
		body(user+","+ask+","+strings.Replace(said, "c1", "c9", 1), ""):                                           "answers no function call",
		body(user+","+ask+","+strings.Replace(said, `"id":"c1",`, "", 1), ""):                                     "answers no function call",
		body(user+","+ask+","+strings.Replace(said, `"name":"f"`, `"name":"g"`, 1), ""):                           "answers no function call",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"a b"}]}]`):                                        "Invalid function name",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f"},{"name":"f"}]}]`):                             "Duplicate function",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"string"}}]}]`): "type OBJECT",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}}]}]`): `Unknown name "additionalProperties"`,
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object"}}]}]`):                                                                   "should be non-empty",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"enum":[1]}}}}]}]`):                                   "TYPE_STRING",
		body(user, `,"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"$ref":"#","type":"string"}}}}]}]`):         "$ref must stand alone",
		body(user, `,"tools":[{"googleSearch":{}},`+tool+`]`):                                                                                                             "include_server_side_tool_invocations",
		body(user, `,"tools":[{"fileSearch":{}}]`):                                                                                     "file_search_store_names: must be set",
		body(user, `,"tools":[{"google_search":{}}],"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}`):                           "without function_declarations",
		body(user, `,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`):                                                           "without function_declarations",
		body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]}}`):           "invalid function name",
		body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}}`):          "mode is ANY",
		body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"NONE","allowedFunctionNames":["f"]}}`):          "mode is ANY",
		body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f","g"]}}`): "invalid function name",
		body(user, `,"systemInstruction":{"parts":[]}`):                                                                                "contents is not specified",
		body(user, `,"systemInstruction":{"parts":[{"text":"a"},{"text":""}]}`):                                                        "parts[1].data",
		body(user, `,"systemInstruction":{"parts":[{"inlineData":{}}]}`):                                                               `Unknown name "inlineData"`,
		body(user, `,"generationConfig":{"max_tokens":1}`):                                                                             `Unknown name "max_tokens"`,
		body(user, `,"generationConfig":{"responseJsonSchema":{}}`):                                                                    "response_mime_type",
		body(user, `,"generationConfig":{"thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"low"}}`):                                "mutually exclusive",
		body(user, `,"generationConfig":{"stopSequences":["a","b","c","d","e","f"]}`):                                                  "at most 5",
	} {
		_, err := (protocol{}).Check(httptest.NewRequest("POST", path, nil), []byte(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, want %s", in, err, want)
		}
	}
	const both = "/v1beta/models/gemini-2.5-pro:generateContent"
	if _, err := (protocol{}).Check(httptest.NewRequest("POST", both, nil), []byte(body(user, `,"tools":[{"googleSearch":{}},`+tool+`],"toolConfig":{"includeServerSideToolInvocations":true}`))); err == nil || !strings.Contains(err.Error(), "unsupported by the model") {
		t.Errorf("a search beside functions: %v", err)
	}
	const old = "/v1beta/models/gemini-2.0-flash:generateContent"
	if _, err := (protocol{}).Check(httptest.NewRequest("POST", old, nil), []byte(body(user, `,"tools":[`+tool+`],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"}}`))); err == nil || !strings.Contains(err.Error(), "not supported by this model") {
		t.Errorf("the mode VALIDATED of an old model: %v", err)
	}
	for address, want := range map[string]string{
		"/v1beta/models/m:countTokens":           "not found",
		"/v1/models/m:generateContent":           "not found",
		"/v1beta/models/m:streamGenerateContent": "alt=sse",
	} {
		if _, err := (protocol{}).Check(httptest.NewRequest("POST", address, nil), []byte(body(user, ""))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
