package postgres_test

import (
	"context"
	"os"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript/sqlstore/postgres"
)

// An agent whose conversations several machines share.
func ExampleOpen() {
	_ = func(model provider.Provider, tools []funcall.Tool) (*funcall.Agent, error) {
		store, err := postgres.Open(context.Background(), os.Getenv("DATABASE_URL"))
		if err != nil {
			return nil, err
		}
		return funcall.New(model, funcall.Config{Store: store, Tools: tools})
	}
}

func ExampleStore_Close() {
	_ = func(store *postgres.Store) error { return store.Close() }
}

func ExampleStore_DB() {
	_ = func(store *postgres.Store) { store.DB().SetMaxOpenConns(20) }
}
