package offline

import (
	"regexp"
	"slices"
)

// A want is an intent and the words that belong to it.
type want struct {
	intent intent
	text   string // its clause, and the clauses without an intent around it
	clause string
	like   string // the words of the want that this one repeats with another ID
	weak   bool   // it only names a product: a stronger want behind it says what for

	// What an earlier question said, and this one does not.
	follows bool
	stock   *stockArgs
	parts   []string // of a product's information
}

// wants splits a message into wants. Words without an intent belong to the want before them, or
// else to the next one. If they name another thing of its kind, they repeat the want for it.
func wants(message string) []want {
	var list []want
	loose := ""
	against := againstReturn.MatchString(message)
	for _, cl := range clauses(message) {
		if needsPerson(cl.text) != "" {
			continue
		}
		found := intents(cl)
		if against {
			found = slices.DeleteFunc(found, func(i intent) bool { return i == wantReturn })
		}
		if n := len(list); len(found) == 0 && n > 0 && repeats(cl.text, list[n-1]) {
			list = append(list, want{intent: list[n-1].intent, text: cl.text, clause: cl.text, like: list[n-1].text + list[n-1].like})
			continue
		}
		weak := false
		if len(found) == 0 {
			found = generalIntents(cl)
			weak = len(found) > 0
		}
		switch {
		case len(found) == 0 && len(list) == 0:
			loose += cl.text + ", "
		case len(found) == 0:
			list[len(list)-1].text += ", " + cl.text
		}
		for _, i := range found {
			list = append(list, want{intent: i, text: loose + cl.text, clause: cl.text, weak: weak})
		}
		if len(found) > 0 {
			loose = ""
		}
	}
	return merged(withoutReasons(withoutOwn(strengthened(list))))
}

// strengthened gives a weak want the intent of the want behind it: "are the earbuds and the
// keyboard available?"
func strengthened(list []want) []want {
	for i := len(list) - 2; i >= 0; i-- {
		if next := list[i+1]; list[i].weak && !next.weak && (next.intent == wantStock || next.intent == wantProduct) {
			list[i].intent, list[i].like = next.intent, next.text
		}
	}
	return list
}

// withoutReasons drops what is only the reason of a return: "my order came broken, return it".
func withoutReasons(list []want) []want {
	if !slices.ContainsFunc(list, func(w want) bool { return w.intent == wantReturn }) {
		return list
	}
	return slices.DeleteFunc(list, func(w want) bool { return w.intent == wantOrder && !tracked.MatchString(w.clause) })
}

// withoutOwn drops a statement about the customer's orders beside a question about them: "both my
// orders, where are they?"
func withoutOwn(list []want) []want {
	order := func(w want) bool { return w.intent == wantOrder && len(orderIDs(w.text)) == 0 }
	if !slices.ContainsFunc(list, order) {
		return list
	}
	return slices.DeleteFunc(list, func(w want) bool {
		return w.intent == wantCustomer && len(customerKeys(w.text)) == 0 && !newClause(w.clause, false).question
	})
}

// merged joins wants that name nothing with another of their kind: "I ordered it last week, and it
// has not arrived. Where is it?" is one question. All that is said of a return is one request.
func merged(list []want) []want {
	var out []want
	for _, w := range list {
		i := slices.IndexFunc(out, func(o want) bool { return o.intent == w.intent })
		var names bool
		switch w.intent {
		case wantOrder:
			names = len(orderIDs(w.text)) > 0
		case wantCustomer:
			names = len(customerKeys(w.text)) > 0
		case wantStock:
			names = hasProduct(w.text) || productName(w.text) != ""
		case wantProduct:
			names = true
		}
		if i >= 0 && !names {
			out[i].text += ", " + w.text
			out[i].clause += ", " + w.clause
			continue
		}
		out = append(out, w)
	}
	return out
}

// repeats reports whether a clause names another thing of a kind that the want already has.
func repeats(text string, w want) bool {
	switch w.intent {
	case wantOrder:
		return len(orderIDs(text)) > 0 && len(orderIDs(w.text)) > 0
	case wantReturn:
		return onlyOrder.MatchString(text) && len(orderIDs(w.text)) > 0
	case wantCustomer:
		return len(customerKeys(text)) > 0 && len(customerKeys(w.text)) > 0
	default:
		return hasProduct(text) && (hasProduct(w.text) || productName(w.text) != "")
	}
}

// onlyOrder matches a clause that is only an order's number: "ORD-1 is fine" is no request.
var onlyOrder = regexp.MustCompile(`(?i)^\W*(?:also |the )*(?:order )?ORD-\w+(?: too| also| as well| please)*\W*$`)
