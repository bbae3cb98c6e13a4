package offline

import "regexp"

// An intent is a kind of request to the shop.
type intent int

const (
	wantOrder intent = iota + 1
	wantStock
	wantProduct
	wantCustomer
	wantReturn
)

// The words of the intents. They need not be exact: decide resolves what several match.
var (
	orderWords = anyOf(
		`\bwhen (?:\w+ )?(?:my|our)\b|\b(?:show|turn)(?:ing)? up\b|\blabel\b|\bwhose\b`,
		`\bwhere (?:is|are|my|our)\b|\bupdates?\b|\bwhere(?:'s| the)\b|\btrack(?:ing|ed)?\b|\bstatus\b|\barriv`,
		`\bdeliver|\bshipped\b|\bshipment|\border (?:details|number|info)`,
		`\b(?:my|the|this|that|an?|last|latest|newest) (?:\w+ ){0,2}(?:orders?|packages?|parcels?|stuff|things|shipments?|deliver(?:y|ies)|purchase)\b`,
		`\bget(?:ting)? here\b|\bon (?:its|the|their) way\b|\beta\b`,
		`\b(?:not|never) (?:\w+ )?(?:received?|came|come|got|gotten|get|arrived?|seen)\b|\b(?:late|delayed|overdue)\b`,
		`\bwhat (?:is|was) the total(?: amount)?(?: (?:of|for) (?:it|that|them|this))?\W*$`,
		`\bcourier\b|\bcarrier\b|\bcoming\b|\bmy stuff\b`,
		`\b(?:open|pending|current|outstanding|active) orders?\b|\borders? (?:\w+ )*(?:open|pending)\b`,
		`\bpick(?:ed)?[ -]?up\b|\bwaiting (?:for|since|two|three|\d+|a|so|over|more|all)\b|\bstill (?:nothing|waiting|not here)\b|\bnothing (?:has |have )?(?:come|came|arrived?|was delivered)\b`,
		`\bwill (?:it|they|that) (?:be here|be there|make it|come)\b|^\W*(?:my )?(?:orders?|parcel|package)\W*$`,
		`\bwhen (?:will|do|does|can|is) (?:it|they|i|we|that|this)\b.*\b(?:get|here|come|coming|receive|ship|due|expect)`,
	)

	stockWords = anyOf(
		`\bdo you (?:\w+ )?deliver (?:to|in|here|there)\b|\bin stock\b|\bavailab|\bunavailable\b`,
		`\bstock(?:ed|s)?\b|\brestock|\bhow many\b.*\b(?:left|have|got|there)\b`,
		`\b(?:do|does|did) (?:you|u|the shop|your shop|they) (?:guys )?(?:still |also |currently |even )?(?:have|sell|carry|keep|offer|got)\b`,
		`\bhave you (?:still )?got\b|\bgot (?:any|some)\b|\bhow many\b.*\b(?:can|could) (?:you|i|we)\b`,
		`\bwarehouses?\b|\bstored\b|\bsold out\b|\bout of stock\b|\b(?:looking|searching) for\b|\bleft\b`,
		`\byou (?:have|sell|carry|stock)\b|\bany\b.*\bleft\b`,
	)

	priceWords   = regexp.MustCompile(`(?i)\bprice[ds]?\b|\bcosts?\b|\bhow (?:much|expensive|cheap)\b|\bpay for\b|\bexpensive\b`)
	productWords = anyOf(
		`\bwarrant|\bguarantee|\bspecs?\b|\bspecification|\btechnical\b|\bfeatures?\b|\bdescribe\b`,
		`\bdescription (?:of|for)\b|\b(?:more|some|any|all|the|product) (?:info|information|details|data)\b`,
		`\binfo(?:rmation)? (?:on|about|for)\b|\bdetails (?:on|about|of|for)\b|^\W*about\b`,
		`\babout (?:the|your|this|that|these|those)\b|\bcompar|\bdifference\b|\bcovered\b`,
	)
	featureWords = anyOf(
		`\bbattery\b|\bwater-?\s?(?:proof|resist)|\bsweat|\bnoise\b|\bbluetooth\b|\bcompatib|\bresolution\b`,
		`\bhdr\b|\bhdmi\b|\bports?\b|\bweigh|\bheavy\b|\bdimensions?\b`,
		`\bhow (?:long|big|large|wide|tall|heavy|thick|fast|loud|many (?:keys|hours|ports|watts|meters))\b`,
		`\bsize\b|\blength\b|\bswitches\b|\blayout\b|\bbacklit|\bbacklight|\bconnect|\brefresh\b|\bhot-?swap`,
		`\bcharge[sd]?\b|\blast\b.*\bcharge|\bmaterial\b|\bmade of\b|\bwork(?:s)? with\b|\bsupports?\b`,
		`\bwireless\?*$|\bcolou?rs?\b`,
	)
	shipCosts = regexp.MustCompile(`(?i)\bshipping\b|\bexpress\b|\bnext[- ]day\b|\bovernight\b|\bfree delivery\b|\bdelivery (?:\w+ )?(?:free|costs?|fees?|charges?)\b`)
	shipWords = anyOf(
		`\bshipping\b|\bship\b|\bexpress\b|\bnext[- ]day\b|\bovernight\b|\bfree (?:delivery|shipping)\b`,
		`\bdelivery (?:costs?|fees?|charges?|options?|methods?|price)\b`,
		`\b(?:cost|price|fee) (?:of|for) delivery\b`,
	)

	customerWords = anyOf(
		`\ba customer\b|\bcustomer (?:CUST-|\S+@|info|data|details|profile|account)`,
		`\bdid i (?:join|sign up|register)\b|\bprofile\b|\b(?:my|the|their|his|her|our) account\b`,
		`\baccount (?:of|status|info|details)\b|\btier\b|\bmember(?:ship)?\b|\bloyalty (?:status|tier|level)\b`,
		`\b(?:order|purchase|buying|shopping) history\b|\bpurchase history\b`,
		`\b(?:past|previous|recent|all|old|earlier|last \d+|last few|last (?:two|three|five|ten)) (?:orders|purchases)\b`,
		`\b(?:my|list|see|show) (?:me )?(?:my |the |all )*(?:orders|purchases)\b`,
		`\b(?:have|did|had) i (?:ever |already |last |recently )?(?:bought|ordered|buy|order|purchased?)\b`,
		`\b(?:everything|anything|all|what|things|stuff|products|items) (?:that )?(?:i|we) (?:have )?(?:ever |already |recently |just )?(?:bought|ordered|purchased)\b`,
		`\b(?:i|we) (?:bought|ordered) (?:recently|lately|so far|before|last)\b|\bhow many orders\b`,
		`\b(?:have|did) i (?:\w+ )?sp(?:ent|end)\b|\bwho (?:am i|i am)\b`,
		`\bmy (?:name|e-?mail|phone|address|data|details|customer (?:number|id))\b`,
		`\bhave (?:any|open) orders\b|\btotal spen[dt]\b`,
		`\bam i (?:an? |still )*(?:silver|gold|platinum|standard)\b|\bon file\b`,
		`\b(?:e-?mail|address|phone|name|data|info|information)\b.*\b(?:for|of|about|on) me\b`,
		`\b(?:his|her|their) (?:\w+ )?(?:orders?|purchases?|history|account|profile|tier)\b`,
		`\b(?:has|have|did|what)\b.*\b(?:bought|purchased)\b|\border(?:s|ed) (?:by|of|from) @`,
	)
)

