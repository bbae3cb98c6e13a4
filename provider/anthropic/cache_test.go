package anthropic_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/providertest"
)

// cached plays the API's prompt cache: a mark writes what stands ahead of it,
// and finds what was written at most 20 blocks ahead of it.
type cached struct{ written map[string]bool }

// ask returns how many blocks of the request the cache has, of how many, and
// how many marks there are.
func (c *cached) ask(t *testing.T, body string) (hit, blocks, marks int) {
	t.Helper()
	var req struct {
		System   []map[string]any
		Messages []struct {
			Role    string
			Content []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(body), &req); err != nil {
		t.Fatal(err)
	}
	var prefix strings.Builder
	var ends []string // what stands ahead of each block's end
	var marked []int
	add := func(role string, b map[string]any) {
		if b["cache_control"] != nil {
			marked = append(marked, len(ends))
			delete(b, "cache_control")
		}
		fmt.Fprint(&prefix, role, b)
		ends = append(ends, prefix.String())
	}
	for _, b := range req.System {
		add("system", b)
	}
	for _, m := range req.Messages {
		for _, b := range m.Content {
			add(m.Role, b)
		}
	}
	for _, at := range marked {
		for back := 0; back <= 20 && at-back >= 0; back++ {
			if c.written[ends[at-back]] {
				hit = max(hit, at-back+1)
				break
			}
		}
	}
	for _, at := range marked {
		c.written[ends[at]] = true
	}
	return hit, len(ends), len(marked)
}

// TestCacheIsHit extends conversations: each request finds everything that the previous one
// sent in the cache.
func TestCacheIsHit(t *testing.T) {
	for _, calls := range []int{0, 1, 3, 12, 20} {
		t.Run(fmt.Sprintf("%d calls a turn", calls), func(t *testing.T) {
			req := &provider.Request{System: "Be kind.", Messages: []*provider.Message{provider.User("a")}}
			cache := cached{map[string]bool{}}
			before := 0
			for turn := range 40 {
				hit, blocks, marks := cache.ask(t, sent(t, req))
				if hit < before || marks > 4 || marks < 2 {
					t.Fatalf("turn %d: %d of %d blocks are cached, and %d were sent before; %d marks", turn, hit, blocks, before, marks)
				}
				before = blocks
				answer := provider.Assistant(
					provider.Reasoning{Text: "Hm", State: provider.State{Owner: owner, Data: json.RawMessage(`{"signature":"s"}`)}},
					provider.Text{Text: fmt.Sprint("turn ", turn)})
				if calls == 0 {
					req.Messages = append(req.Messages, answer, provider.User(fmt.Sprint("question ", turn)))
					continue
				}
				answers := results()
				for i := range calls {
					id := fmt.Sprintf("c%d_%d", turn, i)
					answer.Parts = append(answer.Parts, provider.ToolCall{ID: id, Name: "f", Args: "{\n\"a\": [1, 2]}"})
					answers.Parts = append(answers.Parts, provider.ToolResult{CallID: id, Name: "f", Parts: []provider.Part{provider.Text{Text: "ok"}}})
				}
				req.Messages = append(req.Messages, answer, answers)
			}
		})
	}
}

// TestMarksAreAccepted has thinking where a mark would be, with a server that refuses a mark
// there.
func TestMarksAreAccepted(t *testing.T) {
	said := providertest.Say("ok")
	server := anthropicserver.New(said)
	p := anthropic.New("m", anthropic.APIKey("k"), anthropic.BaseURL(server.Start(t)))
	thinker := anthropicserver.New(providertest.Say("So.").WithReasoning("Hm"))
	resp, err := anthropic.New("m", anthropic.APIKey("k"), anthropic.BaseURL(thinker.Start(t))).Generate(t.Context(), adaptertest.Question, nil)
	if err != nil {
		t.Fatal(err)
	}
	var own []provider.Part
	for _, part := range resp.Message.Parts {
		if r, ok := part.(provider.Reasoning); ok { // as if this server had made it
			r.State.Owner = "anthropic|" + strings.TrimSuffix(strings.TrimPrefix(strings.Split(p.String(), " at ")[1], "http://"), "/v1}")
			part = r
		}
		own = append(own, part)
	}
	req := &provider.Request{Messages: []*provider.Message{provider.User("a"), {Role: provider.RoleAssistant, Parts: own}}}
	for i := range betweenMarks - 1 {
		req.Messages = append(req.Messages, provider.User(fmt.Sprint(i)))
	}
	if _, err := p.Generate(t.Context(), req, nil); err != nil {
		t.Error(err)
	}
	if body := string(server.Requests()[0]); strings.Count(body, "cache_control") != 2 || !strings.Contains(body, `"text":"a","cache_control"`) || !strings.Contains(body, `"thinking"`) {
		t.Error(body)
	}
}

// TestMarksAreAtMostFour sends a long conversation with all that may have the mark ahead of the
// messages, to a server that refuses a fifth mark.
func TestMarksAreAtMostFour(t *testing.T) {
	var messages []*provider.Message
	for i := range 40 {
		id := fmt.Sprint("c", i)
		messages = append(messages, provider.User("q"), provider.Assistant(provider.ToolCall{ID: id, Name: "past", Args: "{}"}), results(provider.ToolResult{CallID: id}), provider.Assistant(provider.Text{Text: "a"}))
	}
	messages = append(messages, provider.User("q"))
	f := []*provider.Tool{{Name: "past", Schema: json.RawMessage(`{"type":"object"}`)}}
	for _, c := range []struct {
		name, system string
		prefix       int
		tools        []*provider.Tool
		marked       string
	}{
		{"shared, stubs", "shared", 0, nil, `"text":"shared"`},
		{"shared and own, stubs", "shared own", 6, nil, `"text":"shared"`},
		{"own, stubs", "own", -1, nil, `"input_schema":{"type":"object"}`},
		{"own after a blank, stubs", "\n\nown", 2, nil, `"input_schema":{"type":"object"}`},
		{"own, functions", "own", -1, f, `"input_schema":{"type":"object"}`},
		{"own after a blank, functions", "\n\nown", 2, f, `"input_schema":{"type":"object"}`},
		{"stubs", "", 0, nil, `"input_schema":{"type":"object"}`},
		{"functions", "", 0, f, `"input_schema":{"type":"object"}`},
		{"shared, functions", "shared", 0, f, `"text":"shared"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := anthropicserver.New(providertest.Say("ok"))
			p := anthropic.New("m", anthropic.APIKey("k"), anthropic.BaseURL(server.Start(t)))
			if _, err := p.Generate(t.Context(), &provider.Request{System: c.system, SystemPrefix: c.prefix, Tools: c.tools, Messages: messages}, nil); err != nil {
				t.Fatal(err)
			}
			body := string(server.Requests()[0])
			if n := strings.Count(body, "cache_control"); n != 4 || !strings.Contains(body, c.marked+`,"cache_control"`) {
				t.Errorf("%d marks, want 4 and one after %s: %s", n, c.marked, body)
			}
		})
	}
}

const betweenMarks = 18
