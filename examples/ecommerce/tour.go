package main

import (
	"context"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/transcript"
)

// A conversation is one session: the customer and the questions.
type conversation struct {
	id, who   string
	customer  string // "" for visitors and the staff
	as        funcall.RunOption
	questions []string
}

// approveOver is the refund in cents from which the operator of the tour has to approve a return.
const approveOver = 100_00

// tour shows all five tools, their refusals, and an approval.
var tour = []conversation{
	{"tour-sarah", "Sarah Johnson, customer CUST-9821", "CUST-9821", ecommerce.Customer("CUST-9821"), []string{
		"Where is my order ORD-78342?",
		"I want to return the keyboard of ORD-70211.",
		"It is defective. Please pick it up at home.", // waits for the operator
		"I would also like to return ORD-64317, it is broken.",
		"What did I order recently?",
	}},
	{"tour-visitor", "A visitor who has not signed in", "", ecommerce.Visitor(), []string{
		"What is the warranty on the Wireless Earbuds Pro, and on SKU UHD-4K-55?",
		"Do you have 3 Mechanical Keyboard RGB for ZIP code 98101?",
	}},
	{"tour-james", "James Miller, customer CUST-8765", "CUST-8765", ecommerce.Customer("CUST-8765"), []string{
		"Where is ORD-88410, is UCC-2M in stock for 75201, and what are the shipping options for MKR-104?",
		"What is the status of ORD-00000, and of ORD-78342?", // the first does not exist, the second is Sarah's
		"Please return ORD-91234, I changed my mind.",
	}},
	{"tour-staff", console.Staff, "", ecommerce.Operator(), []string{
		"Show the profile and the order history of sarah.johnson@example.com.",
	}},
}

// conversations returns the conversations that the options select.
func conversations(o options) []conversation {
	if o.Ask != "" {
		return []conversation{{"ask", o.Who(), o.Customer, o.As(), []string{o.Ask}}}
	}
	if o.Customer == "" {
		return tour
	}
	for _, c := range tour {
		if c.customer == o.Customer {
			return []conversation{c}
		}
	}
	return []conversation{{"tour-customer", o.Who(), o.Customer, o.As(), []string{"What did I order recently?"}}}
}

// play asks every question. With -json it prints each conversation's transcript, also after an
// error.
func play(ctx context.Context, p console.Process, o options, show *console.Show, agent *funcall.Agent) error {
	for _, c := range conversations(o) {
		show.Scene(c.who)
		show.Staff = c.customer == "" && c.who == console.Staff
		session := agent.Session(c.id, c.as)
		var res *funcall.Result
		var err error
		for _, q := range c.questions {
			if res, err = show.Ask(ctx, session, q); err == nil {
				res, err = approve(ctx, show, session, res)
			}
			if err != nil {
				break
			}
		}
		if res != nil {
			if perr := o.Print(p, show.Kept(res.Transcript)); perr != nil {
				return perr
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// approve has the operator of the tour approve the calls that wait.
func approve(ctx context.Context, show *console.Show, session *funcall.Session, res *funcall.Result) (*funcall.Result, error) {
	for res.Outcome == transcript.OutcomeWaiting {
		show.Operator("approved")
		var err error
		decision := funcall.Approve(res.Pending[0], funcall.By("the operator of the tour"))
		if res, err = show.Watch(ctx, session.StreamDecide(ctx, decision)); err != nil {
			return res, err
		}
	}
	return res, nil
}
