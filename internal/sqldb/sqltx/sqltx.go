// Package sqltx runs write transactions.
package sqltx

import (
	"context"
	"database/sql"
	"errors"
)

// A Writer runs transactions in a database.
type Writer struct {
	db   *sql.DB
	turn chan struct{} // full while a transaction runs; nil if several can
}

// New returns a Writer. If oneAtATime is set, transactions of this Writer wait in line. It is
// for databases with a single writer, where others would wait by polling.
func New(db *sql.DB, oneAtATime bool) *Writer {
	w := &Writer{db: db}
	if oneAtATime {
		w.turn = make(chan struct{}, 1)
	}
	return w
}

// Do runs f in a transaction. If f fails, the transaction is rolled back. If the commit fails,
// it is unknown whether the transaction was committed.
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
		if back := tx.Rollback(); !errors.Is(back, sql.ErrTxDone) { // f may have ended it
			err = errors.Join(err, back)
		}
		return err
	}
	return tx.Commit()
}
