package offline

import (
	"regexp"
	"strconv"
	"strings"
)

// mostPieces is the largest quantity that the rules pass on.
const mostPieces = 1_000_000

var (
	// calledZIP matches what is called a ZIP code, whatever it looks like: the shop validates it.
	calledZIP = regexp.MustCompile(`(?i)\b(?:(?:zip|post(?:al)?)(?:\s*-?code)?[\s:]+(?:is\s+)?|(?:near|around|(?:ship|shipped|deliver|delivered|send|sent)(?: it| them)? to)\s+)(\w*\d[\w-]*)`)
	// placedZIP matches five digits where a place or nothing else stands. Before a noun they are
	// a quantity.
	placedZIP = regexp.MustCompile(`(?i)(?:^|[,;.(]|\b(in|near|to|at|for|from|around|about|il|tx|ca|wa|and|zip|code))\s*(\d{5}(?:-\d{4})?)\b(\s+[a-z]\S*)?`)
	// behindZIP matches a word behind a ZIP code that is not counted by it.
	behindZIP = regexp.MustCompile(`(?i)^\s+(?:area|please|today|tomorrow|now|then|instead|is|be|and|or|too|also|address|in|on|by|for|with|if|do|does|can|could|have|has|there|here|would|will|thanks|when|how|available|possible)\b`)
)

// zipCode returns the ZIP code in the text, or "".
func zipCode(text string) string {
	text = masked(text)
	if m := calledZIP.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	for _, m := range placedZIP.FindAllStringSubmatch(text, -1) {
		if isPlace(m[3]) {
			return m[2]
		}
	}
	return ""
}

func isPlace(next string) bool { return next == "" || behindZIP.MatchString(next) }

// withoutZIP removes the ZIP codes from a text.
func withoutZIP(text string) string {
	text = calledZIP.ReplaceAllString(text, ", ")
	return placedZIP.ReplaceAllStringFunc(text, func(found string) string {
		if m := placedZIP.FindStringSubmatch(found); m == nil || !isPlace(m[3]) {
			return found
		}
		return ", "
	})
}

// numerals are the numbers that the rules know as words.
var numerals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000, "half": 0, "zero": 0,
}

// spokenNumber matches a number of two words: "twenty-five", "two dozen", "half a dozen".
var spokenNumber = regexp.MustCompile(`(?i)\b(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -](?:one|two|three|four|five|six|seven|eight|nine)|(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) dozens?|half a dozen)\b`)

// digits writes a spoken number in digits.
func digits(spoken string) string {
	if strings.HasPrefix(strings.ToLower(spoken), "half") {
		return "6"
	}
	words := strings.FieldsFunc(strings.ToLower(spoken), func(r rune) bool { return r == ' ' || r == '-' })
	first, ok := numerals[words[0]]
	if !ok {
		first, _ = strconv.Atoi(words[0])
	}
	if strings.HasPrefix(words[1], "dozen") {
		return strconv.Itoa(first * numerals["dozen"])
	}
	return strconv.Itoa(first + numerals[words[1]])
}

// A counted is the quantity in a text. If it is given and not ok, no tool can take it.
type counted struct {
	n         int
	given, ok bool
}

var (
	numberPattern = regexp.MustCompile(`(?i)[-+]?\$?\d[\d.,/]*[a-z%]*|[a-z][\w-]*`)
	// sizes are measures, models and the like: a number in them is not a quantity.
	sizes = anyOf(
		`\b\d+(?:[.,]\d+)?[\s-]*(?:"|'|(?:inch(?:es)?|k|m|cm|mm|ft|feet|meters?|metres?|w|watts?|v|hz|gb|tb|keys?|hours?|hrs?|minutes?|days?|weeks?|months?|years?|am|pm|dollars?|usd|bucks|euros?|percent)\b|%|')`,
		`\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty)[\s-](?:hours?|days?|weeks?|months?|years?)\b`,
		`\$\s*\d[\d.,]*|\bthanks? (?:you )?a (?:million|thousand)\b`,
		`\b(?:within|version|bluetooth|usb|hdr|item|number|no\.?|step|option|page|hdmi|the last|past)\s+#?\d[\d.,]*\b`,
	)
	// countWord matches a word before a number that makes it a quantity.
	countWord = regexp.MustCompile(`(?i)^(?:have|has|need|want|get|buy|got|order|take|for|of|about|least|quantity|are|is|and|then|if|only|just|exactly|with|stock|send|make|say|sell|or)$`)
)

// quantity returns the number of pieces that the text asks for. A number in a product's name is
// none.
func quantity(text string) counted { return numberIn(withoutModels(masked(text))) }

// numberIn returns the number of pieces in a text without a product's name.
func numberIn(text string) counted {
	text = masked(text)
	text = sizes.ReplaceAllString(withoutZIP(text), ", ")
	words := numberPattern.FindAllString(text, -1)
	var found []counted
	for i := 0; i < len(words); i++ {
		w := strings.ToLower(words[i])
		digits := w[0] < 'a' // "WEP2024" is a name
		n, numeral := numerals[w]
		switch {
		case digits && i > 0 && productNouns.MatchString(words[i-1]) && !(i+1 < len(words) && pieceWord.MatchString(words[i+1])):
			found = append(found, counted{given: true}) // "TV 55": a model, or a quantity?
		case digits:
			found = append(found, parseCount(w))
		case !numeral || w == "one" && !countsOne(words, i):
			continue
		default:
			found = append(found, counted{n, true, n > 0})
		}
		// "two hundred", "25 thousand": not understood, so asked back. "a dozen", "half a dozen".
		for i+1 < len(words) {
			next := strings.ToLower(words[i+1])
			if _, more := numerals[next]; !more && !(w == "half" && next == "a") {
				break
			}
			i++
			if next != "a" {
				found[len(found)-1].ok = false
			}
		}
	}
	switch len(found) {
	case 0:
		return counted{}
	case 1:
		return found[0]
	}
	return counted{given: true} // several numbers: which is it?
}

var pieceWord = regexp.MustCompile(`(?i)^(?:of|pieces?|units?)$`)

// countsOne reports whether the word "one" is a quantity, and not "this one" or "one of them".
func countsOne(words []string, i int) bool {
	if i+1 < len(words) && strings.EqualFold(words[i+1], "of") {
		return false
	}
	return i == 0 || countWord.MatchString(words[i-1])
}

// parseCount reads digits, with commas between thousands.
func parseCount(text string) counted {
	text = strings.TrimRight(text, ".,")
	digits := text
	if thousands.MatchString(text) {
		digits = strings.ReplaceAll(text, ",", "")
	}
	n, err := strconv.Atoi(strings.TrimSuffix(digits, "x"))
	return counted{n, true, err == nil && n >= 1 && n <= mostPieces}
}

var thousands = regexp.MustCompile(`^\d{1,3}(?:,\d{3})+$`)
