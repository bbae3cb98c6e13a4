package providertest

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

func checkText(t *testing.T, s *suite) {
	for name, text := range map[string]string{
		"plain":      "It is on its way.",
		"unicode":    "Zürich → 東京 \u00a0 مرحبا e\u0301",
		"emoji":      "👍🏽 👩‍👩‍👧 🏳️‍🌈",
		"markup":     "<b>\"a\" & 'b'</b>\\n\u2028end",
		"lines":      "\n\none\r\ntwo\tthree\n ",
		"stream":     "data: [DONE]\n\nevent: error\ndata: {}\n\n",
		"control":    "\x00\x01\x1f\x7f",
		"long":       strings.Repeat("A long answer of many words. ", 4000),
		"long piece": strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			turn := Say(text)
			s.askFor(t, turn, s.start(t, turn), request())
		})
	}
}

func checkEmptyText(t *testing.T, s *suite) {
	turn := Say("")
	s.askFor(t, turn, s.start(t, turn), request())
}

func checkCall(t *testing.T, s *suite) {
	turn := Call("get_order_status", `{"order_id":"ORD-1"}`)
	s.askFor(t, turn, s.start(t, turn), request())
}

func checkParallelCalls(t *testing.T, s *suite) {
	turn := Calls(
		provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-2"}`},
		provider.ToolCall{Name: "check_inventory", Args: `{"sku":"A","quantity":2}`},
		provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
		provider.ToolCall{Name: "check_inventory", Args: `{}`},
	)
	s.askFor(t, turn, s.start(t, turn), request())
}

func checkTextBesideCalls(t *testing.T, s *suite) {
	turn := Calls(
		provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
		provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-2"}`},
	).WithText("Let me look that up.")
	s.askFor(t, turn, s.start(t, turn), request())
}

func checkArguments(t *testing.T, s *suite) {
	for name, args := range map[string]string{
		"empty object": `{}`,
		"digits":       `{"n":9007199254740993,"big":123456789012345678901234567890,"f":1.10,"e":1e2,"z":-0}`,
		"key order":    `{"z":1,"a":{"y":2,"b":3},"m":[{"q":1,"c":2}]}`,
		"unicode":      `{"city":"Zürich","東京":"e` + "\u0301" + `"}`,
		"escapes":      `{"s":"a\"b\\c\n\u00e9\ud83d\ude00\/"}`,
		"emoji":        `{"s":"👍🏽👩‍👩‍👧"}`,
		"markup":       `{"s":"<a href='x'>&amp;</a>"}`,
		"in a string":  `{"s":"{\"order_id\":[1,2"}`,
		"null":         `{"a":null,"b":[],"c":{},"d":""}`,
		"1 MiB":        `{"s":"` + strings.Repeat("0123456789abcdef", 1<<16) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			turn := Call("get_order_status", args)
			s.askFor(t, turn, s.start(t, turn), request())
		})
	}
}

// checkBrokenArguments applies to APIs that carry arguments as text, which may be invalid
// JSON.
func checkBrokenArguments(t *testing.T, s *suite) {
	for name, args := range map[string]string{
		"spaces":    "{ \"order_id\" :\n\t\"ORD-1\" }",
		"cut":       `{"order_id":"ORD`,
		"no JSON":   `order_id=ORD-1`,
		"no object": `["ORD-1"]`,
	} {
		t.Run(name, func(t *testing.T) {
			turn := Call("get_order_status", args)
			s.askFor(t, turn, s.start(t, turn), request())
		})
	}
	t.Run("cut off by length", func(t *testing.T) {
		turn := Call("get_order_status", `{"order_id":"OR`).WithFinish(provider.FinishLength)
		resp := s.ask(t, s.start(t, turn), request())
		if resp.Finish != provider.FinishLength {
			t.Errorf("the response was truncated within a call: want the finish reason %q, got %q", provider.FinishLength, resp.Finish)
		}
	})
}

