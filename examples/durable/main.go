// Command durable is the reference shop with durable conversations: they are stored with the shop
// in an SQLite file. Kill it and start it again: it continues where it stopped. An operator
// approves large refunds.
//
//	go run ./examples/durable
//	go run ./examples/durable -customer CUST-9821 -store shop.db -session ticket-1 -approve-over 100
//	go run ./examples/durable -customer CUST-9821 -approve-over 100 -ask "Return ORD-70211, it is defective."
//
// Without -provider it needs no key and no network: offline rules answer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/lineeditor"
	"github.com/funcall/funcall/provider/prices"
)

func main() { console.Main(run, lineeditor.Open) }

type options struct {
	*console.Flags
	store, session string
	approveOver    string
	approvals      []ecommerce.ToolsOption // from approveOver
}

// run is the program without its process.
func run(ctx context.Context, p console.Process, args []string) int {
	o, err := parse(args, p.Stderr)
	if err != nil {
		return p.Refuse(o.Flags, err)
	}
	return p.Run(ctx, o.Flags, func(ctx context.Context) error { return perform(ctx, p, o) })
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{Flags: console.NewFlags("durable")}
	o.StringVar(&o.store, "store", "shop.db", "store the conversations and the shop in a `file`, an SQLite database")
	o.StringVar(&o.session, "session", "ticket-1", "the `id` of the conversation to begin or continue")
	o.StringVar(&o.History, "history", "", "store the lines of a chat in a `file`, for the arrow keys of the next one")
	o.StringVar(&o.approveOver, "approve-over", "", "ask the operator before a return whose refund is over an `amount`, such as 100")
	if err := o.Parse(args, stderr); err != nil {
		return o, err
	}
	switch {
	case o.store == "":
		return o, errors.New("-store needs the name of a file, such as shop.db")
	case o.session == "":
		return o, errors.New("-session needs an id, such as ticket-1")
	}
	if o.Given("approve-over") {
		amount, err := ecommerce.ParseMoney(o.approveOver)
		if err == nil && amount < 0 {
			err = fmt.Errorf("%s is negative: pass 0 to ask before every refund", amount)
		}
		if err != nil {
			return o, fmt.Errorf("-approve-over: %w", err)
		}
		o.approvals = []ecommerce.ToolsOption{ecommerce.ApproveOver(amount)}
	}
	o.Chat = !o.Given("ask")
	return o, o.Check()
}

// perform continues the conversation, with one question or in a chat.
func perform(ctx context.Context, p console.Process, o options) (err error) {
	model, about, err := o.Choose(p.Getenv, console.WordPace)
	if err != nil {
		return err
	}
	kept, err := openStorage(ctx, o.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	agent, err := funcall.New(model, funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(kept.shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(kept.shop, o.approvals...),
		Store:        kept.conversations,
		Prices:       prices.Published(),
	})
	if err != nil {
		return err
	}
	session := agent.Session(o.session, o.As())
	if _, err := session.State(ctx); errors.Is(err, funcall.ErrWrongSubject) {
		return fmt.Errorf("conversation %s belongs to another caller: use the -customer that began it, or another -session", console.Clean(o.session))
	}
	d := newDesk(console.NewShow(p, o.Flags, time.Now), p, o, session, about)
	if o.Chat {
		return d.chat(ctx)
	}
	return d.ask(ctx)
}
