package offline

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// A conversation is the content of a request, and what the customer's last message wants.
type conversation struct {
	who      speaker
	customer string // the customer's name, if the instructions have it
	offers   map[string]bool
	toolsOff bool // no call may be made in this turn

	before     []turn     // the turns before the customer's last message
	turn       []finished // the calls since the customer's last message
	callsSoFar int        // in the whole conversation
	facts      facts
	memory

	latest  string // the customer's last message
	tooLong bool   // the message is left out
	wants   []want
	whole   string   // all the words that wants may use
	asked   string   // the question that the message answers, or ""
	chosen  string   // the words since the question for items, if it was asked
	reasons string   // the answers to the question for a reason
	cannot  []string // what the message wants that no tool does
	closed  bool     // the message withdraws the request
}

// A turn is one message of the customer, with the calls and the answer that followed.
type turn struct {
	said    string
	tooLong bool // said is left out
	calls   []finished
	answer  string
}

// A finished call has its result.
type finished struct {
	call
	text    string
	isError bool
}

// A speaker is the kind of person that the instructions say the model talks with.
type speaker int

const (
	unknownSpeaker speaker = iota
	customerSpeaks
	visitorSpeaks
	staffSpeaks
)

// speakerIn finds the speaker in the instructions of ecommerce.RunOptions.
func speakerIn(instructions string) speaker {
	switch {
	case strings.Contains(instructions, "You talk with a customer"):
		return customerSpeaks
	case strings.Contains(instructions, "You talk with a visitor"):
		return visitorSpeaks
	case strings.Contains(instructions, "You talk with a member of the shop's staff"):
		return staffSpeaks
	}
	return unknownSpeaker
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

// read parses a request.
func read(req *provider.Request) *conversation {
	c := &conversation{
		who:      speakerIn(req.System),
		customer: customerName(req.System),
		offers:   make(map[string]bool),
		toolsOff: req.Choice.Mode == provider.ToolsNone,
		facts:    newFacts(),
	}
	for _, t := range req.Tools {
		c.offers[t.Name] = req.Choice.Mode != provider.ToolsNamed || t.Name == req.Choice.Name
	}
	turns := c.turns(req.Messages)
	now := turns[len(turns)-1]
	for _, t := range turns[:len(turns)-1] {
		t.said = c.withOrderNumbers(t.said, asking(c.last().answer))
		c.before = append(c.before, t)
		c.facts.learnAll(t.calls)
		c.facts.forgetReturned(t.calls)
		c.memory.note(t)
	}
	c.latest, c.turn, c.tooLong = c.withOrderNumbers(now.said, asking(c.last().answer)), now.calls, now.tooLong
	c.facts.learnAll(c.turn)
	c.understand()
	return c
}

// turns splits the messages by the customer's messages. There is at least one turn.
func (c *conversation) turns(messages []*provider.Message) []turn {
	turns := []turn{{}}
	pending := make(map[string]call)
	for _, m := range messages {
		if m == nil {
			continue
		}
		now := &turns[len(turns)-1]
		switch m.Role {
		case provider.RoleUser:
			turns = append(turns, turn{said: plain(m.Text()), tooLong: len(m.Text()) > mostBytes})
			continue
		case provider.RoleAssistant:
			now.answer = m.Text()
		}
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.ToolCall:
				c.callsSoFar++
				pending[p.ID] = call{p.Name, p.Args}
			case provider.ToolResult:
				now.calls = append(now.calls, finished{pending[p.CallID], p.Text(), p.IsError})
			}
		}
	}
	return turns
}

// last returns the turn before the customer's last message.
func (c *conversation) last() turn {
	if len(c.before) == 0 {
		return turn{}
	}
	return c.before[len(c.before)-1]
}

// memory is what the conversation was about before the customer's last message.
type memory struct {
	orders, products []string
	person           string // the customer whose account was shown
	stock            *stockArgs
	parts            []string // what was asked of a product
	topic            string   // the tool that was used last
}

// note remembers what a turn was about.
func (m *memory) note(t turn) {
	orders, products := orderIDs(t.said), productCodes(t.said)
	for _, done := range t.calls {
		switch done.tool {
		case toolOrder, toolReturn:
			orders = append(orders, orderIDs(done.args)...)
		case toolStock, toolProduct:
			products = append(products, soldAs(done)...)
		case toolCustomer:
			m.person = argument(done.args, "customer_id")
		}
		m.noteTool(done)
	}
	if !namesOnly(t.said) {
		m.parts = partsOf(t.said)
	}
	if len(orders) > 0 {
		m.orders = unique(orders)
	}
	if len(products) > 0 {
		m.products = unique(products)
	}
}

func (m *memory) noteTool(done finished) {
	if done.tool == toolOrder && argument(done.args, "include_tracking") == "false" {
		return // a lookup for another call
	}
	m.topic = done.tool
	if done.tool == toolStock {
		m.stock = decodeArgs[stockArgs](done.args)
	}
}

// soldAs returns the SKU of the product that a call found, or the code that it was asked for.
func soldAs(done finished) []string {
	if e, ok := decode[struct {
		SKU string `json:"sku"`
	}](done.text); ok && e.Success && e.Data.SKU != "" {
		return []string{e.Data.SKU}
	}
	return productCodes(done.args)
}

func decodeArgs[T any](args string) *T {
	var v T
	if json.Unmarshal([]byte(args), &v) != nil {
		return nil
	}
	return &v
}

// argument returns an argument of a call as text, or "".
func argument(args, name string) string {
	var all map[string]any
	if json.Unmarshal([]byte(args), &all) != nil {
		return ""
	}
	switch v := all[name].(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
