package offline

import (
	"regexp"
	"slices"
	"strings"
)

// personTopics are requests that no tool serves and that a person of the shop's staff can do. They
// are tried in this order on each clause.
var personTopics = []struct {
	cannot  string // behind "I have no tool to"
	pattern *regexp.Regexp
}{
	{"put you through to a person", anyOf(
		`\b(?:speak|talk|chat|connect me|put me through|transfer me)\b.{0,20}\b(?:to|with)\b`,
		`\b(?:human|real person|live (?:agent|person|chat)|actual person|representative|rep|supervisor|manager|operator|customer (?:service|support|care))\b`,
		`\b(?:need|want|get|give|have|find|like)(?: me)? an? (?:real |live )?(?:agent|person|human|employee)\b`,
		`\b(?:someone|somebody|a person|an agent)\b.*\b(?:call|contact|help|speak|talk|reach)\b|\bcall me\b`,
		`\b(?:your|a|the|any) (?:\w+ )?(?:phone|telephone|support|contact|hotline|service) number\b`,
		`\bnumber (?:to call|i can call)\b|\bhotline\b|\byour e-?mail\b`,
		`\b(?:contact|reach|call|phone|e-?mail) (?:you|the shop|support|your|someone)\b`,
	)},
	{"take a complaint", anyOf(
		`\bcompla(?:in|ints?|ining)\b|\bunacceptable\b`,
		`\b(?:terrible|awful|horrible|worst|bad|poor|lousy) (?:service|experience|shop|store|company|support)\b`,
		`\b(?:service|shop|store|company|support|experience) (?:is|was|are|has been) (?:\w+ )?(?:terrible|awful|horrible|bad|worst|poor|lousy|useless|slow|a joke)\b`,
		`\blawyer\b|\bsue\b|\b(?:leave|write|give) (?:a |some )?(?:review|feedback)\b`,
		`\b(?:rude|disappointed|fed up|outrageous)\b`,
	)},
	{"look into an order that you did not place", regexp.MustCompile(`(?i)\b(?:not|never) (?:order|ordered|buy|bought|placed?|purchased?)\b`)},
	{"cancel anything", anyOf(
		`\b(?:cancel|cancell?ing|cancell?ed|cancell?ation|abort|revoke)\b`,
		`\b(?:stop|undo|withdraw) (?:the|my|that|this) (?:order|return|delivery|purchase|shipment)\b`,
		`\bdo not (?:want|need) (?:my|the|this|that) order\b|^\W*(?:please )?do not (?:ship|send|deliver)\b`,
	)},
	{"change an account, an address or an order", anyOf(
		`\b(?:change|changing|update|updating|edit|correct (?:my|the)|modify|set|replace|switch|delete|deleting|close|closing|deactivate|remove|reset|resetting|forgot|forgotten|lost|recover|unlock|verify|merge|create|register|redirect|reroute|reschedule|swap)\b.{0,40}?(?:\be-?mails?\b|\baddress|\bphone\b|\b(?:my|the|our|account|user|last|first|sur) ?name\b|\bpasswords?\b|\bpassword\b|\baccounts?\b|\bcards?\b|\border\b|\bdelivery\b|\bshipping\b|\bshipment|\bbilling\b|\bprofile\b|\bdetails\b|\bpin\b|\bmy data\b|\bpersonal data\b|\bpickup\b|\bdate\b|\btime\b|\bparcel\b|\bpackage\b|\bquantity\b|\bsize\b|\bcolou?r\b|\blogin\b|@)`,
		`\b(?:new|wrong|different|another) (?:e-?mail|address|phone|card|billing|shipping|delivery)`,
		`\b(?:i|we) (?:have |just )*moved\b`,
		`\bmy (?:new )?(?:e-?mail(?: address)?|phone(?: number)?|address) is\b|\bpasswords?\b`,
		`\b(?:log|sign) ?-?in(?:to)?\b|\b(?:log|sign) ?-?(?:me )?(?:up|out|on)\b|\blogin\b`,
		`\b(?:create|open) an account\b|\blocked out\b|\bhacked\b`,
		`\badd\b.{0,40}\b(?:to|in) (?:my |the |an? )?(?:order|cart|basket|wish)`,
		`\b(?:leave|put|place|hand) (?:it|the (?:package|parcel)|them) (?:at|with|in|by|behind|on|to)\b`,
		`\bneighbou?rs?\b`,
		`\b(?:faster|expedite|speed up|hurry|rush|upgrade)\b.{0,30}\b(?:ship|deliver|order|it)`,
		`\b(?:pick|collect) .{0,20}\b(?:in|at|from) (?:the |a |your )?(?:store|shop|warehouse|branch)\b`,
		`\b(?:deliver|ship|send) (?:it |them |my order |the order |the package )?(?:to (?:another|a different|my (?:work|office|new|parents|neighbou?r|friend))|on (?:another|a different)|later|earlier)`,
	)},
	{"look into payments, charges, invoices and prices", anyOf(
		`\bprice (?:adjustment|guarantee|drop|protection)`,
		`\bhow (?:can|do|could|should) (?:i|we) pay\b|\bnegotiab|\ba sale\b|\bsale on\b`,
		`\baccept (?:visa|mastercard|amex|american express|cash|checks?|bitcoin|crypto|\w+ cards?)\b`,
		`\b(?:double[- ])?(?:over)?charged?\b.{0,25}\b(?:twice|double|two times|card|wrong|much|again|extra|my|account|me|for)\b`,
		`\b(?:i|we) (?:was|were|got|have been|am being) (?:\w+ )?(?:over|double[- ]?)?charged\b`,
		`\bovercharged?\b|\b(?:charge|charges|payment|transaction|debit) (?:on|from|in|to) my\b`,
		`\b(?:you|they) (?:have |had )?(?:over|double[- ]?)?(?:charged|billed)\b|\b(?:my|the) card\b`,
		`\bdeclined\b|\bbilled\b|\bbill\b|\bbilling\b|\binvoices?\b|\breceipts?\b|\bvat\b|\btax(?:es)?\b`,
		`\bpayments?\b|\bpaid (?:twice|double|too much|for it twice|two times)\b`,
		`\bpay (?:by|with|via|using|later|cash|it off|in (?:cash|advance|instal|euros|person)|on (?:delivery|account|invoice))`,
		`\bpay ?pal\b|\b(?:credit|debit|bank) ?cards?\b|\b(?:apple|google|amazon) pay\b|\bklarna\b`,
		`\binstal?lments?\b|\bfinancing\b|\bbank (?:account|transfer|statement)\b|\bvouchers?\b|\bcoupons?\b`,
		`\bpromo(?:tions?|s)?\b|\bpromo(?:tion)?(?:al)? ?codes?\b|\bdiscounts?\b|\bgift ?-?cards?\b`,
		`\bstore credit\b|\bprice[- ]?match`,
		`\bmatch (?:the|a|that|this|their|your|another|amazon)\b.{0,20}\bprice`,
		`\b(?:cheaper|lower price) (?:at|on|elsewhere|somewhere|in another)`,
		`\b(?:on sale|special offers?|any deals?|any sales?|deals?|black friday|cyber monday)\b`,
		`\b(?:lower|reduce|better|negotiate)\b.{0,15}\bprice\b|\bfraud|\bchargeback\b|\bdispute\b`,
	)},
	{"arrange an exchange, a repair or a replacement", anyOf(
		`\bexchang(?:e|ing)\b|\breplacements?\b|\breplace\b|\brepair(?:s|ed|ing)?\b|\bfix(?:ed)?\b|\bswap\b`,
		`\b(?:send|ship) me (?:a new|another|a different)\b`,
		`\b(?:make|file|submit|open|use|start|claim|register) (?:a |the |my |on )?(?:warranty|guarantee)\b`,
		`\bwarranty claims?\b|\bspare parts?\b`,
	)},
	{"look for a missing parcel or item", anyOf(
		`\b(?:stolen|missing|vanished|disappeared)\b|\b(?:is|got|been|was|went) lost\b`,
		`\blost (?:parcel|package|order|in)\b|\bsays?\b.{0,20}\bdelivered\b|\bmarked (?:as )?delivered\b`,
		`\bdelivered\b.{0,30}\b(?:but|not here|never|nothing|wrong (?:address|house))\b`,
		`\b(?:empty|opened) (?:box|package|parcel|packaging)\b`,
		`\b(?:box|package|parcel) (?:is|was|came|arrived) (?:\w+ )?(?:empty|opened)\b`,
		`\bsome(?:one|body) else\b|\bonly (?:got|received) (?:one|half|part)`,
	)},
	{"take an order", anyOf(
		`\b(?:want|like|need|going|wish|love|ready|trying|try) to (?:\w+ )?(?:buy|purchase|place|order|reorder|pre-?order)\b`,
		`\bplace an? (?:\w+ )?order\b|\bplacing an? order\b`,
		`\b(?:i will|i would|let me|can i|could i|please) (?:buy|purchase|order) (?:it|this|that|them|one|these|the|a|an|\d|two|some)\b`,
		`\b(?:buy|order|purchase) (?:it|this|that|them|one|now)\b|^\W*(?:please )?(?:buy|purchase|reserve) \b`,
		`^\W*(?:please )?order (?:me|\d+|one|two|three|a|an|the|some|this|that|another)\b|\bre-?order\b`,
		`\border .{0,20}\bagain\b|\bcheck ?out\b|\b(?:cart|basket|wish ?list)\b|\bpre-?order|\breserve\b`,
		`\b(?:hold|put) .{0,20}\b(?:for me|aside)\b|\bhow (?:do|can) i (?:buy|order|purchase|place)\b`,
		`\b(?:i will|let me) take (?:it|one|them|two|the|\d)|\bsubscri|\bnotify me\b`,
		`\b(?:tell|e-?mail|inform|notify|alert|let me know|remind) ?(?:me|us)? when\b.*\b(?:back|in stock|available|restock\w*|cheaper|on sale|price|comes? in|arrives?|ships?|have (?:it|them|more))\b`,
	)},
	{"give a manual", regexp.MustCompile(`(?i)\bmanuals?\b|\buser guides?\b|\bfirmware\b`)},
	{"recommend a product", regexp.MustCompile(`(?i)\b(?:anything|something) (?:cheaper|better|similar)\b|\bwhich (?:one )?is (?:the )?better\b|\bworth (?:it|the (?:price|money))\b|\brecommend|\bsuggest|\badvice\b|\badvise\b|\bwhich (?:one )?(?:should|would|do) (?:i|you) (?:buy|get|choose|take|pick|prefer)\b`)},
	{"answer questions about the shop itself", anyOf(
		`\byour (?:\w+ )?hours\b|\bdata\b.*\b(?:safe|secure|protected)\b`,
		`\bgift[- ]?wrap|\bwrapped\b|\binstall(?:ation|ed)?\b|\bassembl|\bset ?-?up (?:service|at home)\b`,
		`\b(?:opening|business|store|shop|working|office|support) hours\b`,
		`\b(?:are|when do|do|what time|is the (?:shop|store)) (?:you |the (?:shop|store) )?(?:open|opened|close|closed)\b`,
		`\bopen (?:on|at|today|tomorrow|until)\b`,
		`\bwhere (?:are you|is (?:the|your) (?:shop|store|office|company|headquarters))\b`,
		`\byour (?:address|location|office|store|company|headquarters|website|app)\b`,
		`\b(?:physical|retail|local|nearest|nearby) (?:store|shop|location|branch)|\bjobs?\b|\bcareers?\b`,
		`\bnearest\b|\bdrop[ -]?off (?:points?|locations?|places?)\b|\bhiring\b|\bnewsletter|\bunsubscribe|\bspam\b|\binternational|\babroad\b|\boverseas\b`,
		`\b(?:ship|shipping|deliver|delivery|send|sell) (?:\w+ )?(?:to|in|outside|within) (?:the )?(?:canada|mexico|europe|eu|uk|germany|france|spain|italy|australia|india|japan|china|brazil|alaska|hawaii|puerto|us|usa|states|country|my country|other countries|po box|p\.o)`,
		`\b(?:deliver|ship|work)\b.*\b(?:sundays?|saturdays?|weekends?|holidays?)\b|\bwholesale\b|\bbulk\b`,
		`\bprivacy\b|\bgdpr\b|\bmy personal data\b|\btrade[- ]?ins?\b|\brecycl|\breward|\bpoints\b`,
		`\b(?:loyalty|referral|affiliate|student) (?:program|programme|scheme|bonus|points)|\bbecome a\b`,
		`\b(?:upgrade|reach|get to|next) .{0,20}\b(?:tier|gold|platinum|silver)\b`,
		`\bextended? (?:the |a |my )?warrant|\binsurance\b|\bterms (?:and|of)\b|\bwho (?:owns|runs)\b`,
		`\bsponsor|\bpress\b|\babout (?:your|the) (?:shop|store|company)\b`,
		`\bdo you have (?:an? )?(?:app|store|shop|website|phone|newsletter)\b(?: number)?`,
		`\b(?:trust|legit|scam)\b|\bdrop ?ship|\bcustoms?\b|\bimport\b`,
	)},
}

