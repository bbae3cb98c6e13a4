package offline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// The model's questions for missing details. By their words a later turn finds the question that
// the customer's answer belongs to.
const (
	askOrder       = "Which order is it about? Its number looks like ORD-12345."
	askReturnOrder = "Which order would you like to return? Its number looks like ORD-12345."
	askReason      = "Why would you like to return it: is it defective, the wrong item, not as described, did you change your mind, or is there another reason?"
	askItems       = "Which of them would you like to return?"
	askStock       = "Which product shall I look for? I need its SKU or its full name."
	askProduct     = "Which product would you like to know about? I need its SKU or its full name."
	askCustomer    = "Which account is it about? I need the customer id or the e-mail address."
)

var asks = map[string]intent{
	askOrder: wantOrder, askReturnOrder: wantReturn, askReason: wantReturn, askItems: wantReturn,
	askStock: wantStock, askProduct: wantProduct, askCustomer: wantCustomer,
}

// A conversation is the content of a request.
type conversation struct {
	customer string // the customer's name, if the instructions have it
	latest   string // the customer's last message
	wants    []want
	whole    string // all the words that wants may use
	offers   map[string]bool
	// toolsOff reports that no call may be made in this turn.
	toolsOff bool
	// askedItems reports that the message says which items are meant, and closed that it
	// withdraws the request.
	askedItems, closed bool

	// The last thing of each kind that the conversation mentioned before.
	lastOrder, lastProduct, lastCustomer string
	facts                                facts

	turn       []finished // the calls since the customer's last message
	callsSoFar int        // in the whole conversation
}

// A finished call has its result.
type finished struct {
	call
	text    string
	isError bool
}

// read parses a request.
func read(req *provider.Request) *conversation {
	c := &conversation{
		customer: customerName(req.System),
		offers:   make(map[string]bool),
		toolsOff: req.Choice.Mode == provider.ToolsNone,
		facts:    newFacts(),
	}
	for _, t := range req.Tools {
		c.offers[t.Name] = req.Choice.Mode != provider.ToolsNamed || t.Name == req.Choice.Name
	}
	now := -1 // the index of the customer's last message
	for i, m := range req.Messages {
		if m != nil && m.Role == provider.RoleUser {
			now = i
		}
	}
	if now >= 0 {
		c.latest = userText(req.Messages[now])
	}
	pending := make(map[string]call)
	for i, m := range req.Messages {
		if m == nil {
			continue
		}
		if i < now && m.Role == provider.RoleUser {
			c.remember(userText(m))
		}
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				c.callsSoFar++
				pending[p.ID] = call{p.Name, p.Args}
				if i < now {
					c.remember(p.Args)
				}
			case provider.ToolResult:
				done := finished{pending[p.CallID], p.Text(), p.IsError}
				c.facts.learn(done)
				if i > now {
					c.turn = append(c.turn, done)
				}
			}
		}
	}
	c.understand(req.Messages[:max(now, 0)])
	return c
}

// named is the customer's name in the instructions of ecommerce.RunOptions.
var named = regexp.MustCompile(`You talk with a customer: name ("(?:[^"\\]|\\.)*"), tier `)

// customerName returns the customer's name, or "" if the instructions have none.
func customerName(instructions string) string {
	found := named.FindStringSubmatch(instructions)
	if found == nil {
		return ""
	}
	name, err := strconv.Unquote(found[1])
	if err != nil {
		return ""
	}
	return name
}

func (c *conversation) remember(text string) {
	last := func(to *string, found []string) {
		if len(found) > 0 {
			*to = found[len(found)-1]
		}
	}
	last(&c.lastOrder, orderIDs(text))
	last(&c.lastProduct, productCodes(text))
	last(&c.lastCustomer, customerKeys(text))
}

// understand finds the customer's wants, with the conversation so far.
func (c *conversation) understand(before []*provider.Message) {
	c.wants, c.whole = wants(c.latest), c.latest
	asked, earlier := openQuestion(before)
	c.closed = closing.MatchString(c.latest) || asked == wantReturn && againstReturn.MatchString(c.latest)
	if asked == 0 || c.closed || !c.answers(asked) || asked == wantReturn && !c.answersReturn(earlier) {
		return
	}
	c.askedItems = strings.HasSuffix(lastAnswer(before), askItems)
	c.whole = earlier + "\n" + c.latest
	c.wants = slices.DeleteFunc(c.wants, func(w want) bool { return w.intent == asked || w.intent == wantOrder })
	c.wants = append([]want{{intent: asked, text: c.latest}}, c.wants...)
}

// answers reports whether the last message can answer the open question and is not about
// something else.
func (c *conversation) answers(asked intent) bool {
	for _, w := range c.wants {
		if w.intent != asked && w.intent != wantOrder {
			return false
		}
	}
	return !thanks.MatchString(c.latest) || returnReason(c.latest) != ""
}

// openQuestion returns the question in the model's last message, if there is one, and the
// customer's words that led to it.
func openQuestion(before []*provider.Message) (asked intent, words string) {
	for i := len(before) - 1; i >= 0; i-- {
		switch m := before[i]; {
		case m == nil:
		case m.Role == provider.RoleAssistant && asked == 0:
			if asked = askedFor(m.Text()); asked == 0 {
				return 0, ""
			}
		case m.Role == provider.RoleAssistant && len(m.ToolCalls()) == 0:
			if askedFor(m.Text()) == 0 {
				return asked, words // an answer: earlier questions are settled
			}
		case m.Role == provider.RoleUser && asked != 0:
			words = strings.TrimSpace(userText(m) + "\n" + words)
		}
	}
	return asked, words
}

func lastAnswer(before []*provider.Message) string {
	for _, m := range slices.Backward(before) {
		if m != nil && m.Role == provider.RoleAssistant {
			return m.Text()
		}
	}
	return ""
}

func askedFor(text string) intent {
	for ask, i := range asks {
		if strings.HasSuffix(text, ask) {
			return i
		}
	}
	return 0
}

// userText returns a customer's text, bounded for the rules.
func userText(m *provider.Message) string {
	const most = 4000
	text := m.Text()
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return normal.Replace(text)
}
