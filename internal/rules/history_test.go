package rules_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// TestTornHistories has every API's adapter refuse calls and results that are not
// together, before anything is sent.
func TestTornHistories(t *testing.T) {
	user, said := provider.User("Hi"), provider.Assistant(provider.Text{Text: "Hello."})
	call := func(ids ...string) *provider.Message {
		m := provider.Assistant(provider.Text{Text: "One moment."})
		for _, id := range ids {
			m.Parts = append(m.Parts, provider.ToolCall{ID: id, Name: "f", Args: "{}"})
		}
		return m
	}
	result := func(ids ...string) *provider.Message {
		m := &provider.Message{Role: provider.RoleTool}
		for _, id := range ids {
			m.Parts = append(m.Parts, provider.ToolResult{CallID: id, Name: "f", Parts: []provider.Part{provider.Text{Text: "ok"}}})
		}
		return m
	}
	const lacksCall, lacksResult = `message %d: result for call %q, but the previous message has no such call; keep each call with its result`, `message %d: no result for call %q in the next message; keep each call with its result`
	type messages = []*provider.Message
	for _, c := range []struct {
		messages messages
		want     string // "" if nothing is torn
	}{
		{messages{user, call("c1"), result("c1")}, ""},
		{messages{user, call("c1", "c2"), result("c2", "c1"), said, user}, ""},
		{messages{user, call("c1", "c2", "c3"), result("c1"), result("c3"), result("c2"), user}, ""},
		{messages{user, call("c1"), result("c1"), call("c2"), result("c2"), user}, ""},
		{messages{result("c1"), said, user}, fmt.Sprintf(lacksCall, 0, "c1")},
		{messages{user, said, result("c1")}, fmt.Sprintf(lacksCall, 2, "c1")},
		{messages{user, call("c1"), result("c2"), user}, fmt.Sprintf(lacksCall, 2, "c2")},
		{messages{user, call("c1"), result("c1", "c1"), user}, fmt.Sprintf(lacksCall, 2, "c1")},
		{messages{user, call("c1"), result("c1"), user, result("c1")}, fmt.Sprintf(lacksCall, 4, "c1")},
		{messages{user, call("c1")}, fmt.Sprintf(lacksResult, 1, "c1")},
		{messages{user, call("c1"), user}, fmt.Sprintf(lacksResult, 1, "c1")},
		{messages{user, call("c1"), said, user}, fmt.Sprintf(lacksResult, 1, "c1")},
		{messages{user, call("c1", "c2"), result("c1"), user}, fmt.Sprintf(lacksResult, 1, "c2")},
		{messages{user, call("c1"), user, result("c1")}, fmt.Sprintf(lacksResult, 1, "c1")},
		{messages{user, call(strings.Repeat("x", 1000))}, "message 1: no result for call \"" + strings.Repeat("x", 80) + "\" in"},
	} {
		for _, api := range apis {
			server := api.serve(providertest.Say("ok"))
			_, err := api.dial(server.Start(t)).Generate(t.Context(), &provider.Request{Messages: c.messages}, nil)
			if c.want == "" {
				if err != nil {
					t.Errorf("%s: %v", api.name, err)
				}
				continue
			}
			if e := adaptertest.Failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(e.Message, c.want) || !strings.Contains(e.Message, "provider.LastMessages") {
				t.Errorf("%s: %v\ndoes not say %s", api.name, err, c.want)
			}
			if n := len(server.Requests()); n > 0 {
				t.Errorf("%s: %s: %d requests were sent", api.name, c.want, n)
			}
		}
	}
}

