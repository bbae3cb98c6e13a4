package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// wireAPIs are what the APIs of apis take.
var wireAPIs = map[string]*wiretool.API{"chat": wiretool.OpenAI, "mistral": wiretool.OpenAI, "kimi": wiretool.OpenAI, "responses": wiretool.OpenAI, "anthropic": wiretool.Anthropic, "gemini": wiretool.Gemini}

const (
	listSchema = `{"type":"object","properties":{"$top":{"type":"integer","default":5},"ids[]":{"type":"array","items":{"type":"string"}}},"required":["ids[]"],"additionalProperties":false}`
	setSchema  = `{"type":"object","properties":{"größe":{"type":"integer"},"farbe":{"type":"string"}},"additionalProperties":false,"anyOf":[{"required":["größe"]},{"required":["farbe"]}]}`
)

// written returns arguments as a model writes them that was given the tool by the
// API: under the names that are sent, and in the property that is the root.
func written(t *testing.T, api *wiretool.API, schema, args string) string {
	t.Helper()
	sent, err := api.Tool(&provider.Tool{Name: "t", Schema: json.RawMessage(schema)})
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Description string
		Properties  map[string]object
	}
	var root object
	if err := json.Unmarshal(sent.Schema, &root); err != nil {
		t.Fatal(err)
	}
	if inner, ok := root.Properties["input"]; ok && !strings.Contains(schema, `"input"`) {
		root, args = inner, `{"input":`+args+`}`
	}
	for name, p := range root.Properties {
		if _, own, ok := strings.Cut(p.Description, "its own name is "); ok {
			own = strings.TrimSuffix(own, ")")
			args = strings.ReplaceAll(args, own+":", `"`+name+`":`)
		}
	}
	return args
}

// TestNamesThatAPIsRefuse runs a conversation with tools whose names, properties
// and roots APIs refuse, over servers that refuse them: calls that begin early,
// one that waits for approval, and a next message after the tools have gone. The
// transcript, the events, the approval and the handlers have the tools' own names.
func TestNamesThatAPIsRefuse(t *testing.T) {
	const list, set = "orders/list.all", "größe.setzen"
	for _, a := range apis {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/streamed=%v", a.name, stream), func(t *testing.T) {
				api := wireAPIs[a.name]
				server := a.serve(
					providertest.Calls(
						provider.ToolCall{ID: "c1", Name: api.Name(list), Args: written(t, api, listSchema, `{"ids[]":["a","b"],"$top":2}`)},
						provider.ToolCall{ID: "c2", Name: api.Name(list), Args: written(t, api, listSchema, `{"ids[]":[]}`)},
					).WithReasoning("Let me see."),
					providertest.Calls(provider.ToolCall{ID: "c3", Name: api.Name(set), Args: written(t, api, setSchema, `{"größe":42}`)}).WithReasoning("So."),
					providertest.Say("It is set."),
					providertest.Say("You are welcome."),
				)
				model := a.dial(server.Start(t))
				var mu sync.Mutex
				var got []string
				record := func(tool string) funcall.ToolHandler {
					return func(_ context.Context, args json.RawMessage) (any, error) {
						mu.Lock()
						defer mu.Unlock()
						got = append(got, tool+string(args))
						return "done", nil
					}
				}
				store := new(transcript.Memory)
				desk := newAgent(t, model, funcall.Config{Store: store, Tools: []funcall.Tool{
					funcall.NewRawTool(list, "Lists.", json.RawMessage(listSchema), record(list), funcall.ReadOnly()),
					funcall.NewRawTool(set, "Sets.", json.RawMessage(setSchema), record(set),
						funcall.RequireApproval(func(_ context.Context, args json.RawMessage) (string, error) {
							return "it changes " + string(args), nil
						})),
					tool("look", echo, funcall.ReadOnly()),
				}})
				var names []string
				ask := func(chat *funcall.Session, text string) *funcall.Result {
					t.Helper()
					if !stream {
						res, err := chat.Send(t.Context(), text)
						if err != nil {
							t.Fatal(err)
						}
						return res
					}
					var res *funcall.Result
					for ev, err := range chat.Stream(t.Context(), text) {
						if err != nil {
							t.Fatal(err)
						}
						if ev.Tool != "" {
							names = append(names, ev.Tool)
						}
						res = ev.Result
					}
					return res
				}

				res := ask(desk.Session("s"), "Set it.")
				if len(res.Pending) != 1 || res.Pending[0].Tool != set || res.Pending[0].Reason != `it changes {"größe":42}` {
					t.Fatalf("%+v", res.Pending)
				}
				res, err := desk.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0]))
				if err != nil || res.Text() != "It is set." {
					t.Fatalf("%q, %v", res.Text(), err)
				}
				slices.Sort(got)
				want := []string{set + `{"größe":42}`, list + `{"ids[]":["a","b"],"$top":2}`, list + `{"$top":5,"ids[]":[]}`}
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				for _, name := range names {
					if name != list && name != set {
						t.Errorf("an event names the tool %q", name)
					}
				}

				later := newAgent(t, model, funcall.Config{Store: store, Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
				if res = ask(later.Session("s"), "Thanks!"); res.Text() != "You are welcome." {
					t.Errorf("%q", res.Text())
				}
				check(t, res)
				for _, e := range res.Transcript.Entries {
					out, ok := e.Body.(*transcript.Output)
					if !ok {
						continue
					}
					for i, c := range out.Message.ToolCalls() {
						if c.Name != list && c.Name != set || out.Calls[i].Tool != c.Name || strings.Contains(c.Args, "input") || out.Calls[i].Refusal != "" {
							t.Errorf("the transcript has %+v: %+v", c, out.Calls[i])
						}
					}
				}

				// The past is the same to the byte, with the tools and without.
				past := func(request []byte, member string) string {
					var body map[string]json.RawMessage
					if err := json.Unmarshal(request, &body); err != nil {
						t.Fatal(err)
					}
					unmarked := strings.ReplaceAll(string(body[member]), `,"cache_control":{"type":"ephemeral"}`, "") // marks move
					return strings.TrimRight(unmarked, "]}")
				}
				member := map[string]string{"chat": "messages", "responses": "input", "anthropic": "messages", "gemini": "contents"}[a.name]
				requests := server.Requests()
				with, without := past(requests[2], member), past(requests[3], member)
				if !strings.HasPrefix(without, with) {
					t.Errorf("the past was\n%s\nand is\n%s", with, without)
				}
			})
		}
	}
}

