package providertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// scriptName is the Provider of a script's errors.
const scriptName = "script"

// A Script is a [provider.Provider] that answers each request with the next of its turns. It
// is safe for concurrent use; concurrent calls take turns in the order of their arrival.
//
// It keeps the contract of [provider.Provider] and passes [Conformance]. Like the APIs, it
// refuses a conversation in which calls and results do not pair: after each assistant message
// with calls, one tool message must hold one result for each call, in order. Call IDs must be
// unique.
//
// A Script fails its test if it has no more turns, if calls and results do not pair, or if
// [Turn.Expect] refuses the request. Generate then returns a [*provider.Error] of kind
// [provider.KindInvalidRequest], which wrappers do not retry. If turns are left when the test
// ends, the test fails too.
type Script struct {
	t     testing.TB // nil: errors are only returned
	turns []Turn
	cut   Cut
	loop  bool

	mu       sync.Mutex
	asked    int // calls of Generate, those after the last turn included
	requests []*provider.Request
}

// NewScript returns a model that answers with the turns in order. If t is nil, mistakes are
// reported only by the errors of Generate.
func NewScript(t testing.TB, turns ...Turn) *Script {
	s := &Script{t: t, turns: number(turns), cut: CutWords}
	if t != nil {
		t.Cleanup(s.reportUnused)
	}
	return s
}

// Cut sets how streams are divided; the default is [CutWords]. Call it before the first
// request.
func (s *Script) Cut(cut Cut) *Script {
	s.cut = cut
	return s
}

// Loop repeats the turns forever, for benchmarks. A script that loops keeps no requests and
// does not report unused turns. Call it before the first request.
func (s *Script) Loop() *Script {
	s.loop = true
	return s
}

// Model returns "script". It makes the script a [provider.Named]: to test a limit of cost, set
// a price for the model "script". A turn's Response may name another model.
func (s *Script) Model() string { return "script" }

// Requests returns copies of the requests so far, oldest first. Later changes to a request do
// not affect its copy.
func (s *Script) Requests() []*provider.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*provider.Request(nil), s.requests...)
}

// Generate answers with the next turn. If ctx is already done, it takes no turn.
func (s *Script) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if s.t != nil {
		s.t.Helper()
	}
	if err := ctx.Err(); err != nil {
		return nil, fail(err, false)
	}
	i, req := s.next(req)
	if i >= len(s.turns) {
		return nil, s.complain(i, req, fmt.Errorf("no turn left: the script has %d", len(s.turns)))
	}
	turn := s.turns[i]
	if err := turn.admit(req); err != nil {
		return nil, s.complain(i, req, err)
	}
	return s.play(ctx, turn, emit)
}

// next takes the index of the next turn, and a copy of the request for Requests.
func (s *Script) next(req *provider.Request) (int, *provider.Request) {
	if s.loop {
		s.mu.Lock()
		defer s.mu.Unlock()
		i := s.asked
		s.asked = (s.asked + 1) % max(len(s.turns), 1)
		return i, req
	}
	kept := cloneRequest(req)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	s.requests = append(s.requests, kept)
	return s.asked - 1, kept
}

// admit checks the request before the turn answers it.
func (t Turn) admit(req *provider.Request) error {
	if t.Response == nil && t.Err == nil && !t.Hangs {
		return errors.New("the turn is empty: create it with a function such as Say, Call or Fail")
	}
	if err := paired(req.Messages); err != nil {
		return err
	}
	for _, check := range t.checks {
		if err := check(req); err != nil {
			return err
		}
	}
	return nil
}

func (s *Script) play(ctx context.Context, turn Turn, emit func(provider.Delta)) (*provider.Response, error) {
	if turn.Delay > 0 {
		if err := wait(ctx, turn.Delay); err != nil {
			return nil, fail(err, false)
		}
	}
	emitted := 0
	if emit != nil {
		for d := range Deltas(turn.Response, s.cut) {
			if (turn.Err != nil || turn.Hangs) && emitted >= turn.After {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, fail(err, emitted > 0)
			}
			emit(d)
			emitted++
		}
	}
	if turn.Hangs {
		<-ctx.Done()
	}
	// emit may have canceled ctx on the last delta.
	if err := ctx.Err(); err != nil {
		return nil, fail(err, emitted > 0)
	}
	if turn.Err != nil {
		return nil, fail(turn.Err, emitted > 0)
	}
	return cloneResponse(turn.Response), nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail returns err as the *provider.Error that Generate must return.
func fail(err error, emitted bool) *provider.Error {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		c := *e
		c.Emitted = c.Emitted || emitted
		c.Attempts = cloneAttempts(e.Attempts)
		return &c
	}
	kind := provider.KindUnavailable
	switch {
	case errors.Is(err, context.Canceled):
		kind = provider.KindCanceled
	case errors.Is(err, context.DeadlineExceeded):
		kind = provider.KindTimeout
	}
	return &provider.Error{Kind: kind, Provider: scriptName, Emitted: emitted, Err: err}
}

// complain fails the test and returns the error for the caller.
func (s *Script) complain(i int, req *provider.Request, err error) *provider.Error {
	e := &provider.Error{
		Kind:     provider.KindInvalidRequest,
		Provider: scriptName,
		Message:  fmt.Sprintf("turn %d: %v\n%s", i+1, err, describe(req)),
		Err:      err,
	}
	if s.t != nil {
		s.t.Helper()
		s.t.Errorf("%s: %s", scriptName, e.Message)
	}
	return e
}

func (s *Script) reportUnused() {
	s.mu.Lock()
	asked := s.asked
	s.mu.Unlock()
	if s.loop || asked >= len(s.turns) || s.t.Skipped() {
		return
	}
	report := s.t.Errorf
	if s.t.Failed() { // unused turns are then probably a consequence
		report = s.t.Logf
	}
	report("%s: turn %d of %d was not used: %s", scriptName, asked+1, len(s.turns), s.turns[asked])
}
