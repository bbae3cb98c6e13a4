// Command ecommerce is a tour of the reference shop: a model and five tools for customer service.
//
//	go run ./examples/ecommerce
//	go run ./examples/ecommerce -ask "Where is my order ORD-78342?" -customer CUST-9821
//	go run ./examples/ecommerce -chat -customer CUST-9821
//	go run ./examples/ecommerce -provider openai -base-url http://localhost:11434/v1 -model qwen3:8b
//
// Without -provider it needs no key and no network: offline rules answer, as the tour and chats
// say. With -ask the answer is on stdout, and the tool calls are on stderr.
// The shop and its conversations are in memory; examples/durable stores them in a file.
package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/provider/prices"
)

func main() { console.Main(run, nil) }

type options struct {
	*console.Flags
	seed    uint64
	latency float64
}

// run is the program without its process.
func run(ctx context.Context, p console.Process, args []string) int {
	o, err := parse(args, p.Stderr)
	if err != nil {
		return p.Refuse(o.Flags, err)
	}
	return p.Run(ctx, o.Flags, func(ctx context.Context) error { return perform(ctx, p, o) })
}

// durableShop is the command that stores the shop in a file and has approvals.
const durableShop = "go run ./examples/durable"

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{Flags: console.NewFlags("ecommerce")}
	o.Elsewhere = map[string]string{"store": durableShop, "session": durableShop, "approve-over": durableShop, "history": durableShop}
	o.BoolVar(&o.Chat, "chat", false, "talk with the shop: several questions, one conversation; reads lines from a terminal or a pipe")
	o.Uint64Var(&o.seed, "seed", 0, "repeat the shop's latencies; 0 means different ones each time")
	o.Float64Var(&o.latency, "latency", 1, "scale the shop's latencies; with 0, offline, the output is the same each time")
	if err := o.Parse(args, stderr); err != nil {
		return o, err
	}
	if !(o.latency >= 0 && o.latency <= 1000) {
		return o, errors.New("-latency must be between 0 and 1000")
	}
	if o.seed == 0 && !o.repeatable() {
		o.seed = rand.Uint64()
	}
	return o, o.Check()
}

// repeatable reports whether calls have no latency: then the clock is frozen, no durations are
// shown, and the output repeats.
func (o options) repeatable() bool { return o.Offline() && o.latency == 0 }

// approvals returns the options of the tools. In the tour there is an operator.
func (o options) approvals() []ecommerce.ToolsOption {
	if o.Chat || o.Ask != "" {
		return nil
	}
	return []ecommerce.ToolsOption{ecommerce.ApproveOver(approveOver)}
}

// today says which day it is in the shop.
var today = "In this shop it is " + ecommerce.ReferenceTime().Format("January 2, 2006") + "."

// perform runs the tour, one question or a chat.
func perform(ctx context.Context, p console.Process, o options) error {
	now, pace := time.Now, console.WordPace
	if o.repeatable() {
		now, pace = ecommerce.ReferenceTime, 0
	}
	model, about, err := o.Choose(p.Getenv, pace)
	if err != nil {
		return err
	}
	shop := ecommerce.NewMock(ecommerce.Seed(o.seed), ecommerce.Latency(o.latency))
	agent, err := funcall.New(model, funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(shop, o.approvals()...),
		Prices:       prices.Published(),
		Now:          now,
	})
	if err != nil {
		return err
	}
	show := console.NewShow(p, o.Flags, now)
	show.Timeless = o.repeatable()
	if o.Chat {
		return chat(ctx, p, o, show, agent, about)
	}
	show.Intro(about, today)
	err = play(ctx, p, o, show, agent)
	show.PrintLog()
	return err
}

// chat runs a chat at the terminal.
func chat(ctx context.Context, p console.Process, o options, show *console.Show, agent *funcall.Agent, about string) error {
	c, err := show.NewChat(p, o.Flags, agent.Session("chat", o.As()))
	if err != nil {
		return err
	}
	show.Intro(about, today)
	return c.Run(ctx)
}
