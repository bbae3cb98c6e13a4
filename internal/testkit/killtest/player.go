package killtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A player is the worker of a schedule.
type player struct {
	schedule
	worker  int // its place in lives
	path    string
	session string
	place   func() // is called wherever a fault may befall it
	events  int    // so far
	clock   clock
}

// A clock knows when each goroutine looked at it last.
type clock struct{ looks sync.Map } // name of the goroutine to time.Time

func (c *clock) now() time.Time {
	now := time.Now().Round(0)
	c.looks.Store(goroutine(), now)
	return now
}

// looked returns when the calling goroutine looked last, or zero.
func (c *clock) looked() time.Time {
	at, _ := c.looks.Load(goroutine())
	t, _ := at.(time.Time)
	return t
}

// goroutine returns the name of the calling goroutine, as its stack begins with it.
func goroutine() string {
	buf := make([]byte, 64)
	name, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), " [")
	return name
}

// effect is the input of all tools.
type effect struct {
	ID string `json:"id"`
}

func (p *player) request(ctx context.Context, op, kind, id string) request {
	until, _ := ctx.Deadline()
	c := funcall.CallFrom(ctx)
	return request{Op: op, Kind: kind, ID: id, Key: c.Key, Ref: c.Ref, Attempt: c.Attempt, Worker: p.worker, Until: until.Round(0)}
}

// tool returns the tool of that kind.
func (p *player) tool(kind string, opts ...funcall.ToolOption) funcall.Tool {
	return funcall.NewTool(kind, "Does something.", func(ctx context.Context, e effect) (string, error) {
		p.place()
		r := p.request(ctx, opDo, kind, e.ID)
		r.Looked = p.clock.looked()
		_, err := ask(ctx, p.path, r)
		p.place()
		return "done", err
	}, append(opts, funcall.Timeout(toolTimeout))...)
}

func (p *player) reconcile(ctx context.Context, key string, e effect) (string, error) {
	p.place()
	r := p.request(ctx, opAsk, asked, e.ID)
	r.Key = key
	known, err := ask(ctx, p.path, r)
	if err == nil && !known {
		err = funcall.ErrNotApplied
	}
	return "done", err
}

// agent returns the agent of all workers of the schedule.
func (p *player) agent(store transcript.Store) (*funcall.Agent, error) {
	return funcall.New(provider.Func(p.generate), funcall.Config{
		Tools: []funcall.Tool{
			funcall.NewTool("look", "Looks at something.", func(context.Context, effect) (string, error) { p.place(); return "seen", nil },
				funcall.ReadOnly(), funcall.Timeout(toolTimeout)),
			p.tool(asked, funcall.Reconcile(p.reconcile)), p.tool(keyless), p.tool(ignored),
			p.tool(honored, funcall.Idempotent()), p.tool(unhonored, funcall.Idempotent()),
		},
		Store: places(store, p.leased(), p.place), TakeoverAfter: p.takeOver, LeaseFor: max(p.takeOver, 10*time.Millisecond), GracePeriod: toolGrace, Now: p.clock.now,
	})
}

// generate is the model. What it says follows from what it is sent.
func (p *player) generate(_ context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	turns, text := 0, ""
	for _, m := range req.Messages {
		switch m.Role {
		case provider.RoleUser:
			turns, text = 0, m.Text()
		case provider.RoleAssistant:
			turns++
		}
	}
	for _, q := range p.questions {
		if q.text == text && turns < len(q.turns) {
			m := provider.Assistant()
			for _, c := range q.turns[turns] {
				m.Parts = append(m.Parts, c)
				if emit != nil {
					emit(provider.Delta{Kind: provider.DeltaCallEnd, ID: c.ID, Name: c.Name, Text: c.Args})
				}
			}
			return &provider.Response{Message: m, Finish: provider.FinishToolCalls}, nil
		}
	}
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: "That is all."}), Finish: provider.FinishStop}, nil
}

// play does what the conversation wants next, until nothing is left.
func (p *player) play(ctx context.Context, store transcript.Store) error {
	agent, err := p.agent(store)
	if err != nil {
		return err
	}
	chat := agent.Session(p.session)
	for ctx.Err() == nil {
		t, err := chat.Transcript(ctx)
		if err != nil {
			return err
		}
		k, sent := transcript.Track(t), messagesOf(t)
		switch o, _ := k.Outcome(); {
		case o == transcript.OutcomeWaiting:
			err = p.watch(chat.StreamDecide(ctx, p.decides(k.Pending()[0])))
		case len(t.Entries) > 0 && o != transcript.OutcomeDone:
			err = p.watch(chat.StreamResume(ctx))
		case sent == len(p.questions):
			return nil
		default:
			err = p.send(ctx, chat, sent)
		}
		switch {
		case err == nil, errors.Is(err, context.Canceled) && ctx.Err() == nil:
		// Another worker is at it, or was first.
		case errors.Is(err, funcall.ErrBusy), errors.Is(err, funcall.ErrNotPending), errors.Is(err, funcall.ErrPending),
			errors.Is(err, funcall.ErrStaleDecision), errors.Is(err, transcript.ErrConflict):
			time.Sleep(5 * time.Millisecond)
		default:
			return err
		}
	}
	return ctx.Err()
}

// send sends a message that no other living worker may send: two that are the same
// would both be heard.
func (p *player) send(ctx context.Context, chat *funcall.Session, n int) error {
	may, err := ask(ctx, p.path, request{Op: opClaim, Worker: p.worker, Message: n})
	if err != nil {
		return err
	}
	t, err := chat.Transcript(ctx) // once more: the one who had claimed it may have sent it
	if err != nil {
		return err
	}
	if !may || messagesOf(t) != n {
		return funcall.ErrBusy
	}
	if !p.lives[p.worker].streams {
		_, err := chat.Send(ctx, p.questions[n].text)
		return err
	}
	return p.watch(chat.Stream(ctx, p.questions[n].text))
}

// messagesOf returns how many messages were sent.
func messagesOf(t transcript.Transcript) int {
	n := 0
	for _, e := range t.Entries {
		if _, ok := e.Body.(*transcript.Input); ok {
			n++
		}
	}
	return n
}

// decides is the person's word on a call: the same by every worker.
func (p *player) decides(c transcript.PendingCall) transcript.Decision {
	h := fnv.New32a()
	fmt.Fprint(h, p.seed, c.Ref)
	if h.Sum32()%4 == 0 {
		return funcall.Deny(c, "not today")
	}
	return funcall.Approve(c)
}

// watch reads a stream as the life's faults have it.
func (p *player) watch(events func(func(funcall.Event, error) bool)) (err error) {
	for ev, e := range events {
		if err = e; ev.Kind == funcall.EventDone {
			return err
		}
		p.events++
		for _, f := range p.lives[p.worker].faults {
			switch {
			case f.at != p.events:
			case f.kind == slow:
				time.Sleep(f.lasts)
			case f.kind == leaves:
				return nil
			}
		}
	}
	return err
}
