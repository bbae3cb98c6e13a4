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

const (
	// twoRoles is said before a chat.
	twoRoles = "This terminal plays two roles. What you type is from the caller, except /approve and /deny: they are from the operator, who decides on calls that wait for approval. In a service these are two people at two screens."
	// howToDecide is said at a pending call of a chat.
	howToDecide = "The operator decides: type /approve, or /deny and why."
	// decideQuestion is asked with -ask, after the operator's prompt.
	decideQuestion = "Approve? (y, or n and why) "
	// operator is stored as the person who decided. A service stores the name of the person who
	// signed in, which must not be the customer.
	operator = "operator"
)

// approve asks the operator to decide on the pending calls. It returns the result of the last
// run, or nil if there was no decision: at the end of the input the calls stay pending.
func (d *desk) approve(ctx context.Context, pending []transcript.PendingCall) (res *funcall.Result, err error) {
	if len(pending) == 0 {
		return nil, nil
	}
	in := d.operatorInput()
	for len(pending) > 0 {
		text, err := in.Next(ctx)
		if !in.Shows {
			d.Operator(decideQuestion + text)
		}
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
			decision = funcall.Approve(pending[0], funcall.By(operator))
		case "n", "no":
			decision = funcall.Deny(pending[0], reason, funcall.By(operator))
		default:
			continue
		}
		if res, err = d.Watch(ctx, d.session.StreamDecide(ctx, decision)); err != nil {
			return res, err
		}
		pending = res.Pending
	}
	return res, nil
}

// decisions are the operator's commands of a chat.
var decisions = []console.Command{
	{Name: "/approve", Help: "as the operator: let the call run that waits for approval", Operator: true, Do: approveFirst},
	{Name: "/deny", Help: "as the operator: keep the call from running; a reason may follow", Operator: true, Do: denyFirst},
}

// approveFirst approves the first pending call.
func approveFirst(ctx context.Context, c *console.Chat, _ string) error {
	return decideFirst(ctx, c, func(p transcript.PendingCall) transcript.Decision {
		return funcall.Approve(p, funcall.By(operator))
	})
}

// denyFirst denies the first pending call.
func denyFirst(ctx context.Context, c *console.Chat, reason string) error {
	return decideFirst(ctx, c, func(p transcript.PendingCall) transcript.Decision {
		return funcall.Deny(p, reason, funcall.By(operator))
	})
}

func decideFirst(ctx context.Context, c *console.Chat, decision func(transcript.PendingCall) transcript.Decision) error {
	state, err := c.Session.State(ctx)
	if err != nil {
		return err
	}
	if len(state.Pending) == 0 {
		c.Line("(no call waits for approval)")
		return nil
	}
	return c.Answer(ctx, func(ctx context.Context) iter.Seq2[funcall.Event, error] {
		return c.Session.StreamDecide(ctx, decision(state.Pending[0]))
	})
}
