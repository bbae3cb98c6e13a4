// Package sqlshop is a shop in an SQLite file: the data of the reference shop in tables,
// behind the five tools. Use it if you have no shop systems yet, or as an example of a
// [ecommerce.Backend] that honors idempotency keys.
package sqlshop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/internal/sqldb/sqltx"
)

// A Shop is an [ecommerce.Backend] in a file. It is safe for concurrent use, also by several
// processes.
//
// A return and its idempotency key are written in one transaction, which is on disk when
// Return returns. The same key always gives the same return. No piece of an order is returned
// twice under any keys; constraints of the tables enforce it.
type Shop struct {
	db     *sql.DB
	writer *sqltx.Writer
	now    func() time.Time
	data   ecommerce.Data
}

// An Option configures a [Shop].
type Option func(*Shop)

// Clock sets the shop's clock. The default is time.Now.
func Clock(now func() time.Time) Option { return func(s *Shop) { s.now = now } }

// Seed sets the data of a new file. The default is [ecommerce.ReferenceData].
func Seed(d ecommerce.Data) Option { return func(s *Shop) { s.data = d } }

// Open opens the shop in the file at path. If the file does not exist, Open makes and fills it
// atomically, also if several processes try at once. If an earlier version of this package
// wrote the file, Open migrates it. If a newer version did, Open returns an error.
func Open(ctx context.Context, path string, opts ...Option) (*Shop, error) {
	db, err := sqlitedb.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Shop{db: db, writer: sqltx.New(db, true), now: time.Now, data: ecommerce.ReferenceData()}
	for _, opt := range opts {
		if opt != nil {
			opt(s)
		}
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlshop: %s: %w", path, err), db.Close())
	}
	return s, nil
}

// Close waits for running calls and closes the file.
func (s *Shop) Close() error { return s.db.Close() }
