//go:build unix

package console

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyResize sends to c when the terminal is resized.
func notifyResize(c chan<- os.Signal) { signal.Notify(c, syscall.SIGWINCH) }