var (
	accountWords = regexp.MustCompile(`(?i)\b(?:account|profile|membership|loyalty|tier)\b`)
	orderParts   = regexp.MustCompile(`(?i)\bwarrant|\bguarantee|\bspecs?\b|\bspecification|\bfeatures?\b|\bstock\b|\bavailab|\bbattery\b`)
	openWords    = anyOf(
		`\bwhere (?:is|are)\b|\bstatus\b|\btrack|\barriv|\bdeliver|\bshipped\b|\bcoming\b`,
		`\b(?:open|pending|outstanding) orders?\b|\borders? (?:\w+ )*(?:open|pending)\b`,
		`\bon (?:its|the|their) way\b`,
	)
	ownership = regexp.MustCompile(`(?i)\bmy\b|\bi (?:have )?(?:bought|ordered|paid)\b|\bmine\b`)
)

// intents returns the intents of one clause, at most one of a kind.
func intents(cl clause) []intent {
	text := noiseCancelling.ReplaceAllString(cl.text, "noise")
	if returnTalk.MatchString(text) {
		return returnIntents(cl)
	}
	if len(orderIDs(text)) > 0 {
		return orderIntents(cl)
	}
	if len(trackingNumbers(text)) > 0 {
		return []intent{wantOrder}
	}
	product := hasProduct(text)
	order := (orderWords.MatchString(text) || ownShip.MatchString(text) || shippedQuestion.MatchString(text)) && !accountWords.MatchString(text)
	switch {
	case paid.MatchString(text):
		return []intent{wantOrder}
	case asksShipping(text, product || !order):
		return []intent{wantProduct}
	case order && !product && !stockOnly.MatchString(text) && !orderParts.MatchString(text):
		return orderOrHistory(text)
	case order && product && (ownership.MatchString(text) || whereIs.MatchString(text)) && !orderParts.MatchString(text) && !stockOnly.MatchString(text):
		return []intent{wantOrder}
	}
	info := productWords.MatchString(text) ||
		priceWords.MatchString(text) && !muchStock.MatchString(text) ||
		featureWords.MatchString(text) && (product || cl.question)
	countsParts := featureWords.MatchString(text) && howMany.MatchString(text) && !stockOnly.MatchString(text)
	stock := stockWords.MatchString(text) && !countsParts || order && product ||
		!info && product && isThere.MatchString(text)
	var found []intent
	if asksCustomer(cl) && (!info || !product) && !(stock && product) {
		return []intent{wantCustomer}
	}
	if stock {
		found = append(found, wantStock)
	}
	if info && (!stock || orderParts.MatchString(withoutStock(text)) || priceWords.MatchString(text)) && !muchStock.MatchString(text) {
		found = append(found, wantProduct)
	}
	if len(found) == 0 && needs.MatchString(text) && (product || quantity(text).given) {
		found = append(found, wantStock)
	}
	return found
}

