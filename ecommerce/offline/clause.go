package offline

import (
	"regexp"
	"strings"
)

// A clause is a part of a customer's message that is understood by itself.
type clause struct {
	text string
	// question reports that the clause asks something: nothing in it is a request to do something.
	question bool
}

var (
	clauseEnd = regexp.MustCompile(`(?i)[?!;\n]+|[.:](?:\s+|$)|,\s+|\s+-\s+|\s+and\s+|\s+but\s+|\s+then\s+`)

	// opener matches words before the sentence proper.
	opener = regexp.MustCompile(`(?i)^\W*(?:(?:` +
		`hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|dear (?:team|support|sir(?: or madam)?)` +
		`|ok|okay|alright|all right|great|cool|thanks|thank you|yes|yeah|so|well|now|um+|uh+|hm+|oh|ah` +
		`|also|and|but|or|then|btw|by the way|actually|first(?: of all)?|finally|next|again|in addition` +
		`|quick question|one more (?:thing|question)|another question` +
		`|(?:i am )?sorry(?: to bother you)?|excuse me|please|there|just|kindly` +
		`)\b[\s,:;.!-]*)+`)

	// asker matches words that make a question of the rest.
	asker = regexp.MustCompile(`(?i)^\W*(?:` +
		`(?:can|could|would|will|may|might) (?:you|i|we|someone|anyone)(?: please| kindly| maybe| possibly)?` +
		` (?:tell|let|ask|know|find out|check|see|look(?: up)?|say|inform|help)\b(?: me| us| you)?(?: with| know| out| up| please| to| understand)*` +
		`|(?:(?:i|we) (?:was|am|were|are) wondering )?(?:if|whether) you (?:might|could|would|can) (?:please |kindly |perhaps )?(?:be so kind (?:as )?to )?(?:tell|let|check|see|say|look up|find out)\b(?: me| us)?(?: know)?` +
		`|would it be possible (?:for you )?to (?:tell|check|see|know|find out|look up|let me know)\b(?: me)?` +
		`|(?:do|would) you (?:happen to )?know|any (?:idea|chance|clue|news (?:on|about))` +
		`|(?:i|we) (?:would|will)? ?(?:like|want|love|need|wish|have|wanted|am trying|was hoping|hope)` +
		` to (?:know|ask|find out|check|see|hear|learn|understand|inquire)(?: about)?` +
		`|(?:i|we) (?:am|was|are|were) (?:just )?(?:wondering|curious|asking)(?: about)?` +
		`|tell me|let me know|find out|check|look up` +
		`)\b\s*(?:please)?\s*(?:if|whether|that)?\b\s*`)

	questionWord = regexp.MustCompile(`(?i)^\W*(?:what|which|who|whom|whose|when|where|why|how|whether|any` +
		`|is|are|am|was|were|be|do|does|did|can|could|would|will|should|shall|may|might|has|have|had)\b`)
)

// mostClauses bounds the clauses of a message that are understood.
const mostClauses = 40

// clauses splits a message.
func clauses(message string) []clause {
	var list []clause
	add := func(text, end string) {
		if strings.TrimSpace(text) != "" && len(list) < mostClauses {
			list = append(list, newClause(text, strings.Contains(end, "?")))
		}
	}
	from := 0
	for _, at := range clauseEnd.FindAllStringIndex(message, -1) {
		add(message[from:at[0]], message[at[0]:at[1]])
		from = at[1]
	}
	add(message[from:], "")
	return list
}

func newClause(text string, question bool) clause {
	if rest := opener.ReplaceAllString(text, ""); strings.TrimSpace(rest) != "" {
		text = rest
	}
	rest := asker.ReplaceAllString(text, "")
	asked := len(rest) < len(text)
	if strings.TrimSpace(rest) != "" {
		text = rest
	}
	return clause{strings.TrimSpace(text), question || asked || questionWord.MatchString(text)}
}

// anyOf compiles a pattern that matches what one of the patterns matches, in any case of letters.
func anyOf(patterns ...string) *regexp.Regexp {
	return regexp.MustCompile("(?i)" + strings.Join(patterns, "|"))
}
