package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/funcall/funcall"
)

// payments stands in for a payment provider. It is the name of a file with a line for each
// refund.
type payments string

// A Payment is a line of the file.
type Payment struct {
	Key string `json:"key"`
	Refund
}

// read reports whether a refund has the key, and returns how much was paid back for the order.
func (p payments) read(key, orderID string) (done bool, cents int, err error) {
	file, err := os.ReadFile(string(p))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, 0, err
	}
	for line := range bytes.Lines(file) {
		var paid Payment
		if err := json.Unmarshal(line, &paid); err != nil {
			return false, 0, err
		}
		done = done || paid.Key == key
		if paid.OrderID == orderID {
			cents += paid.Cents
		}
	}
	return done, cents, nil
}

// pay pays money back, once for each key. PAYMENTS=lost and PAYMENTS=late make it fail as real
// networks do, after the money is paid.
func (p payments) pay(ctx context.Context, key string, r Refund) error {
	if done, _, err := p.read(key, r.OrderID); done || err != nil {
		return err
	}
	fault := os.Getenv("PAYMENTS")
	if fault != "" {
		fmt.Printf("(payments: the reply will be %s)\n", fault)
	}
	f, err := os.OpenFile(string(p), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(json.NewEncoder(f).Encode(Payment{key, r}), f.Close()); err != nil {
		return funcall.InDoubt(err)
	}
	switch fault {
	case "lost":
		return funcall.InDoubt(errors.New("connection reset by peer"))
	case "late":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}
