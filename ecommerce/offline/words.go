package offline

import (
	"regexp"
	"strings"
)

// quotes replaces typographic quotes and dashes by plain ones.
var quotes = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "“", `"`, "”", `"`, "–", "-", "—", " - ", "…", "...")

// mostBytes bounds the messages that are understood. The end of a longer one may take its
// beginning back, so nothing of it counts.
const mostBytes = 2000

// plain returns a customer's text as the patterns expect it: with plain quotes, without
// contractions and known misspellings, and with order numbers as ORD-12345. If the text is too
// long, it is "".
func plain(text string) string {
	if len(text) > mostBytes {
		return ""
	}
	text = quotes.Replace(text)
	text = chunkPattern.ReplaceAllStringFunc(text, plainWord)
	text = spokenNumber.ReplaceAllStringFunc(text, digits)
	text = looseOrder.ReplaceAllStringFunc(text, orderNumber)
	return bareOrder.ReplaceAllString(text, "${1}ORD-$2$3")
}

var (
	chunkPattern = regexp.MustCompile(`\S+`)
	purePattern  = regexp.MustCompile(`^[A-Za-z]+(?:'[A-Za-z]+)?$`)
)

// plainWord returns one word without contraction and misspelling. Only pure words change: an
// e-mail address or an ID stays as it is.
func plainWord(chunk string) string {
	core := strings.Trim(chunk, `"'(),.;:!?-`)
	if !purePattern.MatchString(core) {
		return chunk
	}
	low := strings.ToLower(core)
	full, known := shortForms[low]
	if !known {
		full = withoutApostrophe(low)
	}
	if full == low {
		full = spelled(low)
	}
	if full == low {
		return chunk
	}
	return strings.Replace(chunk, core, full, 1)
}

// shortForms are the full forms of words that people shorten.
var shortForms = map[string]string{
	"dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not", "wasnt": "was not",
	"werent": "were not", "hasnt": "has not", "havent": "have not", "cant": "cannot", "couldnt": "could not", "wont": "will not",
	"wouldnt": "would not", "shouldnt": "should not", "can't": "cannot", "won't": "will not", "ain't": "is not", "aint": "is not",
	"wheres": "where is", "whats": "what is", "hows": "how is", "whos": "who is", "whens": "when is", "thats": "that is", "theres": "there is",
	"im": "I am", "ive": "I have", "youre": "you are", "theyre": "they are", "let's": "let us",
	"u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "plese": "please", "thx": "thanks", "ty": "thanks", "tnx": "thanks", "thankyou": "thank you",
	"gimme": "give me", "wanna": "want to", "gonna": "going to", "gotta": "have to", "lemme": "let me", "dunno": "do not know",
	"wat": "what", "wnat": "want", "waht": "what", "teh": "the", "hte": "the", "yuo": "you", "adn": "and", "wich": "which", "wen": "when", "were's": "where is", "abt": "about", "qty": "quantity", "tv's": "TVs",
	"whre": "where", "wher": "where", "oder": "order", "ordr": "order", "ordre": "order", "oders": "orders", "stok": "stock", "prise": "price", "parsel": "parcel",
	"recieve": "receive", "recieved": "received", "recived": "received", "brokn": "broken", "broke": "broken", "helo": "hello", "hii": "hi", "heya": "hey",
	"cuz": "because", "tmrw": "tomorrow", "tomorow": "tomorrow", "acount": "account", "adress": "address", "warrenty": "warranty",
}

// withoutApostrophe writes a contraction in full. "Sarah's" stays: only some words contract with
// "is".
func withoutApostrophe(low string) string {
	stem, end, found := strings.Cut(low, "'")
	if !found {
		return low
	}
	switch end {
	case "t":
		if s, ok := strings.CutSuffix(stem, "n"); ok {
			return s + " not"
		}
	case "m":
		return stem + " am"
	case "d":
		return stem + " would"
	case "ll":
		return stem + " will"
	case "ve":
		return stem + " have"
	case "re":
		return stem + " are"
	case "s":
		if contracts[stem] {
			return stem + " is"
		}
	}
	return low
}

