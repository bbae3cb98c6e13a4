package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/transcript"
)

const aboutOffline = `Offline rules answer here, not a language model: they know a few phrases, and
pick calls and sentences by them. The tools, the checks and the shop's latencies
are the real thing. To have a real model answer, use one of
  HOLYSHEEP_API_KEY=… go run ./examples/ecommerce -provider holysheep
  OPENAI_API_KEY=…    go run ./examples/ecommerce -provider openai -model gpt-5-mini
  ANTHROPIC_API_KEY=… go run ./examples/ecommerce -provider anthropic
  GEMINI_API_KEY=…    go run ./examples/ecommerce -provider gemini
  go run ./examples/ecommerce -provider openai -base-url http://localhost:11434/v1 -model qwen3:8b`

// A conversation is one session: who asks, and what.
type conversation struct {
	id, who   string
	customer  string // whose it is; empty for visitors and the staff
	as        funcall.RunOption
	questions []string
}

const staff = "The shop's own staff, who see every customer"

// tour shows all five tools, and what they refuse.
var tour = []conversation{
	{"tour-sarah", "Sarah Johnson, customer CUST-9821", "CUST-9821", ecommerce.Customer("CUST-9821"), []string{
		"Where is my order ORD-78342?",
		"Return it, please.",
		"The earbuds are defective. Please pick them up at home.",
		"I would also like to return ORD-64317, it is broken.",
		"What did I order recently?",
	}},
	{"tour-visitor", "A visitor who has not signed in", "", ecommerce.Visitor(), []string{
		"Do you have 3 Mechanical Keyboard RGB for ZIP code 98101?",
		"What is the warranty on the Wireless Earbuds Pro, and on SKU UHD-4K-55?",
	}},
	{"tour-james", "James Miller, customer CUST-8765", "CUST-8765", ecommerce.Customer("CUST-8765"), []string{
		"Where is ORD-88410, is UCC-2M in stock for 75201, and what are the shipping options for MKR-104?",
		"What is the status of ORD-00000, and of ORD-78342?", // one does not exist, one is Sarah's
		"Please return ORD-91234, I changed my mind.",
	}},
	{"tour-staff", staff, "", ecommerce.Operator(), []string{
		"Show the profile and the order history of sarah.johnson@example.com.",
	}},
}

// conversations are what the options ask for.
func conversations(o options) []conversation {
	who, as := staff, ecommerce.Operator()
	if o.customer != "" {
		who, as = "Customer "+o.customer, ecommerce.Customer(o.customer)
	}
	if o.chat {
		return []conversation{{cmp.Or(o.session, "chat"), who, o.customer, as, nil}}
	}
	if o.ask != "" {
		return []conversation{{cmp.Or(o.session, "ask"), who, o.customer, as, []string{o.ask}}}
	}
	if o.customer == "" {
		return tour
	}
	for _, c := range tour {
		if c.customer == o.customer {
			return []conversation{c}
		}
	}
	return []conversation{{"tour-customer", who, o.customer, as, []string{"What did I order recently?"}}}
}

// A show plays conversations and prints what happens in them.
type show struct {
	*printer
	log   *executionLog
	agent *funcall.Agent

	keeps   bool   // conversations outlive the program
	decides *input // where a person is asked, beside a chat
}

func (s *show) intro(about string) {
	s.bold("The reference shop")
	s.line("")
	s.line("%s", about)
}

// play asks every question and hands over each conversation's transcript, also
// where an error ends it.
func (s *show) play(ctx context.Context, list []conversation, done func(transcript.Transcript) error) error {
	for _, c := range list {
		s.line("")
		s.bold("== " + clean(c.who) + " ==")
		session := s.agent.Session(c.id, c.as)
		res, err := s.pickUp(ctx, session)
		for _, q := range c.questions {
			if err != nil {
				break
			}
			s.line("")
			s.labeled("Customer: ", q)
			if res, err = s.watch(ctx, session.Stream(ctx, q)); err == nil {
				res, err = s.askPerson(ctx, session, res)
			}
		}
		if res != nil {
			if derr := done(res.Transcript); derr != nil {
				return fmt.Errorf("the transcript cannot be written: %w", derr)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// watch prints the events of a run.
func (s *show) watch(ctx context.Context, run iter.Seq2[funcall.Event, error]) (*funcall.Result, error) {
	var group calls
	for ev, err := range run {
		switch ev.Kind {
		case funcall.EventToolStart:
			group.start(ev)
		case funcall.EventToolEnd:
			// Calls that run side by side are shown together, in the order in
			// which the model asked for them.
			if group.end(ev) {
				s.endText()
				s.calls(group)
				s.log.add(group)
				group = nil
			}
		case funcall.EventText:
			s.text(ev.Text)
		case funcall.EventDone:
			s.endText()
			s.log.ran(ev.Result)
			switch {
			case err == nil && ev.Result.Outcome == funcall.Waiting:
				s.pending(ev.Result.Pending)
			case err == nil && ev.Result.Outcome != funcall.Done:
				s.line("(the run ended: %s %s)", ev.Result.Outcome, ev.Result.Why)
			}
			return ev.Result, err
		}
	}
	return nil, ctx.Err()
}
