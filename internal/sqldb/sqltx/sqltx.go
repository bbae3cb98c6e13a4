// Package sqltx runs transactions that write.
package sqltx

import (
	"context"
	"database/sql"
	"errors"
)

// A Writer runs transactions in a database.
type Writer struct {
	db   *sql.DB
	turn chan struct{} // held by who writes; nil where several can
}

// New returns a Writer. Where oneAtATime is set, transactions of this Writer
// stand in line: a database that has one writer at a time lets others wait by
// trying again, now and then.
func New(db *sql.DB, oneAtATime bool) *Writer {
	w := &Writer{db: db}
	if oneAtATime {
		w.turn = make(chan struct{}, 1)
	}
	return w
}

// Do runs f in a transaction, in its turn. Where f fails nothing of it is left;
// where the commit does, nobody knows.
func (w *Writer) Do(ctx context.Context, f func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.turn != nil {
		select {
		case w.turn <- struct{}{}:
			defer func() { <-w.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		if back := tx.Rollback(); !errors.Is(back, sql.ErrTxDone) { // over already is no news
			err = errors.Join(err, back)
		}
		return err
	}
	return tx.Commit()
}
