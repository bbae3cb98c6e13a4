package funcall

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/leases"
	"github.com/funcall/funcall/internal/agent/sessions"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Session is a conversation that is kept in the agent's store under an ID. It holds no state
// and is safe for concurrent use: any number of Sessions, in any process, can stand for one
// conversation. Only one run at a time is possible; others get [ErrBusy].
type Session struct {
	agent *Agent
	id    string
	opts  []RunOption
}

// Session returns the conversation with that ID. It begins with its first message. The options
// apply to each of its runs. If one does not fit the agent, such as [WithTools] of a tool that
// was removed, Send returns an error; methods that begin no run need only [Subject] and
// [StopWhen]. The ID is UTF-8 without NUL, 1 to 2000 bytes long; if it is not,
// the Session's methods return an error.
func (a *Agent) Session(id string, opts ...RunOption) *Session {
	return &Session{agent: a, id: id, opts: opts}
}

// ID returns the ID that was given to [Agent.Session].
func (s *Session) ID() string { return s.id }

// Send sends the next message and runs until an outcome. The Result is never nil. If a call
// needs approval, the outcome is OutcomeWaiting and the error is nil; see [Session.Decide].
//
// Send stores nothing and returns an error if the message is empty or larger than 32 MiB; if
// the last run has not ended ([ErrBusy]); if a call waits for a decision ([ErrPending]); or if
// the session belongs to another subject ([ErrWrongSubject]).
//
// Ahead of the message Send repairs the conversation: it ends a run whose decisions have
// expired ([ApprovalTimeout]), gives a result to each call that has none
// ([transcript.Repair]), and leaves out content that the API refused ([Session.Withdraw]).
func (s *Session) Send(ctx context.Context, text string, opts ...RunOption) (*Result, error) {
	return s.send(ctx, text, opts, nil, nil)
}

// Stream is like Send and yields events; see [Agent.Stream].
func (s *Session) Stream(ctx context.Context, text string, opts ...RunOption) iter.Seq2[Event, error] {
	return watch(ctx, func(ctx context.Context, emit func(Event)) (*Result, error) {
		return s.send(ctx, text, opts, nil, emit)
	})
}

func (s *Session) send(ctx context.Context, text string, opts []RunOption, answer *structured.Form, emit func(Event)) (*Result, error) {
	c, in, err := s.agent.newInput(text, append(s.opts[:len(s.opts):len(s.opts)], opts...), answer)
	if err != nil {
		return s.empty(err), err
	}
	return s.run(ctx, c, answer, emit, func(k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		if subject, begun := k.Subject(); begun && subject != in.Subject {
			return nil, ErrWrongSubject
		}
		k, first, err := atRest(k, now)
		if err != nil {
			return nil, err
		}
		if err := s.agent.fill(ctx, c, in, RunInfo{Session: s.id, Subject: c.subject, Time: now}); err != nil {
			return nil, err
		}
		return append(append(first, k.Repair()...), withoutSetup(in, k)), nil
	})
}

// Withdraw takes back the last user message and all that followed, and returns a copy of the
// message to edit and send again. The entries stay in the transcript and are no longer sent to
// the model. Each further call takes back the message before; if none is left, Withdraw
// returns nil. Effects are not undone, and in-doubt calls stay in doubt.
//
// If the last run has not ended, Withdraw returns [ErrBusy]; if a call waits for a decision,
// [ErrPending]; if the session was opened with another subject, [ErrWrongSubject]. After any
// other error the message may have been withdrawn: look at the Transcript before the next
// call.
//
// If the API refused the message for its content ([provider.KindFiltered],
// [provider.KindContextTooLong], [provider.KindInvalidMedia]), Withdraw is not needed: the
// next Send leaves out that content.
func (s *Session) Withdraw(ctx context.Context) (*provider.Message, error) {
	var message *provider.Message
	_, err := s.continues(ctx, nil, func(_ *runConfig, k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		k, first, err := atRest(k, now)
		if err != nil {
			return nil, err
		}
		withdrawal, withdrawn := k.Withdraw()
		if message = withdrawn; message == nil {
			return nil, nil
		}
		return append(first, withdrawal...), nil
	})
	if err != nil || message == nil {
		return nil, err
	}
	return &provider.Message{Role: message.Role, Parts: slices.Clone(message.Parts), State: message.State}, nil
}

// StreamResume is like Resume and yields events; see [Agent.Stream].
func (s *Session) StreamResume(ctx context.Context) iter.Seq2[Event, error] {
	return watch(ctx, s.resume)
}

