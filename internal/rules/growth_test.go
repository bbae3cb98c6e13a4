package rules_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// A lookingModel calls a tool and then answers. It reads the last message alone, so that its
// own cost does not grow.
func lookingModel() provider.Provider {
	calls := 0
	return provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		if req.Messages[len(req.Messages)-1].Role == provider.RoleTool {
			return &provider.Response{Message: provider.Assistant(provider.Text{Text: "It is on its way."}), Finish: provider.FinishStop}, nil
		}
		calls++
		call := provider.ToolCall{ID: "call-" + strconv.Itoa(calls), Name: "look", Args: `{"id":"ORD-78342"}`}
		return &provider.Response{Message: provider.Assistant(call), Finish: provider.FinishToolCalls}, nil
	})
}

// grown returns a session that has had that many turns.
func grown(tb testing.TB, store transcript.Store, turns int) *funcall.Session {
	tb.Helper()
	look := tool("look", func(context.Context, Item) (string, error) { return "in transit", nil }, funcall.ReadOnly())
	agent, err := funcall.New(lookingModel(), funcall.Config{Store: store, Tools: []funcall.Tool{look}})
	if err != nil {
		tb.Fatal(err)
	}
	past := new(transcript.Memory)
	maker, err := funcall.New(lookingModel(), funcall.Config{Store: past, Tools: []funcall.Tool{look}})
	if err != nil {
		tb.Fatal(err)
	}
	for range turns {
		if _, err := maker.Session("s").Send(tb.Context(), "Where is ORD-78342?"); err != nil {
			tb.Fatal(err)
		}
	}
	t, err := past.Load(tb.Context(), "s")
	if err != nil {
		tb.Fatal(err)
	}
	for at := 0; at < len(t.Entries); at += 1000 { // a store may bound an append
		b := transcript.Batch{Session: "s", At: at, Entries: t.Entries[at:min(at+1000, len(t.Entries))]}
		if err := store.Append(tb.Context(), b); err != nil {
			tb.Fatal(err)
		}
	}
	return agent.Session("s")
}

// What a Send costs must not grow with the conversation: a turn with a call of a tool, after
// that many turns.
func BenchmarkSend(b *testing.B) {
	for _, turns := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint("memory/", turns), func(b *testing.B) { benchSend(b, new(transcript.Memory), turns) })
		b.Run(fmt.Sprint("sqlite/", turns), func(b *testing.B) {
			store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "t.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			benchSend(b, store, turns)
		})
	}
}

func benchSend(b *testing.B, store transcript.Store, turns int) {
	s := grown(b, store, turns)
	if _, err := s.Send(b.Context(), "Where is ORD-78342?"); err != nil { // which loads the session
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Send(b.Context(), "Where is ORD-78342?"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestR29_ASendDoesNotPayForThePast(t *testing.T) {
	cost := func(turns int) uint64 {
		s := grown(t, new(transcript.Memory), turns)
		if _, err := s.Send(t.Context(), "Where is ORD-78342?"); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			if _, err := s.Send(t.Context(), "Where is ORD-78342?"); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := cost(10), cost(2000); many > 3*few { // lists that double once are in it
		t.Errorf("100 turns after 10 allocate %d bytes, after 2000 %d", few, many)
	}
}
