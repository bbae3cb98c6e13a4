// Package leases keeps the leases of the sessions that run in this process.
package leases

import (
	"context"
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

// patience is how long the store may take to extend a lease or to take it back.
func (s *Set) patience() time.Duration { return min(s.TTL/3, 10*time.Second) }

// Keep returns the keeper of a session that no other run in this process has. The lease is not
// taken yet.
func (s *Set) Keep(ctx context.Context, session string, store transcript.Store, leaser transcript.Leaser) *Keeper {
	k := &Keeper{Store: store, leaser: leaser, set: s, ctx: context.WithoutCancel(ctx), lease: transcript.Lease{Session: session, Worker: self() + "/" + rand.Text()}}
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
func (s *Set) MayStart(ctx context.Context, session string) bool {
	s.mu.Lock()
	k := s.keepers[session]
	s.mu.Unlock()
	return k == nil || k.MayStart(ctx)
}

// maxBatch is how many leases are renewed together at most.
const maxBatch = 500

// due returns a keeper, and others whose leases will have to be renewed soon: so a process with many
// runs that wait does not commit once for each of them.
func (s *Set) due(first *Keeper) []*Keeper {
	list := []*Keeper{first}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keepers {
		if len(list) == maxBatch {
			break
		}
		if k != first && k.isDue(s.TTL/6) {
			list = append(list, k)
		}
	}
	return list
}

func (s *Set) remove(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keepers, session)
}