var (
	noiseCancelling = regexp.MustCompile(`(?i)\bnoise[- ]cancel\w*`)
	ownShip         = regexp.MustCompile(`(?i)\bmy\b.*\bship`)
	shippedQuestion = regexp.MustCompile(`(?i)\b(?:will|did|does|do|when|has|have|going to) (?:it|they|you|my order|the order|my package)(?: \w+)? ship\b`)
	stockOnly       = regexp.MustCompile(`(?i)\bdo you (?:\w+ )?deliver (?:to|in|here|there)\b|\bin stock\b|\bavailab|\bwarehouse|\bback in\b|\bstored\b`)
	whereIs         = regexp.MustCompile(`(?i)\bwhere (?:is|are|my|our)\b|\btrack|\bcoming\b|\bon (?:its|the|their) way\b`)
	describes       = regexp.MustCompile(`(?i)^\W*(?:show|describe|tell|give|send|explain|about|more|info|details)\b`)
	statement       = regexp.MustCompile(`(?i)^\W*(?:i|we|my \w+) (?:have |had |just |recently |already )*(?:bought|ordered|purchased|got|received|has|is|was|are|were)\b`)
	isThere         = regexp.MustCompile(`(?i)\b(?:is|are) there (?:any|some|still|an?)\b|^\W*(?:you )?got\b`)
	doYouHave       = regexp.MustCompile(`(?i)\bdo you (?:\w+ )?have\b`)
	muchStock       = regexp.MustCompile(`(?i)\bhow much stock\b`)
	howMany         = regexp.MustCompile(`(?i)\bhow many\b`)
	paid            = regexp.MustCompile(`(?i)\b(?:did|have) (?:i|we) pa(?:y|id)\b|\b(?:i|we) paid\b`)
	canGet          = regexp.MustCompile(`(?i)\b(?:can|could|may) (?:i|we|you) (?:still |please |also )?(?:get|buy|order|have|purchase|deliver|send|ship)\b`)
	needs           = regexp.MustCompile(`(?i)\b(?:i|we) (?:would )?(?:need|want|like|require|am after)\b|\bi am interested in\b|\bquantity\b`)
	stockWord       = regexp.MustCompile(`(?i)\bin stock\b|\bavailab\w*`)
)

