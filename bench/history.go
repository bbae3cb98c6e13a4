package main

import (
	"context"
	"fmt"
	"path/filepath"
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
		for _, h := range []struct{ questions, sends, sessions int }{
			// As many sends as leave the history about as long as it is.
			{10, 4, 100}, {100, 10, 30}, {1000, 10, 10}, {10_000, 5, 2},
		} {
			rows = append(rows, &row{
				name:    fmt.Sprintf("send-%s-%d", store, h.questions),
				title:   fmt.Sprintf("a Send after %s questions, %s", grouped(fmt.Sprint(h.questions)), storeTitles[store]),
				funcall: sendAfter(store, h.questions, h.sends), ops: h.sessions, units: h.sends,
			})
		}
	}
	for _, store := range []string{"memory", "sqlite"} {
		for _, n := range []int{1000, 10_000} {
			rows = append(rows, &row{
				name:    fmt.Sprintf("cold-%s-%d", store, n),
				title:   fmt.Sprintf("from Load to Next, %s entries of 600 bytes, %s", grouped(fmt.Sprint(n)), storeTitles[store]),
				funcall: loadCold(store, n), ops: 100_000 / n,
			})
		}
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

// sendAfter sends messages in a session that has a number of questions already, with a call
// each, to a model that reads nothing and calls a tool that does nothing. The agent has sent
// one message in the session before.
func sendAfter(storeName string, asked, sends int) work {
	return func(e *env) (func(timer) error, error) {
		store, err := openStore(e, storeName)
		if err != nil {
			return nil, err
		}
		status := funcall.NewTool("get_order_status", "Retrieves the status of an order.", func(context.Context, nothing) (string, error) { return pageOf(1300), nil }, funcall.ReadOnly())
		agent, err := funcall.New(unread(), funcall.Config{Store: store, Tools: []funcall.Tool{status}})
		if err != nil {
			return nil, err
		}
		ctx, past, sessions := context.Background(), questions(asked-1), 0
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

// unread returns a model that reads nothing: it calls a tool and answers, in turn.
func unread() provider.Provider {
	answer := &provider.Response{Message: provider.Assistant(provider.Text{Text: pageOf(600)}), Finish: provider.FinishStop}
	asked := 0
	return provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		if asked++; asked%2 == 0 {
			return answer, nil
		}
		call := provider.ToolCall{ID: fmt.Sprint("new_", asked), Name: "get_order_status", Args: "{}"}
		return &provider.Response{Message: provider.Assistant(call), Finish: provider.FinishToolCalls}, nil
	})
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
		if err := store.Append(ctx, transcript.Batch{Session: "chat", Entries: unanswered(n)}); err != nil {
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

// unanswered returns at most n entries, the last of which is a question without an answer.
func unanswered(n int) []transcript.Entry {
	entries := questions((n - 1) / entriesPerQuestion)
	return append(entries, transcript.Entry{Time: time.Now(), Body: &transcript.Input{Message: provider.User(question)}})
}

// entriesPerQuestion is the number of entries of a question with one call.
const entriesPerQuestion = 5

// questions returns the entries of n questions with a call each, of 600 bytes on average.
func questions(n int) []transcript.Entry {
	entries := make([]transcript.Entry, 0, n*entriesPerQuestion)
	add := func(b transcript.Body) {
		at := time.Date(2026, 3, 1, 12, 0, len(entries), 0, time.UTC)
		entries = append(entries, transcript.Entry{Time: at, Body: b})
	}
	for i := range n {
		id := fmt.Sprint("call_", i)
		add(&transcript.Input{Message: provider.User(question), Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3}})
		add(&transcript.Output{
			Message: provider.Assistant(provider.ToolCall{ID: id, Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}), Finish: provider.FinishToolCalls,
			Usage: provider.Usage{Input: 1200, Output: 30}, Model: "model-1", RequestID: "req_1",
			Calls: []transcript.Call{{ID: id, Tool: "get_order_status", Digest: "0123456789abcdef", Args: `{"order_id":"ORD-78342","include_tracking":true}`, Class: transcript.ClassReadOnly}},
		})
		add(&transcript.Result{Ref: transcript.Ref{Entry: len(entries) - 1}, Status: transcript.StatusOK, Content: []provider.Part{provider.Text{Text: pageOf(1300)}}})
		add(&transcript.Output{Message: provider.Assistant(provider.Text{Text: pageOf(600)}), Finish: provider.FinishStop, Usage: provider.Usage{Input: 1400, Output: 20}, Model: "model-1", RequestID: "req_1"})
		add(&transcript.End{Outcome: transcript.OutcomeDone})
	}
	return entries
}
