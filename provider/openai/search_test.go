package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// A search model searches once for each answer. It is charged whether the answer cites anything
// or not.
func TestSearchesOfChat(t *testing.T) {
	const plain, cites = `{"choices":[{"message":{"role":"assistant","content":"Rain."},"finish_reason":"stop"}]}`, `{"choices":[{"message":{"role":"assistant","content":"Rain.","annotations":[{"type":"url_citation","url_citation":{"title":"a","url":"b"}}]},"finish_reason":"stop"}]}`
	search := openai.WebSearch(openai.WebSearchConfig{})
	extra := json.RawMessage(`{"web_search_options":{}}`)
	none := provider.ToolChoice{Mode: provider.ToolsNone}
	for _, c := range []struct {
		name, reply string
		opts        []openai.Option
		choice      provider.ToolChoice
		extra       json.RawMessage
		want        int64
	}{
		{"no search", plain, nil, provider.ToolChoice{}, nil, 0},
		{"a model that cites", cites, nil, provider.ToolChoice{}, nil, 1},
		{"nothing cited", plain, []openai.Option{search}, provider.ToolChoice{}, nil, 1},
		{"cited", cites, []openai.Option{search}, provider.ToolChoice{}, nil, 1},
		{"left out", plain, []openai.Option{search}, none, nil, 0},
		{"left out, and cited", cites, []openai.Option{search}, none, nil, 1},
		{"in a setting", plain, nil, provider.ToolChoice{}, extra, 1},
		{"in an option", plain, []openai.Option{openai.ExtraFields(extra)}, provider.ToolChoice{}, nil, 1},
		{"null", plain, nil, provider.ToolChoice{}, json.RawMessage(`{"web_search_options":null}`), 0},
	} {
		for layout, reply := range adaptertest.InLayouts(c.reply) {
			p := openai.New("m", append([]openai.Option{openai.HTTPClient(adaptertest.Replay("application/json", reply))}, c.opts...)...)
			resp, err := p.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("?")}, Choice: c.choice, Settings: provider.Settings{Extra: c.extra}}, nil)
			if err != nil || resp.Usage.WebSearches != c.want {
				t.Errorf("%s, %s: %+v, %v, want %d searches", c.name, layout, resp, err, c.want)
			}
		}
	}
	_, err := openai.New("m", openai.HTTPClient(adaptertest.Replay("application/json", `{"error":{"message":"no"}}`)), search).Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("?")}}, nil)
	if made := provider.AttemptsOf(err, 0, provider.ThenGiveUp); err == nil || made[0].Usage != (provider.Usage{}) {
		t.Errorf("a refused request used %+v", made)
	}
}

// What another model's tools did stands on lines of its own.
func TestToldOnItsOwnLines(t *testing.T) {
	search := provider.ServerCall{Name: "web_search", Input: "rain"}
	const told = `[web_search ran at the model's provider]\ninput: rain\n`
	for want, parts := range map[string][]provider.Part{
		told:                      {search},
		`See.\n` + told + `Rain.`: {provider.Text{Text: "See."}, search, provider.Text{Text: "Rain."}},
		`See.\n` + told + told:    {provider.Text{Text: "See.\n"}, search, search},
		`See.`:                    {provider.Text{Text: "See."}, provider.ServerCall{Name: "web_search"}},
	} {
		body := sent(t, &provider.Request{Messages: []*provider.Message{provider.User("a"), provider.Assistant(parts...), provider.User("b")}}, false)
		if !strings.Contains(body, `"assistant","content":"`+want+`"}`) {
			t.Errorf("want %s in %s", want, body)
		}
	}
}
