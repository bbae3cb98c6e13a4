package rules_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func TestR28_EarlyCallsDoNotOutliveTheRun(t *testing.T) {
	for _, leave := range []string{"break", "panic", "cancel"} {
		t.Run(leave, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hangs := func(ctx context.Context, _ Item) (string, error) {
					<-ctx.Done()
					return "", ctx.Err()
				}
				calls := looks(3)
				agent := newAgent(t, writes(calls, asks(provider.FinishToolCalls, calls...), nil),
					funcall.Config{Tools: []funcall.Tool{tool("look", hangs, funcall.ReadOnly())}})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				func() {
					defer func() { _ = recover() }()
					n := 0
					for ev := range agent.Stream(ctx, "go") {
						if n++; n < 3 || ev.Kind != funcall.EventToolInput {
							continue
						}
						switch leave {
						case "break":
							return
						case "panic":
							panic("the consumer's")
						}
						cancel()
					}
				}()
				if agent.AbandonedCalls() != 0 {
					t.Errorf("%d abandoned", agent.AbandonedCalls())
				}
				// synctest.Test fails where a goroutine is left
			})
		})
	}
}

func TestR11_AnEarlyCallThatHangsIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		hangs := func(context.Context, Item) (string, error) { <-free; return "", nil }
		for _, finish := range []provider.FinishReason{provider.FinishToolCalls, provider.FinishLength} {
			agent := newAgent(t, writes(looks(1), asks(finish, looks(1)...), nil), funcall.Config{
				GracePeriod: time.Second,
				Tools:       []funcall.Tool{tool("look", hangs, funcall.ReadOnly(), funcall.Timeout(3*time.Second))},
			})
			start := time.Now()
			for range agent.Stream(t.Context(), "go") {
			}
			want := 10*time.Millisecond + 4*time.Second // its own time, and the grace
			if finish == provider.FinishLength {
				want = 100*time.Millisecond + time.Second // dropped with the turn
			}
			if took := time.Since(start); took != want || agent.AbandonedCalls() != 1 {
				t.Errorf("%s: took %v, not %v; %d abandoned", finish, took, want, agent.AbandonedCalls())
			}
		}
		close(free)
		synctest.Wait()
	})
}

func TestR21_EarlyCallsShareTheActiveTime(t *testing.T) {
	for _, early := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			slow := func(ctx context.Context, _ Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }
			agent := newAgent(t, writes(looks(1), asks(provider.FinishToolCalls, looks(1)...), nil), funcall.Config{
				DisableEarlyStart: !early, Limits: transcript.Limits{ActiveTime: time.Second},
				Tools: []funcall.Tool{tool("look", slow, funcall.ReadOnly())},
			})
			start := time.Now()
			for range agent.Stream(t.Context(), "go") {
			}
			if took := time.Since(start); took != time.Second {
				t.Errorf("early start %t: took %v, not 1s", early, took)
			}
		})
	}
}

func TestR09_ADroppedCallIsLogged(t *testing.T) {
	for want, fn := range map[string]func(context.Context, Item) (string, error){
		"tool call panicked":  func(context.Context, Item) (string, error) { panic("boom") },
		"tool call abandoned": func(context.Context, Item) (string, error) { time.Sleep(time.Hour); return "", nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			agent := newAgent(t, writes(looks(1), asks(provider.FinishLength, looks(1)...), nil), funcall.Config{
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
				Tools:  []funcall.Tool{tool("look", fn, funcall.ReadOnly())},
			})
			for range agent.Stream(t.Context(), "go") {
			}
			time.Sleep(2 * time.Hour) // the abandoned one returns
			synctest.Wait()
			if !strings.Contains(log.String(), want) {
				t.Errorf("there is no %q in:\n%s", want, log.String())
			}
		})
	}
}

func TestR11_APanicLeavesNoCallUnwatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		hangs := func(context.Context, Item) (string, error) { <-free; return "", nil }
		agent := newAgent(t, writes(looks(2), asks(provider.FinishToolCalls, looks(2)...), nil), funcall.Config{
			DisableEarlyStart: true,
			Tools:             []funcall.Tool{tool("look", hangs, funcall.ReadOnly(), funcall.Timeout(time.Second))},
		})
		chat := agent.Session("s")
		func() {
			defer func() { _ = recover() }()
			for ev := range chat.Stream(t.Context(), "go") {
				if ev.Kind == funcall.EventToolEnd {
					panic("the consumer's")
				}
			}
		}()
		if agent.AbandonedCalls() != 2 {
			t.Errorf("%d abandoned", agent.AbandonedCalls())
		}
		if _, err := chat.Send(t.Context(), "again"); errors.Is(err, funcall.ErrBusy) {
			t.Error(err)
		}
		close(free)
		synctest.Wait()
	})
}

// A call that began early is taken over in its own place, also behind one that did not.
func TestR10_AnEarlyCallKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counter
		calls := looks(3)
		calls[0].Name = "wait"
		agent := newAgent(t, writes(calls, asks(provider.FinishToolCalls, calls...), nil), funcall.Config{Tools: []funcall.Tool{
			tool("wait", echo, funcall.ReadOnly(), funcall.NoEarlyStart()), tool("look", n.look, funcall.ReadOnly()),
		}})
		var res *funcall.Result
		for ev, err := range agent.Stream(t.Context(), "go") {
			if res = ev.Result; err != nil {
				t.Error(err)
			}
		}
		check(t, res)
		slices.Sort(n.ran)
		if want := []string{"2 at /1.1", "3 at /1.2"}; !slices.Equal(n.ran, want) {
			t.Errorf("ran %q, not %q", n.ran, want)
		}
		for i, c := range res.Calls {
			if want := fmt.Sprintf(`"n":%d`, i+1); c.Status != transcript.StatusOK || !strings.Contains(c.Args, want) || c.Text() != "a"+strings.Repeat("+", i+1) {
				t.Errorf("call %d: %s, %s", i, c.Args, c.Text())
			}
		}
	})
}
