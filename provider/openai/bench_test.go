package openai_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// replay answers every request with the same bytes, without a network.
func replay(contentType, body string) openai.Option {
	return openai.HTTPClient(adaptertest.ReplayBytes(contentType, body))
}

func streamOf(n int) string {
	return strings.Repeat(chunk(`{"content":" hello"}`, "null"), n) + stopped + usageLast + done
}

// TestDeltasCostTheirText counts the allocations of a long stream: a delta is a part of the
// text that grows with it, so they do not grow with the number of deltas.
func TestDeltasCostTheirText(t *testing.T) {
	const deltas, most = 2000, 70
	for name, body := range map[string]string{
		"text":      streamOf(deltas),
		"reasoning": strings.Repeat(chunk(`{"reasoning_content":" hello"}`, "null"), deltas) + stopped + done,
		"arguments": chunk(calls(`{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}`), "null") + strings.Repeat(chunk(calls(`{"index":0,"id":"c1","function":{"name":null,"arguments":"\"a\""}}`), "null"), deltas) + stopped + done,
	} {
		c := openai.New("m", replay("text/event-stream", body))
		emit := func(provider.Delta) {}
		n := testing.AllocsPerRun(5, func() {
			if _, err := c.Generate(t.Context(), question, emit); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %v allocations for %d deltas", name, n, deltas)
		if n > most {
			t.Errorf("%s: %v allocations for %d deltas, want %d at most", name, n, deltas, most)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	c := openai.New("m", replay("text/event-stream", streamOf(2000)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), question, func(provider.Delta) {}); err != nil {
			b.Fatal(err)
		}
	}
}

// wholeCall is a response with one call.
const wholeCall = `{"id":"r","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_order_status","arguments":"{\"order_id\":\"ORD-78342\"}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":120,"completion_tokens":20,"total_tokens":140,"prompt_tokens_details":{"cached_tokens":0}}}`

// TestACallCostsLittle counts the allocations of a response with one call, the exchange and
// the request included.
func TestACallCostsLittle(t *testing.T) {
	adaptertest.CountsAllocations(t)
	const most = 36
	c := openai.New("m", replay("application/json", wholeCall))
	n := testing.AllocsPerRun(50, func() {
		if _, err := c.Generate(t.Context(), question, nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%v allocations", n)
	if n > most {
		t.Errorf("%v allocations, want %d at most", n, most)
	}
}

func BenchmarkWhole(b *testing.B) {
	c := openai.New("m", replay("application/json", wholeCall))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), question, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLongDocumentCostsItsText counts the copies of a text of 1 MB: the document and the text.
// Arguments are unescaped on the way, and an item of the Responses API may have come in pieces.
func TestLongDocumentCostsItsText(t *testing.T) {
	chat := func(hc *http.Client) provider.Provider { return openai.New("m", openai.HTTPClient(hc)) }
	responses := func(hc *http.Client) provider.Provider { return openai.NewResponses("m", openai.HTTPClient(hc)) }
	args := `"{\"a\":\"` + adaptertest.LongText + `\"}"`
	for name, c := range map[string]struct {
		dial     func(*http.Client) provider.Provider
		document string
		copies   float64
	}{
		"text":                 {chat, `{"choices":[{"index":0,"message":{"role":"assistant","content":"` + adaptertest.LongText + `"},"finish_reason":"stop"}]}`, 2},
		"arguments":            {chat, `{"choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":` + args + `}}]},"finish_reason":"stop"}]}`, 3},
		"text, Responses":      {responses, doc(`{"type":"message","id":"m1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"`+adaptertest.LongText+`","annotations":[]}]}`, "completed"), 3},
		"arguments, Responses": {responses, doc(`{"type":"function_call","id":"f1","call_id":"c1","name":"f","arguments":`+args+`}`, "completed"), 4},
	} {
		n := adaptertest.CostOfLong(t, c.document, c.dial)
		if t.Logf("%s: %.2f times its size", name, n); n > c.copies+0.2 {
			t.Errorf("%s: %.2f times its size, want %v at most", name, n, c.copies+0.2)
		}
	}
}

// longHistory is a request with a past of 60 turns.
func longHistory() *provider.Request {
	req := &provider.Request{System: strings.Repeat("Be kind. ", 200)}
	for range 60 {
		req.Messages = append(req.Messages,
			provider.User("Where is ORD-78342, please?"),
			provider.Assistant(provider.ToolCall{ID: "call_1", Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}),
			&provider.Message{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "call_1", Parts: []provider.Part{provider.Text{Text: strings.Repeat(`{"status":"shipped"}`, 50)}}}}},
			provider.Assistant(provider.Text{Text: strings.Repeat("It is on its way. ", 20)}))
	}
	return req
}

// BenchmarkLongHistory sends requests with a history of 60 turns, which is encoded once.
func BenchmarkLongHistory(b *testing.B) {
	c := openai.New("m", replay("application/json", `{"choices":[{"message":{"content":"hi"}}]}`))
	req := longHistory()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Generate(b.Context(), req, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestChunksAfterFinishCostNothing continues a stream after an unknown finish reason: the
// earlier arguments are not parsed again.
func TestChunksAfterFinishCostNothing(t *testing.T) {
	const chunks, rest = 2000, 90
	for name, args := range map[string]string{
		"a call that is open":           `{\"a\":\"` + strings.Repeat("x", 1000),
		"a call that is whole":          `{\"a\":\"` + strings.Repeat("x", 1000) + `\"}`,
		"a call that is whole, and bad": `{\"a\":\"` + strings.Repeat("x", 1000) + `\",}`,
	} {
		call := `{"index":0,"id":"c1","function":{"name":"f","arguments":"` + args + `"}}`
		c := openai.New("m", replay("text/event-stream", chunk(calls(call, `{"index":1,"id":"c2","function":{"name":"f","arguments":"{"}}`), `"tired"`)+strings.Repeat("data: {\"choices\":[]}\n\n", chunks)+done))
		n := testing.AllocsPerRun(5, func() {
			if _, err := c.Generate(t.Context(), question, func(provider.Delta) {}); err != nil {
				t.Fatal(err)
			}
		})
		if n > rest {
			t.Errorf("%s: %v allocations for %d chunks, want %d at most", name, n, chunks, rest)
		}
	}
}

// TestHistoryCostsNoAllocation counts the allocations of a request whose history is encoded
// already: they do not grow with it, even with shortened call IDs.
func TestHistoryCostsNoAllocation(t *testing.T) {
	for name, opts := range map[string][]openai.Option{"plain": nil, "quirks": {openai.WithQuirks(openai.Quirks{AlternateRoles: true, ShortCallIDs: true})}} {
		c := openai.New("m", append(opts, replay("application/json", `{"choices":[{"message":{"content":"hi"}}]}`))...)
		req := longHistory()
		n := testing.AllocsPerRun(20, func() {
			if _, err := c.Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
		})
		if t.Logf("%s: %v allocations", name, n); n > 45 {
			t.Errorf("%s: %v allocations, want 45 at most", name, n)
		}
	}
}
