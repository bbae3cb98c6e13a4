package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Foreign values are stored in a valid form and within their bounds.

func TestOddTexts(t *testing.T) { sqlstoretest.OddTexts(t, new(transcript.Memory)) }

// encodingStore keeps only what can be read back, as databases do.
type encodingStore struct{ transcript.Store }

func (s encodingStore) Append(ctx context.Context, b transcript.Batch) error {
	var kept bytes.Buffer
	if err := transcript.Encode(&kept, transcript.Transcript{ID: b.Session, Entries: b.Entries}); err != nil {
		return err
	}
	tr, err := transcript.Decode(&kept)
	if err != nil {
		return err
	}
	b.Entries = tr.Entries
	return s.Store.Append(ctx, b)
}

// badStates are states that no store could keep or give back.
func badStates() map[string]provider.State {
	states := map[string]provider.State{
		"a long owner": {Owner: strings.Repeat("o", 257)},
		"an odd owner": {Owner: "o\xff"},
	}
	for name, data := range map[string]string{
		"no JSON": "{no json", "an end too early": `{"a":`, "two values": "{} {}", "white space": " ",
		"no UTF-8": "\"\xff\"", "a control character": "\"\x00\"",
		"too deep": strings.Repeat("[", 9990) + strings.Repeat("]", 9990),
	} {
		states[name] = provider.State{Owner: "o", Data: json.RawMessage(data)}
	}
	return states
}

func TestR22_ResponsesAreFitToBeStored(t *testing.T) {
	long := strings.Repeat("x", 2001)
	messages := map[string]*provider.Message{
		"the name of a call":     provider.Assistant(provider.ToolCall{ID: "1", Name: long[:257], Args: "{}"}),
		"the id of a call":       provider.Assistant(provider.ToolCall{ID: long, Name: "look", Args: "{}"}),
		"the raw id of a call":   provider.Assistant(provider.ToolCall{ID: "1", RawID: long, Name: "look", Args: "{}"}),
		"a MIME type":            provider.Assistant(provider.Media{MIME: long[:257], URL: "https://shop.example/a"}),
		"a URL":                  provider.Assistant(provider.Media{MIME: "image/png", URL: strings.Repeat("x", 33<<20)}),
		"the number of parts":    provider.Assistant(make([]provider.Part, 4097)...),
		"the codec's own native": provider.Assistant(provider.Native{State: provider.State{Owner: "json:part", Data: json.RawMessage("1")}}),
		"the codec's own call":   provider.Assistant(provider.Native{State: provider.State{Owner: "json:part", Data: json.RawMessage(`{"type":"tool_call"}`)}}),
		"a message's state":      {Role: provider.RoleAssistant, State: provider.State{Owner: "o", Data: json.RawMessage(`"` + strings.Repeat("x", 33<<20) + `"`)}},
	}
	for i := range messages["the number of parts"].Parts {
		messages["the number of parts"].Parts[i] = provider.Text{}
	}
	for name, s := range badStates() {
		messages["text: "+name] = provider.Assistant(provider.Text{Text: "hi", State: s})
		messages["reasoning: "+name] = provider.Assistant(provider.Reasoning{State: s})
		messages["media: "+name] = provider.Assistant(provider.Media{URL: "https://shop.example/a", State: s})
		messages["call: "+name] = provider.Assistant(provider.ToolCall{ID: "1", Name: "look", Args: "{}", State: s})
		messages["native: "+name] = provider.Assistant(provider.Native{State: s})
		messages["message: "+name] = &provider.Message{Role: provider.RoleAssistant, State: s}
	}
	for name, m := range messages {
		turns := 0
		model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			if turns++; turns > 1 {
				m = provider.Assistant(provider.Text{Text: "done"})
			}
			return &provider.Response{Message: m, Finish: provider.FinishStop}, nil
		})
		s := newAgent(t, model, funcall.Config{Store: encodingStore{new(transcript.Memory)}}).Session("s")
		_, err := s.Send(t.Context(), "go")
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindMalformed || len(err.Error()) > 1000 {
			t.Errorf("%s: %.1000v", name, err)
		}
		if res, err := s.Send(t.Context(), "again"); err != nil || res.Text() != "done" {
			t.Errorf("%s, again: %v", name, err)
		}
	}
}

func TestR22_NamesOfAResponseAreCut(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	resp := &provider.Response{Message: provider.Assistant(provider.Text{Text: "hi"}), Finish: provider.FinishStop, Model: long, RequestID: long}
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return resp, nil
	})
	res, err := newAgent(t, model, funcall.Config{}).Run(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	out := res.Transcript.Entries[1].Body.(*transcript.Output)
	if want := long[:256] + "…"; out.Model != want || out.RequestID != want || resp.Model != long {
		t.Errorf("%.300q, %.300q", out.Model, out.RequestID)
	}
}

