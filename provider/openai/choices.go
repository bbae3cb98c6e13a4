package openai

// choices tells which of several choices the answer is. One is asked for, but
// some servers send several answers, and some gateways spread one answer over
// several choices: the text in one, the calls in another. So the choice that
// brings text first has the text of the answer, and the same holds for its
// reasoning and for its calls. A choice that repeats what another has brought is
// another answer, and from then on nothing of it counts.
type choices struct {
	at                    choice // the one that is being read
	text, thoughts, calls owner
	others                map[choice]bool
}

// A choice is named by its index, or else by its place.
type choice int64

// An owner is the choice that a kind of content is from.
type owner struct {
	choice choice
	known  bool
}

// counts reports whether content of a kind is part of the answer. Of says which
// choice that kind is from.
func (c *choices) counts(of *owner) bool {
	if c.others == nil && of.known && of.choice == c.at {
		return true // nearly always
	}
	if c.isOther() {
		return false
	}
	if !of.known {
		*of = owner{c.at, true}
	}
	if of.choice == c.at {
		return true
	}
	if c.others == nil {
		c.others = map[choice]bool{}
	}
	c.others[c.at] = true
	return false
}

// isOther reports whether the choice is another answer.
func (c *choices) isOther() bool { return c.others[c.at] }

// ends reports whether the end of the choice is an end of the answer: it has
// brought some of it, or no choice has. Of one that has brought nothing while
// others have, only a cut and an error count: it may have been about to call.
func (c *choices) ends() bool {
	nothing := true
	for _, o := range [...]owner{c.text, c.thoughts, c.calls} {
		if o.known && o.choice == c.at {
			return true
		}
		nothing = nothing && !o.known
	}
	return nothing
}
