package transcript

// A runState is the state of the last run: what it needs next.
type runState uint8

const (
	runNone      runState = iota // there is no run, or Tracker.Err is not nil
	runModel                     // a model call is due
	runAwaiting                  // only decisions are due
	runCalls                     // tool calls are due
	runReconcile                 // the backend must be asked for the outcome of a call
	runClosing                   // its End is due
	runEnded                     // its End is stored
)

func (s runState) String() string {
	return [...]string{"none", "model due", "awaiting approval", "calls due", "reconcile due", "end due", "ended"}[s]
}

// A look is the state that follows from the entries read so far. It is computed once between
// two entries, and the state of each call is in its slot.
type look struct {
	taken     bool
	run       runState
	stopped   bool   // no further call runs, because of the turn or a limit
	limit     string // that limit, or ""
	reconcile *slot  // the call to reconcile, or nil
	end       *End   // the End that is due, or nil
}

// look returns the look at the entries read so far.
func (k *Tracker) look() *look {
	if !k.seen.taken {
		k.seen = k.takeLook()
	}
	return &k.seen
}

func (k *Tracker) takeLook() look {
	l := look{taken: true, stopped: k.out != nil && k.stopped()}
	for s := range k.calls {
		k.state(s)
	}
	switch {
	case k.in == nil || k.newer != nil:
		return l
	case k.end != nil:
		l.run = runEnded
		return l
	}
	if k.out != nil && !l.stopped {
		l.limit = k.callLimit()
		l.stopped = l.limit != ""
	}
	if l.seeCalls(k.slots); l.run != runNone {
		return l
	}
	// Every call of the turn has a result, or gets one without being run.
	l.run = runModel
	if l.end = k.ending(); l.end != nil {
		l.run = runClosing
	}
	return l
}

// seeCalls sets run if calls of the last output need something.
func (l *look) seeCalls(slots []slot) {
	for i := range slots {
		switch s := &slots[i]; l.due(s) {
		case callStarted:
			if s.call.Class != ClassIdempotent {
				l.run, l.reconcile = runReconcile, s
				return
			}
			l.run = runCalls
		case callReady:
			l.run = runCalls
		case callAwaiting:
			l.run = max(l.run, runAwaiting)
		}
	}
}

// due returns the state of the call for Next. At a limit no further call runs, and an
// idempotent call in doubt is not started again.
func (l *look) due(s *slot) callState {
	switch {
	case !l.stopped:
		return s.state
	case s.state == callStarted && s.call.Class == ClassIdempotent:
		return callInDoubt
	}
	return s.stop()
}
