package recordings

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// A claudeRequest is the conversation of a request.
type claudeRequest struct {
	Messages []struct {
		Role    string
		Content json.RawMessage
	}
}

// TestAnthropicEcho sends each answer back and compares it with the reply that
// it was made of, block by block.
func TestAnthropicEcho(t *testing.T) {
	for _, e := range load(t, anthropicFile) {
		t.Run(e.ID, func(t *testing.T) {
			turn, _ := echoAnthropic(t, e)
			var want []any
			for _, b := range readAnthropic(t, e).Content {
				if b["partial_json"] != nil {
					b["input"] = json.RawMessage(b.input())
					delete(b, "partial_json")
				}
				if b.text("type") == "text" && strings.TrimSpace(b.text("text")) == "" {
					continue // which the API sends, and refuses
				}
				raw, err := json.Marshal(b)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, value(t, raw))
			}
			for _, b := range want {
				b := b.(map[string]any)
				if c, _ := b["citations"].([]any); len(c) == 0 {
					delete(b, "citations")
				}
				if c, _ := b["caller"].(map[string]any); b["type"] == "tool_use" && c["type"] == "direct" {
					delete(b, "caller") // which is what no caller means
				}
			}
			if diff := cmp.Diff(want, turn); diff != "" {
				t.Errorf("the answer goes back changed (-reply +request):\n%s", diff)
			}
		})
	}
}

// TestAnthropicNextRequest compares what goes back with what the recorded
// client sent back, where the next request of the conversation was recorded.
// The API took that request.
//
// The clients leave out what the API need not have again: citations, the caller
// of a call, one of them the text beside a call. They send "is_error":false, and
// place marks of the prompt cache.
func TestAnthropicNextRequest(t *testing.T) {
	all := load(t, anthropicFile)
	compared := 0
	for _, e := range all {
		i := slices.IndexFunc(all, func(n exchange) bool {
			return n.File == e.File && n.File != "" && n.Interaction == e.Interaction+1 && string(n.Request) != "null"
		})
		if i < 0 {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			ours, results := echoAnthropic(t, e)
			theirs, theirResults := recordedTurn(t, all[i].Request, ours)
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

// echoAnthropic returns the blocks of the turn that an answer goes back as, and
// the ids of the results.
func echoAnthropic(t *testing.T, e exchange) (turn []any, results []string) {
	t.Helper()
	body := echo(t, e, func(hc *http.Client) provider.Provider {
		return anthropic.New("claude-test", anthropic.HTTPClient(hc), anthropic.NoPromptCache())
	}, `{"type":"message","content":[],"stop_reason":"end_turn"}`)
	var r claudeRequest
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Messages {
		blocks, _ := value(t, m.Content).([]any)
		if m.Role == "assistant" {
			turn = blocks
		}
		results = append(results, resultIDs(blocks)...)
	}
	return turn, results
}

// recordedTurn finds the turn in a request that has the same calls, or, without
// calls, the same texts.
func recordedTurn(t *testing.T, request json.RawMessage, ours []any) (turn []any, results []string) {
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
	var r claudeRequest
	if err := json.Unmarshal(request, &r); err != nil {
		t.Fatal(err)
	}
	for i, m := range r.Messages {
		blocks, _ := value(t, m.Content).([]any)
		if m.Role != "assistant" || !slices.Equal(key(blocks), key(ours)) {
			continue
		}
		if i+1 < len(r.Messages) {
			next, _ := value(t, r.Messages[i+1].Content).([]any)
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

// echo has an adapter read a reply, and returns the body of the request that
// sends the answer back, with a result for each call. Done is a reply for it.
func echo(t *testing.T, e exchange, dial func(*http.Client) provider.Provider, done string) []byte {
	t.Helper()
	resp, err := dial(adaptertest.Replay(e.ContentType, e.Body)).Generate(t.Context(), adaptertest.Question, nil)
	if err != nil {
		t.Fatal(err)
	}
	results := &provider.Message{Role: provider.RoleTool}
	for _, c := range resp.Message.ToolCalls() {
		results.Parts = append(results.Parts, provider.ToolResult{CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: "ok"}}})
	}
	messages := []*provider.Message{provider.User("hi"), resp.Message}
	if len(results.Parts) > 0 {
		messages = append(messages, results)
	}
	hc, bodies := adaptertest.Record(done)
	if _, err := dial(hc).Generate(t.Context(), &provider.Request{Messages: messages}, nil); err != nil {
		t.Fatal(err)
	}
	return []byte((*bodies)[0])
}

// value decodes JSON, with its numbers as they are spelt.
func value(t *testing.T, raw []byte) (v any) {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}
