package providertest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/funcall/funcall/provider"
)

// checkToolLoop has a conversation of several turns, as an agent has it.
func checkToolLoop(t *testing.T, s *suite) {
	turns := []Turn{
		Calls(
			provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-1"}`},
			provider.ToolCall{Name: "get_order_status", Args: `{"order_id":"ORD-2"}`},
			provider.ToolCall{Name: "check_inventory", Args: `{"sku":"Ä-1","quantity":9007199254740993}`},
		).WithText("Let me look."),
		Call("check_inventory", `{"quantity":1,"sku":"👍"}`),
		Say(""),
		Say("Both are on their way."),
		Call("get_order_status", `{}`),
		Say("You are welcome."),
	}
	p := s.start(t, turns...)
	req := request(provider.User("Where are ORD-1 and ORD-2?"))
	turn := 0
	next := func(answer func(calls []provider.ToolCall) *provider.Message) {
		t.Helper()
		resp := s.askFor(t, turns[turn], p, req)
		turn++
		calls := resp.Message.ToolCalls()
		req.Messages = append(req.Messages, resp.Message, answer(calls))
	}
	says := func(text string) func([]provider.ToolCall) *provider.Message {
		return func([]provider.ToolCall) *provider.Message { return provider.User(text) }
	}

	next(func(calls []provider.ToolCall) *provider.Message {
		return toolMessage(
			result(calls[0], `{"status":"shipped","city":"Zürich","n":9007199254740993}`),
			failedResult(calls[1], "order ORD-2 is unknown"),
			result(calls[2], ""),
		)
	})
	next(func(calls []provider.ToolCall) *provider.Message { return toolMessage(result(calls[0], "<3 & 4>")) })
	next(says("Hello?"))
	next(says("Thank you."))
	next(func(calls []provider.ToolCall) *provider.Message {
		return toolMessage(failedResult(calls[0], "order_id: is missing"))
	})
	next(says("Bye."))
}

// checkOddHistory sends history that models do produce: a call of an unknown tool, arguments
// that are not JSON, results without parts.
func checkOddHistory(t *testing.T, s *suite) {
	calls := []provider.ToolCall{
		{ID: "c1", Name: "get order: status!", Args: `{"order_id":"ORD-1"}`},
		{ID: "c2", Name: "get_order_status", Args: `{"order_id":`},
		{ID: "c3", Name: "get_order_status", Args: ""},
		{ID: "c4", Name: "get_order_status", Args: `"ORD-1"`},
		{ID: "c5", Name: "get_order_status", Args: `{"order_id":"\ud83d"}`},
	}
	assistant := provider.Assistant(provider.Text{}, provider.Text{Text: "Let me"}, provider.Text{Text: " look."})
	tool := toolMessage()
	for i, c := range calls {
		assistant.Parts = append(assistant.Parts, c)
		r := failedResult(c, "that did not work")
		if i == 0 {
			r.Parts = nil
		}
		tool.Parts = append(tool.Parts, r)
	}
	turn := Say("Which order do you mean?")
	s.askFor(t, turn, s.start(t, turn), request(provider.User("Where is it?"), assistant, tool))
}

