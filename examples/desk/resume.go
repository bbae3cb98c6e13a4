package main

import (
	"context"
	"errors"
	"time"

	"github.com/funcall/funcall"
)

// resume continues the run of a process that died. While another process may be alive that has
// the lease of the session, it is busy.
func resume(ctx context.Context, ticket *funcall.Session) error {
	for {
		err := show(ticket.StreamResume(ctx))
		if !errors.Is(err, funcall.ErrBusy) {
			return err
		}
		time.Sleep(time.Second)
	}
}
