// Package sessions holds the sessions of an agent in memory: which of them are in use, and the
// state in which the last run of each ended.
package sessions

import (
	"container/list"
	"sync"

	"github.com/funcall/funcall/internal/agent/callids"
	"github.com/funcall/funcall/transcript"
)

// Bounds of the states that a Set keeps.
const (
	maxStates = 1024
	maxSize   = 64 << 20 // in bytes
)

// A State is what a run knows of its session. It must not be used by several goroutines at
// once.
type State struct {
	Tracker *transcript.Tracker
	CallIDs callids.Set

	sized int // the number of entries that size includes
	size  int // the estimated size of the state in memory, in bytes
}

// NewState returns the state of a session with the transcript that k has read.
func NewState(k *transcript.Tracker) *State { return &State{Tracker: k} }

// A Set is the sessions that are claimed, and the last states of others: those used last,
// within bounds of number and size. Its zero value is empty. Any number of goroutines may use
// it. It has no goroutine and no timer: a state is kept until another takes its room.
type Set struct {
	mu      sync.Mutex
	claimed map[string]bool
	states  map[string]*list.Element // of *State
	recent  list.List                // the states, the one used last first
	size    int                      // of all states
}

// Claim takes the session, or returns false if it is claimed. last is the state that was kept,
// or nil. It belongs to the caller: to have it kept again, the caller gives it to Keep.
func (s *Set) Claim(id string) (last *State, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claimed[id] {
		return nil, false
	}
	if s.claimed == nil {
		s.claimed = make(map[string]bool)
	}
	s.claimed[id] = true
	if e := s.states[id]; e != nil {
		last = s.remove(e)
	}
	return last, true
}

// Keep keeps the state of a session that the caller has claimed, if the store is known to hold
// all of its entries. From now on the caller must not use it.
func (s *Set) Keep(st *State, stored int) {
	if stored != st.Tracker.Len() {
		return
	}
	st.measure()
	if st.size > maxSize {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		s.states = make(map[string]*list.Element)
	}
	s.states[st.id()] = s.recent.PushFront(st)
	s.size += st.size
	for s.size > maxSize || s.recent.Len() > maxStates {
		s.remove(s.recent.Back())
	}
}

// Release gives the session back.
func (s *Set) Release(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claimed, id)
}

func (s *Set) remove(e *list.Element) *State {
	st := s.recent.Remove(e).(*State)
	delete(s.states, st.id())
	s.size -= st.size
	return st
}

func (st *State) id() string { return st.Tracker.Transcript().ID }
