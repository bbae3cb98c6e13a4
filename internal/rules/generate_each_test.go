package rules_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A mailroom is a model that answers the text "3 ok" after three seconds. It counts the calls.
type mailroom struct {
	mu             sync.Mutex
	asked, running int
	most           int // that ran at the same time
	canceled       int
}

func (m *mailroom) Generate(ctx context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	m.count(func() { m.asked++; m.running++; m.most = max(m.most, m.running) })
	defer m.count(func() { m.running-- })
	var seconds int
	var what string
	if _, err := fmt.Sscanf(req.Messages[0].Text(), "%d %s", &seconds, &what); err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-ctx.Done():
		m.count(func() { m.canceled++ })
		return nil, ctx.Err()
	}
	switch what {
	case "fail":
		return nil, &provider.Error{Kind: provider.KindAuth, Message: "no key"}
	case "exit":
		runtime.Goexit()
	}
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: fmt.Sprintf("[%d,%q]", seconds, what)}), Finish: provider.FinishStop}, nil
}

func (m *mailroom) count(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// each ranges over all of a list, and returns the indexes in their order, and each result as text.
func each(ctx context.Context, a *funcall.Agent, parallel int, texts ...string) (order []int, got []string) {
	got = make([]string, len(texts))
	for i, g := range funcall.GenerateEach[[]any](ctx, a, parallel, texts) {
		order = append(order, i)
		got[i] += fmt.Sprintf("%v %s", g.Value, g.Result.Outcome)
		if g.Err != nil {
			got[i] += " " + g.Err.Error()
		}
	}
	return order, got
}

func TestGenerateEach(t *testing.T) {
	for _, c := range []struct {
		parallel int
		texts    []string
		order    []int // in which the runs end
		most     int
		took     time.Duration
	}{
		{1, []string{"3 a", "1 b", "2 c"}, []int{0, 1, 2}, 1, 6 * time.Second},
		{2, []string{"3 a", "1 b", "1 c", "4 d", "2 e"}, []int{1, 2, 0, 4, 3}, 2, 6 * time.Second},
		{3, []string{"3 a", "1 b", "2 c"}, []int{1, 2, 0}, 3, 3 * time.Second},
		{1 << 40, []string{"3 a", "1 b"}, []int{1, 0}, 2, 3 * time.Second},
		{2, nil, nil, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			m, began := new(mailroom), time.Now()
			order, got := each(t.Context(), newAgent(t, m, funcall.Config{}), c.parallel, c.texts...)
			if d := cmp.Diff(c.order, order); d != "" || m.most != c.most || m.asked != len(c.texts) || time.Since(began) != c.took {
				t.Errorf("%d: asked %d times, %d at once, for %v: %v", c.parallel, m.asked, m.most, time.Since(began), order)
			}
			for i, text := range c.texts {
				if want := "[" + text + "] done"; got[i] != want {
					t.Errorf("%d: %q: %s, not %s", c.parallel, text, got[i], want)
				}
			}
		})
	}
}

// A run that fails has its error, and the others go on.
func TestGenerateEachGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		agent := newAgent(t, new(mailroom), funcall.Config{})
		order, got := each(t.Context(), agent, 2, "1 a", "2 fail", "", "3 exit", "1 b", "x", "2 c")
		want := []string{
			"[1 a] done",
			"[] failed auth: no key",
			"[] failed funcall: the message is empty",
			"[] failed funcall: the goroutine of the run was ended by runtime.Goexit",
			"[1 b] done",
			"[] failed ",
			"[2 c] done",
		}
		slices.Sort(order)
		if d := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6}, order); d != "" {
			t.Error(d)
		}
		for i, w := range want {
			if !strings.HasPrefix(got[i], w) {
				t.Errorf("%d: %s, not %s", i, got[i], w)
			}
		}
	})
	for i, g := range funcall.GenerateEach[chan int](t.Context(), newAgent(t, says("1"), funcall.Config{}), 1, []string{"a"}) {
		if i != 0 || g.Err == nil || !strings.Contains(g.Err.Error(), "chan int") || g.Result.Outcome != transcript.OutcomeFailed {
			t.Errorf("%d: %+v", i, g)
		}
	}
}

