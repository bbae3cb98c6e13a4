package transcript

import "fmt"

// A callState is where a call of the last output stands, as the entries tell. Next,
// Repair, Pending and Validate go by it; the table in docs/design.md says what each of
// them makes of it.
type callState uint8

const (
	callAnswered  callState = iota // it has a result
	callRefused                    // its verdict refuses it
	callOutput                     // it is the structured output of the run: nothing is run
	callStarted                    // an attempt began, and no result is stored
	callSkipped                    // no further call of the turn is run
	callAwaiting                   // a person has to decide
	callResponded                  // a person answered in the tool's stead
	callDenied                     // a person declined it
	callExpired                    // the time for a decision has passed
	callReady                      // it can start
)

func (s callState) String() string {
	return [...]string{"answered", "refused", "output", "started", "skipped", "awaiting", "responded", "denied", "expired", "ready"}[s]
}

// state returns where the call stands. stop says why no further call of the turn is
// run, or is "".
func (k *Tracker) state(s *slot, stop string) callState {
	d := s.decision
	switch {
	case s.result != nil:
		return callAnswered
	case s.call.Refusal != "":
		return callRefused
	case k.out.answers(s.call): // nothing is run, so no limit forbids it
		return callOutput
	case s.begun > 0:
		return callStarted
	case stop != "":
		return callSkipped
	case d == nil && k.asks(s) != "":
		return callAwaiting
	case d == nil || d.Verdict == VerdictApprove:
		return callReady
	case d.Verdict == VerdictRespond:
		return callResponded
	case d.Verdict == VerdictExpire:
		return callExpired
	}
	return callDenied
}

// stopped returns why no further call of the last output is run, or "". ender is the
// call that ends the run, if there is one.
func (k *Tracker) stopped(ender *slot) string {
	switch {
	case !k.out.Finish.Complete():
		return textCut
	case k.out.ToolsOff:
		return textToolsOff
	case ender != nil:
		return fmt.Sprintf(textEnded, ender.call.Tool)
	}
	return ""
}

// ender returns the first call of the last output that ends the run, or nil.
func (k *Tracker) ender() *slot {
	for i := range k.slots {
		s := &k.slots[i]
		if s.call.EndsWith != "" && s.ran() && s.result.Status == StatusOK || k.out.answers(s.call) {
			return s
		}
	}
	return nil
}

// settled returns the answer to a call in a state in which nothing has to be done for
// it, or no status.
func (s *slot) settled(state callState, stop string) (Status, string) {
	switch state {
	case callRefused:
		return StatusRefused, s.call.Refusal
	case callOutput:
		return StatusOK, s.call.Args
	case callSkipped:
		return StatusSkipped, stop
	case callResponded:
		return StatusOK, s.decision.Text
	case callExpired:
		return StatusDenied, textExpired
	case callDenied:
		if s.decision.Text != "" {
			return StatusDenied, s.decision.Text
		}
		return StatusDenied, textDenied
	}
	return "", ""
}

// refusedTurns returns how many turns in a row had something refused and no call run,
// the last output included.
func (k *Tracker) refusedTurns() int {
	if k.out == nil {
		return k.refusals
	}
	refused := k.out.Refusal != ""
	for i := range k.slots {
		s := &k.slots[i]
		if s.ran() {
			return 0
		}
		refused = refused || s.call.Refusal != "" || s.result != nil && s.result.Status == StatusRefused
	}
	if !refused {
		return 0
	}
	return k.refusals + 1
}
