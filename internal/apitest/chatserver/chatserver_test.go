package chatserver

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	user = `{"role":"user","content":"hi"}`
	ask  = `{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	said = `{"role":"tool","tool_call_id":"c1","content":"ok"}`
	tool = `{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}`
)

func body(messages, more string) string {
	return `{"model":"m","messages":[` + messages + `]` + more + `}`
}

func TestAccepts(t *testing.T) {
	for name, in := range map[string]string{
		"plain":         body(user, ""),
		"tool loop":     body(user+","+ask+","+said+","+user, `,"tools":[`+tool+`],"tool_choice":"auto","parallel_tool_calls":false`),
		"named tool":    body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"function","function":{"name":"f"}}`),
		"image":         body(`{"role":"user","content":[{"type":"text","text":"?"},{"type":"image_url","image_url":{"url":"data:"}}]}`, ""),
		"usage":         body(user, `,"stream":true,"stream_options":{"include_usage":true}`),
		"schema":        body(user, `,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{}}}`),
		"reasoning":     body(`{"role":"assistant","content":"x","reasoning_content":""},`+user, ""),
		"broken args":   body(user+","+strings.Replace(ask, `"{}"`, `"{"`, 1)+","+said, ""),
		"digits":        body(user, `,"seed":9007199254740993,"temperature":0.5,"max_completion_tokens":5`),
		"hosted search": body(user, `,"web_search_options":{"search_context_size":"low"},"prompt_cache_options":{},"moderation":{"model":"m"}`),
		"gateway tool":  body(user, `,"tools":[{"type":"openrouter:web_search"}],"tool_choice":"auto"`),
		"empty answer":  body(user+`,{"role":"assistant","content":""},`+user, ""),
	} {
		if _, err := check([]byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	replace := func(old, new string) string { return body(user+","+strings.Replace(ask, old, new, 1)+","+said, "") }
	for in, want := range map[string]string{
		`{"model":`:                              "could not parse",
		`{"model":"m","model":"n","messages":1}`: "stands twice",
		`[]`:                                     "must be a JSON object",
		`{"messages":[]}`:                        "'model'",
		`{"model":"m"}`:                          "'messages'",
		`{"model":1,"messages":[]}`:              "expected string",
		body("", ""):                             "minimum length 1",
		body(`7`, ""):                            "expected an object",
		body(`{"role":"robot","content":""}`, ""):                                                   "messages[0].role",
		body(`{"role":"user"}`, ""):                                                                 "messages[0].content",
		body(`{"role":"user","content":"a","x":1}`, ""):                                             "Unknown parameter: 'messages[0].x'",
		body(`{"role":"user","content":[{"type":"video"}]}`, ""):                                    "content[0].type",
		body(`{"role":"user","content":[]}`, ""):                                                    "messages[0].content",
		body(`{"role":"user","content":[{"type":"image_url"}]}`, ""):                                "image_url.url",
		body(`{"role":"user","content":"\ud83d"}`, ""):                                              "surrogate",
		body(user, `,"surprise":1`):                                                                 "Unknown parameter: 'surprise'",
		body(user, `,"max_completion_tokens":1.5`):                                                  "expected integer",
		body(user, `,"tools":[]`):                                                                   "empty array",
		body(user, `,"tools":[7]`):                                                                  "tools[0].type",
		body(user, `,"tools":[`+strings.Replace(tool, `"f"`, `"f g"`, 1)+`]`):                       "does not match pattern",
		body(user, `,"tools":[`+tool+`,`+tool+`]`):                                                  "unique",
		body(user, `,"tools":[`+strings.Replace(tool, `"object"`, `"array"`, 1)+`]`):                "must have type 'object'",
		body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"function","function":{"name":"g"}}`): "'g' not found",
		body(user, `,"tools":[`+tool+`],"tool_choice":"maybe"`):                                     "'tool_choice'",
		body(user, `,"tool_choice":"auto"`):                                                         "only allowed when 'tools'",
		body(user, `,"stream_options":{"include_usage":true}`):                                      "only allowed when 'stream'",
		body(user, `,"stream":true,"stream_options":{"usage":true}`):                                "stream_options.usage",
		body(user, `,"response_format":{"type":"xml"}`):                                             "response_format.type",
		body(user, `,"response_format":{"type":"json_schema","json_schema":{"schema":{}}}`):         "json_schema.name",
		body(user+","+ask, ""):                                                                      "did not have response messages: c1",
		body(user+","+ask+","+user+","+said, ""):                                                    "did not have response messages: c1",
		body(user+","+said, ""):                                                                     "'c1' is not open",
		body(user+","+ask+","+said+","+said, ""):                                                    "'c1' is not open",
		body(user+","+ask+","+said+","+ask+","+said, ""):                                            "Duplicate tool call id 'c1'",
		body(`{"role":"assistant","content":null}`, ""):                                             "messages[0].content",
		body(`{"role":"assistant","tool_calls":[]}`, ""):                                            "empty array",
		replace(`"{}"`, `{}`):                                                                       "expected string",
		replace(`,"arguments":"{}"`, ``):                                                            "function.arguments",
		replace(`"{}"`, `"{\"a\":\"\\ud83d\"}"`):                                                    "half of a surrogate",
		replace(`"f"`, `"f.g"`):                                                                     "does not match pattern",
		replace(`"c1"`, `""`):                                                                       "tool_calls[0].id",
		replace(`"type":"function",`, ``):                                                           "tool_calls[0].type",
	} {
		if _, err := check([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %q", in, err, want)
		}
	}
}

func TestAdmits(t *testing.T) {
	s := New()
	s.Key = "k"
	for name, c := range map[string]struct {
		method, path, auth, media string
		want                      int
	}{
		"path":   {"POST", "/v1/completions", "Bearer k", "application/json", 404},
		"method": {"GET", "/v1/chat/completions", "Bearer k", "application/json", 405},
		"no key": {"POST", "/v1/chat/completions", "", "application/json", 401},
		"key":    {"POST", "/v1/chat/completions", "Bearer x", "application/json", 401},
		"media":  {"POST", "/v1/chat/completions", "Bearer k", "text/plain", 415},
		"body":   {"POST", "/v1/chat/completions", "Bearer k", "application/json; charset=utf-8", 400},
	} {
		r := httptest.NewRequest(c.method, c.path, http.NoBody)
		r.Header.Set("Authorization", c.auth)
		r.Header.Set("Content-Type", c.media)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.want || !strings.Contains(w.Body.String(), `{"error":{`) {
			t.Errorf("%s: status %d, want %d: %s", name, w.Code, c.want, w.Body)
		}
	}
	if n := len(s.Requests()); n != 6 {
		t.Errorf("%d requests kept", n)
	}
}

// TestDemands has conversations that Chat Completions takes, and some servers do not.
func TestDemands(t *testing.T) {
	const (
		called   = `{"role":"assistant","content":null,"tool_calls":[{"id":"abcDEF123","type":"function","function":{"name":"f","arguments":"{}"}}]}`
		answered = `{"role":"tool","tool_call_id":"abcDEF123","content":"ok"}`
		model    = `{"role":"assistant","content":"a"}`
		system   = `{"role":"system","content":"s"}`
		thought  = `{"role":"assistant","content":"a","reasoning_content":" "}`
	)
	for _, c := range []struct {
		server   *Server
		messages string
		want     string // "" if it takes them
	}{
		{NewMistral(), system + "," + user + "," + called + "," + answered + "," + model + "," + user, ""},
		{NewMistral(), user + "," + called + "," + answered, ""},
		{NewMistral(), user + "," + user, "Unexpected role 'user' after role 'user'"},
		{NewMistral(), user + "," + called + "," + answered + "," + user, "Unexpected role 'user' after role 'tool'"},
		{NewMistral(), user + "," + model + "," + model + "," + user, "Unexpected role 'assistant' after role 'assistant'"},
		{NewMistral(), user + "," + model + "," + system + "," + user, "Unexpected role 'system' after role 'assistant'"},
		{NewMistral(), model + "," + user, "Unexpected role 'assistant'"},
		{NewMistral(), user + "," + model, "Expected last role User or Tool"},
		{NewMistral(), user + `,{"role":"assistant","content":""},` + user, "either content or tool_calls"},
		{NewMistral(), user + "," + ask + "," + said, "Tool call id was c1"},
		{NewKimi(), user + "," + thought + "," + user, ""},
		{NewKimi(), user + "," + model + "," + user, "reasoning_content is missing"},
		{NewKimi(), user + "," + strings.Replace(thought, `" "`, `""`, 1) + "," + user, "at index 1"},
		{NewKimi(), user + "," + ask + "," + said, "reasoning_content is missing"},
	} {
		err := c.server.Check(nil, []byte(body(c.messages, "")))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\n got %v\nwant %q", c.messages, err, c.want)
		}
		if err := New().Check(nil, []byte(body(c.messages, ""))); err != nil {
			t.Errorf("%s: Chat Completions refuses it: %v", c.messages, err)
		}
	}
}
