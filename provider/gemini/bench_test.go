package gemini_test

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

func streamOf(n int, part string) string {
	return strings.Repeat(event(reply(part, "")), n) + event(reply("", "STOP"))
}

// TestDeltasCostTheirText counts the allocations of a long stream: a delta is a part of the
// text that grows with it, so they do not grow with the number of deltas.
func TestDeltasCostTheirText(t *testing.T) {
	const deltas, most = 2000, 70
	for name, part := range map[string]string{"text": `{"text":" hello"}`, "thoughts": `{"text":" hello","thought":true}`} {
		c := gemini.New(model, gemini.HTTPClient(adaptertest.ReplayBytes("text/event-stream", streamOf(deltas, part))))
		n := testing.AllocsPerRun(5, func() {
			if _, err := c.Generate(t.Context(), adaptertest.Question, func(provider.Delta) {}); err != nil {
				t.Fatal(err)
			}
		})
		if t.Logf("%s: %v allocations for %d deltas", name, n, deltas); n > most {
			t.Errorf("%s: %v allocations for %d deltas, want %d at most", name, n, deltas, most)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	c := gemini.New(model, gemini.HTTPClient(adaptertest.ReplayBytes("text/event-stream", streamOf(2000, `{"text":" hello"}`))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), adaptertest.Question, func(provider.Delta) {}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLongHistory sends requests with a history of 60 turns, which is encoded once.
func BenchmarkLongHistory(b *testing.B) {
	c := gemini.New(model, gemini.HTTPClient(adaptertest.ReplayBytes("application/json", said)))
	req := &provider.Request{System: strings.Repeat("Be kind. ", 200)}
	for range 60 {
		req.Messages = append(req.Messages,
			provider.User("Where is ORD-78342, please?"),
			provider.Assistant(provider.ToolCall{ID: "call_1", Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}),
			results(provider.ToolResult{CallID: "call_1", Parts: []provider.Part{provider.Text{Text: strings.Repeat(`{"status":"shipped"}`, 50)}}}),
			provider.Assistant(provider.Text{Text: strings.Repeat("It is on its way. ", 20)}))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), req, nil); err != nil {
			b.Fatal(err)
		}
	}
}