// asksShipping reports whether a clause asks for a product's shipping, and not where a parcel is.
// Without the word shipping itself it must not be about an order.
func asksShipping(text string, noOrder bool) bool {
	if howMany.MatchString(text) || ownership.MatchString(text) || shippedQuestion.MatchString(text) {
		return false
	}
	return shipCosts.MatchString(text) || noOrder && shipWords.MatchString(text) && !stockWords.MatchString(text)
}

// asksCustomer reports whether a clause asks for an account or its orders.
func asksCustomer(cl clause) bool {
	switch {
	case len(customerKeys(cl.text)) > 0 && (cl.question || describes.MatchString(cl.text)):
		return true
	case customerWords.MatchString(cl.text):
		return cl.question || !statement.MatchString(cl.text)
	}
	return accountWords.MatchString(cl.text) && cl.question
}

func withoutStock(text string) string { return stockWord.ReplaceAllString(text, " ") }

// generalIntents returns the intent of a question about a product that no other pattern matches.
func generalIntents(cl clause) []intent {
	switch {
	case returnTalk.MatchString(cl.text) || !hasProduct(cl.text) || !cl.question && !describes.MatchString(cl.text):
		return nil
	case canGet.MatchString(cl.text), quantity(cl.text).given, zipCode(cl.text) != "":
		return []intent{wantStock}
	}
	return []intent{wantProduct}
}

// orderIntents returns the intents of a clause with an order's number.
func orderIntents(cl clause) []intent {
	text := cl.text
	if !orderParts.MatchString(text) && !(hasProduct(text) && doYouHave.MatchString(text)) {
		if cl.question || orderWords.MatchString(text) || priceWords.MatchString(text) || describes.MatchString(text) {
			return []intent{wantOrder}
		}
		return nil // the number belongs to another clause, or stands alone
	}
	var found []intent
	if stockWords.MatchString(text) {
		found = append(found, wantStock)
	}
	if productWords.MatchString(text) || featureWords.MatchString(text) {
		found = append(found, wantProduct)
	}
	if openWords.MatchString(withoutStock(text)) {
		found = append(found, wantOrder)
	}
	return found
}

// orderOrHistory distinguishes orders that are under way from the list of all orders.
func orderOrHistory(text string) []intent {
	if len(customerKeys(text)) > 0 || customerWords.MatchString(text) && !openWords.MatchString(text) && !lateWords.MatchString(text) {
		return []intent{wantCustomer}
	}
	return []intent{wantOrder}
}

var lateWords = regexp.MustCompile(`(?i)\b(?:late|delayed|overdue|(?:not|never) (?:\w+ )?(?:received?|came|come|got|gotten|get|seen))\b`)

// returnIntents returns the intents of a clause that speaks of a return or a refund.
func returnIntents(cl clause) []intent {
	switch kindOfReturn(cl) {
	case returnAsked:
		if tracked.MatchString(cl.text) {
			return []intent{wantReturn, wantOrder}
		}
		return []intent{wantReturn}
	case returnStatus:
		return []intent{wantOrder}
	}
	return nil
}

var tracked = regexp.MustCompile(`(?i)\bwhere\b|\btrack|\bstatus\b`)
