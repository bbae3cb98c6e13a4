package transcript

import (
	"errors"
	"fmt"

	"github.com/funcall/funcall/provider"
)

// Validate returns an error for the first entry of t that cannot be at its position, such as a
// result without a call, an effect without an intent, or an output without a run. A transcript
// that a crash truncated after any append is valid. Validate does not check entries after one
// that needs a newer version; see [Tracker.Err].
func Validate(t Transcript) error {
	k := Track(Transcript{ID: t.ID})
	var ids callIDs
	for i, e := range t.Entries {
		if err := k.fits(e, &ids); err != nil {
			kind := "empty"
			if e.Body != nil {
				kind = e.Body.kind()
			}
			return fmt.Errorf("transcript %q, entry %d (%s): %w", t.ID, i, kind, err)
		}
		if k.Add(e); k.newer != nil {
			return nil
		}
	}
	return nil
}

var (
	errNoRun    = errors.New("no run is open")
	errUnclosed = errors.New("the last run has not ended")
)

func errNoResult(s *slot) error { return fmt.Errorf("call %s has no result", s.ref) }

// fits returns an error if e cannot be the next entry. ids are the call IDs in use.
func (k *Tracker) fits(e Entry, ids *callIDs) error {
	open := k.in != nil && k.end == nil
	switch b := e.Body.(type) {
	case *Input:
		switch {
		case open:
			return errUnclosed
		case b.Message == nil:
			return errors.New("message is missing")
		}
		if err := k.fitsPause(); err != nil {
			return err
		}
		for _, p := range b.Message.Parts {
			switch p.(type) {
			case provider.ToolCall, provider.ToolResult:
				return fmt.Errorf("an input must not contain a %T", p)
			}
		}
	case *Output:
		if err := k.fitsModel(open); err != nil {
			return err
		}
		switch {
		case b.Message == nil:
			return errors.New("message is missing")
		case b.Message.Role != provider.RoleAssistant:
			return fmt.Errorf("message has role %q, want %q", b.Message.Role, provider.RoleAssistant)
		case k.in.OutputSchema == nil && (b.StructuredText != "" || b.Refusal != ""):
			return errors.New("structured output in a run without an output schema")
		case b.StructuredText != "" && b.Refusal != "":
			return errors.New("output has both an accepted and a refused structured output")
		case b.Cost != nil && *b.Cost < 0:
			return fmt.Errorf("negative cost %v", *b.Cost)
		case b.Refusal != "" && len(b.Calls) > 0:
			return errors.New("output with tool calls has a refused structured output")
		}
		for _, p := range b.Message.Parts {
			if _, ok := p.(provider.ToolResult); ok {
				return errors.New("an output must not contain a tool result")
			}
		}
		return fitCalls(b, len(k.t.Entries), ids, k.in.OutputSchema)
	case *Attempt:
		if b.Cost != nil && *b.Cost < 0 {
			return fmt.Errorf("negative cost %v", *b.Cost)
		}
		return k.fitsModel(open)
	case *Intent:
		return k.fitsIntent(b, open)
	case *Result:
		return k.fitsResult(b)
	case *Decision:
		if _, err := k.decides(b, e.Time); err != nil {
			return err
		}
		if !b.Verdict.known() {
			return errVerdict(b.Verdict)
		}
	case *Resume:
		switch {
		case k.in == nil:
			return errNoRun
		case k.withdrawn:
			return errors.New("the turn was withdrawn")
		case !k.Resumable():
			return fmt.Errorf("the run has ended (%s)", k.end.Outcome)
		}
	case *Withdrawal:
		if err := k.fitsWithdrawal(b); err != nil {
			return err
		}
		if !b.Media {
			ids.free(b.From)
		}
	case *End:
		switch {
		case !open:
			return errNoRun
		case !b.Outcome.final():
			return fmt.Errorf("a run cannot end with outcome %q", b.Outcome)
		case b.Outcome == OutcomeDone && k.out == nil:
			return errors.New("the run is done without an output")
		case k.missing > 0 && b.Outcome != OutcomeFailed && b.Outcome != OutcomeCanceled:
			return errNoResult(unanswered(k.slots))
		}
	case *Unknown:
	default:
		return fmt.Errorf("unknown body type %T", b)
	}
	return nil
}

// fitsPause returns an error if no input can follow the last turn: a call has no result and
// does not await approval.
func (k *Tracker) fitsPause() error {
	for i := range k.slots {
		if s := &k.slots[i]; s.result == nil && k.state(s) != callAwaiting {
			return errNoResult(s)
		}
	}
	return nil
}

// fitsModel returns an error if no model call can be next.
func (k *Tracker) fitsModel(open bool) error {
	switch {
	case !open:
		return errNoRun
	case k.missing > 0:
		return errNoResult(unanswered(k.slots))
	case k.out != nil && len(k.slots) == 0 && k.out.Refusal == "":
		return errors.New("the run already has its answer")
	}
	return nil
}

