package offline

import (
	"encoding/json"
	"regexp"
	"slices"
)

var (
	// sameReason matches a reason that is the one of the return before.
	sameReason = regexp.MustCompile(`(?i)\bsame (?:\w+ )?(?:reason|problem|issue|fault|defect)\b|\breason (?:is|as) (?:the same|before)\b|\bas (?:before|with the (?:first|last|other))\b`)

	// otherPiece matches words for what is left beside the pieces that were returned.
	otherPiece = regexp.MustCompile(`(?i)\b(?:the|my) (?:other|second|remaining) (?:one|piece|pair)\b|\b(?:the|my) other\W*(?:too|also|as well|please|and|,|$)`)
)

// lastReturn returns the request of the latest return that was started before the customer's last
// message, or nil.
func (c *conversation) lastReturn() *returnArgs {
	for _, t := range slices.Backward(c.before) {
		for _, done := range slices.Backward(t.calls) {
			var args returnArgs
			e, ok := decode[returned](done.text)
			if done.tool == toolReturn && !done.isError && ok && e.Success && json.Unmarshal([]byte(done.args), &args) == nil {
				return &args
			}
		}
	}
	return nil
}

// otherOfLast returns what "the other one" is after a return of the order: the piece that is left of
// the item that was returned, or else, if the order held only one of it, the only piece that is left
// of the order. If that is not clear, it asks.
func (c *conversation) otherOfLast(o order) selection {
	last := c.lastReturn()
	if last == nil || last.OrderID != o.ID || len(last.Items) != 1 || last.Items[0] >= len(o.Items) {
		return selection{ask: askFor(o)}
	}
	i := last.Items[0]
	if o.Items[i].Qty == "1" && o.left(i) == 0 && o.pieces() == 1 {
		i = slices.IndexFunc(o.Items, func(item item) bool { return item.left() == 1 })
	}
	switch o.left(i) {
	case 0:
		return selection{ask: askFor(o)}
	case 1:
		return selection{items: []int{i}, quantities: []int{1}}
	}
	return selection{ask: askHowMany(o, i)}
}
