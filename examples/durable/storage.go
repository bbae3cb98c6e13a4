package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// A storage holds the shop and its conversations.
type storage struct {
	shop          ecommerce.Backend
	conversations transcript.Store
	close         func() error
}

// openStorage opens the file at path, which holds both.
func openStorage(ctx context.Context, path string) (storage, error) {
	shop, err := sqlshop.Open(ctx, path, sqlshop.Clock(ecommerce.ReferenceTime))
	if err != nil {
		return storage{}, fmt.Errorf("-store: %w", err)
	}
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return storage{}, errors.Join(fmt.Errorf("-store: %w", err), shop.Close())
	}
	return storage{shop, store, func() error { return errors.Join(store.Close(), shop.Close()) }}, nil
}
