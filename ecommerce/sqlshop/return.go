package sqlshop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/funcall/funcall/ecommerce"
)

// firstReturn is the number of a shop's first return.
const firstReturn = 100001

// Return implements [ecommerce.Backend].
func (s *Shop) Return(ctx context.Context, as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) (*ecommerce.Return, error) {
	if key == "" {
		return nil, errors.New("sqlshop: the return has no idempotency key: pass CallInfo.Key")
	}
	var made ecommerce.Return
	err := s.writer.Do(ctx, func(tx *sql.Tx) (err error) {
		made, err = s.makeReturn(ctx, tx, as, key, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made, nil
}

// makeReturn makes the return, or returns the one that is stored under the key.
func (s *Shop) makeReturn(ctx context.Context, tx *sql.Tx, as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) (made ecommerce.Return, err error) {
	o, err := order(ctx, tx, req.OrderID)
	if err == nil && !as.Sees(o.CustomerID) {
		err = ecommerce.ErrNotFound
	}
	if err != nil {
		return made, err
	}
	var before ecommerce.ReturnRequest
	err = tx.QueryRowContext(ctx, "SELECT request, answer FROM returns WHERE key = ?", key).Scan(asJSON{&before}, asJSON{&made})
	if err == nil {
		if !before.Equal(req) {
			return made, fmt.Errorf("sqlshop: the idempotency key belongs to return %s of another request: use a new key", made.ID)
		}
		return made, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return made, err
	}
	var number int
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(number) + 1, ?) FROM returns", firstReturn).Scan(&number); err != nil {
		return made, err
	}
	made, after, err := ecommerce.DecideReturn(o, req, number, s.now())
	if err != nil {
		return made, err
	}
	return made, store(ctx, tx, ReturnRecord{Key: key, As: as, Request: req, Return: made}, number, o, after)
}

// store writes a return, and the order after it.
func store(ctx context.Context, tx *sql.Tx, r ReturnRecord, number int, before, after ecommerce.Order) (err error) {
	put := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	put("INSERT INTO returns (number, key, order_id, viewer, request, answer) VALUES (?, ?, ?, ?, ?, ?)",
		number, r.Key, after.ID, r.As.String(), asJSON{r.Request}, asJSON{r.Return})
	put("UPDATE orders SET status = ? WHERE id = ?", after.Status, after.ID)
	for i := range after.Items {
		if pieces := after.Items[i].Returned - before.Items[i].Returned; pieces > 0 {
			put("INSERT INTO returned_items (order_id, line, return, pieces) VALUES (?, ?, ?, ?)", after.ID, i, number, pieces)
		}
	}
	return err
}

// A ReturnRecord is a return that was made, with its request.
type ReturnRecord struct {
	Key     string // the idempotency key
	As      ecommerce.Viewer
	Request ecommerce.ReturnRequest
	Return  ecommerce.Return
}

// Returns returns the returns that were made, in order. A repetition under the same key is not
// a further return.
func (s *Shop) Returns(ctx context.Context) ([]ReturnRecord, error) {
	var list []ReturnRecord
	err := each(ctx, s.db, func(rows *sql.Rows) error {
		var r ReturnRecord
		var viewer string
		err := rows.Scan(&r.Key, &viewer, asJSON{&r.Request}, asJSON{&r.Return})
		r.As = ecommerce.ViewerFor(viewer)
		list = append(list, r)
		return err
	}, "SELECT key, viewer, request, answer FROM returns ORDER BY number")
	return list, err
}
