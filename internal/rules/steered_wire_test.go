package rules_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

// A steeredAPI is an API as the tests of the options of a run see it.
type steeredAPI struct {
	name      string
	serve     func(...providertest.Turn) *apiserver.Server
	dial      func(address string) provider.Provider
	names     *wiretool.API
	restricts bool // it can restrict a list of tools
	thinks    bool
	read      func(t *testing.T, body []byte) steeredRequest
}

// A steeredRequest is what a request says about the options of a run, in the form of no API.
type steeredRequest struct {
	System   string
	Tools    []string // that are sent
	May      []string // those that the model may call
	Choice   provider.ToolChoice
	Thinking bool
}

var steeredAPIs = []steeredAPI{
	{"chat", chatserver.New, func(a string) provider.Provider {
		return openai.New("m", openai.APIKey("key-1"), openai.BaseURL(a), openai.Strict(true), openai.WithQuirks(openai.Quirks{AllowedTools: true}))
	}, wiretool.OpenAI, true, false, readChat},
	{"another chat server", chatserver.NewMistral, func(a string) provider.Provider {
		return openai.New("mistral-small", openai.APIKey("key-1"), openai.BaseURL(a))
	}, wiretool.OpenAI, false, false, readChat},
	{"responses", responsesserver.New, func(a string) provider.Provider {
		return openai.NewResponses("m", openai.APIKey("key-1"), openai.BaseURL(a), openai.Strict(true), openai.WithQuirks(openai.Quirks{AllowedTools: true}))
	}, wiretool.OpenAI, true, false, readResponses},
	{"another responses server", responsesserver.New, func(a string) provider.Provider {
		return openai.NewResponses("m", openai.APIKey("key-1"), openai.BaseURL(a))
	}, wiretool.OpenAI, false, false, readResponses},
	{"anthropic", anthropicserver.New, func(a string) provider.Provider {
		return anthropic.New("m", anthropic.APIKey("key-1"), anthropic.BaseURL(a))
	}, wiretool.Anthropic, false, false, readAnthropic},
	{"anthropic that thinks", anthropicserver.New, func(a string) provider.Provider {
		return anthropic.New("m", anthropic.APIKey("key-1"), anthropic.BaseURL(a), anthropic.Thinking(1024))
	}, wiretool.Anthropic, false, true, readAnthropic},
	{"gemini", geminiserver.New, func(a string) provider.Provider {
		return gemini.New("gemini-3-pro", gemini.APIKey("key-1"), gemini.BaseURL(a))
	}, wiretool.Gemini, true, false, readGemini},
	{"an older gemini", geminiserver.New, func(a string) provider.Provider {
		return gemini.New("gemini-2.0-flash", gemini.APIKey("key-1"), gemini.BaseURL(a))
	}, wiretool.Gemini, false, false, readGemini},
}

// steered returns an API of steeredAPIs.
func steered(name string) steeredAPI {
	return steeredAPIs[slices.IndexFunc(steeredAPIs, func(a steeredAPI) bool { return a.name == name })]
}

// A named is an element of a list of tools, or a choice of one, in the form of any API.
type named struct {
	Type     string
	Name     string
	Function struct{ Name string }
}

func namesOf(tools []named) (names []string) {
	for _, tool := range tools {
		names = append(names, tool.Name+tool.Function.Name)
	}
	return names
}

func parse(t *testing.T, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}

// choose completes r by a choice in the form of OpenAI's APIs. allowed is where a choice among
// some tools stands.
func (r steeredRequest) choose(t *testing.T, choice json.RawMessage) steeredRequest {
	t.Helper()
	var word string
	r.May = r.Tools
	if json.Unmarshal(choice, &word) == nil || choice == nil {
		r.Choice.Mode = provider.ToolMode(word)
		return r
	}
	type among struct {
		Mode  string
		Tools []named
	}
	var object struct {
		named
		among
		Allowed among `json:"allowed_tools"`
	}
	parse(t, choice, &object)
	if object.Type == "allowed_tools" {
		r.May = namesOf(slices.Concat(object.Tools, object.Allowed.Tools))
		r.Choice.Mode = provider.ToolMode(strings.TrimPrefix(object.Mode+object.Allowed.Mode, "auto"))
		return r
	}
	r.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: object.Name + object.Function.Name}
	return r
}

func readChat(t *testing.T, body []byte) steeredRequest {
	t.Helper()
	var o struct {
		Messages []struct {
			Role    string
			Content any
		}
		Tools  []named
		Choice json.RawMessage `json:"tool_choice"`
	}
	parse(t, body, &o)
	r := steeredRequest{Tools: namesOf(o.Tools)}
	if o.Messages[0].Role == "system" {
		r.System = o.Messages[0].Content.(string)
	}
	return r.choose(t, o.Choice)
}

func readResponses(t *testing.T, body []byte) steeredRequest {
	t.Helper()
	var o struct {
		Instructions string
		Tools        []named
		Choice       json.RawMessage `json:"tool_choice"`
	}
	parse(t, body, &o)
	return steeredRequest{System: o.Instructions, Tools: namesOf(o.Tools)}.choose(t, o.Choice)
}

type textBlock struct{ Text string }

func joined(blocks []textBlock) string {
	var texts []string
	for _, b := range blocks {
		texts = append(texts, b.Text)
	}
	return strings.Join(texts, "\n\n")
}

func readAnthropic(t *testing.T, body []byte) steeredRequest {
	t.Helper()
	var o struct {
		System   []textBlock
		Tools    []named
		Choice   named `json:"tool_choice"`
		Thinking any
	}
	parse(t, body, &o)
	r := steeredRequest{System: joined(o.System), Tools: namesOf(o.Tools), Thinking: o.Thinking != nil}
	r.May = r.Tools
	r.Choice.Mode = map[string]provider.ToolMode{"": "", "none": provider.ToolsNone, "any": provider.ToolsRequired, "tool": provider.ToolsNamed}[o.Choice.Type]
	r.Choice.Name = o.Choice.Name
	return r
}

func readGemini(t *testing.T, body []byte) steeredRequest {
	t.Helper()
	var o struct {
		SystemInstruction struct{ Parts []textBlock }
		Tools             []struct{ FunctionDeclarations []named }
		ToolConfig        struct {
			FunctionCallingConfig struct {
				Mode    string
				Allowed []string `json:"allowedFunctionNames"`
			}
		}
	}
	parse(t, body, &o)
	r := steeredRequest{System: joined(o.SystemInstruction.Parts)}
	for _, tool := range o.Tools {
		r.Tools = append(r.Tools, namesOf(tool.FunctionDeclarations)...)
	}
	r.May = r.Tools
	switch calling := o.ToolConfig.FunctionCallingConfig; {
	case calling.Mode == "NONE":
		r.Choice.Mode = provider.ToolsNone
	case calling.Mode == "ANY" && len(calling.Allowed) == 1:
		r.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: calling.Allowed[0]}
	case calling.Mode == "ANY":
		r.Choice.Mode = provider.ToolsRequired
		fallthrough
	case calling.Mode == "VALIDATED":
		if calling.Allowed != nil {
			r.May = calling.Allowed
		}
	}
	return r
}
