package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

const instructions = "You answer the customers of a small shop. Look up an order before you speak of it. Be brief."

func newAgent(model provider.Provider, store transcript.Store, paid payments) (*funcall.Agent, error) {
	return funcall.New(model, funcall.Config{
		Instructions: instructions,
		Tools:        []funcall.Tool{getOrder, newRefund(paid).With(funcall.RequireApproval(paid.overFifty))},
		Store:        store,

		Limits:   transcript.Limits{Steps: 6, Calls: 10, ClosingText: "A colleague will write to you."},
		Settings: provider.Settings{MaxOutputTokens: 4000},
		RunOptions: []funcall.RunOption{
			funcall.WithBudget(funcall.Budget{Name: "customer", PerSubject: true, Every: 24 * time.Hour, Tokens: 20_000}),
		},
	})
}

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), os.Args[1:]); err != nil {
		log.Fatal("desk: ", err)
	}
}

// run performs one command.
func run(ctx context.Context, args []string) error {
	store, err := sqlite.Open(ctx, "desk.db")
	if err != nil {
		return err
	}
	defer store.Close()
	agent, err := newAgent(newModel(), store, "payments.jsonl")
	if err != nil {
		return err
	}
	switch {
	case len(args) == 4 && args[0] == "say":
		ticket := agent.Session(args[2], funcall.Subject(args[1]))
		return show(ticket.Stream(ctx, args[3]))
	case len(args) == 1 && args[0] == "pending":
		return pending(ctx, store)
	case len(args) == 3 && args[0] == "approve":
		return approve(ctx, agent.Session(args[1]), args[2])
	case len(args) == 2 && args[0] == "resume":
		return resume(ctx, agent.Session(args[1]))
	}
	return errors.New("usage: desk say CUSTOMER TICKET TEXT | pending | approve TICKET PERSON | resume TICKET")
}
