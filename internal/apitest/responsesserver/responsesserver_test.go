package responsesserver

import (
	"strings"
	"testing"
)

const (
	user   = `{"role":"user","content":"hi"}`
	ask    = `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}","status":"completed"}`
	said   = `{"type":"function_call_output","call_id":"c1","output":"ok"}`
	spoke  = `{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[]}]}`
	tool   = `{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}`
	closed = `"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false`
)

var thought = `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"` + encrypt("m", "rs_1", "Hm") + `"}`

func body(input, more string) string {
	return `{"model":"m","store":false,"input":[` + input + `]` + more + `}`
}

func TestAccepts(t *testing.T) {
	for name, in := range map[string]string{
		"text":         `{"model":"m","input":"hi"}`,
		"tool loop":    body(user+","+thought+","+ask+","+said+","+thought+","+spoke+","+user, `,"tools":[`+tool+`],"tool_choice":{"type":"function","name":"f"}`),
		"media":        body(`{"role":"user","content":[{"type":"input_text","text":"?"},{"type":"input_image","image_url":"data:"},{"type":"input_file","file_url":"a"}]}`, ""),
		"advice":       body(user, `,"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}]`),
		"settings":     body(user, `,"max_output_tokens":16,"reasoning":{"effort":"low"},"text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object",`+closed+`},"strict":true}}`),
		"hosted tools": body(user+`,{"type":"web_search_call","id":"ws_1","status":"completed"},`+spoke+","+user, `,"tools":[{"type":"web_search","search_context_size":"low"}],"tool_choice":"auto"`),
		"a tool that is loaded later": body(user+`,{"type":"tool_search_call","arguments":{"q":"f"},"call_id":null},{"type":"tool_search_output","tools":[],"call_id":null},`+
			strings.Replace(ask, `"name"`, `"namespace":"n","name"`, 1)+","+said, `,"tools":[{"type":"tool_search"},`+strings.Replace(tool, `"name"`, `"defer_loading":true,"name"`, 1)+`],"reasoning":{"context":"all_turns"}`),
	} {
		if _, err := (protocol{}).Check(nil, []byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	strict := func(schema string) string {
		return body(user, `,"tools":[{"type":"function","name":"f","parameters":`+schema+`}]`)
	}
	for in, want := range map[string]string{
		`{`:                                   "could not parse",
		`{"input":"a"}`:                       "'model'",
		`{"model":"m"}`:                       "'input'",
		body("", ""):                          "'input'",
		body(`7`, ""):                         "expected an object",
		body(user, `,"stop":[]`):              "Unknown parameter: 'stop'",
		body(user, `,"seed":1`):               "Unknown parameter: 'seed'",
		body(user, `,"max_output_tokens":15`): "Expected a value >= 16",
		body(user, `,"include":["a"]`):        "Invalid value: 'a'",
		body(user, `,"tools":[{"type":"web_search","max_uses":1}]`):                                                                  "Unknown parameter: 'tools[0].max_uses'",
		body(user, `,"tools":[{"type":"web_search","search_context_size":"huge"}]`):                                                  "Invalid value: 'huge'",
		body(user, `,"tools":[{"type":"web_search","user_location":{"city":"Kiel"}}]`):                                               "'tools[0].user_location.type'",
		body(user, `,"tools":[{"type":"file_search"}]`):                                                                              "'tools[0].vector_store_ids'",
		body(user, `,"tools":[{"type":"code_interpreter"}]`):                                                                         "'tools[0].container'",
		body(user+`,{"type":"web_search_call","id":"ws_1"}`, ""):                                                                     "'input[1].status'",
		body(user+`,{"type":"web_search_call","id":"x","status":"completed"}`, ""):                                                   "begins with 'ws_'",
		body(user+`,{"type":"file_search_call","id":"fs_1","status":"completed","action":{}}`, ""):                                   "Unknown parameter: 'input[1].action'",
		body(user, `,"previous_response_id":"r"`):                                                                                    "not found",
		body(user, `,"reasoning":{"efort":"low"}`):                                                                                   "Unknown parameter: 'reasoning.efort'",
		body(user, `,"text":{"format":{"type":"json_schema","schema":{}}}`):                                                          "'text.format.name'",
		body(user, `,"text":{"format":{"type":"json_schema","name":"a","strict":true,"schema":{"type":"object"}}}`):                  "'additionalProperties' is required",
		body(user, `,"tools":[{"type":"function","function":{"name":"f"}}]`):                                                         "Unknown parameter: 'tools[0].function'",
		body(user, `,"tools":[{"type":"function","name":"a b","parameters":{}}]`):                                                    "does not match pattern",
		body(user, `,"tools":[`+tool+`,`+tool+`]`):                                                                                   "must be unique",
		body(user, `,"tool_choice":"auto"`):                                                                                          "only allowed when 'tools'",
		body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"function","name":"g"}`):                                               "not found in 'tools'",
		body(user, `,"tools":[`+tool+`],"tool_choice":"must"`):                                                                       "Invalid value for 'tool_choice'",
		strict(`{"type":"object","oneOf":[{}]}`):                                                                                     "at the top level",
		strict(`{"type":"object","properties":{}}`):                                                                                  "'additionalProperties' is required",
		strict(`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`):                                "Missing 'a'",
		strict(`{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}`):                              "must have a 'type'",
		strict(`{"type":"object","properties":{"a":{"type":"string","minLength":1}},"required":["a"],"additionalProperties":false}`): "'minLength' is not permitted",
		body(user+","+ask, ""):                                                        "No tool output found for function call c1",
		body(user+","+said, ""):                                                       "No tool call found",
		body(user+","+ask+","+said+","+said, ""):                                      "No tool call found",
		body(user+","+ask+","+ask+","+said, ""):                                       "Duplicate",
		body(user+","+thought, ""):                                                    "required following item",
		body(user+","+thought+","+user, ""):                                           "required following item",
		body(user+","+thought+","+thought+","+spoke, ""):                              "required following item",
		body(user+","+strings.Replace(thought, "Hm", "hm", 1)+","+spoke, ""):          "could not be verified",
		body(user+`,{"type":"reasoning","id":"rs_1","summary":[]},`+spoke, ""):        "not found. Items are not persisted",
		strings.Replace(body(user+","+thought+","+spoke, ""), `"m"`, `"n"`, 1):        "could not be verified",
		body(user+","+strings.Replace(ask, "fc_1", "fc_1_behind_rs_1", 1), ""):        "without its required 'reasoning' item: 'rs_1'",
		body(user+","+strings.Replace(ask, "fc_1", "c1", 1)+","+said, ""):             "begins with 'fc_'",
		body(user+","+strings.Replace(ask, `"f"`, `"f f"`, 1)+","+said, ""):           "does not match pattern",
		body(`{"role":"robot","content":"a"}`, ""):                                    "Invalid value: 'robot'",
		body(`{"role":"user","content":[]}`, ""):                                      "array of parts",
		body(`{"role":"user","content":[{"type":"output_text","text":"a"}]}`, ""):     "Supported values",
		body(`{"role":"assistant","content":[{"type":"input_text","text":"a"}]}`, ""): "Supported values",
		body(`{"role":"user","content":[{"type":"input_image"}]}`, ""):                "image_url",
		body(`{"role":"user","content":"a","name":"b"}`, ""):                          "Unknown parameter",
		body(`{"type":"surprise"}`, ""):                                               "Invalid value: 'surprise'",
	} {
		_, err := (protocol{}).Check(nil, []byte(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, want %s", in, err, want)
		}
	}
}
