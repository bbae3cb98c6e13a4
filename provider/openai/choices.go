package openai

// choices tells which of several choices the answer is. One is asked for, but
// some servers send several answers, and some gateways spread one answer over
// several choices: the text in one, the calls in another. So the choice that
// brings text first has the text of the answer, and the same holds for its
// reasoning and for its calls. A choice that repeats what another has brought is
// another answer, and from then on it adds no further kind of content. What it
// has is not torn: a call goes on whatever stands between its pieces.
//
// White space says nothing. Text of white space alone makes no choice another
// answer, and gives way to the text of another choice.
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
	blank  bool // it has brought white space alone
}

// counts reports whether content of a kind is part of the answer. Of says which
// choice that kind is from, blank that the content is white space.
func (c *choices) counts(of *owner, blank bool) bool {
	if of.known && of.choice == c.at {
		of.blank = of.blank && blank
		return true // nearly always
	}
	if c.isOther() {
		return false
	}
	if !of.known || of.blank && !blank {
		*of = owner{c.at, true, blank}
		return true
	}
	if !blank {
		if c.others == nil {
			c.others = map[choice]bool{}
		}
		c.others[c.at] = true
	}
	return false
}

// isOther reports whether the choice is another answer.
func (c *choices) isOther() bool { return c.others[c.at] }

// owns reports whether the choice has brought some of the answer.
func (c *choices) owns() bool {
	for _, o := range [...]owner{c.text, c.thoughts, c.calls} {
		if o.known && o.choice == c.at {
			return true
		}
	}
	return false
}

// ignored reports whether neither the end nor an error of the choice counts.
func (c *choices) ignored() bool { return c.isOther() && !c.owns() }

// ends reports whether the end of the choice is an end of the answer: it has
// brought some of it, or no choice has. Of one that has brought nothing while
// others have, only a cut and an error count: it may have been about to call.
func (c *choices) ends() bool {
	return c.owns() || !c.text.known && !c.thoughts.known && !c.calls.known
}
