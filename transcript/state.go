package transcript

// A callState is the state of a tool call. A table in docs/design.md says how Next, Repair and
// Validate treat each state.
type callState uint8

const (
	callRefused     callState = iota // by the verdict or by the tool
	callOutput                       // it is the structured output of the run, and runs no tool
	callOK                           // the tool answered
	callFailed                       // the tool failed
	callInDoubt                      // it was started, and its outcome is unknown
	callInterrupted                  // the run was stopped before it had a result
	callStarted                      // an attempt was started, and no result is stored
	callSkipped                      // its turn runs no further calls
	callAwaiting                     // it awaits approval
	callResponded                    // a person gave the result in place of the tool
	callDenied                       // a person declined it
	callExpired                      // the deadline for a decision has passed
	callReady                        // it can start
)

func (s callState) String() string {
	return [...]string{
		"refused", "output", "ok", "failed", "in doubt", "interrupted", "started", "skipped",
		"awaiting approval", "responded", "denied", "expired", "ready",
	}[s]
}

// ran reports whether a call with a result counts as run. A call that a person answered in
// place of the tool does not.
func (s callState) ran() bool {
	return s == callOK || s == callFailed || s == callInDoubt || s == callOutput
}

// settled reports whether the call has a result, or gets one without being run.
func (s callState) settled() bool {
	return s != callStarted && s != callAwaiting && s != callReady
}

// entryState returns the state of the call that follows from the entries about it, without its
// turn.
func (k *Tracker) entryState(s *slot) callState {
	switch {
	case s.call.Refusal != "":
		return callRefused
	case s.call.IsOutput && k.outputOf(s).answers(s.call): // it runs no tool, so no limit forbids it
		return callOutput
	case s.result != nil:
		return s.resultState()
	case s.begun > 0:
		return callStarted
	case s.decision != nil:
		return s.decisionState()
	case k.approvalReason(s) != "":
		return callAwaiting
	}
	return callReady
}

func (s *slot) resultState() callState {
	switch d := s.decision; {
	case d != nil && d.Verdict == VerdictRespond && s.result.ran():
		return callResponded
	case d != nil && d.Verdict == VerdictExpire && s.result.Status == StatusDenied:
		return callExpired
	}
	switch s.result.Status {
	case StatusOK:
		return callOK
	case StatusFailed:
		return callFailed
	case StatusInDoubt:
		return callInDoubt
	case StatusRefused:
		return callRefused
	case StatusInterrupted:
		return callInterrupted
	case StatusDenied:
		return callDenied
	}
	return callSkipped
}

func (s *slot) decisionState() callState {
	switch s.decision.Verdict {
	case VerdictApprove:
		return callReady
	case VerdictRespond:
		return callResponded
	case VerdictExpire:
		return callExpired
	}
	return callDenied
}

// state sets and returns the state of the call in its turn. Nothing stops the calls of an
// earlier turn: that turn was complete when the next input came.
func (k *Tracker) state(s *slot) callState {
	if s.state = k.entryState(s); k.isLast(s.ref) && k.stopped() {
		s.state = s.stop()
	}
	return s.state
}

// stop returns the state of the call if no further call runs: a call that was neither started
// nor answered is skipped.
func (s *slot) stop() callState {
	switch s.state {
	case callAwaiting, callReady, callResponded, callDenied, callExpired:
		if s.result == nil {
			return callSkipped
		}
	}
	return s.state
}

// stopped reports whether no further call of the last output runs.
func (k *Tracker) stopped() bool {
	return !k.out.Finish.Complete() || k.out.ToolsOff || k.ender != nil
}
