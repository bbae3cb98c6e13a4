package transcript

// Repair returns the results to append so that a run which ended with calls
// unanswered can be followed by another input: a model refuses a conversation
// in which a call has no result. A call that changes nothing is interrupted, a
// call that was begun is in doubt, one that can be answered without running it
// (it was refused, or a person denied it) is, and one that waits for a person's
// decision is left as it is. If the API refused the content of a message, Repair
// withdraws it: media alone if that was refused, otherwise the last tool results or, if
// there are none, the input. Repairing twice changes nothing more.
func Repair(t Transcript) []Body { return Track(t).Repair() }

// Repair returns what [Repair] says. While a run is open there is nothing to
// repair: it can go on.
func (k *Tracker) Repair() []Body {
	if k.newer != nil {
		return nil
	}
	bodies, _ := k.answerOpen()
	if w := k.refusedContent(); w != nil {
		bodies = append(bodies, w)
	}
	return bodies
}

// answerOpen returns the answers to the calls that a run which has ended left open,
// but for those that wait for a decision. waits reports whether there are any.
func (k *Tracker) answerOpen() (answers []Body, waits bool) {
	if k.end == nil {
		return nil, false
	}
	k.look()
	for i := range k.slots {
		s := &k.slots[i]
		if s.result != nil {
			continue
		}
		switch state := s.state; state {
		case callAwaiting:
			waits = true
		case callStarted:
			answers = append(answers, k.answer(s, callInDoubt))
		case callReady:
			answers = append(answers, k.answer(s, callInterrupted))
		default:
			answers = append(answers, k.answer(s, state))
		}
	}
	return answers, waits
}
