//go:build !unix

package console

import "os"

// notifyResize does nothing: this system has no signal for it.
func notifyResize(chan<- os.Signal) {}
