package offline

import (
	"regexp"
	"slices"
)

// An intent is a kind of request to the shop.
type intent int

const (
	wantOrder intent = iota + 1
	wantStock
	wantProduct
	wantCustomer
	wantReturn
)

// intentPatterns are tried on each clause; several can match.
var intentPatterns = []struct {
	intent  intent
	pattern *regexp.Regexp
}{
	{wantReturn, returnTalk},
	{wantStock, regexp.MustCompile(`(?i)\bin stock\b|\bavailab|\bstock\b|\bhow many\b.*\b(?:left|have)\b|\bdo you (?:still |also )?have\b|\bwarehouse`)},
	{wantProduct, regexp.MustCompile(`(?i)\bwarrant|\bguarantee|\bspecs?\b|\bspecification|\bfeatures?\b|\bbattery\b|\bshipping (?:costs?|options?|methods?|for)\b|\bprices?\b|\bcosts?\b|\bhow much\b|\btell me (?:more )?about\b|\bdescribe\b|\breturn policy\b`)},
	{wantCustomer, regexp.MustCompile(`(?i)\bcustomer\b|\bprofile\b|\baccount\b|\btier\b|\bmember|\bloyalty\b|\b(?:order|purchase) history\b|\b(?:my|past|recent|last|all) (?:\d+ )?(?:orders|purchases)\b|\bhave i (?:bought|ordered)\b|\bdid i (?:buy|order)\b`)},
	{wantOrder, regexp.MustCompile(`(?i)\bwhere(?:'s| is| are)\b|\btrack(?:ing)?\b|\bstatus\b|\barriv|\bdeliver|\bshipped\b|\border details\b|\bmy order\b|\bmy (?:package|parcel)\b`)},
}

// accountWord matches words that make "status" and the like about the customer.
var accountWord = regexp.MustCompile(`(?i)\b(?:account|profile|membership|loyalty)\b`)

// intents returns the intents of one clause.
func intents(clause string) []intent {
	var found []intent
	for _, p := range intentPatterns {
		if p.pattern.MatchString(clause) {
			found = append(found, p.intent)
		}
	}
	drop := func(i intent) { found = slices.DeleteFunc(found, func(f intent) bool { return f == i }) }
	if slices.Contains(found, wantReturn) && (returnPolicy.MatchString(clause) || !asksReturn.MatchString(clause)) {
		drop(wantReturn)
		if aboutReturn.MatchString(clause) && !returnPolicy.MatchString(clause) && !slices.Contains(found, wantOrder) {
			found = append(found, wantOrder)
		}
	}
	if slices.Contains(found, wantReturn) && !tracked.MatchString(clause) || accountWord.MatchString(clause) {
		drop(wantOrder)
	}
	if slices.Contains(found, wantStock) && slices.Contains(found, wantProduct) && !partWord.MatchString(clause) {
		drop(wantProduct)
	}
	return found
}

var (
	tracked  = regexp.MustCompile(`(?i)\bwhere\b|\btrack|\bstatus\b`)
	partWord = regexp.MustCompile(`(?i)warrant|guarantee|spec|feature|price|how much|cost`)
)

// A want is an intent and the words that belong to it.
type want struct {
	intent intent
	text   string
	like   string // the words of the want that this one repeats with another ID
}

var clauseEnd = regexp.MustCompile(`(?i)[?!;\n]+|[.:](?:\s+|$)|,\s+|\s+and\s+|\s+but\s+|\s+then\s+`)

// wants splits a question into wants. Words without an intent belong to the want before them, or
// else to the next one. If they contain an ID, they repeat the want for that ID.
func wants(question string) []want {
	var list []want
	loose := ""
	for _, clause := range clauseEnd.Split(question, -1) {
		found := intents(clause)
		if againstReturn.MatchString(question) {
			found = slices.DeleteFunc(found, func(i intent) bool { return i == wantReturn })
		}
		switch {
		case len(found) == 0 && len(list) == 0:
			loose += clause + ", "
		case len(found) == 0:
			last := &list[len(list)-1]
			if repeats(clause, *last) {
				list = append(list, want{last.intent, clause, last.text + last.like})
			} else {
				last.text += ", " + clause
			}
		}
		for _, i := range found {
			list = append(list, want{intent: i, text: loose + clause})
		}
		if len(found) > 0 {
			loose = ""
		}
	}
	if len(list) > 0 {
		return list
	}
	// Only an ID: ask the simplest question about it.
	switch {
	case len(orderIDs(question)) > 0:
		return []want{{intent: wantOrder, text: question}}
	case len(customerKeys(question)) > 0:
		return []want{{intent: wantCustomer, text: question}}
	case len(productCodes(question)) > 0 && quantityNamed.MatchString(question):
		return []want{{intent: wantStock, text: question}}
	case len(productCodes(question)) > 0:
		return []want{{intent: wantProduct, text: question}}
	}
	return nil
}

// repeats reports whether a clause names another thing of a kind that the want already has.
func repeats(clause string, w want) bool {
	switch w.intent {
	case wantOrder, wantReturn:
		return len(orderIDs(clause)) > 0 && len(orderIDs(w.text)) > 0
	case wantCustomer:
		return len(customerKeys(clause)) > 0 && len(customerKeys(w.text)) > 0
	default:
		return (len(productCodes(clause)) > 0 || bareName(clause) != "") && (len(productCodes(w.text)) > 0 || productName(w.text) != "")
	}
}

var (
	historyWord = regexp.MustCompile(`(?i)\bhistory\b|\borders\b|\bpurchases\b|\bbought\b|\bhave i ordered\b|\bdid i\b`)
	untracked   = regexp.MustCompile(`(?i)\bwithout (?:the )?tracking\b`)
	greeting    = regexp.MustCompile(`(?i)^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b\W*$`)
	cancelWord  = regexp.MustCompile(`(?i)\bcancel(?:l?ing)?\b|\b(?:stop|undo) (?:the|my) return\b`)
	thanks      = regexp.MustCompile(`(?i)^\W*(?:thanks?|thank you|great|perfect|ok(?:ay)?|bye|goodbye)\b[^?]{0,40}$`)
)

var parts = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"specs", regexp.MustCompile(`(?i)\bspec|\bfeature|\bbattery`)},
	{"warranty", regexp.MustCompile(`(?i)\bwarrant|\bguarantee`)},
	{"shipping", regexp.MustCompile(`(?i)\bshipping\b`)},
}

// infoType returns the requested part of a product's information, or "" for all.
func infoType(text string) string {
	one := ""
	for _, p := range parts {
		if p.pattern.MatchString(text) {
			if one != "" {
				return ""
			}
			one = p.name
		}
	}
	return one
}
