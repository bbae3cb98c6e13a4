// Package killtest kills and stops workers, and looks at what they leave. Its
// tests start themselves as processes of their own, which are killed with SIGKILL
// or stopped with SIGSTOP, with real database files between them.
package killtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

const session = "ticket-4711"

// A worker brings the conversation to its end, from wherever it finds it.
type worker struct {
	dir      string        // of the databases, and of what the tools write
	takeOver time.Duration // Config.TakeoverAfter, and Config.LeaseFor
	ahead    time.Duration // of the real time, by this worker's clock
	listens  bool          // it picks up what is under way, and begins nothing
	point    func()        // is called wherever it may be killed or stopped
	inTool   func()        // is called in a tool that has done nothing yet
}

// clockFile holds how far the clocks of all workers are ahead of the real time.
const clockFile = "clock"

// now is the time by the worker's clock.
func (w *worker) now() time.Time { return time.Now().Add(w.ahead + moved(w.dir)) }

// moved is how far the clocks of all workers were moved.
func moved(dir string) time.Duration {
	b, err := os.ReadFile(filepath.Join(dir, clockFile))
	if err != nil {
		return 0
	}
	d, _ := time.ParseDuration(string(b))
	return d
}

// question begins a run; answers are what the model does in it, turn by turn.
type question struct {
	text  string
	turns [][]provider.ToolCall
}

func call(name, args string) provider.ToolCall { return provider.ToolCall{Name: name, Args: args} }

// conversation has every kind of tool in it: reads, one that is idempotent (the
// return), one with an effect and a backend to ask (the coupon), one that a person
// decides on (the gift), and one without a backend to ask (the mail).
var conversation = []question{
	{"Return ORD-78342 and ORD-70211, please.", [][]provider.ToolCall{
		{call("get_order_status", `{"order_id":"ORD-78342"}`), call("get_order_status", `{"order_id":"ORD-70211"}`), call("look", `{"at":"policies"}`)},
		{call("process_return", `{"order_id":"ORD-78342","reason":"defective"}`), call("issue_coupon", `{"percent":10}`), call("look", `{"at":"coupons"}`)},
		{call("process_return", `{"order_id":"ORD-70211","reason":"other"}`), call("send_gift", `{"percent":5}`)},
	}},
	{"And send me a mail about it.", [][]provider.ToolCall{
		{call("send_mail", `{"text":"done"}`), call("look", `{"at":"mails"}`)},
	}},
}

// generate is the model: what it says follows from what it is sent, so it can be
// asked again.
func generate(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	asked, turns := -1, 0
	for _, m := range req.Messages {
		switch m.Role {
		case provider.RoleUser:
			asked, turns = asked+1, 0
		case provider.RoleAssistant:
			turns++
		}
	}
	q := conversation[asked]
	if turns == len(q.turns) {
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "That is all."}), Finish: provider.FinishStop}, nil
	}
	m := provider.Assistant()
	for i, c := range q.turns[turns] {
		c.ID = fmt.Sprintf("call_%d_%d_%d", asked, turns, i)
		m.Parts = append(m.Parts, c)
	}
	return &provider.Response{Message: m, Finish: provider.FinishToolCalls}, nil
}

type place struct {
	At string `json:"at"`
}

type coupon struct {
	Percent int `json:"percent"`
}

type mail struct {
	Text string `json:"text"`
}

// note adds a line to a file, at once.
func (w *worker) note(file, format string, args ...any) error {
	f, err := os.OpenFile(filepath.Join(w.dir, file), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, format+"\n", args...)
	return errors.Join(err, f.Close())
}

// lines are the notes in a file.
func lines(dir, file string) []string {
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return nil
	}
	return strings.Fields(strings.ReplaceAll(strings.TrimSpace(string(b)), " ", "_"))
}

// does makes a tool's function of one that leaves a line under the call's key, with
// places to be killed at before and after it.
func does[In any](w *worker, file string) func(context.Context, In) (string, error) {
	return func(ctx context.Context, _ In) (string, error) {
		w.inTool()
		err := w.note(file, "%s", funcall.CallFrom(ctx).Key)
		w.point()
		return "done", err
	}
}

// knows asks what a file has of a key.
func knows[In any](w *worker, file string) func(context.Context, string, In) (string, error) {
	return func(_ context.Context, key string, _ In) (string, error) {
		w.point()
		for _, line := range lines(w.dir, file) {
			if line == key {
				return "done", nil
			}
		}
		return "", funcall.ErrNotApplied
	}
}

