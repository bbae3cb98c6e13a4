package rules_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// TestHostedToolsAreOff has runs end at a limit, with and without functions, and requests that
// forbid calls: the model cannot use its API's tools either.
func TestHostedToolsAreOff(t *testing.T) {
	dials := map[string]func(address string) provider.Provider{
		"chat": func(a string) provider.Provider {
			return openai.New("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.WebSearch(openai.WebSearchConfig{}))
		},
		"responses": func(a string) provider.Provider {
			return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.WebSearch(openai.WebSearchConfig{}))
		},
		"anthropic": func(a string) provider.Provider {
			return anthropic.New("m", anthropic.BaseURL(a), anthropic.APIKey("key-1"), anthropic.WebSearch(anthropic.WebSearchConfig{}))
		},
		"gemini": func(a string) provider.Provider {
			return gemini.New("gemini-3-m", gemini.BaseURL(a), gemini.APIKey("key-1"), gemini.GoogleSearch())
		},
	}
	// What the request has that allows the tools, and what forbids them.
	allows := map[string]string{"chat": "web_search_options", "responses": `"web_search"`, "anthropic": `"web_search"`, "gemini": "googleSearch"}
	forbids := map[string]string{"responses": `"tool_choice":"none"`, "anthropic": `"tool_choice":{"type":"none"}`}
	for _, api := range apis {
		dial := dials[api.name]
		if dial == nil {
			continue
		}
		for _, tools := range [][]funcall.Tool{nil, {tool("look", echo, funcall.ReadOnly())}} {
			t.Run(fmt.Sprintf("%s/functions=%d", api.name, len(tools)), func(t *testing.T) {
				server := api.serve(providertest.Call("look", `{"id":"a"}`), providertest.Say("That is all."))
				agent := newAgent(t, dial(server.Start(t)), funcall.Config{Tools: tools, Limits: transcript.Limits{Steps: 1}})
				res, err := agent.Run(t.Context(), "go")
				if err != nil || res.Text() != "That is all." {
					t.Fatalf("%v: %q", err, res.Text())
				}
				for i, body := range server.Requests() {
					off := forbids[api.name]
					allowed := strings.Contains(string(body), allows[api.name]) && (off == "" || !strings.Contains(string(body), off))
					if allowed != (i == 0) {
						t.Errorf("request %d: the tools are allowed: %v: %s", i, allowed, body)
					}
				}
			})
		}
	}
}

// TestHostedToolsCost prices the uses of tools. A use without a price makes the cost of the turn
// unknown.
func TestHostedToolsCost(t *testing.T) {
	cent := provider.Dollar / 100
	free := provider.Price{WebSearch: new(provider.Money), FileSearch: new(provider.Money), CodeExecution: new(provider.Money)}
	priced := provider.Price{Input: provider.Dollar, WebSearch: &cent, FileSearch: new(2 * cent), CodeExecution: new(3 * cent)}
	tokens := provider.Dollar / 10_000 // 100 of input
	want := map[string]struct {
		usage provider.Usage
		cost  provider.Money
	}{
		"anthropic":                  {provider.Usage{Input: 100, Output: 10, WebSearches: 1, CodeExecutions: 1}, tokens + 4*cent},
		"responses":                  {provider.Usage{Input: 100, Output: 10, WebSearches: 1, FileSearches: 1, CodeExecutions: 1}, tokens + 6*cent},
		"responses without results":  {provider.Usage{Input: 100, Output: 10, WebSearches: 1}, tokens + cent},
		"gemini":                     {provider.Usage{Input: 100, Output: 10, WebSearches: 1, FileSearches: 1, CodeExecutions: 1}, tokens + 6*cent},
		"gemini with metadata alone": {provider.Usage{Input: 100, Output: 10, WebSearches: 1}, tokens + cent}, // two queries, which are one use of this model
		"gemini with a page":         {provider.Usage{Input: 100, Output: 10}, tokens},
		"chat":                       {provider.Usage{Input: 100, Output: 10, WebSearches: 1}, tokens + cent},
	}
	for _, api := range hosted {
		for form, reply := range map[string]string{"whole": api.whole, "streamed": events(api.stream)} {
			for prices, price := range map[string]provider.Price{"priced": priced, "free": free, "unknown": {Input: provider.Dollar}} {
				t.Run(api.name+"/"+form+"/"+prices, func(t *testing.T) {
					server := &replies{check: api.check, reply: reply}
					model := api.dial(server.start(t))
					name := model.(provider.Named).Model()
					res, err := newAgent(t, model, funcall.Config{Prices: provider.Prices{name: price}}).Run(t.Context(), "Does it rain?")
					if err != nil {
						t.Fatal(err)
					}
					if res.Usage != want[api.name].usage {
						t.Errorf("%+v, want %+v", res.Usage, want[api.name].usage)
					}
					cost := map[string]transcript.Cost{"priced": {Amount: want[api.name].cost}, "free": {}, "unknown": {UnknownCalls: 1}}[prices]
					if prices == "unknown" && want[api.name].usage == want[api.name].usage.WithoutTools() {
						cost = transcript.Cost{Amount: tokens}
					}
					if res.Cost != cost {
						t.Errorf("the cost is %v, want %v", res.Cost, cost)
					}
				})
			}
		}
	}
}

// TestHostedToolsOverStrictServers has each strict server use its tools, and take the items back.
func TestHostedToolsOverStrictServers(t *testing.T) {
	used := provider.Assistant(
		provider.ServerCall{ID: "ci_1", Name: "code_execution", Input: "print(42)", Output: "42"},
		provider.Text{Text: "It is 42."},
	)
	dials := map[string]func(address string) provider.Provider{
		"responses": func(a string) provider.Provider {
			return openai.NewResponses("m", openai.BaseURL(a), openai.APIKey("key-1"), openai.CodeInterpreter())
		},
		"anthropic": func(a string) provider.Provider {
			return anthropic.New("m", anthropic.BaseURL(a), anthropic.APIKey("key-1"), anthropic.CodeExecution())
		},
		"gemini": func(a string) provider.Provider {
			return gemini.New("gemini-3-m", gemini.BaseURL(a), gemini.APIKey("key-1"), gemini.CodeExecution())
		},
	}
	for _, api := range apis {
		dial := dials[api.name]
		if dial == nil {
			continue
		}
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/streamed=%v", api.name, stream), func(t *testing.T) {
				turn := providertest.Respond(&provider.Response{Message: used, Finish: provider.FinishStop})
				server := api.serve(turn, turn)
				chat := newAgent(t, dial(server.Start(t)), funcall.Config{}).Session("s")
				for range 2 {
					res, err := send(t, chat, stream)
					if err != nil {
						t.Fatal(err)
					}
					if res.Text() != "It is 42." || !reflect.DeepEqual(res.ServerCalls, used.ServerCalls()) {
						t.Errorf("%q, %+v", res.Text(), res.ServerCalls)
					}
				}
			})
		}
	}
}
