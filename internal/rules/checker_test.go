package rules_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// commonOptions are the options that all adapters have, of the type of one.
type commonOptions[O any] struct {
	apiKey, baseURL    func(string) O
	header             func(name, value string) O
	firstByte, silence func(time.Duration) O
	maxBytes           func(int64) O
	extra              func(json.RawMessage) O
}

// A broken adapter is a client that was made wrongly, and what is wrong with it.
type brokenAdapter struct {
	name   string
	client interface {
		provider.Named
		provider.Checker
	}
	says []string
}

// brokenAdapters returns a client for each mistake that all adapters know, and one with
// all of them. Path is what the adapter adds to an address.
func brokenAdapters[O any, C interface {
	provider.Named
	provider.Checker
}](adapter string, newClient func(string, ...O) C, o commonOptions[O], path string) (list []brokenAdapter) {
	var all []O
	var said []string
	for _, m := range []struct {
		option O
		says   string
		alone  bool // it contradicts another one
	}{
		{o.baseURL("https://api.example.com/v1" + path), "BaseURL ends in " + path, true},
		{o.baseURL("localhost:8080/v1"), "BaseURL is not an address such as https://", false},
		{o.apiKey("sk-secret\nkey"), "the API key contains a line break", true},
		{o.apiKey("sk-secret-key "), "the API key begins or ends with white space", false},
		{o.header("X-Key", "secret\r\nX: y"), "the value of header X-Key contains a line break", true},
		{o.header("X Key", "secret"), `invalid header name "X Key"`, false},
		{o.firstByte(-time.Second), "FirstByteTimeout is -1s and must be positive", false},
		{o.silence(-time.Minute), "IdleTimeout is -1m0s and must be positive", false},
		{o.maxBytes(0), "MaxResponseBytes is 0 and must be positive", false},
		{o.extra(json.RawMessage(`[]`)), "extra fields: want one JSON object", true},
		{o.extra(json.RawMessage(`{"tools":7}`)), `extra fields: "tools" must be an array`, true},
		{o.extra(json.RawMessage(`{"a":`)), "extra fields: ", false},
	} {
		list = append(list, brokenAdapter{adapter, newClient("m", m.option), []string{m.says}})
		if !m.alone {
			all, said = append(all, m.option), append(said, m.says)
		}
	}
	noModel := "no model name"
	return append(list,
		brokenAdapter{adapter, newClient(""), []string{noModel}},
		brokenAdapter{adapter, newClient("", all...), append(said, noModel)})
}

func everyBrokenAdapter() []brokenAdapter {
	ofOpenAI := commonOptions[openai.Option]{openai.APIKey, openai.BaseURL, openai.Header, openai.FirstByteTimeout, openai.IdleTimeout, openai.MaxResponseBytes, openai.ExtraFields}
	list := brokenAdapters("openai", openai.New, ofOpenAI, "/chat/completions")
	list = append(list, brokenAdapters("responses", openai.NewResponses, ofOpenAI, "/responses")...)
	list = append(list, brokenAdapters("anthropic", anthropic.New, commonOptions[anthropic.Option]{anthropic.APIKey, anthropic.BaseURL, anthropic.Header, anthropic.FirstByteTimeout, anthropic.IdleTimeout, anthropic.MaxResponseBytes, anthropic.ExtraFields}, "/messages")...)
	list = append(list, brokenAdapters("gemini", gemini.New, commonOptions[gemini.Option]{gemini.APIKey, gemini.BaseURL, gemini.Header, gemini.FirstByteTimeout, gemini.IdleTimeout, gemini.MaxResponseBytes, gemini.ExtraFields}, "/models/m:generateContent")...)
	aboutChat := []string{"MaxTokensField, SystemRole, NoStreamUsage and quirks other than AllowedTools apply only to Chat Completions"}
	reserved := []string{`extra fields: "messages" is reserved: the client sets it`}
	return append(list,
		brokenAdapter{"responses", openai.NewResponses("m", openai.SystemRole("developer")), aboutChat},
		brokenAdapter{"responses", openai.NewResponses("m", openai.ExtraFields([]byte(`{"text":7}`))), []string{"text: extra fields: want one JSON object"}},
		brokenAdapter{"openai", openai.New("m", openai.ExtraFields([]byte(`{"messages":[]}`))), reserved},
		brokenAdapter{"anthropic", anthropic.New("m", anthropic.ExtraFields([]byte(`{"messages":[]}`))), reserved},
		brokenAdapter{"anthropic", anthropic.New("m", anthropic.MaxTokens(-1)), []string{"MaxOutputTokens is -1"}},
		brokenAdapter{"gemini", gemini.New("gemini 2.5 flash"), []string{`invalid model name "gemini 2.5 flash"`}},
		brokenAdapter{"gemini", gemini.New("m", gemini.ExtraFields([]byte(`{"tool_config":{}}`))), []string{`extra fields: use "toolConfig" instead of "tool_config"`}},
		brokenAdapter{"gemini", gemini.New("m", gemini.ExtraFields([]byte(`{"generationConfig":{"thinkingConfig":7}}`))), []string{"thinkingConfig: extra fields"}},
	)
}

func TestNewReportsEveryMistakeOfItsProvider(t *testing.T) {
	for _, b := range everyBrokenAdapter() {
		_, err := funcall.New(b.client, funcall.Config{MaxParallel: -1})
		if err == nil {
			t.Errorf("%s: no error in place of %q", b.name, b.says)
			continue
		}
		for _, want := range append(b.says, "provider: ", "Config.MaxParallel is negative") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in the error:\n%v", b.name, want, err)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows a secret:\n%v", b.name, err)
		}
	}
}

// Without an agent the model is asked directly.
func TestGenerateReportsMistakes(t *testing.T) {
	for _, b := range everyBrokenAdapter() {
		_, err := b.client.Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("x")}}, nil)
		e, ok := err.(*provider.Error)
		if !ok || e.Kind != provider.KindInvalidRequest || e.Cost == nil || *e.Cost != 0 || !strings.Contains(e.Message, b.says[0]) {
			t.Errorf("%s: got %v, want %q", b.name, err, b.says[0])
		}
	}
}

func TestNewTakesSoundProviders(t *testing.T) {
	for _, p := range []provider.Provider{
		openai.New("m", openai.ExtraFields([]byte(`{"tools":[{"type":"x"}],"tool_choice":"auto"}`))),
		openai.NewResponses("m", openai.ExtraFields([]byte(`{"tools":[{"type":"web_search"}],"text":{"verbosity":"low"}}`))),
		anthropic.New("m", anthropic.Thinking(2048), anthropic.ExtraFields([]byte(`{"tool_choice":{"type":"any"},"output_config":{"effort":"low"}}`))),
		gemini.New("tunedModels/m", gemini.ThinkingBudget(0), gemini.ExtraFields([]byte(`{"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}`))),
	} {
		if _, err := funcall.New(p, funcall.Config{}); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
}

type nilChecker struct{ provider.Provider }

func (nilChecker) Check() error { var e *provider.Error; return e }

func TestATypedNilIsNoMistake(t *testing.T) {
	if _, err := funcall.New(nilChecker{providertest.NewScript(t)}, funcall.Config{}); err != nil {
		t.Error(err)
	}
}
