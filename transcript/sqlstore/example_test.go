package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore"
)

// A store in a database that the program opened itself. Packages sqlite and postgres open the
// database, too.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := sqlitedb.Open(ctx, filepath.Join(dir, "conversations.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	dialects := map[string]sqlstore.Dialect{"sqlite": sqlstore.SQLite, "postgres": sqlstore.Postgres}
	store, err := sqlstore.New(ctx, db, dialects["sqlite"])
	if err != nil {
		log.Fatal(err)
	}
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Hello.")), funcall.Config{Store: store})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := agent.Session("ticket-4711").Send(ctx, "Hello?"); err != nil {
		log.Fatal(err)
	}
	t, err := store.Load(ctx, "ticket-4711")
	fmt.Println(len(t.Entries), err)
	// Output: 3 <nil>
}

// Sessions that operators look for: waiting for a decision, running or interrupted, in doubt, and
// handed off.
func ExampleStore_List() {
	_ = func(ctx context.Context, store *sqlstore.Store) error {
		for _, filter := range []transcript.Filter{
			{Outcome: transcript.OutcomeWaiting},
			{Outcome: transcript.OutcomeOpen},
			{InDoubt: true},
			{Outcome: transcript.OutcomeHandedOff},
		} {
			for s, err := range store.List(ctx, filter) {
				if err != nil {
					return err
				}
				fmt.Println(s.ID, s.Subject, s.Outcome, s.UpdatedAt, s.Pending, s.InDoubt)
			}
		}
		return nil
	}
}

func ExampleStore_Append() {
	_ = func(ctx context.Context, store *sqlstore.Store, t transcript.Transcript) error {
		return store.Append(ctx, transcript.Batch{Session: t.ID, Entries: t.Entries}) // import a transcript
	}
}

func ExampleStore_Load() {
	_ = func(ctx context.Context, store *sqlstore.Store) error {
		t, err := store.Load(ctx, "ticket-4711")
		if err != nil {
			return err
		}
		return transcript.Encode(os.Stdout, t)
	}
}

func ExampleStore_Delete() {
	_ = func(ctx context.Context, store *sqlstore.Store) error {
		return store.Delete(ctx, "ticket-4711") // the ID cannot be used again
	}
}

// A job that is not an agent has an account beside those of the agents.
func ExampleStore_Reserve() {
	_ = func(ctx context.Context, store *sqlstore.Store, embed func() (tokens int64, err error)) error {
		account := transcript.Account{Key: "embeddings", Bound: transcript.Spend{Tokens: 1_000_000}}
		estimate := transcript.Spend{Tokens: 2000}
		full, err := store.Reserve(ctx, []transcript.Account{account}, estimate)
		if err != nil {
			return err
		}
		if full != "" {
			return fmt.Errorf("the account %s is spent", full)
		}
		tokens, err := embed()
		if err != nil {
			return err // the estimate stays spent
		}
		if err := store.Settle(ctx, []string{account.Key}, transcript.Spend{Tokens: tokens}.Minus(estimate)); err != nil {
			return err
		}
		spent, err := store.Spent(ctx, account.Key)
		fmt.Println(spent.Tokens, err)
		return err
	}
}

// An operator takes a session from a worker whose machine is gone, without waiting for the lease
// to expire.
func ExampleStore_Acquire() {
	_ = func(ctx context.Context, store *sqlstore.Store, agent *funcall.Agent, session, machine string) error {
		mine := transcript.Lease{Session: session, Worker: "operator"}
		holder, err := store.Acquire(ctx, mine, "", time.Minute)
		if err == nil && strings.HasPrefix(holder, machine) {
			_, err = store.Acquire(ctx, mine, holder, time.Minute)
		}
		if err != nil {
			return err
		}
		if lost, err := store.Renew(ctx, []transcript.Lease{mine}, time.Minute); len(lost) > 0 || err != nil {
			return fmt.Errorf("worker %s has the session: %w", holder, err)
		}
		if err := store.Release(ctx, mine); err != nil {
			return err
		}
		_, err = agent.Session(session).Resume(ctx)
		return err
	}
}
