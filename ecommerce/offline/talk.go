package offline

import "regexp"

// A talk is a message that is about nothing in the shop.
type talk int

const (
	noTalk talk = iota
	talkGreeting
	talkHowAreYou
	talkThanks
	talkBye
	talkHelp
	talkIdentity
	talkLanguage
	talkInsult
	talkPraise
	talkYes
	talkWait
)

// talks are tried in this order on a whole message.
var talks = []struct {
	talk    talk
	pattern *regexp.Regexp
}{
	{talkIdentity, aboutModel},
	{talkHowAreYou, regexp.MustCompile(`(?i)^\W*(?:(?:hi|hello|hey)\b.{0,20}?)?\b(?:how are you|how do you do|how is it going|how are things|what is up|sup|how is your day|you ok(?:ay)?)\b.{0,20}$`)},
	{talkGreeting, regexp.MustCompile(`(?i)^\W*(?:hi+|hello+|hey+|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|hola|bonjour|hallo|moin)(?:\W+(?:there|all|everyone|team|shop|bot|again|friend|support|you|guys|sir|madam))*\W*$`)},
	{talkThanks, anyOf(
		`^\W*(?:(?:ok|okay|great|perfect|cool|no|super|awesome|wonderful|alright|all right|nice|yes|excellent|got it)\W+)*(?:thanks?|thank you|many thanks|cheers|much appreciated|appreciate it|appreciated)\b[^?]{0,60}$`,
		`\b(?:thanks|thank you)(?: so much| very much| a lot| again| anyway)?\W*(?:bye|goodbye)?\W*$`,
	)},
	{talkBye, regexp.MustCompile(`(?i)^\W*(?:(?:ok|okay|great|thanks|thank you|well|no|that is all|that will be all)\W+)*(?:bye|goodbye|good bye|good night|see you|see ya|cya|have a (?:nice|good|great) (?:day|one|evening|weekend)|take care|later|that is all|that is it|that will be all|i am done|nothing else)\b[^?]{0,30}$`)},
	{talkHelp, anyOf(
		`\bwhat (?:can|could|do|are) you (?:able to )?(?:do|help|offer|know|for)\b`,
		`\bwhat (?:else )?can (?:i|you) (?:ask|do|help|say)\b|\bhow (?:can|do|could) you help\b`,
		`\bhow does this work\b`,
		`\bwhat (?:is this|are your (?:functions|features|capabilities|skills|options)|questions can i)\b`,
		`\b(?:your|list of) (?:capabilities|commands|functions)\b`,
		`^\W*(?:(?:hi|hello|hey|please|can you|could you|i need|i need some|need|i have|some)\W+)*(?:help|menu|commands|options|start|assist(?:ance)?|help me|a question|a problem|support)(?:\W+(?:me|please|out|with something|you|for you))*\W*$`,
		`\bcan i ask (?:you )?(?:something|a question)\b|\bare you (?:there|able to help)\b`,
		`\bcan you help\b(?: me)?(?: out)?\W*$|\banybody there\b|\banyone there\b|^\W*\?+\W*$`,
	)},
	{talkLanguage, anyOf(
		`(?:^|[\s¿¡])(?:dónde|donde|está|pedido|quiero|cuánto|cuando|gracias|ist|mein(?:e|er|en)?|bestellung|bitte|ich|wann|wie viel|danke|je|voudrais|où|commande|merci|combien|quand|dove|ordine|quanto|vorrei|grazie|obrigado|waar|mijn|bestelling)(?:$|[\s?!.,'])|[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Devanagari}\p{Greek}\p{Hebrew}]{2}`,
		`\blanguages?\b|\bspeak (?:english|german|deutsch|spanish|french|italian|portuguese|chinese|japanese|hindi|arabic|russian|polish|dutch)\b`,
	)},
	{talkInsult, anyOf(
		`\bthe worst\b|\b(?:i )?hate (?:this|it)\b|\bnot (?:help|answer|understand|listen)(?:ing|ful)?\b|\bno help\b`,
		`\b(?:stupid|idiots?|dumb|useless|moron|sucks?|suck|crap|shit|fuck\w*|damn|bullshit|wtf|garbage|trash|hate you|worthless|pathetic|shut up|incompetent|ridiculous|annoying|asshole|bastard)\b`,
		`\byou are (?:not|no) (?:\w+ )?help`,
	)},
	{talkPraise, regexp.MustCompile(`(?i)^\W*(?:(?:ok|okay|wow|oh|that is|you are|this is|so|very|really|sounds|looks|all|how)\W+)*(?:great|perfect|cool|nice|awesome|good|wonderful|excellent|fine|super|amazing|lovely|good job|well done|good bot|love it|helpful|got it|i see|understood|makes sense|interesting|good to know|i understand|brilliant|fantastic|lol|haha+)\W*$`)},
	{talkYes, regexp.MustCompile(`(?i)^\W*(?:yes|yeah|yep|yup|sure|ok|okay|okey|k|of course|alright|all right|right|correct|exactly|please do|go ahead|do it|yes please|definitely|absolutely|fine|hm+|ah|oh|aha|both|one moment|please)(?:\W+(?:please|do|sure|it is|that is right|go ahead|do it|thing|i do|correct|both))*\W*$`)},
	{talkWait, regexp.MustCompile(`(?i)^\W*(?:wait|hold on|hang on|one (?:moment|sec|second|minute)|just a (?:moment|sec|second|minute)|give me a (?:moment|sec|second|minute)|sorry|oops|hmm+|what do you mean|what|huh|pardon(?: me)?|come again|(?:please )?repeat(?: that| it)?|again|start over|restart|why(?: not)?|really|how so|how|seriously)\W*(?:please)?\W*$`)},
}

// aboutModel matches questions about the model itself.
var aboutModel = anyOf(
	`\bwho are you\b|\bwhat are you(?: called| exactly| really)?\W*$`,
	`\bare you (?:an? |the |some |just |really |actually |even )*(?:bot|robot|human|person|real|ai|a\.i|machine|computer|chat ?bot|chatgpt|gpt|llm|language model|program|assistant|claude|alive)\b`,
	`\b(?:am i|are we) (?:talking|speaking|chatting) (?:to|with)\b`,
	`\bis this (?:an? )?(?:bot|robot|human|person|real|ai|machine|chat ?bot)\b`,
	`\b(?:what is|do you have) (?:your|a) name\b|\byour name\b|\babout (?:yourself|you)\W*$`,
	`\bwho (?:made|built|created|programmed|wrote|trained) you\b`,
	`\bwhat (?:model|llm|ai) (?:are you|do you use|is this)\b`,
	`\bdo you (?:have|feel) (?:feelings|emotions|pain|consciousness)\b|\bhow old are you\b`,
	`\bwhich (?:model|ai|llm)\b.*\byou\b`,
)

func talksAboutModel(message string) bool { return aboutModel.MatchString(message) }

// hasDetail reports whether a message names something of the shop: with it, "thanks" and "ok" are
// only courtesy.
func hasDetail(text string) bool {
	return len(orderIDs(text)) > 0 || len(customerKeys(text)) > 0 || hasProduct(text) || quantity(text).given || zipCode(text) != ""
}

// talkOf returns what kind of talk a message is.
func talkOf(message string) talk {
	for _, t := range talks {
		if t.pattern.MatchString(message) {
			return t.talk
		}
	}
	return noTalk
}
