// Command ecommerce shows the reference shop at work: a model, five tools, and
// what they do for a customer.
//
//	go run ./examples/ecommerce
//	go run ./examples/ecommerce -ask "Where is my order ORD-78342?" -customer CUST-9821
//	go run ./examples/ecommerce -chat -customer CUST-9821
//	go run ./examples/ecommerce -customer CUST-9821 -store shop.db -session ticket-1 -approve-over 100
//	go run ./examples/ecommerce -provider openai -base-url http://localhost:11434/v1 -model qwen3:8b
//
// Without a -provider it needs no key and no network: offline rules answer,
// and the program says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/transcript"
)

func main() {
	// Ctrl-C stops what is under way; what a chat makes of it is its own affair.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	code := run(ctx, process{os.Stdin, os.Stdout, os.Stderr, os.Getenv, interrupts}, os.Args[1:])
	stop()
	os.Exit(code)
}

// A process is what the program has of the world around it.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	interrupts     <-chan os.Signal // Ctrl-C
}

// What the program ends with.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // as a shell has it for Ctrl-C
)

type options struct {
	ask, customer, history   string
	store, session           string
	approves                 bool
	approveOver              ecommerce.Money
	chat, json               bool
	seed                     uint64
	latency                  float64
	provider, model, baseURL string
}

// run is the program, but for what belongs to the process.
func run(ctx context.Context, p process, args []string) int {
	o, err := parse(args, p.stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "ecommerce:", err)
		return exitUsage
	}
	if !o.chat {
		var stop func()
		ctx, stop = interruptible(ctx, p.interrupts)
		defer stop()
	}
	err = perform(ctx, p, o)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(p.stderr, "ecommerce: stopped")
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(p.stderr, "ecommerce:", explain(err, o))
		return exitFailed
	}
	return exitOK
}

// perform does what the options ask for.
func perform(ctx context.Context, p process, o options) (err error) {
	model, about, err := choose(o, p.getenv)
	if err != nil {
		return err
	}
	out := p.stdout
	if o.json {
		out = p.stderr
	}
	now := time.Now
	if o.repeatable() {
		now = func() time.Time { return time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC) }
	}
	kept, err := openStorage(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	var tools []ecommerce.ToolsOption
	if o.approves {
		tools = append(tools, ecommerce.ApproveOver(o.approveOver))
	}
	cfg := funcall.Config{
		Instructions: ecommerce.Policy,
		Tools:        ecommerce.Tools(kept.shop, tools...),
		Store:        kept.conversations,
		Now:          now,
	}
	if o.provider == "offline" { // whose steps take no longer
		cfg.TakeOver = 3 * time.Second
	}
	agent, err := funcall.New(model, cfg)
	if err != nil {
		return err
	}
	s := &show{printer: newPrinter(out, p.getenv), log: newExecutionLog(now), agent: agent, keeps: o.store != ""}
	keep := func(t transcript.Transcript) error {
		if !o.json {
			return nil
		}
		return transcript.Encode(p.stdout, t)
	}
	if o.chat {
		return s.chat(ctx, p, out, about, o, keep)
	}
	s.intro(about)
	s.decides = newInput(p, out, s.paint("36", decidePrompt), new(history))
	err = s.play(ctx, conversations(o), keep)
	s.log.print(s.printer)
	return err
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("ecommerce", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.ask, "ask", "", "ask one `question` instead of taking the tour")
	f.BoolVar(&o.chat, "chat", false, "talk with the shop: several questions, one conversation; reads lines from a terminal or a pipe")
	f.StringVar(&o.history, "history", "", "keep what is typed in a chat in a `file`, for the arrow keys of the next one")
	f.StringVar(&o.store, "store", "", "keep the conversations and the shop in a `file`, an SQLite database, so that they go on where they were")
	f.StringVar(&o.session, "session", "", "the `id` of the conversation to go on with, or to begin: a chat, or one question with -ask; goes with -store")
	f.Func("approve-over", "ask a person before a return whose refund is over an `amount`, such as 100", func(text string) (err error) {
		o.approves = true
		o.approveOver, err = ecommerce.ParseMoney(text)
		return err
	})
	f.StringVar(&o.customer, "customer", "", "bind every conversation to a customer, such as CUST-9821; without it -ask and -chat are the shop's staff")
	f.BoolVar(&o.json, "json", false, "print the transcripts to stdout as JSON Lines, and all else to stderr")
	f.Uint64Var(&o.seed, "seed", 0, "repeat the shop's latencies; 0 means different ones each time")
	f.Float64Var(&o.latency, "latency", 1, "scale the shop's latencies; with 0, offline, the output is the same each time")
	f.StringVar(&o.provider, "provider", "offline", "who answers: offline (rules, no model), or with a key in the environment, such as OPENAI_API_KEY: "+vendorNames())
	f.StringVar(&o.model, "model", "", "the `name` of the model, in place of the provider's default")
	f.StringVar(&o.baseURL, "base-url", "", "the `address` of a server that speaks the provider's API, for openai such as http://localhost:11434/v1 (needs no key where it is this machine)")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errors.New("see -help for what it takes")
	}
	var asked, bound bool
	f.Visit(func(given *flag.Flag) { asked, bound = asked || given.Name == "ask", bound || given.Name == "customer" })
	o.customer = strings.TrimSpace(o.customer)
	o.chat = o.chat || o.session != "" && !asked
	_, known := o.vendor()
	switch {
	case asked && strings.TrimSpace(o.ask) == "":
		return o, errors.New("-ask needs a question: leave it out to take the tour")
	case asked && o.chat:
		return o, errors.New("-ask is one question and -chat is many: leave out one of the two")
	case o.history != "" && !o.chat:
		return o, errors.New("-history is the history of a chat: it goes with -chat")
	case o.session != "" && o.store == "":
		return o, errors.New("-session is a conversation that is kept: it goes with -store")
	case bound && o.customer == "":
		return o, errors.New("-customer needs an id, such as CUST-9821")
	case bound && !slices.Contains(customers(), o.customer):
		return o, fmt.Errorf("the shop has no customer %s: there are %s", clean(o.customer), strings.Join(customers(), ", "))
	case f.NArg() > 0:
		return o, fmt.Errorf("what is %q? A question goes after -ask, in quotes", f.Arg(0))
	case !(o.latency >= 0 && o.latency <= 1000):
		return o, errors.New("-latency must be between 0 and 1000")
	case o.provider != "offline" && !known:
		return o, fmt.Errorf("there is no provider %q: take offline, %s", o.provider, vendorNames())
	case o.provider == "offline" && (o.model != "" || o.baseURL != ""):
		return o, errors.New("-model and -base-url need a -provider, such as openai")
	}
	if o.seed == 0 && !o.repeatable() {
		o.seed = rand.Uint64()
	}
	return o, nil
}

// customers are the ids of those whom the shop knows.
func customers() []string {
	var ids []string
	for _, p := range ecommerce.ReferenceData().Profiles {
		ids = append(ids, p.CustomerID)
	}
	return ids
}

// repeatable reports whether nothing that takes time is left, so that the
// clock can be frozen and the output is the same each time.
func (o options) repeatable() bool {
	return o.provider == "offline" && o.latency == 0 && o.store == ""
}
