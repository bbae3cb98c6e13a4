package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/transcript"
)

// A desk is a stored conversation and the person at the terminal, who plays two roles: the
// caller and the operator.
type desk struct {
	*console.Show
	process console.Process
	options options
	session *funcall.Session
	about   string // describes the model
	// operatorInput returns the one reader of the operator's decisions, which may have read ahead.
	operatorInput func() *console.Input
}

func newDesk(show *console.Show, p console.Process, o options, session *funcall.Session, about string) *desk {
	return &desk{
		Show: show, process: p, options: o, session: session, about: about,
		operatorInput: sync.OnceValue(func() *console.Input { return show.OperatorInput(p, decideQuestion) }),
	}
}

// ask asks one question. The operator decides on pending calls: first on those of the
// conversation so far, which would keep the question from being asked.
func (d *desk) ask(ctx context.Context) error {
	earlier := *d
	earlier.Show = d.Aside()
	pending, err := earlier.pickUp(ctx)
	if err == nil {
		_, err = earlier.approve(ctx, pending)
	}
	if err != nil {
		return err
	}
	res, err := d.Ask(ctx, d.session, d.options.Ask)
	if errors.Is(err, funcall.ErrPending) {
		return errors.New("the question was not asked: a call waits for the operator's decision first")
	}
	if err == nil {
		var decided *funcall.Result
		if decided, err = d.approve(ctx, res.Pending); decided != nil {
			res = decided
		}
	}
	if res != nil {
		err = errors.Join(err, d.options.Print(d.process, res.Transcript))
	}
	return err
}

// chat runs a chat, in which the operator decides with commands.
func (d *desk) chat(ctx context.Context) error {
	c, err := d.NewChat(d.process, d.options.Flags, d.session, decisions...)
	if err != nil {
		return err
	}
	d.HowToDecide = howToDecide
	c.Begin = func(ctx context.Context) error {
		_, err := d.pickUp(ctx)
		return err
	}
	c.Explain = func(err error) string {
		if errors.Is(err, funcall.ErrPending) {
			return "the message was not sent: a call waits for the operator's decision first, /approve or /deny"
		}
		return d.options.Explain(err)
	}
	d.Intro(d.about,
		fmt.Sprintf("The shop and the conversation %s are kept in %s.", console.Clean(d.session.ID()), console.Clean(d.options.store)),
		twoRoles)
	return c.Run(ctx)
}

// pickUp continues a stored conversation: it shows pending calls and finishes a run whose process
// was killed. It returns the pending calls.
func (d *desk) pickUp(ctx context.Context) ([]transcript.PendingCall, error) {
	state, err := d.session.State(ctx)
	if err != nil || state.Entries == 0 {
		return nil, err
	}
	d.Line("")
	d.Line("(conversation %s continues, after %s)", console.Clean(d.session.ID()), console.Count(state.Runs, "question"))
	if state.Outcome != transcript.OutcomeOpen {
		d.Pending(state.Pending)
		return state.Pending, nil
	}
	for {
		res, err := d.Watch(ctx, d.session.StreamResume(ctx))
		if err == nil {
			return res.Pending, nil
		}
		if !errors.Is(err, funcall.ErrBusy) {
			return nil, err
		}
		d.Line("(it was killed a moment ago, or another program is at it: waiting)")
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