// Resume continues a run that was interrupted, that failed or that was canceled. If the run
// has no End, Resume continues it as soon as no other worker has its lease: after
// [Config.LeaseFor] at the latest. In a store without leases, it continues the run once its
// last entry is older than [Config.TakeoverAfter]. Until then it returns [ErrBusy]. Calls with
// a stored result are not repeated.
//
// If the run waits for approval, Resume expires the calls whose deadline has passed, as if
// they had been denied. If no other call waits, the run continues; otherwise the outcome is
// OutcomeWaiting and the error is nil. If there is nothing to continue, or the message was
// withdrawn, Resume returns the conversation unchanged and a nil error.
//
// Resume acts for the subject of the conversation. If the session was opened with another
// subject, Resume returns [ErrWrongSubject].
func (s *Session) Resume(ctx context.Context) (*Result, error) { return s.resume(ctx, nil) }

func (s *Session) resume(ctx context.Context, emit func(Event)) (*Result, error) {
	return s.continues(ctx, emit, func(c *runConfig, k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		switch o, end := k.Outcome(); {
		case o == transcript.OutcomeWaiting:
			return expireDecisions(k.Pending(), now), nil
		case !k.Resumable():
			return nil, nil
		case end == nil:
			if err := s.agent.takeOver(ctx, c.keeper, k); err != nil {
				return nil, err
			}
		}
		return []transcript.Body{&transcript.Resume{}}, nil
	})
}

func (s *Session) checkID() error {
	if s.id == "" {
		return errors.New("funcall: a session needs an id")
	}
	if err := storable.CheckID("session id", s.id); err != nil {
		return fmt.Errorf("funcall: %w", err)
	}
	return nil
}

func (s *Session) load(ctx context.Context) (transcript.Transcript, error) {
	t, err := s.agent.cfg.Store.Load(ctx, s.id)
	if err != nil {
		return transcript.Transcript{ID: s.id}, fmt.Errorf("funcall: session %q cannot be loaded: %w", s.id, err)
	}
	t.ID = s.id // keys are made of it: it must not hang on a store's care
	return t, nil
}

// keeper returns the keeper of the session's lease, or nil if the store gives no leases. The
// caller has claimed the session, and closes the keeper.
func (a *Agent) keeper(ctx context.Context, session string) *leases.Keeper {
	if a.leaser == nil {
		return nil
	}
	return a.leases.Keep(ctx, session, a.cfg.Store, a.leaser)
}

// takeOver returns nil if no worker runs the session, whose run has not ended: from now on this
// one has its lease, or, without leases, the last entry is old. Otherwise the error matches
// ErrBusy.
func (a *Agent) takeOver(ctx context.Context, keeper *leases.Keeper, k *transcript.Tracker) error {
	if keeper != nil {
		return keeper.Acquire(ctx, ErrBusy)
	}
	if age := a.cfg.Now().Sub(k.UpdatedAt()); age < a.cfg.TakeoverAfter {
		return fmt.Errorf("%w: its last entry is %v old, and it is taken over after %v",
			ErrBusy, age.Round(time.Millisecond), a.cfg.TakeoverAfter)
	}
	return nil
}

// expireDecisions returns the decisions on calls whose deadline has passed.
func expireDecisions(pending []transcript.PendingCall, now time.Time) []transcript.Body {
	var bodies []transcript.Body
	for _, p := range pending {
		if p.Expired(now) {
			bodies = append(bodies, &transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictExpire})
		}
	}
	return bodies
}

// foreign reports whether the session was asked for with a subject that is not
// the conversation's.
func foreign(c *runConfig, k *transcript.Tracker) bool {
	subject, begun := k.Subject()
	return begun && c.subject != "" && c.subject != subject
}

// atRest returns what has to be appended first so that a message can follow: the end of
// a run that waited for decisions whose time has passed. The tracker has read it. If no
// message can be accepted, atRest returns why.
func atRest(k *transcript.Tracker, now time.Time) (*transcript.Tracker, []transcript.Body, error) {
	if k.Len() == 0 {
		return k, nil, nil
	}
	pending := k.Pending()
	expired := expireDecisions(pending, now)
	if len(pending) > len(expired) {
		return nil, nil, ErrPending
	}
	switch o, end := k.Outcome(); {
	case end == nil && o != transcript.OutcomeWaiting:
		return nil, nil, fmt.Errorf("%w: last entry at %v; if that process is gone, call Resume",
			ErrBusy, k.UpdatedAt().Format(time.RFC3339))
	case end == nil:
		expired = append(expired, &transcript.End{Outcome: transcript.OutcomeCanceled, Reason: ErrExpired.Error()})
	}
	if len(expired) > 0 {
		k = transcript.Track(k.Transcript())
	}
	for _, b := range expired {
		k.Add(transcript.Entry{Time: now, Body: b})
	}
	return k, expired, nil
}

