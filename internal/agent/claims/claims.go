// Package claims holds ids that one holder at a time may have.
package claims

import "sync"

// A Set is the ids that are held. Its zero value is empty. Any number of goroutines may
// use it.
type Set struct {
	mu   sync.Mutex
	held map[string]bool
}

// Claim takes the id, or returns false if it is held.
func (s *Set) Claim(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[id] {
		return false
	}
	if s.held == nil {
		s.held = make(map[string]bool)
	}
	s.held[id] = true
	return true
}

// Release gives the id back.
func (s *Set) Release(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, id)
}
