package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
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
	"github.com/funcall/funcall/transcript"
)

// apis are all the APIs, each with its strict server.
var apis = []struct {
	name  string
	serve func(...providertest.Turn) *apiserver.Server
	dial  func(address string) provider.Provider
}{
	{"chat", chatserver.New, func(a string) provider.Provider {
		return openai.New("m", openai.APIKey("key-1"), openai.BaseURL(a), openai.Strict(true))
	}},
	{"mistral", chatserver.NewMistral, func(a string) provider.Provider { return openai.New("mistral-small", openai.BaseURL(a)) }},
	{"kimi", chatserver.NewKimi, func(a string) provider.Provider { return openai.New("kimi-k2.5", openai.BaseURL(a)) }},
	{"responses", responsesserver.New, func(a string) provider.Provider {
		return openai.NewResponses("m", openai.APIKey("key-1"), openai.BaseURL(a), openai.Strict(true))
	}},
	{"anthropic", anthropicserver.New, func(a string) provider.Provider {
		return anthropic.New("m", anthropic.APIKey("key-1"), anthropic.BaseURL(a), anthropic.Thinking(1024))
	}},
	{"gemini", geminiserver.New, func(a string) provider.Provider {
		return gemini.New("m", gemini.APIKey("key-1"), gemini.BaseURL(a))
	}},
}

// TestConversationChangesProvider has one conversation go from each provider to
// each other and back. Every server is as strict as the real one, and checks
// that what it signed comes back unchanged; what others signed must not come.
// All that was said is sent to each.
func TestConversationChangesProvider(t *testing.T) {
	photo := funcall.NewTool("photo", "Takes a photo.", func(_ context.Context, in struct {
		Of string `json:"of"`
	}) (any, error) {
		return []provider.Part{provider.Text{Text: "photo of " + in.Of}, provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}}, nil
	}, funcall.ReadOnly())
	fail := funcall.NewTool("fail", "Fails.", func(context.Context, struct {
		Why string `json:"why,omitempty" jsonschema:"default=none"`
	}) (string, error) {
		return "", funcall.Visible(errors.New("it failed 90071992547409931"))
	})
	for _, from := range apis {
		for _, to := range apis {
			for _, stream := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s to %s/streamed=%v", from.name, to.name, stream), func(t *testing.T) {
					store := new(transcript.Memory)
					said := []string{}
					talk := func(p provider.Provider, turn int, server *apiserver.Server) {
						t.Helper()
						agent, err := funcall.New(p, funcall.Config{Instructions: "Be kind.", Tools: []funcall.Tool{photo, fail}, Store: store})
						if err != nil {
							t.Fatal(err)
						}
						question := fmt.Sprintf("question %d", turn)
						chat := agent.Session("s")
						var res *funcall.Result
						if stream {
							for ev, err2 := range chat.Stream(t.Context(), question) {
								res, err = ev.Result, err2
							}
						} else {
							res, err = chat.Send(t.Context(), question, funcall.Attach(provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}))
						}
						if err != nil || res.Text() != fmt.Sprintf("answer %d", turn) {
							t.Fatalf("turn %d: %v: %q", turn, err, res.Text())
						}
						said = append(said, question, fmt.Sprintf("moment %d", turn), fmt.Sprintf("photo of %d", turn), "it failed 90071992547409931", res.Text())
						requests := server.Requests()
						last := string(requests[len(requests)-1])
						for _, words := range said[:len(said)-1] {
							if !strings.Contains(last, words) {
								t.Errorf("turn %d: %q was not sent: %s", turn, words, last)
							}
						}
					}
					script := func(turns ...int) []providertest.Turn {
						var list []providertest.Turn
						for _, n := range turns {
							list = append(list,
								providertest.Calls(
									provider.ToolCall{ID: fmt.Sprintf("call_%d_0", n), Name: "photo", Args: fmt.Sprintf(`{"of":"%d"}`, n)},
									provider.ToolCall{ID: fmt.Sprintf("call_%d_1", n), Name: "fail", Args: `{}`},
									provider.ToolCall{ID: fmt.Sprintf("call_%d_2", n), Name: "none", Args: `{"a":1}`},
								).WithText(fmt.Sprintf("moment %d", n)).WithReasoning("Let me see."),
								providertest.Say(fmt.Sprintf("answer %d", n)).WithReasoning("So it is."))
						}
						return list
					}
					one, two := from.serve(script(1, 3)...), to.serve(script(2, 4)...)
					one.Layout, two.Layout = adaptertest.Pretty.Document, adaptertest.Spaced.Document
					p, q := from.dial(one.Start(t)), to.dial(two.Start(t))
					talk(p, 1, one)
					talk(q, 2, two)
					talk(p, 3, one)
					talk(q, 4, two)
				})
			}
		}
	}
}
