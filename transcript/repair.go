package transcript

// Repair returns the results to append so that a run which ended with calls
// unanswered can be followed by another input: a model refuses a conversation
// in which a call has no result. A call that changes nothing is interrupted, a
// call that was begun is in doubt, one that can be answered without running it
// (it was refused, or a person denied it) is, and one that awaits approval is left as it
// is, also in an earlier turn. If the API refused the content of a message, Repair
// withdraws it: media alone if that was refused, otherwise the last tool results or, if
// there are none, the input. Repairing twice changes nothing more.
func Repair(t Transcript) []Body { return Track(t).Repair() }

// Repair returns what [Repair] says. While a run is open there is nothing to
// repair: it can go on.
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

// answerOpen returns the answers to the calls that runs which have ended left open, but
// for those that await approval.
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