// TestLastMessagesAreWhole cuts random conversations: every API takes what is left,
// and no more could be left.
func TestLastMessagesAreWhole(t *testing.T) {
	const rounds = 200
	says := slices.Repeat([]providertest.Turn{providertest.Say("ok")}, rounds)
	models := make([]provider.Provider, len(apis))
	for i, api := range apis {
		models[i] = api.dial(api.serve(says...).Start(t))
	}
	for seed := range uint64(rounds) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		messages := randomHistory(rnd)
		n := rnd.IntN(len(messages) + 2)
		cut := provider.LastMessages(messages, n)
		begin := len(messages) - len(cut)
		if len(cut) == 0 || cut[0] != messages[begin] || cut[0].Role != provider.RoleUser {
			t.Fatalf("seed %d: %d of %d messages do not begin with a user's message of the end", seed, len(cut), len(messages))
		}
		lastTurn := len(messages) - 1
		for messages[lastTurn].Role != provider.RoleUser {
			lastTurn--
		}
		if len(cut) > n && begin != lastTurn {
			t.Errorf("seed %d: %d messages, more than %d, and not the last turn alone", seed, len(cut), n)
		}
		for i, m := range messages[:begin] {
			if m.Role == provider.RoleUser && len(messages)-i <= n {
				t.Errorf("seed %d: %d messages, and %d would have done", seed, len(cut), len(messages)-i)
			}
		}
		for i, api := range apis {
			if _, err := models[i].Generate(t.Context(), &provider.Request{Messages: cut}, nil); err != nil {
				t.Errorf("seed %d, %d messages of %d: %s: %v", seed, n, len(messages), api.name, err)
			}
		}
	}
}

// randomHistory makes a conversation as transcripts hold them: turns that failed
// at any point, with any number of calls and steps, and the beginning of another.
func randomHistory(rnd *rand.Rand) []*provider.Message {
	var messages []*provider.Message
	calls := 0
	step := func() {
		m, results := provider.Assistant(), &provider.Message{Role: provider.RoleTool}
		for range 1 + rnd.IntN(3) {
			calls++
			id := fmt.Sprintf("call_%d", calls)
			m.Parts = append(m.Parts, provider.ToolCall{ID: id, Name: "f", Args: "{}"})
			result := provider.ToolResult{CallID: id, Name: "f", IsError: rnd.IntN(4) == 0, Parts: []provider.Part{provider.Text{Text: "ok"}}}
			if rnd.IntN(8) == 0 {
				result.Parts = append(result.Parts, provider.Media{MIME: "image/png", Data: []byte("\x89PNG")})
			}
			results.Parts = append(results.Parts, result)
		}
		messages = append(messages, m, results)
	}
	for range 1 + rnd.IntN(5) {
		user := provider.User("Hi")
		if rnd.IntN(8) == 0 {
			user = provider.User("See", provider.Media{MIME: "image/png", Data: []byte("\x89PNG")})
		}
		messages = append(messages, user)
		for range rnd.IntN(3) {
			step()
		}
		if rnd.IntN(3) > 0 {
			messages = append(messages, provider.Assistant(provider.Text{Text: "Done."}))
		}
	}
	messages = append(messages, provider.User("Go on."))
	for range rnd.IntN(3) {
		step()
	}
	return messages
}

// TestWrapperThatTearsCalls has a wrapper that keeps the last messages, whatever they are:
// the run ends with an error that says what is wrong, and nothing is sent.
func TestWrapperThatTearsCalls(t *testing.T) {
	look := funcall.NewTool("look", "Looks.", func(context.Context, struct{}) (string, error) { return "seen", nil }, funcall.ReadOnly())
	for _, api := range apis {
		server := api.serve(providertest.Calls(provider.ToolCall{ID: "c1", Name: "look", Args: "{}"}), providertest.Say("Seen."))
		model := api.dial(server.Start(t))
		naive := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			cut := *req
			cut.Messages = req.Messages[max(0, len(req.Messages)-3):]
			return model.Generate(ctx, &cut, emit)
		})
		agent, err := funcall.New(naive, funcall.Config{Tools: []funcall.Tool{look}})
		if err != nil {
			t.Fatal(err)
		}
		s := agent.Session("s")
		if _, err := s.Send(t.Context(), "Look."); err != nil {
			t.Fatalf("%s: %v", api.name, err)
		}
		_, err = s.Send(t.Context(), "And now?")
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindInvalidRequest || !strings.Contains(err.Error(), "LastMessages") || len(server.Requests()) != 2 {
			t.Errorf("%s: %v, %d requests", api.name, err, len(server.Requests()))
		}
	}
}
