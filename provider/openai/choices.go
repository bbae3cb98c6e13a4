package openai

// choices decides which of several choices is the response. The client asks for one, but some
// servers send several responses, and some gateways spread one response over several choices:
// the text in one, the calls in another. So the first choice with text provides the text, and
// the same holds for reasoning and for calls. A choice that repeats a kind of content is
// another response, and from then on adds no further kind. What it has contributed stays
// whole: a call continues whatever comes between its pieces.
//
// Text of only white space does not make a choice another response, and yields to the text of
// another choice.
type choices struct {
	at                    choice // the current one
	text, thoughts, calls owner
	others                map[choice]bool
}

// A choice is identified by its index or else by its position.
type choice int64

// An owner is the choice that provides a kind of content.
type owner struct {
	choice choice
	known  bool
	blank  bool // only white space so far
}

// counts reports whether content is part of the response. of is the owner of its kind; blank
// means that it is white space.
func (c *choices) counts(of *owner, blank bool) bool {
	if of.known && of.choice == c.at {
		of.blank = of.blank && blank
		return true // almost always
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

// isOther reports whether the choice is another response.
func (c *choices) isOther() bool { return c.others[c.at] }

// owns reports whether the choice provided a part of the response.
func (c *choices) owns() bool {
	for _, o := range [...]owner{c.text, c.thoughts, c.calls} {
		if o.known && o.choice == c.at {
			return true
		}
	}
	return false
}

// ignored reports whether the end and errors of the choice do not count.
func (c *choices) ignored() bool { return c.isOther() && !c.owns() }

// ends reports whether the end of the choice ends the response: the choice provided a part of
// it, or no choice did. If the choice provided nothing and others did, only a cut and an error
// count: the choice may have been about to call.
func (c *choices) ends() bool {
	return c.owns() || !c.text.known && !c.thoughts.known && !c.calls.known
}
