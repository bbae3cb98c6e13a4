package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// historyRows are the rows of what grows with a conversation. The loop by hand has no stored
// history, so only funcall is measured.
func historyRows() []*row {
	var rows []*row
	for _, store := range []string{"memory", "sqlite"} {
		for _, h := range []struct{ turns, sends, sessions int }{
			// As many sends as leave the history about as long as it is.
			{10, 4, 200}, {100, 20, 30}, {1000, 100, 3}, {10_000, 20, 1},
		} {
			rows = append(rows, &row{
				name:    fmt.Sprintf("send-%s-%d", store, h.turns),
				title:   fmt.Sprintf("a Send after %d turns, %s", h.turns, storeTitles[store]),
				funcall: sendAfter(store, h.turns, h.sends), ops: h.sessions, units: h.sends,
			})
		}
	}
	for _, store := range []string{"memory", "sqlite"} {
		rows = append(rows, &row{
			name:    "cold-" + store,
			title:   "from Load to Next, 10,000 entries of 600 bytes, " + storeTitles[store],
			funcall: loadCold(store, 10_000), ops: 10,
		})
	}
	return rows
}

var storeTitles = map[string]string{"memory": "in memory", "sqlite": "SQLite"}

// openStore opens an empty store. It is closed with the process.
func openStore(e *env, name string) (transcript.Store, error) {
	if name == "memory" {
		return new(transcript.Memory), nil
	}
	return sqlite.Open(context.Background(), filepath.Join(e.dir, fmt.Sprintf("%s-%d.db", e.row.name, time.Now().UnixNano())))
}

// sendAfter sends messages in a session that has a number of turns already, to a model that
// reads nothing. The agent has sent one message in the session before.
func sendAfter(storeName string, turns, sends int) work {
	return func(e *env) (func(timer) error, error) {
		store, err := openStore(e, storeName)
		if err != nil {
			return nil, err
		}
		answer := &provider.Response{Message: provider.Assistant(provider.Text{Text: strings.Join(short, "")}), Finish: provider.FinishStop}
		model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
			return answer, nil
		})
		agent, err := funcall.New(model, funcall.Config{Store: store})
		if err != nil {
			return nil, err
		}
		ctx := context.Background()
		first, err := agent.Session("first").Send(ctx, question)
		if err != nil {
			return nil, err
		}
		past := slices.Repeat(first.Transcript.Entries, turns-1)
		sessions := 0
		return func(t timer) error {
			t.StopTimer()
			sessions++
			chat := agent.Session(fmt.Sprint("chat ", sessions))
			if err := store.Append(ctx, transcript.Batch{Session: chat.ID(), Entries: past}); err != nil {
				return err
			}
			if _, err := chat.Send(ctx, question); err != nil {
				return err
			}
			t.StartTimer()
			for range sends {
				if _, err := chat.Send(ctx, question); err != nil {
					return err
				}
			}
			return nil
		}, nil
	}
}

// loadCold loads a session of n entries that the process does not know, and asks for the next
// action.
func loadCold(storeName string, n int) work {
	return func(e *env) (func(timer) error, error) {
		store, err := openStore(e, storeName)
		if err != nil {
			return nil, err
		}
		ctx := context.Background()
		if err := store.Append(ctx, transcript.Batch{Session: "chat", Entries: longConversation(n)}); err != nil {
			return nil, err
		}
		return func(timer) error {
			t, err := store.Load(ctx, "chat")
			if err != nil {
				return err
			}
			if act := transcript.Track(t).Next(); act.Kind != transcript.ActionModel {
				return fmt.Errorf("the next action is %v, not a call of the model", act.Kind)
			}
			return nil
		}, nil
	}
}

// longConversation returns n entries of 600 bytes on average: questions with a call each, and
// last a question that has not been answered.
func longConversation(n int) []transcript.Entry {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var entries []transcript.Entry
	add := func(b transcript.Body) {
		at = at.Add(time.Second)
		entries = append(entries, transcript.Entry{Time: at, Body: b})
	}
	for i := 0; len(entries) < n; i++ {
		id := fmt.Sprint("call_", i)
		add(&transcript.Input{Message: provider.User(question), Subject: "CUST-9821", Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3}})
		add(&transcript.Output{
			Message: provider.Assistant(provider.ToolCall{ID: id, Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}), Finish: provider.FinishToolCalls,
			Usage: provider.Usage{Input: 1200, Output: 30}, Model: "model-1", RequestID: "req_1",
			Calls: []transcript.Call{{ID: id, Tool: "get_order_status", Digest: "0123456789abcdef", Args: `{"order_id":"ORD-78342","include_tracking":true}`, Class: transcript.ClassReadOnly}},
		})
		add(&transcript.Result{Ref: transcript.Ref{Entry: len(entries) - 1}, Status: transcript.StatusOK, Content: []provider.Part{provider.Text{Text: pageOf(1130)}}})
		add(&transcript.Output{Message: provider.Assistant(provider.Text{Text: pageOf(600)}), Finish: provider.FinishStop, Usage: provider.Usage{Input: 1400, Output: 20}, Model: "model-1", RequestID: "req_1"})
		add(&transcript.End{Outcome: transcript.OutcomeDone})
	}
	entries = entries[:(n-1)/5*5] // whole questions
	add(&transcript.Input{Message: provider.User(question), Subject: "CUST-9821"})
	return entries
}