var contracts = map[string]bool{
	"it": true, "that": true, "what": true, "where": true, "who": true, "when": true, "how": true, "there": true,
	"here": true, "he": true, "she": true, "this": true, "which": true, "everything": true, "something": true, "order": true,
}

// spellings are words whose misspellings are recognized: one letter more, less, wrong or moved.
// They are long, so that few other words are that near.
var spellings = []string{
	"returned", "return", "returns", "refund", "refunds", "broken", "defective", "damaged", "ordered", "order", "orders",
	"package", "parcel", "parcels", "status", "tracking", "delivery", "delivered", "deliver", "arrive", "arrived", "shipped", "shipping",
	"available", "availability", "warehouse", "quantity", "warranty", "guarantee", "battery", "specs", "specifications", "features",
	"price", "stock", "account", "profile", "address", "history", "customer", "cancel", "please", "thanks", "hello", "everything",
	"complaint", "invoice", "voucher", "discount", "password", "manager", "received", "receive", "exchange", "replacement",
}

// correct are words that are near to one of spellings and right.
var correct = map[string]bool{
	"older": true, "border": true, "retune": true, "statue": true, "shopping": true, "chipping": true, "slipped": true, "whipped": true, "chipped": true,
	"cracking": true, "trucking": true, "stick": true, "stocks": true, "sock": true, "stuck": true, "stack": true, "shock": true, "stocked": true, "prime": true, "pride": true, "prize": true, "prices": true, "rice": true,
	"cancer": true, "broker": true, "detective": true, "refunded": true, "specks": true, "spec": true, "pieces": true, "ordering": true,
	"packaged": true, "packages": true, "accounts": true, "profiles": true, "cancels": true, "managers": true, "customers": true,
	"delivers": true, "arrives": true, "arrival": true, "addressed": true, "warehouses": true, "guaranteed": true, "guarantees": true, "feature": true, "pleased": true,
	"invoices": true, "invoiced": true, "vouchers": true, "discounts": true, "passwords": true, "complaints": true, "thank": true, "hellos": true, "batter": true, "shipment": true,
	"strip": true, "receiver": true, "receives": true, "exchanged": true, "exchanges": true, "replacements": true, "reorder": true, "story": true, "garage": true, "trice": true, "slice": true, "spice": true, "priced": true, "speck": true,
}

// spelled returns the word of spellings that a word was meant to be, or the word itself.
func spelled(low string) string {
	if len(low) < 5 || correct[low] {
		return low
	}
	near := low
	for _, s := range spellings {
		if s == low {
			return low
		}
		if near == low && oneSlip(low, s) {
			near = s
		}
	}
	return near
}

// oneSlip reports whether two words differ by one letter that is missing, added, wrong, or swapped
// with the next.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] ||
			i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}

// looseOrder matches an order's number as people write it: "order 78342", "ord78342", "#78342".
// "to order 78342" is a verb and a quantity.
var looseOrder = regexp.MustCompile(`(?i)(?:\bto\s+)?(?:\b(?:orders?|ord)\b?[\s\-_:]*(?:(?:number|num|no|nr|id)\b\.?\s*)?(?:is\s+)?[#:(]*\s*|#\s*)\d{5}\b`)

// bareOrder matches a number where only an order's number stands: "the status of 78342".
var bareOrder = regexp.MustCompile(`(?i)(\b(?:where is|status (?:of|for)|track(?:ing)?(?: number)?(?: for| of)?|return|refund for|(?:happening|going on|up|wrong) with)\s+(?:my\s+|number\s+)?)(\d{5})(\s*(?:[?.!,;]|$|\s(?:please|now|it|and|because|for me|yet)\b))`)

var fiveDigits = regexp.MustCompile(`\d{5}`)

func orderNumber(found string) string {
	if low := strings.ToLower(found); strings.HasPrefix(low, "to") || strings.HasPrefix(low, "ord-") {
		return found
	}
	return "ORD-" + fiveDigits.FindString(found)
}
