package anthropicserver

import (
	"strings"
	"testing"
)

const (
	user = `{"role":"user","content":[{"type":"text","text":"hi"}]}`
	ask  = `{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]}`
	said = `{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}`
	tool = `{"name":"f","input_schema":{"type":"object"}}`
	mark = `"cache_control":{"type":"ephemeral"}`
)

const (
	search = `{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{}}`
	found  = `{"type":"web_search_tool_result","tool_use_id":"srv_1","content":[]}`
)

// byCode is a call that server-side code made.
var byCode = strings.Replace(ask, `"input":{}`, `"input":{},"caller":{"type":"code_execution_20250825","tool_id":"srv_1"}`, 1)

var thought = `{"type":"thinking","thinking":"Hm","signature":"` + Sign("Hm") + `"}`

// body is a request, which has the tool of the calls in it.
func body(messages, more string) string {
	if strings.Contains(messages, `"tool_use"`) && !strings.Contains(more, `"tools"`) {
		more += `,"tools":[` + tool + `]`
	}
	return `{"model":"m","max_tokens":5000,"messages":[` + messages + `]` + more + `}`
}

// newest is a request to a model that takes system messages.
func newest(messages string) string {
	return strings.Replace(body(messages, ""), `"model":"m"`, `"model":"claude-opus-4-8"`, 1)
}

func thinks(messages string) string {
	return body(messages, `,"thinking":{"type":"enabled","budget_tokens":1024}`)
}

