package recordings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/provider"
)

// TestAnthropicSentBack sends each answer back and compares it with the reply
// that it was made of, block by block. The strict server takes the request.
func TestAnthropicSentBack(t *testing.T) {
	for _, e := range load(t, anthropicFile) {
		t.Run(e.ID, func(t *testing.T) {
			request := sendBack(t, e, dialAnthropic, false)
			body, err := json.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := modelTurn(request)
			earlier := slices.ContainsFunc(got, isEarlier)
			got = slices.DeleteFunc(got, isEarlier)
			if err := anthropicserver.New().Check(nil, signed(t, body)); err != nil && !earlier {
				t.Errorf("the strict server refuses the request: %v", err)
			}
			var want []any
			for _, b := range readAnthropic(t, e).Content {
				if b["partial_json"] != nil {
					b["input"] = json.RawMessage(b.input())
					delete(b, "partial_json")
				}
				raw, err := json.Marshal(b)
				if err != nil {
					t.Fatal(err)
				}
				block := value(string(raw)).(map[string]any)
				if text, _ := block["text"].(string); block["type"] == "text" && strings.TrimSpace(text) == "" {
					continue // which the API sends, and refuses
				}
				if c, _ := block["citations"].([]any); len(c) == 0 {
					delete(block, "citations")
				}
				if c, _ := block["caller"].(map[string]any); block["type"] == "tool_use" && c["type"] == "direct" {
					delete(block, "caller") // which is what no caller means
				}
				want = append(want, block)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the answer goes back changed (-reply +request):\n%s", diff)
			}
		})
	}
}

// TestAnthropicNext compares what goes back with what the recorded client sent
// next, and the API took.
//
// The clients leave out what the API need not have again: citations, the caller
// of a call, one of them the text beside a call. They place marks of the prompt
// cache.
func TestAnthropicNext(t *testing.T) {
	compared := 0
	for _, turn := range turns(load(t, anthropicFile)) {
		t.Run(turn.reply.ID, func(t *testing.T) {
			ours, results := modelTurn(sendBack(t, turn.reply, dialAnthropic, true))
			theirs, theirResults := recordedTurn(t, turn.next.Request, ours)
			if theirs == nil {
				t.Log("the next request is of another conversation")
				return
			}
			compared++
			if !slices.ContainsFunc(theirs, ofType("text")) {
				ours = slices.DeleteFunc(ours, ofType("text"))
			}
			if diff := cmp.Diff(plainBlocks(theirs), plainBlocks(ours)); diff != "" {
				t.Errorf("the turn differs (-recorded +ours):\n%s", diff)
			}
			if diff := cmp.Diff(theirResults, results); diff != "" {
				t.Errorf("the ids of the results differ (-recorded +ours):\n%s", diff)
			}
		})
	}
	if compared == 0 {
		t.Error("no request continues a conversation")
	}
}

// A reply may begin with the result of a tool that ran at the server and was called in an
// earlier turn, which is not sent here. earlierCall is such a call.
const earlierCall = `{"type":"server_tool_use","id":%q,"name":"earlier","input":{}}`

func isEarlier(block any) bool { return block.(map[string]any)["name"] == "earlier" }

// withEarlier returns the answer with the calls of such results ahead of them.
func withEarlier(m *provider.Message) *provider.Message {
	called := map[string]bool{}
	var parts []provider.Part
	for _, p := range m.Parts {
		if c, ok := p.(provider.ServerCall); ok {
			if strings.Contains(string(c.State.Data), `"tool_use_id"`) && !called[c.ID] {
				parts = append(parts, provider.ServerCall{ID: c.ID, State: provider.State{Owner: c.State.Owner, Data: fmt.Appendf(nil, earlierCall, c.ID)}})
			}
			called[c.ID] = true
		}
		parts = append(parts, p)
	}
	return &provider.Message{Role: m.Role, Parts: parts, State: m.State}
}

// modelTurn returns the blocks of the only turn of the model in a request, and
// the ids of the results that follow.
func modelTurn(request map[string]any) (blocks []any, results []string) {
	for _, m := range request["messages"].([]any) {
		m := m.(map[string]any)
		content, _ := m["content"].([]any)
		if m["role"] == "assistant" {
			blocks = content
		}
		results = append(results, resultIDs(content)...)
	}
	return blocks, results
}

// recordedTurn finds the turn of the model in a request that has the same calls,
// or, without calls, the same texts.
func recordedTurn(t *testing.T, request json.RawMessage, ours []any) (blocks []any, results []string) {
	t.Helper()
	kind, member := "tool_use", "id"
	if !slices.ContainsFunc(ours, ofType(kind)) {
		kind, member = "text", "text"
	}
	key := func(blocks []any) (all []string) {
		for _, b := range blocks {
			if b := b.(map[string]any); b["type"] == kind {
				all = append(all, b[member].(string))
			}
		}
		return all
	}
	var r struct {
		Messages []struct {
			Role    string
			Content any
		}
	}
	decode(t, request, &r)
	for i, m := range r.Messages {
		blocks, _ := m.Content.([]any)
		if m.Role != "assistant" || !slices.Equal(key(blocks), key(ours)) {
			continue
		}
		if i+1 < len(r.Messages) {
			next, _ := r.Messages[i+1].Content.([]any)
			results = resultIDs(next)
		}
		return blocks, results
	}
	return nil, nil
}

func ofType(kind string) func(any) bool {
	return func(b any) bool { return b.(map[string]any)["type"] == kind }
}

func resultIDs(blocks []any) (ids []string) {
	for _, b := range blocks {
		if b := b.(map[string]any); b["type"] == "tool_result" {
			ids = append(ids, b["tool_use_id"].(string))
		}
	}
	return ids
}

// plainBlocks returns blocks without what clients are free to leave out.
func plainBlocks(blocks []any) []any {
	for _, b := range blocks {
		for _, name := range []string{"citations", "caller", "cache_control"} {
			delete(b.(map[string]any), name)
		}
	}
	return blocks
}
