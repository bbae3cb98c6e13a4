package transcript

// Repair returns the entries to append before the next input if a run has ended with
// unanswered calls, since models refuse a conversation in which a call has no result. If the
// run is open, Repair returns nothing.
//
// A call that was started gets StatusInDoubt. A call that was not gets StatusInterrupted. A
// refused call, or one that a person decided without running it, gets its result. A call that
// awaits approval stays open, also in an earlier turn.
//
// If the API refused the content of a message, Repair also returns a Withdrawal: of the media
// if the API refused media, otherwise of the last tool results or, if there are none, of the
// input. If its entries are appended, a second Repair returns nothing.
func Repair(t Transcript) []Body { return Track(t).Repair() }

// Repair returns the same as the function [Repair].
func (k *Tracker) Repair() []Body {
	if k.newer != nil {
		return nil
	}
	bodies := k.answerOpen()
	if w := k.refusedContent(); w != nil {
		bodies = append(bodies, w)
	}
	return bodies
}

// answerOpen returns results for the unanswered calls of runs that have ended, except those
// that await approval.
func (k *Tracker) answerOpen() (answers []Body) {
	if k.end == nil {
		return nil
	}
	k.look()
	for s := range k.calls {
		if s.result != nil {
			continue
		}
		switch s.state {
		case callAwaiting:
		case callStarted:
			answers = append(answers, k.answer(s, callInDoubt))
		case callReady:
			answers = append(answers, k.answer(s, callInterrupted))
		default:
			answers = append(answers, k.answer(s, s.state))
		}
	}
	return answers
}