// TestAnswerWithNamesThatAPIsRefuse asks for a Go value with such a field: in the
// provider's own form, or as a call where the API refuses the name.
func TestAnswerWithNamesThatAPIsRefuse(t *testing.T) {
	type size struct {
		Size int `json:"größe"`
	}
	const schema = `{"type":"object","properties":{"größe":{"type":"integer"}}}`
	for _, a := range apis {
		t.Run(a.name, func(t *testing.T) {
			api := wireAPIs[a.name]
			turn := providertest.Say(`{"größe":42}`)
			if !api.Fits(json.RawMessage(schema)) {
				turn = providertest.Call("answer", written(t, api, schema, `{"größe":42}`))
			}
			agent := newAgent(t, a.dial(a.serve(turn).Start(t)), funcall.Config{})
			got, res, err := funcall.Generate[size](t.Context(), agent, "Which size?")
			if err != nil || got.Size != 42 {
				t.Fatalf("%+v, %v", got, err)
			}
			check(t, res)
		})
	}
}

// TestNamesThatAreOneForAnAPI has tools and properties that only their own names
// tell apart. They are refused before the first request, whatever the provider is.
func TestNamesThatAreOneForAnAPI(t *testing.T) {
	raw := func(name, schema string) funcall.Tool {
		return funcall.NewRawTool(name, "Does it.", json.RawMessage(schema), func(context.Context, json.RawMessage) (any, error) { return "ok", nil })
	}
	for key, api := range wireAPIs {
		const odd = "files/größe.lesen"
		tools := []funcall.Tool{raw("plain", `{"type":"object"}`), raw(odd, `{"type":"object"}`), raw(api.Name(odd), `{"type":"object"}`)}
		for _, tool := range tools {
			if err := tool.Err(); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		_, err := funcall.New(new(providertest.Script), funcall.Config{Tools: tools})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q and %q", odd, api.Name(odd))) {
			t.Errorf("%s: got %v", key, err)
		}
		if _, err := funcall.New(new(providertest.Script), funcall.Config{Tools: tools[:2]}); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	tool := raw("search", `{"type":"object","properties":{"deep":{"type":"object","properties":{"$top":{},"_top_qg7zrzaj":{}}}}}`)
	if err := tool.Err(); err == nil || !strings.Contains(err.Error(), `tool "search": properties "$top" and "_top_qg7zrzaj"`) {
		t.Errorf("got %v", err)
	}
	if _, err := funcall.New(new(providertest.Script), funcall.Config{Tools: []funcall.Tool{tool}}); err == nil {
		t.Error("New takes what Err refuses")
	}
}
