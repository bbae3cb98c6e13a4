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

// scriptName is what a script calls itself in errors.
const scriptName = "script"

// A Script is a [provider.Provider] that answers with the turns it was given,
// one after the other. It is safe for concurrent use; calls that overlap take
// their turns in the order in which they came.
//
// It keeps to the contract of [provider.Provider] in everything and passes
// [Conformance]. Like the real APIs it refuses a conversation in which calls
// and results do not pair: each assistant turn with calls must be followed by
// one tool message that has one result for each, in their order, and no ID may
// come twice.
//
// A script that is asked for what it does not have fails its test: asked too
// often, with a conversation that does not pair, or with a request that
// [Turn.Expect] refuses. The call then gets a [*provider.Error] of kind
// [provider.KindInvalidRequest], so that nothing waits for a retry. Turns that
// were never asked for are reported when the test ends.
type Script struct {
	t     testing.TB // nil: complain to nobody
	turns []Turn
	cut   Cut
	loop  bool

	mu       sync.Mutex
	asked    int // calls that took a turn or came too late for one
	requests []*provider.Request
}

// NewScript returns a model that takes the turns in order. t may be nil; then
// mistakes show in the errors of Generate alone.
func NewScript(t testing.TB, turns ...Turn) *Script {
	s := &Script{t: t, turns: number(turns), cut: CutWords}
	if t != nil {
		t.Cleanup(s.reportUnused)
	}
	return s
}

// Cut sets how streams are cut into pieces, instead of into [CutWords]. It must be
// called before the script is used.
func (s *Script) Cut(cut Cut) *Script {
	s.cut = cut
	return s
}

// Loop makes the script begin again after its last turn, for ever: for
// benchmarks. A script that loops keeps no requests, and does not mind if it
// is not asked for all its turns. It must be called before the script is used.
func (s *Script) Loop() *Script {
	s.loop = true
	return s
}

// Model makes the script a [provider.Named], so that a limit of cost can be
// tested: give the model "script" a price. A turn's Response may name another.
func (s *Script) Model() string { return "script" }

// Requests returns what the script was asked so far, oldest first, each as it
// was at that time: later changes to what it points to do not show.
func (s *Script) Requests() []*provider.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*provider.Request(nil), s.requests...)
}

// Generate answers with the next turn. A context that is done already takes
// no turn.
func (s *Script) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	if s.t != nil {
		s.t.Helper()
	}
	if err := ctx.Err(); err != nil {
		return nil, fail(err, false)
	}
	i, req := s.next(req)
	if i >= len(s.turns) {
		return nil, s.complain(i, req, fmt.Errorf("there is no such turn: the script has %d", len(s.turns)))
	}
	turn := s.turns[i]
	if err := turn.admit(req); err != nil {
		return nil, s.complain(i, req, err)
	}
	return s.play(ctx, turn, emit)
}

// next takes the next turn's index, and a copy of the request for whoever
// looks at it later.
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

// admit says whether the turn is the answer to req.
func (t Turn) admit(req *provider.Request) error {
	if t.Response == nil && t.Err == nil && !t.Hangs {
		return errors.New("the turn is empty: make it with Say, Call, Fail or another of their kind")
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
	// The caller may have given up during the last delta.
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

// fail makes of err the error that a Provider owes its caller.
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

// complain fails the test, and returns the error for the call.
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
	if s.t.Failed() { // then this is a consequence, worth knowing
		report = s.t.Logf
	}
	report("%s: turn %d of %d was never asked for: %s", scriptName, asked+1, len(s.turns), s.turns[asked])
}
