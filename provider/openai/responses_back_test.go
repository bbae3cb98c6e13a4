package openai_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestResponsesSentBackIsValid sends items with unusual fields back to a server as strict as
// the API.
func TestResponsesSentBackIsValid(t *testing.T) {
	const call = `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\":null}","status":"completed"}`
	thought := func(members string) string { return `{"type":"reasoning",` + members + `},` + call }
	message := func(members, part string) string {
		return `{"type":"message",` + members + `"content":[{"type":"output_text","text":"Hi"` + part + `},{"type":"refusal","refusal":"No"}]},` + call
	}
	const text = `{"type":"reasoning_text","text":"Hm"}`
	for name, c := range map[string]struct{ item, want string }{
		"reasoning":                        {thought(`"id":"rs_1","summary":[],"content":[` + text + `]`), `{"type":"reasoning","id":"rs_1","summary":[],"content":[` + text + `]}`},
		"reasoning with nulls":             {thought(`"id":"rs_1","status":null,"summary":[],"content":[` + text + `],"encrypted_content":null`), `{"type":"reasoning","id":"rs_1","summary":[],"content":[` + text + `]}`},
		"reasoning with a summary of null": {thought(`"id":"rs_1","summary":null,"content":[` + text + `]`), `{"type":"reasoning","id":"rs_1","content":[` + text + `],"summary":[]}`},
		"reasoning of odd fields":          {thought(`"id":"rs_1","status":7,"summary":"x","content":[` + text + `],"encrypted_content":7`), `{"type":"reasoning","id":"rs_1","content":[` + text + `],"summary":[]}`},
		"a message with nulls":             {message(`"id":"msg_1","role":"assistant","phase":null,"status":null,`, `,"annotations":null,"logprobs":null`), `{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Hi"},`},
		"a message without a role":         {message(`"id":"msg_1",`, ``), `{"type":"refusal","refusal":"No"}],"role":"assistant"}`},
		"a message with a role of null":    {message(`"id":"msg_1","role":null,`, ``), `"role":"assistant"}`},
		"a message of odd fields":          {message(`"id":7,"status":{},"phase":[],"role":7,`, ``), `{"type":"message","content":[`},
		"a call of odd fields":             {strings.NewReplacer(`"fc_1"`, `7`, `"completed"`, `{}`).Replace(call), `"arguments":"{\"a\":null}"}`},
		"a call with nulls":                {strings.NewReplacer(`"fc_1"`, `null`, `"completed"`, `null`).Replace(call), `"arguments":"{\"a\":null}"}`},
	} {
		hc, bodies := adaptertest.Record(doc(c.item, "completed"))
		p := openai.NewResponses("m", openai.HTTPClient(hc))
		resp, err := p.Generate(t.Context(), question, nil)
		if err != nil {
			t.Fatal(err)
		}
		result := &provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "c1", Name: "f"}}}
		if _, err := p.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("a"), resp.Message, result}}, nil); err != nil {
			t.Fatal(err)
		}
		// The server knows no reasoning but its own, except from its store.
		sent := strings.Replace((*bodies)[1], `"store":false`, `"store":true`, 1)
		if err := responsesserver.New().Check(httptest.NewRequest(http.MethodPost, "/v1/responses", nil), []byte(sent)); err != nil || !strings.Contains(sent, c.want) {
			t.Errorf("%s: %v, sent %s, want %s in it", name, err, sent, c.want)
		}
	}
}
