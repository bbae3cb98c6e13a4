package transcript

import "github.com/funcall/funcall/internal/text/wording"

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
	p := newPlan(k)
	for _, i := range k.open() {
		s := &k.slots[i]
		switch state := k.state(s, p.stop); {
		case state == callStarted:
			p.answer(i, StatusInDoubt, wording.InDoubt)
		case state == callAwaiting:
			waits = true
		case state != callReady:
			status, text := s.settled(state, p.stop)
			p.answer(i, status, text)
		case s.call.Class == ClassReadOnly:
			p.answer(i, StatusInterrupted, textInterrupted)
		default:
			p.answer(i, StatusInterrupted, textNotBegun)
		}
	}
	return p.before, waits
}
