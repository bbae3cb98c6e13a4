package offline

import (
	"regexp"
	"slices"
	"strings"
)

// mostNameWords bounds a product's name: more words are a sentence.
const mostNameWords = 6

// productNouns are common nouns for products of a shop like this one. They tell which of several
// words is the product; other nouns are products, too, if they stand where a product stands.
var productNouns = regexp.MustCompile(`(?i)\b(?:ear-?\s?(?:buds?|bds|phones?|pods?)|head-?\s?(?:phones?|sets?)|key-?\s?b(?:oa?rds?|aords?)|(?:smart )?tvs?|televisions?|telly|monitors?|cables?|cabels?|cords?|chargers?|laptops?|speakers?|tablets?|cameras?|printers?|routers?|smart ?watch(?:es)?|power ?banks?|adapters?|toasters?|webcams?|microphones?|consoles?|mous(?:e|es)|(?:smart ?|cell ?|i)phones?)\b`)

// nameTail matches words that continue a product's name behind its noun.
var nameTail = regexp.MustCompile(`^\d{1,4}$|^(?i:pro|rgb|max|mini|plus|ultra|lite|air)$|^[A-Z][A-Z0-9-]+$|^(?:Pro|Max)$`)

// noName matches words that are never part of a product's name: what people say around it.
var noName = wordSet(`
a an the this that these those some any my your our their his her its it they them he she i you we me us one ones each every all both other another
is are was were be been being am do does did done have has had having can could will would shall should may might must cannot not no nor
what which who whom whose when where why how whether if then than so because since as while until unless though but or and also too either
in on at of for to from by with without about near around within into over under between before after per via during up down out off
here there now today tomorrow yesterday soon currently again already still yet ever never always right away just only even maybe possibly
day days week weeks month months year years hour hours morning evening weekend monday tuesday wednesday thursday friday saturday sunday christmas
please thanks thank hm hmm um uh yeah yep sorry hi hello hey ok okay yes sure well like really actually much many more most less least lot lots few enough several
stock stocks stocked available availability unavailable sold sell sells selling carry carries left remaining inventory warehouse warehouses store shop catalog catalogue offer offers
need needs needed want wants wanted get gets getting got buy buys buying bought order orders ordered purchase take looking look interested find search checking check see show tell know knows give let help wondering
price prices priced cost costs costing pay expensive cheap cheaper cheapest value worth dollars usd much total amount money cash sum
warranty warranties guarantee guaranteed guarantees cover covers covered coverage specs spec specification specifications technical feature features featured details detail info information description describe data facts sheet
battery life hours charge charges charging charged last lasts long short big small large wide tall heavy light weigh weighs weight size sizes dimension dimensions height width length thick measure
color colors colour colours black white red blue green silver gold pink grey gray waterproof water resistant resistance proof sweat noise cancelling canceling cancellation cancel anc bluetooth connect connects connected connectivity connection compatible compatibility work works working support supports supported
resolution hdr hdmi port ports refresh rate hz switches switch layout backlight backlit sound quality material made braided power fast slow speed
shipping ship ships shipped delivery deliver delivers delivered arrive arrives express standard overnight next free method methods option options policy policies fee fees time eta
zip code postal area region country city town home house door address piece pieces unit units quantity number numbers item items product products thing things stuff article articles model models kind kinds type types set sku upc code box package
come comes coming include includes included good great nice best better bad fine new old difference different compare compared comparison versus vs between
use used using run running gaming play kids children gift go going goes said say says tv's think thinking mean question questions anything something everything nothing someone anyone people possible exactly long else instead
return returns returned refund refunded send sent back status track tracking broken defective damaged same once moment later last first second third customer account profile next thousand hundred dozen couple pair two three four five six seven eight nine ten eleven twelve twenty fifty million half
chicago dallas seattle springfield los angeles york texas illinois california washington il tx ca wa
`)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

var namePiece = regexp.MustCompile(`[A-Za-z0-9][\w'-]*|[^\s\w]`)