// needsPerson returns what a clause wants that no tool does, or "".
func needsPerson(text string) string {
	text = notForPerson.ReplaceAllString(text, " ")
	for _, t := range personTopics {
		if t.pattern.MatchString(text) {
			return t.cannot
		}
	}
	return ""
}

// notForPerson matches phrases with a word of personTopics that mean something else.
var notForPerson = anyOf(
	`\b(?:any|an|some|no|status|latest) updates?\b|\bnoise[- ]cancel\w*`,
	`\b(?:was|is|been|were|got|why|my) (?:[\w-]+ ){0,3}?cancell?ed\b`,
	`\bchang(?:ed|e|ing) (?:my|our|her|his) minds?\b`,
	`\b(?:hours? |\w+ )?(?:per|a|on a|single|one|full) charge\b|\b(?:lost|forgot|forgotten) (?:my|the) order (?:number|id)\b|\bupdates? (?:me|on|about|regarding|for)\b`,
	`\bcharge (?:the|via|by)\b`,
)

// personNote says that a person of the staff can do what the customer asks for.
func personNote(cannot []string) string {
	return "I have no tool to " + strings.Join(cannot, ", or to ") + ". Please contact our staff: a person there can help you."
}

// personal returns what the message wants that no tool does.
func personal(message string) []string {
	var cannot []string
	for _, cl := range clauses(message) {
		if topic := needsPerson(cl.text); topic != "" && !slices.Contains(cannot, topic) {
			cannot = append(cannot, topic)
		}
	}
	return cannot
}
