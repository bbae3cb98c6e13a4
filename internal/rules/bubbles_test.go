package rules_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A line leads to the server of the test that runs.
type line struct{ server atomic.Pointer[http.Client] }

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	return l.server.Load().Transport.RoundTrip(r)
}

// An agent keeps no channel, timer, context or goroutine of a run: one that was made
// outside is used in bubbles of synctest, and between them.
func TestR28_OneAgentInBubbles(t *testing.T) {
	const hangs = 300 * time.Millisecond
	var l line
	var tries atomic.Int64
	agent := newAgent(t, openai.New("gpt-5-mini", openai.BaseURL("http://model/v1"), openai.HTTPClient(&http.Client{Transport: &l})), funcall.Config{
		GracePeriod: 10 * time.Millisecond,
		Tools: []funcall.Tool{
			tool("look", echo, funcall.ReadOnly()),
			tool("wait", func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }, funcall.ReadOnly(), funcall.Timeout(10*time.Millisecond)),
			tool("hang", func(context.Context, Item) (string, error) { time.Sleep(hangs); return "", nil }, funcall.ReadOnly(), funcall.Timeout(10*time.Millisecond)),
			tool("retry", func(context.Context, Item) (string, error) {
				if tries.Add(1)%3 != 0 {
					return "", errors.New("busy")
				}
				return "ok", nil
			}, funcall.ReadOnly(), funcall.Retry(3, time.Millisecond)),
			tool("book", echo),
		},
	})
	call := func(name, n string) provider.ToolCall {
		return provider.ToolCall{Name: name, Args: `{"id":"a","n":` + n + `}`}
	}
	converse := func(t *testing.T, exact bool) {
		use := func(run func(ctx context.Context) (*funcall.Result, error)) {
			l.server.Store(serve.InMemory(t, chatserver.New(
				providertest.Calls(call("look", "1"), call("hang", "2"), call("retry", "3"), call("wait", "4"), call("book", "5")),
				providertest.Calls(call("look", "1"), call("look", "2"), call("retry", "3")),
				providertest.Say("done"),
			).ServeHTTP))
			res, err := run(t.Context())
			if err != nil || res.Outcome != transcript.OutcomeDone || len(res.Calls) != 8 {
				t.Fatalf("%v, %+v", err, res)
			}
			if exact {
				time.Sleep(2 * hangs) // until the abandoned call has returned
			}
			for i, want := range []transcript.Status{"ok", "failed", "ok", "failed", "ok", "ok", "ok", "ok"} {
				if got := res.Calls[i].Status; exact && got != want {
					t.Errorf("call %d is %s, not %s", i, got, want)
				}
			}
		}
		use(func(ctx context.Context) (*funcall.Result, error) { return agent.Run(ctx, "go") })
		use(func(ctx context.Context) (res *funcall.Result, err error) {
			for ev, e := range agent.Stream(ctx, "go") {
				res, err = ev.Result, e
			}
			return res, err
		})
	}
	for range 2 {
		converse(t, false) // a busy machine may take long
		synctest.Test(t, func(t *testing.T) { converse(t, true) })
	}
	converse(t, false)
}