// checkForeignState sends history in which another API's model took part. The adapter must
// leave out its state.
func checkForeignState(t *testing.T, s *suite) {
	foreign := provider.State{Owner: "elsewhere", Data: json.RawMessage(`{"signature":"c2VjcmV0","id":"rs_1"}`)}
	call := provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`, RawID: "weird id", State: foreign}
	history := []*provider.Message{
		provider.User("Where is ORD-1?"),
		{Role: provider.RoleAssistant, State: foreign, Parts: []provider.Part{
			provider.Reasoning{Text: "I should look.", State: foreign},
			provider.Reasoning{Redacted: true, State: foreign},
			provider.Native{State: foreign},
			provider.Text{Text: "Let me look.", State: foreign},
			call,
		}},
		toolMessage(result(call, "shipped")),
		{Role: provider.RoleAssistant, Parts: []provider.Part{provider.Native{State: foreign}}},
		provider.User("And now?"),
	}
	turn := Say("It is on its way.")
	s.askFor(t, turn, s.start(t, turn), request(history...))
}

func checkToolChoice(t *testing.T, s *suite) {
	call := Call("get_order_status", `{"order_id":"ORD-1"}`)
	for _, c := range []struct {
		choice provider.ToolChoice
		turn   Turn
	}{
		{provider.ToolChoice{Mode: provider.ToolsAuto}, call},
		{provider.ToolChoice{Mode: provider.ToolsRequired}, call},
		{provider.ToolChoice{Mode: provider.ToolsNamed, Name: "get_order_status"}, call},
		{provider.ToolChoice{Mode: provider.ToolsNone}, Say("I may not look it up.")},
	} {
		t.Run("mode "+string(c.choice.Mode), func(t *testing.T) {
			req := request()
			req.Choice = c.choice
			s.try(t, c.turn, req)
		})
		t.Run("some tools, mode "+string(c.choice.Mode), func(t *testing.T) {
			req := request()
			req.Choice = c.choice
			req.AllTools, req.Tools = req.Tools, req.Tools[:1]
			s.try(t, c.turn, req)
		})
	}
	t.Run("none of the tools", func(t *testing.T) {
		req := request()
		req.AllTools, req.Tools = req.Tools, nil
		turn := Say("I may not look it up.")
		s.askFor(t, turn, s.start(t, turn), req)
	})
	t.Run("none after calls", func(t *testing.T) {
		past := provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`}
		req := request(provider.User("Where is it?"), provider.Assistant(past), toolMessage(result(past, "shipped")))
		req.Choice = provider.ToolChoice{Mode: provider.ToolsNone}
		s.try(t, Say("It is on its way."), req)
	})
	t.Run("no tools", func(t *testing.T) {
		turn := Say("Hello.")
		s.askFor(t, turn, s.start(t, turn), &provider.Request{Messages: []*provider.Message{provider.User("Hi.")}})
	})
}

func checkSettings(t *testing.T, s *suite) {
	for name, settings := range map[string]provider.Settings{
		"Temperature":     {Temperature: new(0.2)},
		"zero":            {Temperature: new(0.0), Seed: new(int64(0))},
		"TopP":            {TopP: new(0.9)},
		"MaxOutputTokens": {MaxOutputTokens: 256},
		"Stop":            {Stop: []string{"END", "\n\n"}},
		"Seed":            {Seed: new(int64(9007199254740993))},
		"ReasoningEffort": {ReasoningEffort: "low"},
		"ParallelCalls":   {ParallelCalls: new(false)},
	} {
		t.Run(name, func(t *testing.T) {
			req := request()
			req.Settings = settings
			s.try(t, Say("It is on its way."), req)
		})
	}
}

func checkOutput(t *testing.T, s *suite) {
	req := request()
	req.OutputSchema = &provider.OutputSchema{
		Name:        "order",
		Description: "What is known of an order.",
		Schema:      json.RawMessage(`{"type":"object","properties":{"status":{"type":"string"}},"required":["status"],"additionalProperties":false}`),
	}
	s.try(t, Say(`{"status":"shipped"}`), req)
}

func checkMedia(t *testing.T, s *suite) {
	png := provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}
	past := provider.ToolCall{ID: "c1", Name: "get_order_status", Args: `{"order_id":"ORD-1"}`}
	withMedia := result(past, "see the picture")
	withMedia.Parts = append(withMedia.Parts, png)
	for name, messages := range map[string][]*provider.Message{
		"bytes":       {provider.User("What is this?", png)},
		"address":     {provider.User("What is this?", provider.Media{MIME: "image/png", URL: "https://example.com/a.png"})},
		"document":    {provider.User("What is this?", provider.Media{MIME: "application/pdf", Data: []byte("%PDF-1.7")})},
		"in a result": {provider.User("Where is it?"), provider.Assistant(past), toolMessage(withMedia)},
	} {
		t.Run(name, func(t *testing.T) { s.try(t, Say("A picture."), request(messages...)) })
	}
}

// checkConcurrent makes concurrent calls that share the history.
func checkConcurrent(t *testing.T, s *suite) {
	const n = 20
	var turns []Turn
	want := make(map[string]int)
	for i := range n {
		text := fmt.Sprintf("This is the answer %d, and it has several words.", i)
		turns = append(turns, Say(text))
		want[text]++
	}
	p := s.start(t, turns...)
	req := request()
	outcomes := make([]*outcome, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { outcomes[i] = s.generate(t.Context(), p, req, nil) })
	}
	wg.Wait()
	for _, o := range outcomes {
		o.report(t)
		if o.err != nil {
			t.Fatalf("one of %d calls at once failed: %v", n, o.err)
		}
		text := o.resp.Message.Text()
		if want[text]--; want[text] < 0 {
			t.Errorf("a response came twice or was never sent: %s", quote(text))
		}
	}
}