// run works until the conversation is at its end.
func (w *worker) run(ctx context.Context) error {
	store, err := sqlite.Open(ctx, filepath.Join(w.dir, "transcripts.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	shop, err := sqlshop.Open(ctx, filepath.Join(w.dir, "shop.db"), sqlshop.Clock(func() time.Time { return time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC) }))
	if err != nil {
		return err
	}
	defer shop.Close()
	tools := []funcall.Tool{
		funcall.NewTool("look", "Looks at something.", func(ctx context.Context, _ place) (string, error) {
			err := w.note("reads", "read %s", funcall.CallFrom(ctx).Ref)
			w.point()
			return "seen", err
		}, funcall.ReadOnly()),
		funcall.NewTool("issue_coupon", "Issues a coupon.", does[coupon](w, "coupons"), funcall.Reconcile(knows[coupon](w, "coupons"))),
		funcall.NewTool("send_gift", "Sends a gift.", does[coupon](w, "gifts"), funcall.Reconcile(knows[coupon](w, "gifts")),
			funcall.RequireApproval(func(context.Context, coupon) (string, error) { return "gifts are dear", nil })),
		funcall.NewTool("send_mail", "Sends a mail.", does[mail](w, "mails")),
	}
	agent, err := funcall.New(provider.Func(generate), funcall.Config{
		Tools: append(tools, ecommerce.Tools(shop)...), Store: places(store, w.leased(), w.point), TakeoverAfter: w.takeOver, LeaseFor: max(w.takeOver, 10*time.Millisecond),
		Now: w.now,
	})
	if err != nil {
		return err
	}
	return w.finish(ctx, agent)
}

// finish does what the conversation wants next, until nothing is left.
func (w *worker) finish(ctx context.Context, agent *funcall.Agent) error {
	chat := agent.Session(session, ecommerce.Customer("CUST-9821"))
	for ctx.Err() == nil {
		t, err := chat.Transcript(ctx)
		if err != nil {
			return err
		}
		k := transcript.Track(t)
		asked := 0
		for _, e := range t.Entries {
			switch b := e.Body.(type) {
			case *transcript.Input:
				asked++
			case *transcript.Result:
				if err := w.note("reads", "stored %s", b.Ref); err != nil {
					return err
				}
			}
		}
		switch o, _ := k.Outcome(); {
		case o == transcript.OutcomeWaiting:
			_, err = chat.Decide(ctx, funcall.Approve(k.Pending()[0], funcall.By("anna")))
		case o == transcript.OutcomeOpen && len(t.Entries) > 0:
			_, err = chat.Resume(ctx)
		case asked == len(conversation):
			return nil
		case w.listens: // of two that send the same question, both would be heard
			time.Sleep(time.Millisecond)
		default:
			_, err = chat.Send(ctx, conversation[asked].text)
		}
		switch {
		case err == nil:
		// Another worker is at it, or was first.
		case errors.Is(err, funcall.ErrBusy), errors.Is(err, funcall.ErrNotPending), errors.Is(err, funcall.ErrPending), errors.Is(err, transcript.ErrConflict):
			time.Sleep(5 * time.Millisecond)
		default:
			return err
		}
	}
	return ctx.Err()
}

// leased reports whether sessions are leased. Without leases, workers that are alive take each
// other for dead.
func (w *worker) leased() bool { return w.takeOver >= 100*time.Millisecond }

// pointStore has places to be killed at before and after each append.
type pointStore struct {
	transcript.Store
	point func()
}

func (s pointStore) Append(ctx context.Context, b transcript.Batch) error {
	s.point()
	defer s.point()
	return s.Store.Append(ctx, b)
}

// leasedStore is a pointStore that leases its sessions.
type leasedStore struct {
	pointStore
	transcript.Leaser
}

// places returns the store of a worker, with or without leases.
func places(store transcript.Store, leased bool, point func()) transcript.Store {
	s := pointStore{store, point}
	if l, ok := store.(transcript.Leaser); ok && leased {
		return leasedStore{s, l}
	}
	return s
}

// after returns a function that calls kill when it is called for the n-th time,
// counted from 1, and counts.
func after(n int64, kill func()) (point func(), count *atomic.Int64) {
	count = new(atomic.Int64)
	return func() {
		if count.Add(1) == n {
			kill()
		}
	}, count
}
