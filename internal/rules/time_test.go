package rules_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Durations and timeouts follow the monotonic clock, and the times of entries
// Config.Now.
func TestTimeFollowsItsClock(t *testing.T) {
	epoch := time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, step := range map[string]time.Duration{"stands still": 0, "jumps ahead": time.Hour, "jumps back": -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var reads atomic.Int64
			at := func(n int64) time.Time { return epoch.Add(time.Duration(n) * step) }
			cfg := funcall.Config{
				GracePeriod: time.Second, ModelTimeout: 20 * time.Second, Now: func() time.Time { return at(reads.Add(1)) },
				Tools: []funcall.Tool{
					tool("look", func(context.Context, Item) (string, error) { time.Sleep(3 * time.Second); return "seen", nil }, funcall.ReadOnly()),
					tool("obeys", func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }, funcall.ReadOnly(), funcall.Timeout(5*time.Second)),
					tool("hangs", func(context.Context, Item) (string, error) { time.Sleep(time.Minute); return "", nil }, funcall.ReadOnly(), funcall.Timeout(7*time.Second)),
				},
			}
			began := time.Now()
			turns := 0
			model := provider.Func(func(ctx context.Context, _ *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
				if turns++; turns > 1 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return asks(provider.FinishToolCalls,
					provider.ToolCall{ID: "1", Name: "look", Args: `{"id":"a"}`},
					provider.ToolCall{ID: "2", Name: "obeys", Args: `{"id":"a"}`},
					provider.ToolCall{ID: "3", Name: "hangs", Args: `{"id":"a"}`}), nil
			})
			res, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "go")
			if err == nil || time.Since(began) != 28*time.Second { // the calls have 8 seconds, and the model 20
				t.Errorf("%s: the run took %v, %v", name, time.Since(began), err)
			}
			for i, want := range []time.Duration{3 * time.Second, 5 * time.Second, 8 * time.Second} {
				if got := res.Calls[i].Duration; got != want {
					t.Errorf("%s: call %d took %v, not %v", name, i, got, want)
				}
			}
			for i, e := range res.Transcript.Entries {
				if a, ok := e.Body.(*transcript.Attempt); ok && a.Duration != 20*time.Second {
					t.Errorf("%s: the attempt took %v", name, a.Duration)
				}
				if n := e.Time.Sub(epoch); step == 0 && n != 0 || step != 0 && n%step != 0 {
					t.Errorf("%s: entry %d is of %v", name, i, e.Time)
				}
			}
			time.Sleep(time.Hour)
		})
	}
}

// The age of an intent and the deadline of an approval follow Config.Now.
func TestDeadlinesOfEntriesFollowNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		ask := funcall.RequireApproval(func(context.Context, Item) (string, error) { return "it costs", nil })
		ran := 0
		pay := tool("pay", func(context.Context, Item) (string, error) { ran++; return "paid", nil }, ask, funcall.ApprovalTimeout(time.Hour))
		agent := newAgent(t, providertest.NewScript(t, payCall("a"), providertest.Say("paid")), funcall.Config{
			Tools: []funcall.Tool{pay}, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		})
		res, err := agent.Session("s").Send(t.Context(), "go")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		ahead.Add(int64(-24 * time.Hour)) // no time has passed for the transcript
		if _, err := agent.Session("s").Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || ran != 1 {
			t.Errorf("%v, ran %d times", err, ran)
		}
	})
}