// continues is run for what has no message of its own.
func (s *Session) continues(ctx context.Context, emit func(Event), first func(c *runConfig, k *transcript.Tracker, now time.Time) ([]transcript.Body, error)) (*Result, error) {
	c := s.agent.applied(s.opts)
	return s.run(ctx, c, nil, emit, func(k *transcript.Tracker, now time.Time) ([]transcript.Body, error) {
		if foreign(c, k) {
			return nil, ErrWrongSubject
		}
		return first(c, k, now)
	})
}

// run claims the session, decides with first how the run begins, and runs. The state that an
// earlier run left may be stale. Only an append proves that it is not, so if first appends
// nothing, or the append conflicts, the stored conversation is loaded and first decides anew; and
// once more if it was a lease that refused the append, and this worker has got it.
func (s *Session) run(ctx context.Context, c *runConfig, answer *structured.Form, emit func(Event), first func(k *transcript.Tracker, now time.Time) ([]transcript.Body, error)) (*Result, error) {
	if err := s.checkID(); err != nil {
		return s.empty(err), err
	}
	last, ok := s.agent.sessions.Claim(s.id)
	if !ok {
		return s.empty(ErrBusy), ErrBusy
	}
	defer s.agent.sessions.Release(s.id)
	if c.keeper = s.agent.keeper(ctx, s.id); c.keeper != nil {
		defer c.keeper.Close()
	}
	called, began := s.agent.cfg.Now(), time.Now()
	tooLate := func(err error) bool {
		return err == errOvertaken && max(time.Since(began), s.agent.cfg.Now().Sub(called))-c.consulted > maxStood
	}
	if last != nil && ctx.Err() == nil {
		if res, begun, err := s.runFrom(ctx, last, c, answer, emit, first); begun || tooLate(err) {
			return res, err
		}
	}
	for seen := -1; ; {
		t, err := s.load(ctx)
		if err != nil {
			return s.empty(err), err
		}
		if seen >= 0 && seen != len(t.Entries) { // another run began first
			return resultOf(transcript.Track(t)), errOvertaken
		}
		res, begun, err := s.runFrom(ctx, sessions.NewState(transcript.Track(t)), c, answer, emit, first)
		if begun || err != errOvertaken || tooLate(err) || c.keeper == nil || seen >= 0 {
			return res, err
		}
		seen = len(t.Entries)
		if err := c.keeper.Acquire(ctx, ErrBusy); err != nil { // unless the lease is that of a worker that is gone
			return res, err
		}
	}
}

// errOvertaken is ErrBusy for a first append that conflicts: nothing of the run is stored.
var errOvertaken = fmt.Errorf("%w: another run of it began first", ErrBusy)

// maxStood is how long a call may have taken until its append conflicts, to be decided anew. A
// worker that was stopped for longer may bring a message that another has sent meanwhile.
const maxStood = 5 * time.Second

// runFrom runs from that state. begun is false if the store has nothing of the run.
func (s *Session) runFrom(ctx context.Context, state *sessions.State, c *runConfig, answer *structured.Form, emit func(Event), first func(k *transcript.Tracker, now time.Time) ([]transcript.Body, error)) (res *Result, begun bool, err error) {
	k, past, now := state.Tracker, state.Tracker.Transcript(), s.agent.cfg.Now()
	bodies, err := first(k, now)
	switch newer := k.Err(); {
	case errors.Is(err, ErrWrongSubject): // nothing of the other's conversation
		return s.empty(err), false, err
	case newer != nil:
		return resultOf(k), false, fmt.Errorf("funcall: %w", newer)
	case err != nil || len(bodies) == 0:
		return resultOf(k), false, err
	}
	store := s.agent.cfg.Store
	if c.keeper != nil {
		store = c.keeper
	}
	r := s.agent.newRun(state, store, c, answer, emit)
	if res, err = r.start(ctx, now, bodies...); res == nil {
		res, err = r.result(ctx, r.loop(ctx))
	}
	s.agent.sessions.Keep(state, r.journal.Stored())
	if r.journal.Stored() == len(past.Entries) && errors.Is(err, transcript.ErrDeleted) { // nothing of what was kept here
		return s.empty(err), true, err
	}
	if r.journal.Stored() == len(past.Entries) && !r.journal.Offered() && errors.Is(err, transcript.ErrConflict) {
		return resultOf(transcript.Track(past)), false, errOvertaken
	}
	return res, true, err
}

func (s *Session) empty(err error) *Result {
	return failed(s.id, err)
}
