// Package leases keeps the leases of the sessions that run in this process.
package leases

import (
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A Set is the leases that an agent keeps. Any number of goroutines may use it.
type Set struct {
	TTL time.Duration // of each lease
	Log *slog.Logger

	mu      sync.Mutex
	keepers map[string]*Keeper // by session
}

// Keep returns the keeper of a session that no other run in this process has. The lease is not
// taken yet.
func (s *Set) Keep(session string, store transcript.Store, leaser transcript.Leaser) *Keeper {
	k := &Keeper{Store: store, leaser: leaser, set: s, lease: transcript.Lease{Session: session, Worker: self() + "/" + rand.Text()}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keepers == nil {
		s.keepers = make(map[string]*Keeper)
	}
	s.keepers[session] = k
	return k
}

// MayStart reports whether an effect of the session may start now: this process has its lease,
// or the session is not leased.
func (s *Set) MayStart(session string) bool {
	s.mu.Lock()
	k := s.keepers[session]
	s.mu.Unlock()
	return k == nil || k.MayStart()
}

func (s *Set) remove(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keepers, session)
}
