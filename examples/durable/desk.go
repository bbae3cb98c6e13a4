package main

import (
	"context"
	"errors"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/transcript"
)

// A desk is a stored conversation and the person at the terminal.
type desk struct {
	*console.Show
	process console.Process
	options options
	session *funcall.Session
	about   string // describes the model
}

func (d *desk) intro() {
	d.Intro(d.about)
	d.Line("")
	d.Line("The shop and the conversation %s are kept in %s.", console.Clean(d.session.ID()), console.Clean(d.options.store))
}

// ask asks one question, and asks the person about pending calls.
func (d *desk) ask(ctx context.Context) error {
	d.intro()
	d.Scene(d.options.Who())
	res, err := d.pickUp(ctx)
	if err == nil {
		res, err = d.Ask(ctx, d.session, d.options.Ask)
	}
	if err == nil {
		res, err = d.approve(ctx, res)
	}
	if res != nil {
		err = errors.Join(err, d.options.Print(d.process, res.Transcript))
	}
	d.PrintLog()
	return err
}

// chat runs a chat, in which the person decides with commands.
func (d *desk) chat(ctx context.Context) error {
	c, err := d.NewChat(d.process, d.options.Flags, d.session,
		console.Command{Name: "/approve", Help: "let the call run that waits for a decision", Do: approveFirst},
		console.Command{Name: "/deny", Help: "keep it from running; a reason may follow", Do: denyFirst})
	if err != nil {
		return err
	}
	c.Begin = func(ctx context.Context) error {
		_, err := d.pickUp(ctx)
		return err
	}
	c.Explain = func(err error) string {
		if errors.Is(err, funcall.ErrPending) {
			return "a call waits for a decision first: /approve or /deny"
		}
		return d.options.Explain(err)
	}
	d.intro()
	return c.Run(ctx)
}

// pickUp continues a stored conversation: it shows pending calls and finishes a run whose process
// was killed.
func (d *desk) pickUp(ctx context.Context) (*funcall.Result, error) {
	state, err := d.session.State(ctx)
	if err != nil || state.Entries == 0 {
		return nil, err
	}
	d.Line("")
	d.Line("(conversation %s continues, after %s)", console.Clean(d.session.ID()), console.Count(state.Runs, "question"))
	if state.Outcome != transcript.OutcomeOpen {
		d.Pending(state.Pending)
		return nil, nil
	}
	for {
		res, err := d.Watch(ctx, d.session.StreamResume(ctx))
		if !errors.Is(err, funcall.ErrBusy) {
			return res, err
		}
		d.Line("(it was killed a moment ago, or another program is at it: waiting)")
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return res, ctx.Err()
		}
	}
}