func TestR22_ErrorTextsAreBounded(t *testing.T) {
	long := errors.New(strings.Repeat("x", 1<<20))
	pay := tool("pay", func(context.Context, Item) (string, error) { return "", funcall.Fatal(long) })
	fails := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return nil, long
	})
	for name, model := range map[string]provider.Provider{"a tool": providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`)), "a provider": fails} {
		var log strings.Builder
		agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		res, err := agent.Session("s").Send(t.Context(), "go")
		if !errors.Is(err, long) || len(res.Reason) > 5000 || !strings.HasSuffix(res.Reason, "\n[cut: the first 4096 of 1048576 bytes]") || log.Len() > 20_000 {
			t.Errorf("%s: the reason has %d bytes, the log %d, %.100v", name, len(res.Reason), log.Len(), err)
		}
	}
}

func TestR22_ToolResultsAreFitToBeStored(t *testing.T) {
	results := map[string]any{
		"a MIME type":         provider.Media{MIME: strings.Repeat("x", 257), URL: "https://shop.example/a"},
		"a URL":               provider.Media{MIME: "image/png", URL: strings.Repeat("x", 21<<20)},
		"the number of parts": make([]provider.Part, 4097),
		"state":               provider.Text{State: provider.State{Owner: "o", Data: json.RawMessage(`"` + strings.Repeat("x", 21<<20) + `"`)}},
	}
	for i := range results["the number of parts"].([]provider.Part) {
		results["the number of parts"].([]provider.Part)[i] = provider.Text{}
	}
	for name, s := range badStates() {
		results["text: "+name] = provider.Text{Text: "x", State: s}
		results["media: "+name] = provider.Media{URL: "https://shop.example/a", State: s}
	}
	for name, result := range results {
		for want, opts := range map[transcript.Status][]funcall.ToolOption{transcript.StatusFailed: {funcall.ReadOnly()}, transcript.StatusOK: nil} {
			look := funcall.NewTool("look", "Looks.", func(context.Context, struct{}) (any, error) { return result, nil }, opts...)
			model := providertest.NewScript(t, providertest.Call("look", "{}"), providertest.Say("done"))
			agent := newAgent(t, model, funcall.Config{Store: encodingStore{new(transcript.Memory)}, Tools: []funcall.Tool{look}})
			res, err := agent.Session("s").Send(t.Context(), "go")
			if err != nil || res.Text() != "done" || res.Calls[0].Status != want || res.Calls[0].ErrorText == "" || len(res.Calls[0].ErrorText) > 5000 {
				t.Errorf("%s: %s, %.1000v", name, res.Outcome, err)
			}
		}
	}
}

func TestR22_MessagesAreFitToBeStored(t *testing.T) {
	nan := math.NaN()
	opts := map[string][]funcall.RunOption{
		"a long subject":      {funcall.Subject(strings.Repeat("x", 2001))},
		"a MIME type":         {funcall.Attach(provider.Media{MIME: strings.Repeat("x", 257)})},
		"the number of parts": {},
		"media":               {funcall.Attach(provider.Media{MIME: "image/png", Data: make([]byte, 33<<20)})},
		"text":                {funcall.Attach(provider.Text{Text: strings.Repeat("x", 33<<20)})},
		"a number":            {funcall.WithSettings(provider.Settings{Temperature: &nan})},
		"extra members":       {funcall.WithSettings(provider.Settings{Extra: json.RawMessage("{bad")})},
		"odd extra members":   {funcall.WithSettings(provider.Settings{Extra: json.RawMessage("{\"a\":\"\xff\"}")})},
	}
	for range 4097 {
		opts["the number of parts"] = append(opts["the number of parts"], funcall.Attach(provider.Text{}))
	}
	for name, s := range badStates() {
		opts["text: "+name] = []funcall.RunOption{funcall.Attach(provider.Text{Text: "x", State: s})}
		opts["media: "+name] = []funcall.RunOption{funcall.Attach(provider.Media{URL: "https://shop.example/a", State: s})}
	}
	for name, opts := range opts {
		agent := newAgent(t, providertest.NewScript(t), funcall.Config{})
		for way, send := range map[string]func() (*funcall.Result, error){
			"Run":  func() (*funcall.Result, error) { return agent.Run(t.Context(), "hi", opts...) },
			"Send": func() (*funcall.Result, error) { return agent.Session("s").Send(t.Context(), "hi", opts...) },
		} {
			res, err := send()
			if err == nil || !strings.HasPrefix(err.Error(), "funcall: ") || len(err.Error()) > 1000 || len(res.Transcript.Entries) > 0 {
				t.Errorf("%s, %s: %.1000v", name, way, err)
			}
		}
	}
}

func TestR22_WhatAPersonSaysIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	ask := funcall.RequireApproval(func(context.Context, Item) (string, error) { return long, nil })
	for name, decide := range map[string]func(transcript.PendingCall) transcript.Decision{
		"an answer": func(p transcript.PendingCall) transcript.Decision { return funcall.Respond(p, long, funcall.By(long)) },
		"a denial":  func(p transcript.PendingCall) transcript.Decision { return funcall.Deny(p, long, funcall.By(long)) },
	} {
		pay := tool("pay", echo, ask, funcall.MaxResultBytes(1000))
		model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done"))
		s := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Session("s")
		res, err := s.Send(t.Context(), "go")
		if err != nil || len(res.Pending[0].Reason) > 5000 {
			t.Fatalf("%v, %v", res.Outcome, err)
		}
		if res, err = s.Decide(t.Context(), decide(res.Pending[0])); err != nil {
			t.Fatal(name, err)
		}
		text := res.Calls[0].Text()
		if len(text) > 1500 || !strings.Contains(text, "\n[cut: the first 1000 of 1048576 bytes]") {
			t.Errorf("%s: the model is told %d bytes: %.100q", name, len(text), text)
		}
		for _, e := range res.Transcript.Entries {
			if d, ok := e.Body.(*transcript.Decision); ok && len(d.By) > 300 {
				t.Errorf("%s: by %d bytes", name, len(d.By))
			}
		}
	}
}
