package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/transcript"
)

const decidePrompt = "Approve? (y, or n and why) "

// decider is stored in the transcript. A service stores the name of the person who signed in.
const decider = "the person at the terminal"

// approve asks the person at the terminal to decide on the pending calls. At the end of the input
// they stay pending.
func (d *desk) approve(ctx context.Context, res *funcall.Result) (*funcall.Result, error) {
	in := d.Prompt(d.process, decidePrompt)
	for res.Outcome == transcript.OutcomeWaiting {
		if !in.Shows {
			d.Line("%s", decidePrompt)
		}
		text, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			d.Line("(no decision: the call waits)")
			return res, nil
		}
		if err != nil {
			return res, err
		}
		word, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		var decision transcript.Decision
		switch strings.ToLower(word) {
		case "y", "yes":
			decision = funcall.Approve(res.Pending[0], funcall.By(decider))
		case "n", "no":
			decision = funcall.Deny(res.Pending[0], reason, funcall.By(decider))
		default:
			continue
		}
		if res, err = d.Watch(ctx, d.session.StreamDecide(ctx, decision)); err != nil {
			return res, err
		}
	}
	return res, nil
}

// approveFirst is the command that approves the first pending call.
func approveFirst(ctx context.Context, c *console.Chat, _ string) error {
	return decideFirst(ctx, c, func(p transcript.PendingCall) transcript.Decision { return funcall.Approve(p, funcall.By(decider)) })
}

// denyFirst is the command that denies the first pending call.
func denyFirst(ctx context.Context, c *console.Chat, reason string) error {
	return decideFirst(ctx, c, func(p transcript.PendingCall) transcript.Decision {
		return funcall.Deny(p, reason, funcall.By(decider))
	})
}

func decideFirst(ctx context.Context, c *console.Chat, decision func(transcript.PendingCall) transcript.Decision) error {
	state, err := c.Session.State(ctx)
	if err != nil {
		return err
	}
	if len(state.Pending) == 0 {
		c.Line("(no call waits for a decision)")
		return nil
	}
	return c.Answer(ctx, func(ctx context.Context) iter.Seq2[funcall.Event, error] {
		return c.Session.StreamDecide(ctx, decision(state.Pending[0]))
	})
}
