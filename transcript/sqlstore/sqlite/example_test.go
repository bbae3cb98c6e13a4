package sqlite_test

import (
	"context"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// An agent whose conversations are kept in a file.
func ExampleOpen() {
	_ = func(model provider.Provider, tools []funcall.Tool) (*funcall.Agent, error) {
		store, err := sqlite.Open(context.Background(), "conversations.db")
		if err != nil {
			return nil, err
		}
		return funcall.New(model, funcall.Config{Store: store, Tools: tools})
	}
}

func ExampleStore_Close() {
	_ = func(store *sqlite.Store) error { return store.Close() }
}
