package transcript

// A runState says what is due in the last run.
type runState uint8

const (
	runNone      runState = iota // there is no run yet, or Tracker.Err says that what is due is unknown
	runModel                     // a model call is due
	runAwaiting                  // nothing but approval is due
	runCalls                     // tool calls are due
	runReconcile                 // the backend has to be asked about a call
	runClosing                   // its End is due
	runEnded                     // its End is stored, with the outcome
)

func (s runState) String() string {
	return [...]string{"none", "model due", "awaiting approval", "calls due", "reconcile due", "end due", "ended"}[s]
}

// A look is what the entries read so far come to. It is taken once between two entries,
// with the state of each call in its slot.
type look struct {
	taken   bool
	run     runState
	stopped bool   // no further call is run, for the turn's sake or at a limit
	limit   string // that limit, or ""
	begun   *slot  // the call to ask the backend about, or nil
	end     *End   // the End that is due, or nil
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
	// Every call of the turn has its answer, or gets it without being run.
	l.run = runModel
	if l.end = k.ending(); l.end != nil {
		l.run = runClosing
	}
	return l
}

// seeCalls sets what is due for the calls of the last output, if anything is.
func (l *look) seeCalls(slots []slot) {
	for i := range slots {
		switch s := &slots[i]; l.due(s) {
		case callStarted:
			if s.call.Class != ClassIdempotent {
				l.run, l.begun = runReconcile, s
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

// due returns the state by which Next treats the call. At a limit no further call is
// run, and an idempotent call is not started again.
func (l *look) due(s *slot) callState {
	switch {
	case !l.stopped:
		return s.state
	case s.state == callStarted && s.call.Class == ClassIdempotent:
		return callInDoubt
	}
	return s.stop()
}
