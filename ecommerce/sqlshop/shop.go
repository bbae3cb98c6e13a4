// Package sqlshop is a shop in an SQLite file: the reference shop's data in
// tables, with their constraints, behind the five tools. It is what to begin with
// who has no shop's systems yet, and shows how those that there are can honor
// idempotency keys.
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

// A Shop is a [ecommerce.Backend] in a file. It is safe for concurrent use, by
// several processes, too.
//
// A return is made in one transaction with its idempotency key, and is on disk
// when Return has answered. The same key gives the same return, for ever; no line
// of an order is returned twice under any keys, which the tables hold as well.
type Shop struct {
	db     *sql.DB
	writer *sqltx.Writer
	now    func() time.Time
	data   ecommerce.Data
}

// An Option changes how a [Shop] is opened.
type Option func(*Shop)

// Clock sets what the shop takes for now. The default is time.Now.
func Clock(now func() time.Time) Option { return func(s *Shop) { s.now = now } }

// Seed sets what a new file is filled with. The default is
// [ecommerce.ReferenceData].
func Seed(d ecommerce.Data) Option { return func(s *Shop) { s.data = d } }

// Open opens the shop in the file at path. Where there is none yet, it is made
// and filled, all at once, also where several processes try. A file of a newer
// version is refused.
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

// Close closes the file. What is under way is waited for.
func (s *Shop) Close() error { return s.db.Close() }
