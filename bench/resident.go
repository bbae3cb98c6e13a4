package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// A crowd is conversations that wait inside a tool.
type crowd struct {
	waiting chan bool  // one for each that has come to its tool
	release chan bool  // lets one go on
	ended   chan error // one for each that has ended
	size    int
}

// gather makes a crowd of the work's operations.
func gather(e *env, w work) (*crowd, func(timer) error, error) {
	c := &crowd{waiting: make(chan bool), release: make(chan bool), ended: make(chan error)}
	e.wait = func() {
		c.waiting <- true
		<-c.release
	}
	op, err := w(e)
	return c, op, err
}

// grow adds n conversations, one after the other, so that they share a connection.
func (c *crowd) grow(n int, op func(timer) error) error {
	for range n {
		go func() { c.ended <- op(nil) }()
		select {
		case <-c.waiting:
			c.size++
		case err := <-c.ended:
			return errors.Join(errors.New("a conversation ended without waiting in a tool"), err)
		}
	}
	return nil
}

// disperse lets all conversations end, one after the other.
func (c *crowd) disperse() error {
	var errs []error
	for ; c.size > 0; c.size-- {
		c.release <- true
		errs = append(errs, <-c.ended)
	}
	return errors.Join(errs...)
}

// residentOfWaiting returns how much each of n waiting conversations adds to the resident set
// of this process.
func residentOfWaiting(e *env, w work, n int) (float64, error) {
	c, op, err := gather(e, w)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(c.grow(1, op), c.disperse()); err != nil { // warms up
		return 0, err
	}
	before, err := resident()
	if err != nil {
		return 0, err
	}
	if err := c.grow(n, op); err != nil {
		return 0, err
	}
	after, err := resident()
	return float64(after-before) / float64(n), errors.Join(err, c.disperse())
}

// resident returns the bytes of the resident set, after what is free has been returned to the
// system.
func resident() (int, error) {
	settle()
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return 0, fmt.Errorf("the resident set of the process cannot be read, leave out the row that waits: %w", err)
	}
	for line := range bytes.Lines(text) {
		if kb, ok := strings.CutPrefix(string(line), "Rss:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")))
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/self/smaps_rollup has no line Rss: %q", text)
}

// settle collects garbage until a long wait would leave nothing more to free: a pool lets go
// at the second collection, and each halves a stack of which little is used.
func settle() {
	for range 6 {
		debug.FreeOSMemory()
		time.Sleep(10 * time.Millisecond) // finalizers and cleanups run
	}
}