// comparing matches words between several products.
var comparing = regexp.MustCompile(`(?i)\bcompar|\bdifference\b|\bvs\b|\bversus\b|\bor\b|\bbetter\b`)

// productNames returns the customer's words for the products in a text. Only a comparison has
// several: in "a cable for the TV" it is the first.
func productNames(text string) []string {
	first := productName(text)
	if first == "" {
		return nil
	}
	names := []string{first}
	if comparing.MatchString(text) {
		for _, run := range nameRuns(masked(text)) {
			if i := nounAt(run); i >= 0 {
				names = append(names, name(run[:tail(run, i)]))
			}
		}
	}
	return unique(names)
}

// productName returns the customer's words for a product in a text, or "".
func productName(text string) string {
	if m := quotedPattern.FindStringSubmatch(text); m != nil {
		if name := strings.TrimSpace(m[1]); name != "" && len(name) <= 80 {
			return name
		}
	}
	text = inchesApart.ReplaceAllString(text, "$1-inch")
	text = withoutPlaces.ReplaceAllString(masked(text), " , ")
	runs := nameRuns(text)
	for _, run := range runs {
		if i := nounAt(run); i >= 0 {
			return name(run[:tail(run, i)])
		}
	}
	for _, run := range runs {
		if n := name(run); n != "" {
			return n
		}
	}
	return ""
}

var (
	inchesApart = regexp.MustCompile(`(?i)\b(\d{2,3})(?:\s*"|\s+inch(?:es)?\b)`)
	// withoutPlaces matches where and for what purpose, which is not a product.
	withoutPlaces = anyOf(
		`\b(?:in|near|to|at|from|by|within|around|until|via)\s+(?:the\s+|my\s+)?[A-Za-z]+\b`,
		`\bfor\s+(?:my|a|the)?\s*(?:mother|mom|father|dad|wife|husband|son|daughter|kids?|friend|brother|sister|office|work|school|birthday|christmas|gaming|running|travel|sports?|swimming|me|us)\b`,
	)
)

// nameRuns returns the runs of words that may be names.
func nameRuns(text string) [][]string {
	var runs [][]string
	var run []string
	models := modelNumbers(text)
	end := func() {
		if len(run) > 0 && len(run) <= mostNameWords {
			runs = append(runs, run)
		}
		run = nil
	}
	for _, at := range namePiece.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		if len(run) > 0 && slices.Contains(models, at[0]) {
			run = append(run, w)
			continue
		}
		w = strings.TrimRight(strings.TrimSuffix(w, "'s"), "'")
		low := strings.ToLower(w)
		switch {
		case noName[low] && !(low == "charging" && len(run) > 0), w == "SKU", w == "" || !wordStart(w), quantityOnly.MatchString(w) || strings.Contains(w, "'"):
			end()
		default:
			run = append(run, w)
		}
	}
	end()
	return runs
}

var quantityOnly = regexp.MustCompile(`^\d[\d.,]*$`)

func wordStart(w string) bool {
	c := w[0]
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func nounAt(run []string) int {
	for i, w := range run {
		if productNouns.MatchString(w) {
			// "cable charger": the last noun of a chain is the product.
			for i+1 < len(run) && productNouns.MatchString(run[i+1]) {
				i++
			}
			return i
		}
	}
	return -1
}

// tail returns the end of the name whose noun is at i.
func tail(run []string, i int) int {
	for i++; i < len(run) && nameTail.MatchString(run[i]); i++ {
	}
	return i
}

// name joins a run. Letters and digits alone are a name, a single letter is not.
func name(run []string) string {
	n := strings.Join(run, " ")
	if len(n) < 2 || len(n) > 80 {
		return ""
	}
	return n
}

// hasProduct reports whether a text names a product by code or by one of the common nouns.
func hasProduct(text string) bool {
	return len(productCodes(text)) > 0 || productNouns.MatchString(masked(text))
}
