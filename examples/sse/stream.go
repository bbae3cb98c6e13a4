package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// patience is the time that a client may take to read a piece of the answer. A deadline for the
// whole answer (http.Server.WriteTimeout) would cut long ones.
const patience = 30 * time.Second

// A stream writes server-sent events. It begins with the first event, so that an earlier error
// can still set the status.
type stream struct {
	w         http.ResponseWriter
	control   *http.ResponseController
	heartbeat time.Duration

	mu    sync.Mutex // the heartbeat and the run write concurrently
	begun bool
	dead  bool // the client disconnected
	over  chan struct{}
	done  sync.WaitGroup
}

func newStream(w http.ResponseWriter, heartbeat time.Duration) *stream {
	s := &stream{w: w, control: http.NewResponseController(w), heartbeat: heartbeat, over: make(chan struct{})}
	s.done.Go(s.beat)
	return s
}

// close ends the heartbeat. Nothing is written after it returns.
func (s *stream) close() {
	close(s.over)
	s.done.Wait()
	_ = s.control.SetWriteDeadline(time.Time{}) // the connection may be reused
}

func (s *stream) beat() {
	tick := time.NewTicker(s.heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.mu.Lock()
			s.write(": still here\n\n")
			s.mu.Unlock()
		case <-s.over:
			return
		}
	}
}

// send writes an event and reports whether the client is still connected.
func (s *stream) send(name string, data any) bool {
	b, err := json.Marshal(data) // JSON has no line breaks, which would end the event
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, b))
	return !s.dead
}

// fail reports an error: by the status or, if the stream has begun, by an event.
func (s *stream) fail(r *refusal) {
	s.mu.Lock()
	begun := s.begun
	s.begun = true // a heartbeat must not begin the stream now
	s.dead = s.dead || !begun
	s.mu.Unlock()
	if begun {
		s.send("error", r)
		return
	}
	refuse(s.w, r)
}

// write is called with the lock held.
func (s *stream) write(text string) {
	if s.dead {
		return
	}
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", "text/event-stream")
		s.w.Header().Set("Cache-Control", "no-store")
		s.w.Header().Set("X-Accel-Buffering", "no") // stops nginx from buffering events
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // some writers have no deadlines
	if _, err := fmt.Fprint(s.w, text); err != nil {
		s.dead = true
		return
	}
	s.dead = s.control.Flush() != nil
}
