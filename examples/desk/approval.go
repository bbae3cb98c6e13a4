package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// overFifty says why a refund needs a person, or "" if it needs none. It counts what was paid
// back for the order before.
func (p payments) overFifty(_ context.Context, r Refund) (string, error) {
	_, cents, err := p.read("", r.OrderID)
	if err != nil || cents+r.Cents <= 5000 {
		return "", err
	}
	return fmt.Sprintf("the refunds of %s would be %.2f dollars", r.OrderID, float64(cents+r.Cents)/100), nil
}

// pending prints the calls that wait for a person.
func pending(ctx context.Context, store transcript.Lister) error {
	for s, err := range store.List(ctx, transcript.Filter{Outcome: transcript.OutcomeWaiting}) {
		if err != nil {
			return err
		}
		for _, call := range s.Pending {
			fmt.Printf("%s: %s %s for %s: %s\n", s.ID, call.Tool, call.Args, s.Subject, call.Reason)
		}
	}
	return nil
}

// approve lets the call run that waits in the ticket.
func approve(ctx context.Context, ticket *funcall.Session, person string) error {
	state, err := ticket.State(ctx)
	if err != nil {
		return err
	}
	if len(state.Pending) == 0 {
		return errors.New("no call waits in this ticket")
	}
	return show(ticket.StreamDecide(ctx, funcall.Approve(state.Pending[0], funcall.By(person))))
}
