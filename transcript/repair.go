package transcript

// Repair returns the results to append so that a run which ended with calls
// unanswered can be followed by another input: a model refuses a conversation
// in which a call has no result. A call that changes nothing is interrupted, a
// call that was begun is in doubt, one that can be answered without running it
// (it was refused, or a person denied it) is, and one that waits for a person's
// decision is left as it is. Repairing twice changes nothing more.
func Repair(t Transcript) []Body { return Track(t).Repair() }

// Repair returns what [Repair] says. While a run is open there is nothing to
// repair: it can go on.
func (k *Tracker) Repair() []Body {
	if k.end == nil {
		return nil
	}
	p := newPlan(k)
	for _, i := range k.open() {
		s := &k.slots[i]
		switch status, text := p.settled(s); {
		case s.begun > 0:
			p.answer(i, StatusInDoubt, InDoubtText)
		case status != "":
			p.answer(i, status, text)
		case k.waits(s):
		case s.call.Class == ReadOnly:
			p.answer(i, StatusInterrupted, textInterrupted)
		default:
			p.answer(i, StatusInterrupted, textNotBegun)
		}
	}
	return p.before
}
