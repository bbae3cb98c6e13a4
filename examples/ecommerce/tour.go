package main

import (
	"context"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/examples/internal/console"
)

// A conversation is one session: the customer and the questions.
type conversation struct {
	id, who   string
	customer  string // "" for visitors and the staff
	as        funcall.RunOption
	questions []string
}

// tour shows all five tools and their refusals.
var tour = []conversation{
	{"tour-sarah", "Sarah Johnson, customer CUST-9821", "CUST-9821", ecommerce.Customer("CUST-9821"), []string{
		"Where is my order ORD-78342?",
		"Return it, please.",
		"The earbuds are defective. Please pick them up at home.",
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
		session := agent.Session(c.id, c.as)
		var res *funcall.Result
		var err error
		for _, q := range c.questions {
			if res, err = show.Ask(ctx, session, q); err != nil {
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
