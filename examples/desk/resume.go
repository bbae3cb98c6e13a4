package main

import (
	"context"
	"errors"
	"time"

	"github.com/funcall/funcall"
)

// resume continues the run of a process that died. Until TakeoverAfter has passed, that process
// may also be slow, and the session is busy.
func resume(ctx context.Context, ticket *funcall.Session) error {
	for {
		err := show(ticket.StreamResume(ctx))
		if !errors.Is(err, funcall.ErrBusy) {
			return err
		}
		time.Sleep(time.Second)
	}
}
