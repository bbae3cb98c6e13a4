package anthropic_test

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// streamOf returns a response with n pieces of one block.
func streamOf(n int, block, piece string) string {
	return event(started) + begin("0", block) + strings.Repeat(delta("0", piece), n) + stop("0") + reason("end_turn") + event(stopped)
}

const textBlock = `{"type":"text","text":""}`

// TestDeltasCostTheirText counts the allocations of a long stream: a delta is a part of the
// text that grows with it, so they do not grow with the number of deltas.
func TestDeltasCostTheirText(t *testing.T) {
	const deltas, most = 2000, 75
	for name, stream := range map[string]string{
		"text":      streamOf(deltas, textBlock, `{"type":"text_delta","text":" hello"}`),
		"arguments": streamOf(deltas, `{"type":"tool_use","id":"t1","name":"f","input":{}}`, `{"type":"input_json_delta","partial_json":" hello"}`),
	} {
		c := anthropic.New("m", anthropic.HTTPClient(adaptertest.ReplayBytes("text/event-stream", stream)))
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
	c := anthropic.New("m", anthropic.HTTPClient(adaptertest.ReplayBytes("text/event-stream", streamOf(2000, textBlock, `{"type":"text_delta","text":" hello"}`))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), adaptertest.Question, func(provider.Delta) {}); err != nil {
			b.Fatal(err)
		}
	}
}

// longHistory returns a request with a history of 60 turns.
func longHistory() *provider.Request {
	req := &provider.Request{System: strings.Repeat("Be kind. ", 200)}
	for range 60 {
		req.Messages = append(req.Messages,
			provider.User("Where is ORD-78342, please?"),
			provider.Assistant(provider.ToolCall{ID: "call_1", Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}),
			results(provider.ToolResult{CallID: "call_1", Parts: []provider.Part{provider.Text{Text: strings.Repeat(`{"status":"shipped"}`, 50)}}}),
			provider.Assistant(provider.Text{Text: strings.Repeat("It is on its way. ", 20)}))
	}
	return req
}

// BenchmarkLongHistory sends requests with a history of 60 turns, which is encoded once.
func BenchmarkLongHistory(b *testing.B) {
	c := anthropic.New("m", anthropic.HTTPClient(adaptertest.ReplayBytes("application/json", doc("", "end_turn"))))
	req := longHistory()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), req, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestHistoryCostsFewAllocations counts the allocations of a request without tools whose
// history has calls and is encoded already.
func TestHistoryCostsFewAllocations(t *testing.T) {
	c, req := anthropic.New("m", anthropic.HTTPClient(adaptertest.ReplayBytes("application/json", doc("", "end_turn")))), longHistory()
	n := testing.AllocsPerRun(20, func() {
		if _, err := c.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	})
	if t.Logf("%v allocations", n); n > 105 {
		t.Errorf("%v allocations, want 105 at most", n)
	}
}
