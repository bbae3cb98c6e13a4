package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestAllowedTools sends a request that may call only some tools to servers that know
// allowed_tools and to others, with the quirks that the client knows and with other ones.
func TestAllowedTools(t *testing.T) {
	var all []*provider.Tool
	for _, name := range []string{"a", "b/c", "d"} {
		all = append(all, &provider.Tool{Name: name, Schema: json.RawMessage(`{"type":"object","properties":{}}`)})
	}
	req := &provider.Request{AllTools: all, Tools: all[1:], Messages: question.Messages}
	const (
		nested = `{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"b_c_xhrl5ona"}},{"type":"function","function":{"name":"d"}}]}}`
		flat   = `{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"b_c_xhrl5ona"},{"type":"function","name":"d"}]}`
		azure  = "https://x.openai.azure.com/openai/v1"
	)
	yes, no := openai.WithQuirks(openai.Quirks{AllowedTools: true}), openai.WithQuirks(openai.Quirks{})
	for name, c := range map[string]struct {
		opts  []openai.Option
		knows bool
	}{
		"OpenAI":                 {nil, true},
		"OpenAI in Europe":       {[]openai.Option{openai.BaseURL("https://eu.api.openai.com/v1")}, true},
		"OpenAI, turned off":     {[]openai.Option{no}, false},
		"Azure":                  {[]openai.Option{openai.BaseURL(azure)}, false},
		"Azure, turned on":       {[]openai.Option{openai.BaseURL(azure), yes}, true},
		"another server":         {[]openai.Option{openai.BaseURL("http://localhost:8000/v1")}, false},
		"a host that looks like": {[]openai.Option{openai.BaseURL("https://notapi.openai.com/v1")}, false},
	} {
		for _, responses := range []bool{false, true} {
			reply, want := `{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}`, nested
			if responses {
				reply, want = `{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"ok"}]}]}`, flat
			}
			hc, bodies := adaptertest.Record(reply)
			opts := append([]openai.Option{openai.HTTPClient(hc)}, c.opts...)
			var p provider.Provider = openai.New("gpt-test", opts...)
			if responses {
				p = openai.NewResponses("gpt-test", opts...)
			}
			if _, err := p.Generate(t.Context(), req, nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var sent struct {
				Tools  []any
				Choice json.RawMessage `json:"tool_choice"`
			}
			if err := json.Unmarshal([]byte((*bodies)[0]), &sent); err != nil {
				t.Fatal(err)
			}
			tools := 3
			if !c.knows {
				tools, want = 2, ""
			}
			if len(sent.Tools) != tools || string(sent.Choice) != want {
				t.Errorf("%s, Responses %v: %d tools, choice %s; want %d, %s", name, responses, len(sent.Tools), sent.Choice, tools, want)
			}
		}
	}
}