// Once the context is done, no run begins, and each text is yielded all the same.
func TestGenerateEachIsCanceled(t *testing.T) {
	for name, c := range map[string]struct {
		after    time.Duration
		asked    int
		canceled int
		want     []string
	}{
		"at first":      {0, 0, 0, []string{"[] canceled context canceled", "[] canceled context canceled", "[] canceled context canceled", "[] canceled context canceled"}},
		"in the middle": {1500 * time.Millisecond, 3, 2, []string{"[1 a] done", "[] canceled context canceled", "[] canceled context canceled", "[] canceled context canceled"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.after == 0 {
				cancel()
			} else {
				time.AfterFunc(c.after, cancel)
			}
			m := new(mailroom)
			agent := newAgent(t, m, funcall.Config{RunOptions: []funcall.RunOption{funcall.WithInstructionsFunc(func(ctx context.Context, _ funcall.RunInfo) (string, error) {
				if ctx.Err() != nil {
					t.Error("a run began after the end")
				}
				return "", nil
			})}})
			order, got := each(ctx, agent, 2, "1 a", "2 b", "3 c", "4 d")
			slices.Sort(order)
			if d := cmp.Diff([]int{0, 1, 2, 3}, order) + cmp.Diff(c.want, got); d != "" || m.asked != c.asked || m.canceled != c.canceled {
				t.Errorf("%s: asked %d times, %d canceled\n%s", name, m.asked, m.canceled, d)
			}
		})
	}
}

// A loop that is left, panics or ends its goroutine ends the runs, and waits for them.
func TestGenerateEachIsLeft(t *testing.T) {
	value := new(int)
	for name, leave := range map[string]func(){
		"break":  func() {},
		"panic":  func() { panic(value) },
		"Goexit": runtime.Goexit,
	} {
		for _, last := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				m := new(mailroom)
				agent := newAgent(t, m, funcall.Config{})
				texts := []string{"1 a", "9 b", "9 c", "9 d"}
				wantAsked, wantCanceled := 3, 2
				if last {
					texts, wantAsked, wantCanceled = texts[:2], 2, 1
				}
				yields, running := 0, -1
				over := make(chan any)
				go func() {
					var panicked any
					defer func() {
						m.count(func() { running = m.running })
						over <- panicked
					}()
					panicked = caught(func() {
						for range funcall.GenerateEach[[]any](t.Context(), agent, min(3, len(texts)), texts) {
							yields++
							leave()
							break
						}
					})
				}()
				if panicked := <-over; (panicked == value) != (name == "panic") {
					t.Errorf("%s: panicked with %v", name, panicked)
				}
				if yields != 1 || running != 0 || m.asked != wantAsked || m.canceled != wantCanceled {
					t.Errorf("%s: %d yielded, %d running, %d asked, %d canceled", name, yields, running, m.asked, m.canceled)
				}
			})
		}
	}
}

// A loop that is slow holds the runs back.
func TestGenerateEachWaitsForTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(mailroom)
		texts := slices.Repeat([]string{"1 a"}, 10)
		taken := 0
		for range funcall.GenerateEach[[]any](t.Context(), newAgent(t, m, funcall.Config{}), 3, texts) {
			time.Sleep(time.Hour)
			want := min(len(texts), 3+taken)
			m.count(func() {
				if m.asked != want {
					t.Errorf("%d runs began, not %d, while the loop has result %d", m.asked, want, taken)
				}
			})
			taken++
		}
		if taken != len(texts) {
			t.Errorf("%d taken", taken)
		}
	})
}

func TestGenerateEachNeedsARun(t *testing.T) {
	m := new(mailroom)
	agent := newAgent(t, m, funcall.Config{})
	for _, parallel := range []int{0, -1} {
		order, got := each(t.Context(), agent, parallel, "1 a", "1 b")
		want := fmt.Sprintf("[] failed funcall: GenerateEach: parallel is %d; it must be at least 1", parallel)
		if d := cmp.Diff([]int{0, 1}, order) + cmp.Diff([]string{want, want}, got); d != "" || m.asked != 0 {
			t.Errorf("asked %d times\n%s", m.asked, d)
		}
		for i := range funcall.GenerateEach[[]any](t.Context(), agent, parallel, []string{"1 a", "1 b"}) {
			if i > 0 {
				t.Error("yielded after the loop was left")
			}
			break
		}
	}
}

// Runs share one agent, its form of the type and what an option attaches, and may call tools.
func TestGenerateEachSharesAnAgent(t *testing.T) {
	look, answer := providertest.Call("look", `{"id":"a"}`), providertest.Call("answer", `{"value":["x"]}`)
	model := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		turn := look
		if len(req.Messages) > 1 {
			turn = answer
		}
		if text := req.Messages[0].Text(); !strings.Contains(text, "attached") {
			return nil, errors.New("the text is " + text)
		}
		return providertest.NewScript(nil, turn).Generate(ctx, req, emit)
	})
	agent := newAgent(t, plain(model), funcall.Config{Tools: []funcall.Tool{tool("look", echo, funcall.ReadOnly())}})
	texts := slices.Repeat([]string{"go"}, 50)
	n := 0
	for _, g := range funcall.GenerateEach[[]string](t.Context(), agent, 8, texts, funcall.Attach(provider.Text{Text: "attached"}), funcall.WithTools("look")) {
		n++
		if g.Err != nil || len(g.Value) != 1 || len(g.Result.Calls) != 2 {
			t.Fatalf("%+v", g)
		}
		check(t, g.Result)
	}
	if n != len(texts) {
		t.Errorf("%d results", n)
	}
}