func checkCallIDs(t *testing.T, s *suite) {
	turn := Calls(
		provider.ToolCall{ID: "call_Ab3-xyz_0", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
		provider.ToolCall{ID: "call_0", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
	)
	resp := s.askFor(t, turn, s.start(t, turn), request())
	for i, c := range resp.Message.ToolCalls() {
		if want := turn.calls()[i].ID; c.ID != want {
			t.Errorf("the call %d has the ID %q, the server sent %q", i, c.ID, want)
		}
	}
}

func checkReasoning(t *testing.T, s *suite) {
	for _, turn := range []Turn{
		Say("It is on its way.").WithReasoning("The order is ORD-1.\nSo I look there."),
		Call("get_order_status", `{"order_id":"ORD-1"}`).WithReasoning("I need the status. 🤔"),
	} {
		p := s.start(t, turn, Say("Done."))
		req := request()
		resp := s.askFor(t, turn, p, req)

		// The API must accept what it returned.
		req.Messages = append(req.Messages, resp.Message)
		if calls := resp.Message.ToolCalls(); len(calls) > 0 {
			req.Messages = append(req.Messages, toolMessage(result(calls[0], "shipped")))
		} else {
			req.Messages = append(req.Messages, provider.User("Thank you."))
		}
		s.ask(t, p, req)
	}
}

func checkFinishLength(t *testing.T, s *suite) {
	turn := Say("It is on").WithFinish(provider.FinishLength)
	s.askFor(t, turn, s.start(t, turn), request())
}

func checkFinishFiltered(t *testing.T, s *suite) {
	turn := Say("It is").WithFinish(provider.FinishFiltered)
	s.askFor(t, turn, s.start(t, turn), request())
}

// tokens has different values in all fields, so that a mix-up shows.
var tokens = provider.Usage{Input: 1200, CacheRead: 700, CacheWrite: 300, Output: 90, Reasoning: 40}

func (s *suite) usage(t *testing.T, sent provider.Usage) provider.Usage {
	t.Helper()
	turn := Say("It is on its way.").WithUsage(sent)
	return s.askFor(t, turn, s.start(t, turn), request()).Usage
}

func checkUsage(t *testing.T, s *suite) {
	sent := provider.Usage{Input: tokens.Input, Output: tokens.Output}
	if got := s.usage(t, sent); got != sent {
		t.Errorf("got %+v, the server sent %+v", got, sent)
	}
	if got := s.usage(t, provider.Usage{}); got != (provider.Usage{}) {
		t.Errorf("got %+v, but the server sent none", got)
	}
}

func checkUsageCacheRead(t *testing.T, s *suite) {
	sent := provider.Usage{Input: tokens.Input, CacheRead: tokens.CacheRead, Output: tokens.Output}
	if got := s.usage(t, sent); got != sent {
		t.Errorf("got %+v, the server sent %+v; Input includes CacheRead", got, sent)
	}
}

func checkUsageCacheWrite(t *testing.T, s *suite) {
	sent := provider.Usage{Input: tokens.Input, CacheWrite: tokens.CacheWrite, Output: tokens.Output}
	if got := s.usage(t, sent); got != sent {
		t.Errorf("got %+v, the server sent %+v; Input includes CacheWrite", got, sent)
	}
}

func checkUsageReasoning(t *testing.T, s *suite) {
	sent := provider.Usage{Input: tokens.Input, Output: tokens.Output, Reasoning: tokens.Reasoning}
	if got := s.usage(t, sent); got != sent {
		t.Errorf("got %+v, the server sent %+v; Output includes Reasoning", got, sent)
	}
}

// named returns a response with a model and all IDs, as sent and as received.
func (s *suite) named(t *testing.T) (sent, got *provider.Response) {
	t.Helper()
	turn := Say("It is on its way.")
	turn.Response.Model, turn.Response.ID, turn.Response.RequestID = "model-2026-01-01", "resp-17", "req-4711"
	return turn.Response, s.askFor(t, turn, s.start(t, turn), request())
}

func checkModel(t *testing.T, s *suite) {
	if sent, got := s.named(t); got.Model != sent.Model {
		t.Errorf("Model is %q, the server sent %q", got.Model, sent.Model)
	}
}

func checkResponseID(t *testing.T, s *suite) {
	if sent, got := s.named(t); got.ID != sent.ID {
		t.Errorf("ID is %q, the server sent %q", got.ID, sent.ID)
	}
}

func checkRequestID(t *testing.T, s *suite) {
	if sent, got := s.named(t); got.RequestID != sent.RequestID {
		t.Errorf("RequestID is %q, the server sent %q", got.RequestID, sent.RequestID)
	}
}