func TestAccepts(t *testing.T) {
	for name, in := range map[string]string{
		"plain":                  body(`{"role":"user","content":"hi"}`, ""),
		"tool loop":              body(user+","+ask+","+said, `,"tools":[`+tool+`],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}`),
		"words behind":           body(user+","+ask+","+strings.Replace(said, "}]}", `},{"type":"text","text":"and?"}]}`, 1), ""),
		"the user twice":         body(user+","+user, ""),
		"thinking":               thinks(user + `,{"role":"assistant","content":[` + thought + `,{"type":"redacted_thinking","data":"redacted-by-the-server"},` + strings.TrimSuffix(strings.TrimPrefix(ask, `{"role":"assistant","content":[`), "]}") + `]},` + said),
		"media":                  body(`{"role":"user","content":[{"type":"image","source":{"type":"url","url":"a"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AQI="}}]}`, ""),
		"marks":                  body(strings.Replace(user, `"hi"`, `"hi",`+mark, 1), `,"system":[{"type":"text","text":"a",`+mark+`}]`),
		"settings":               body(user, `,"temperature":0.5,"stop_sequences":["a"],"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}`),
		"the model begins":       body(`{"role":"assistant","content":"a"},`+user, ""),
		"calls in two messages":  body(user+","+ask+","+strings.Replace(ask, "t1", "t2", 1)+","+said+","+strings.Replace(said, "t1", "t2", 1), ""),
		"the id of another turn": body(user+","+ask+","+said+","+ask+","+said, ""),
		"a caller":               body(user+","+strings.Replace(ask, `"input":{}`, `"input":{},"caller":{"type":"code_execution_20250825","tool_id":"srv_1"}`, 1)+","+said, ""),
		"references to tools":    body(user+","+ask+","+strings.Replace(said, `"ok"`, `[{"type":"tool_reference","tool_name":"f"}]`, 1), ""),
		"tools of the API":       body(user+`,{"role":"assistant","content":[`+search+","+found+`,{"type":"text","text":"a"}]},`+user, `,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":1},{"name":"f","defer_loading":true,"input_schema":{"type":"object"}}],"cache_control":{"type":"ephemeral"},"container":"c"`),
		"a tool that goes on":    body(user+`,{"role":"assistant","content":[`+search+`]}`, ""),
		"a result that is late":  body(user+","+strings.Replace(ask, `[`, `[`+search+`,`, 1)+","+said+`,{"role":"assistant","content":[`+found+`]},`+user, ""),
		"code that goes on":      body(user+","+strings.Replace(byCode, `[`, `[`+search+`,`, 1)+","+said+","+byCode+","+said, ""),
		"a compaction":           body(`{"role":"assistant","content":[{"type":"compaction","content":"So far"}]},`+user, `,"context_management":{"edits":[]}`),
		"a system message":       newest(user + "," + ask + "," + said + `,{"role":"system","content":[{"type":"text","text":"a",` + mark + `},{"type":"tool_addition","tool":{"type":"tool_reference","name":"f"}}]}`),
		"files":                  body(`{"role":"user","content":[{"type":"container_upload","file_id":"f"},{"type":"document","source":{"type":"file","file_id":"f"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}}]}`, ""),
	} {
		if _, err := (protocol{}).Check(nil, []byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	bare := strings.Replace(body(user+","+ask+","+said, ""), `,"tools":[`+tool+`]`, "", 1)
	block := func(b string) string { return body(`{"role":"user","content":[`+b+`]}`, "") }
	marked := strings.Replace(user, `"hi"`, `"hi",`+mark, 1)
	for in, want := range map[string]string{
		`{`:                              "not valid JSON",
		bare:                             "must define tools",
		`{"model":"m","messages":[]}`:    "max_tokens: Field required",
		`{"max_tokens":1,"messages":[]}`: "model: Field required",
		body("", ""):                     "at least one message",
		body(`7`, ""):                    "valid dictionary",
		body(user, `,"seed":1`):          "seed: Extra inputs are not permitted",
		strings.Replace(body(user, ""), "5000", "0", 1):                                      "greater than or equal to 1",
		body(`{"role":"system","content":"a"}`, ""):                                          "Input should be 'user' or 'assistant'",
		body(`{"role":"user","content":[]}`, ""):                                             "non-empty content",
		body(`{"role":"user","content":""}`, ""):                                             "must be non-empty",
		block(`{"type":"image","source":{"type":"url","url":"data:image/png;base64,AQI="}}`): "Only HTTPS URLs",
		block(`{"type":"text","text":" "}`):                                                  "non-whitespace",
		block(`{"type":"text","text":"a","x":1}`):                                            "Extra inputs",
		newest(user + `,{"role":"system","content":[{"type":"surprise"}]}`):                  "does not match any of the expected tags",
		newest(user + "," + ask + `,{"role":"system","content":"a"}`):                        "without `tool_result` blocks",
		newest(`{"role":"system","content":"a"},` + user):                                    "Input should be 'user' or 'assistant'",
		body(user+`,{"role":"system","content":"a"}`, ""):                                    "Input should be 'user' or 'assistant'",
		body(user+`,{"role":"assistant","content":[`+found+`]},`+user, ""):                   "unexpected `tool_use_id` found in `web_search_tool_result`",
		body(user+`,{"role":"assistant","content":[`+search+","+strings.Replace(found, `"content":[]`, `"content":null`, 1)+`]},`+user, ""):      "content",
		body(user+`,{"role":"assistant","content":[`+strings.Replace(search, "srv_1", "srv 1", 1)+`]},`+user, ""):                                "id: String should match",
		body(user+`,{"role":"assistant","content":[`+strings.Replace(search, `,"input":{}`, "", 1)+`]},`+user, ""):                               "input: Field required",
		body(user+`,{"role":"assistant","content":[`+search+`]},`+user, ""):                                                                      "without a corresponding tool result",
		body(user+","+strings.Replace(ask, `[`, `[`+search+`,`, 1)+","+strings.Replace(said, "}]}", `},{"type":"text","text":"and?"}]}`, 1), ""): "without a corresponding tool result",
		body(user+","+strings.Replace(ask, `[`, `[`+search+`,`, 1)+","+said+`,{"role":"assistant","content":"a"}`, ""):                           "without a corresponding tool result",
		newest(user + `,{"role":"assistant","content":[` + search + `]},{"role":"system","content":"a"}`):                                        "without a corresponding tool result",
		body(user, `,"tools":[{"type":"surprise","name":"f"}]`):                                                                                  "does not match any of the expected tags",
		body(user, `,"tools":[{"type":"web_search_20250305","name":"search"}]`):                                                                  "Input should be 'web_search'",
		body(user, `,"tools":[{"type":"web_search_20250305","name":"web_search","allowed_domains":["a"],"blocked_domains":["b"]}]`):              "cannot be used together",
		body(user, `,"tools":[{"type":"web_search_20250305","name":"web_search","user_location":{"city":"Kiel"}}]`):                              "Input should be 'approximate'",
		body(user, `,"tools":[{"type":"code_execution_20250825","name":"code_execution","max_uses":1}]`):                                         "max_uses",
		body(user, `,"tools":[{"type":"web_search_20250305"}]`):                                                                                  "does not match any of the expected tags",
		body(user, `,"cache_control":{"type":"forever"}`):                                                                                        "ephemeral",
		block(`{"type":"document","source":{"type":"text","media_type":"text/html","data":"a"}}`):                                                "media_type",
		block(`{"type":"surprise"}`): "does not match any of the expected tags",
		block(`{"type":"image"}`):    "Field required",
		block(`{"type":"image","source":{"type":"base64","media_type":"image/tiff","data":"AQI="}}`): "media_type",
		block(`{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%"}}`):     "invalid base64",
		body(user+","+ask, ""):                   "without `tool_result` blocks",
		body(user+","+ask+","+user, ""):          "without `tool_result` blocks",
		body(user+","+said, ""):                  "unexpected `tool_use_id`",
		body(user+","+ask+","+said+","+said, ""): "unexpected `tool_use_id`",
		body(user+","+ask+","+ask+","+said, ""):  "must be unique",
		body(user+","+ask+","+strings.Replace(said, `[`, `[{"type":"text","text":"a"},`, 1), ""):                                   "must come first",
		body(user+","+ask+","+strings.Replace(said, `"ok"`, `"","is_error":true`, 1), ""):                                          "content cannot be empty",
		body(user+","+strings.Replace(ask, `"t1"`, `"t 1"`, 1)+","+said, ""):                                                       "id: String should match",
		body(user+","+strings.Replace(ask, `"f"`, `"f f"`, 1)+","+said, ""):                                                        "name: String should match",
		body(user+","+strings.Replace(ask, `{}`, `"{}"`, 1)+","+said, ""):                                                          "valid object",
		body(user+`,{"role":"assistant","content":"a "}`, ""):                                                                      "trailing whitespace",
		body(user+`,{"role":"assistant","content":[`+strings.Replace(thought, "Hm", "hm", 1)+`]},`+user, ""):                       "Invalid `signature`",
		body(user+`,{"role":"assistant","content":[{"type":"redacted_thinking","data":"x"}]},`+user, ""):                           "Invalid `data`",
		body(user+`,{"role":"assistant","content":[`+thought+`]},`+user, ""):                                                       "final block in an assistant message cannot be",
		body(user+`,{"role":"assistant","content":[{"type":"text","text":"a"},`+thought+`,{"type":"text","text":"a"}]},`+user, ""): "the first block must be `thinking`",
		thinks(user + "," + ask + "," + said):                                                                                      "Expected `thinking`",
		body(user, `,"thinking":{"type":"enabled","budget_tokens":5000}`):                                                          "must be greater",
		body(user, `,"thinking":{"type":"enabled","budget_tokens":1024},"temperature":0.5`):                                        "may only be set to 1",
		body(user, `,"thinking":{"type":"enabled","budget_tokens":1024},"tools":[`+tool+`],"tool_choice":{"type":"any"}`):          "forces tool use",
		body(user, `,"temperature":1.5`):                                                                                           "range: 0..1",
		body(user, `,"stop_sequences":["\n"]`):                                                                                     "non-whitespace",
		body(user, `,"tools":[{"name":"a b","input_schema":{}}]`):                                                                  "should match pattern",
		body(user, `,"tools":[{"name":"f","input_schema":{"type":"object","oneOf":[]}}]`):                                          "at the top level",
		body(user, `,"tools":[{"name":"f","input_schema":{"type":"object","properties":{"$top":{}}}}]`):                            "Property keys should match",
		body(user, `,"tools":[`+tool+`,`+tool+`]`):                                                                                 "must be unique",
		body(user, `,"tools":[{"name":"f"}]`):                                                                                      "input_schema.type: Field required",
		body(user, `,"tool_choice":{"type":"any"}`):                                                                                "while providing tools",
		body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"tool","name":"g"}`):                                                 "not found in provided tools",
		body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"none","disable_parallel_tool_use":true}`):                           "Extra inputs",
		body(user, `,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}`):                                "explicitly set to false",
		body(user, `,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer","minimum":1}}}}}`): "'minimum' is not supported",
		body(user, `,"output_config":{"effort":"huge"}`):                                                        "effort",
		body(user, `,"system":[{"type":"text","text":""}]`):                                                     "must be non-empty",
		body(user, `,"system":[{"type":"text","text":"a"},{"type":"text","text":"\n "}]`):                       "must contain non-whitespace text",
		body(user, `,"system":[{"text":"a"}]`):                                                                  "system.0.type",
		body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"allowed_tools","tools":[]}`):                     "Extra inputs",
		body(strings.Repeat(marked+",", 4)+marked, ""):                                                          "A maximum of 4 blocks",
		body(user+`,{"role":"assistant","content":[`+strings.TrimSuffix(thought, "}")+","+mark+`}]},`+user, ""): "Extra inputs",
	} {
		_, err := (protocol{}).Check(nil, []byte(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, want %s", in, err, want)
		}
	}
}