// fitCalls checks the verdicts of an output, the entry at, against the calls of its message.
func fitCalls(out *Output, at int, ids *callIDs, answer *provider.OutputSchema) error {
	calls := out.Message.ToolCalls()
	if len(calls) != len(out.Calls) {
		return fmt.Errorf("message has %d tool calls, output has %d verdicts", len(calls), len(out.Calls))
	}
	for i, c := range out.Calls {
		switch {
		case c.ID != calls[i].ID || c.Tool != calls[i].Name:
			return fmt.Errorf("verdict %d is on %s %q, call %[1]d of the message is %[4]s %[5]q", i, c.Tool, c.ID, calls[i].Name, calls[i].ID)
		case c.ID == "":
			return fmt.Errorf("call %d has no ID", i)
		case ids.used[c.ID]:
			return fmt.Errorf("call %d reuses the ID %q", i, c.ID)
		case c.EndsWith != "" && !c.EndsWith.final():
			return fmt.Errorf("call %d cannot end the run with outcome %q", i, c.EndsWith)
		case c.IsOutput && (answer == nil || c.Tool != answer.Name || c.EndsWith != OutcomeDone):
			return fmt.Errorf("call %d cannot be the structured output of the run", i)
		}
		ids.use(at, c.ID)
	}
	return nil
}

// callIDs are the IDs of the calls that the model is sent. Withdrawing a turn frees its IDs.
type callIDs struct {
	used  map[string]bool
	order []usedID
}

type usedID struct {
	at int // the output
	id string
}

func (ids *callIDs) use(at int, id string) {
	if ids.used == nil {
		ids.used = make(map[string]bool)
	}
	ids.used[id] = true
	ids.order = append(ids.order, usedID{at, id})
}

// free frees the IDs of the outputs from that entry on.
func (ids *callIDs) free(from int) {
	for n := len(ids.order); n > 0 && ids.order[n-1].at >= from; n-- {
		delete(ids.used, ids.order[n-1].id)
		ids.order = ids.order[:n-1]
	}
}

// final reports whether a run can end with the outcome.
func (o Outcome) final() bool {
	switch o {
	case OutcomeDone, OutcomeLimit, OutcomeTruncated, OutcomeHandedOff, OutcomeFailed, OutcomeCanceled:
		return true
	}
	return false
}

func (k *Tracker) fitsIntent(b *Intent, open bool) error {
	s, err := k.fitsCall(b.Ref)
	switch {
	case err != nil:
		return err
	case !open:
		return errNoRun
	case s.call.Class == ClassReadOnly:
		return errors.New("a read-only call needs no intent")
	case !k.outputOf(s).mayRun():
		return errMayNotRun
	}
	switch state := k.state(s); {
	case state == callRefused:
		return errors.New("the call was refused")
	case state == callSkipped:
		return errors.New("an earlier call ended the run")
	case state == callOutput:
		return errors.New("the call is the structured output and runs no tool")
	case state != callReady && state != callStarted:
		return errNotApproved
	case b.Void && (s.begun == 0 || b.Attempt != s.attempts || b.Attempt == s.voided):
		return fmt.Errorf("attempt %d cannot be void: it is not the last attempt, was not started, or is void already", b.Attempt)
	case !b.Void && state == callStarted && s.call.Class != ClassIdempotent:
		return errors.New("the call was started before and its outcome is unknown")
	case !b.Void && b.Attempt != s.attempts+1:
		return fmt.Errorf("attempt %d cannot follow attempt %d", b.Attempt, s.attempts)
	}
	return nil
}

// mayRun reports whether calls of the output may run.
func (o *Output) mayRun() bool { return o.Finish.Complete() && !o.ToolsOff }

var errNotApproved = errors.New("the call needs approval and has none")

var errMayNotRun = errors.New("the response was truncated or tools were off, so its calls cannot run")

func (k *Tracker) fitsResult(b *Result) error {
	s, err := k.fitsCall(b.Ref)
	if err != nil {
		return err
	}
	switch state := k.entryState(s); {
	case !b.Status.known():
		return fmt.Errorf("unknown status %q", b.Status)
	case state == callOutput && b.Status != StatusOK:
		return fmt.Errorf("the call is the structured output; its status is %q, want %q", b.Status, StatusOK)
	case state == callOutput, !b.ran(), state == callResponded && b.Status == StatusOK:
	case state == callRefused:
		return errors.New("the call was refused, so it cannot have run")
	case !k.outputOf(s).mayRun():
		return errMayNotRun
	case state != callReady && state != callStarted:
		return errNotApproved
	case state != callStarted && s.call.Class != ClassReadOnly:
		return errors.New("the call is not read-only and has no intent")
	}
	for _, p := range b.Content {
		switch p.(type) {
		case provider.Text, provider.Media, provider.Native:
		default:
			return fmt.Errorf("a tool result must not contain a %T", p)
		}
	}
	return nil
}

func (s Status) known() bool {
	switch s {
	case StatusOK, StatusFailed, StatusRefused, StatusDenied, StatusSkipped, StatusInterrupted, StatusInDoubt:
		return true
	}
	return false
}

// fitsCall returns the call at r, or an error if it is unknown or has a result.
func (k *Tracker) fitsCall(r Ref) (*slot, error) {
	s := k.slot(r)
	switch {
	case s == nil:
		return nil, fmt.Errorf("no call %s in the last output or in earlier outputs with calls that await approval", r)
	case s.result != nil:
		return nil, fmt.Errorf("call %s already has a result", r)
	}
	return s, nil
}
