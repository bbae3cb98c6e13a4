package main

import (
	"context"
	"errors"
	"log"
	"os"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

const instructions = "You answer the customers of a small shop. Look up an order before you speak of it."

func newAgent(model provider.Provider, store transcript.Store) (*funcall.Agent, error) {
	return funcall.New(model, funcall.Config{
		Instructions: instructions,
		Tools:        []funcall.Tool{getOrder},
		Store:        store,
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
	agent, err := newAgent(rules{}, store)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 4 && args[0] == "say":
		ticket := agent.Session(args[2], funcall.Subject(args[1]))
		return show(ticket.Stream(ctx, args[3]))
	}
	return errors.New("usage: desk say CUSTOMER TICKET TEXT")
}
