package golden

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What stands for a value that no two runs agree on.
const (
	maskTime = "<time>"
	maskTook = "<ms>"
)

// encoder makes the nodes of a conversation. What is the same as before (the
// request's tools, the run's limits) is not written again.
type encoder struct {
	nodes   []*node
	request request
	input   *transcript.Input
	calls   map[transcript.Ref]transcript.Call
	ids     map[string]transcript.Ref
}

// encode returns the nodes of c. decode reads them.
func encode(c *conversation) []*node {
	e := &encoder{
		input: firstInput(),
		calls: make(map[transcript.Ref]transcript.Call), ids: make(map[string]transcript.Ref),
	}
	e.put(leaf("session", c.session))
	// The first request stands ahead of everything: it is what the agent is.
	if turns := c.turns(); len(turns) > 0 {
		e.asked(c.steps[turns[0]].call.request)
	}
	entries := 0
	for _, s := range c.steps {
		if s.call != nil {
			e.call(s.call, s.body)
		}
		if s.body != nil {
			e.body(s.body, s.call, entries)
			entries++
		}
	}
	return e.nodes
}

// firstInput is what the first user's turn is compared with.
func firstInput() *transcript.Input {
	return &transcript.Input{Limits: transcript.Limits{Words: transcript.DefaultWords}}
}

func (e *encoder) put(n *node) *node {
	e.nodes = append(e.nodes, n)
	return n
}

// asked writes what differs from the request before.
func (e *encoder) asked(r request) {
	n := branch("request")
	old := e.request
	if r.instructions != old.instructions {
		n.add(leaf("instructions", r.instructions))
	}
	if !slices.Equal(r.tools, old.tools) {
		for _, t := range r.tools {
			n.add(leaf("tool", t.digest, t.name))
		}
		if len(r.tools) == 0 {
			n.add(leaf("tools", "none"))
		}
	}
	if r.choice != old.choice {
		n.add(leaf("choice", orWord(r.choice, "auto")))
	}
	if r.output != old.output {
		if r.output == (named{}) {
			n.add(leaf("output", "none"))
		} else {
			n.add(leaf("output", r.output.digest, r.output.name))
		}
	}
	if r.settings != old.settings {
		n.add(leaf("settings", orWord(r.settings, "{}")))
	}
	if e.request = r; len(n.kids) > 0 {
		e.put(n)
	}
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

func (e *encoder) call(c *call, body transcript.Body) {
	e.asked(c.request)
	if c.messages != nil {
		e.put(branch("messages").add(messageNodes(c.messages)...))
	}
	switch {
	case c.err != nil:
		n := branch("failure", string(c.err.Kind))
		n.addText("provider", c.err.Provider)
		if c.err.Status != 0 {
			n.add(leaf("status", strconv.Itoa(c.err.Status)))
		}
		n.addText("code", c.err.Code)
		n.addText("message", c.err.Message)
		if c.err.RetryAfter != 0 {
			n.add(leaf("retry_after", c.err.RetryAfter.String()))
		}
		addUsed(n, c.err.Model, c.err.Usage, c.err.Cost)
		e.put(n)
	case body == nil: // the transcript has it otherwise, or not at all
		r := c.response
		n := turn(branch("response"), r.Message, nil, r.Finish, r.Model, r.Usage)
		addSaid(n, r)
		e.put(n)
	}
}

// body writes an entry, the at-th of the transcript. Where it is an output that
// its call's response says all of, made is that call.
func (e *encoder) body(b transcript.Body, made *call, at int) {
	switch b := b.(type) {
	case *transcript.Input:
		e.user(b)
	case *transcript.Output:
		key := "stored"
		if made != nil {
			key = "model"
		}
		for i, c := range b.Calls {
			ref := transcript.Ref{Entry: at, Index: i}
			e.calls[ref] = c
			e.ids[c.ID] = ref
		}
		n := turn(branch(key, maskTime), b.Message, b.Calls, b.Finish, b.Model, b.Usage)
		if made != nil {
			addSaid(n, made.response)
		}
		if b.ToolsOff {
			n.add(leaf("tools", "off"))
		}
		n.addText("limit", b.Limit)
		if b.Cost != nil {
			n.add(leaf("cost", b.Cost.String()))
		}
		n.addText("answer", b.Answer)
		for _, fix := range b.Fixes {
			n.add(leaf("fix", fix))
		}
		n.addText("refused", b.Refused)
		e.put(n)
	case *transcript.Attempt:
		n := branch("attempt", string(b.Kind), maskTook, maskTime)
		n.addText("error", b.Error)
		n.addText("provider", b.Provider)
		addUsed(n, b.Model, b.Usage, b.Cost)
		e.put(n)
	case *transcript.Intent:
		args := []string{e.id(b.Ref), "attempt", strconv.Itoa(b.Attempt)}
		if b.Void {
			args = append(args, "void")
		}
		e.put(branch("intent", append(args, maskTime)...))
	case *transcript.Result:
		n := branch("result", e.id(b.Ref), e.calls[b.Ref].Tool, string(b.Status), maskTook, maskTime)
		switch {
		case isRefusal(b, e.calls[b.Ref]): // the call says it
		case len(b.Content) == 0 && e.calls[b.Ref].Refused != "":
			n.add(leaf("content", "none"))
		default:
			n.add(partNodes(b.Content)...)
		}
		n.addText("error", b.Err)
		e.put(n)
	case *transcript.Decision:
		n := branch("decision", e.id(b.Ref), string(b.Verdict), maskTime)
		n.addText("args", b.Args)
		n.addText("text", b.Text)
		n.addText("by", b.By)
		e.put(n)
	case *transcript.Resume:
		e.put(branch("resume", maskTime)).addText("by", b.By)
	case *transcript.End:
		n := branch("end", string(b.Outcome), maskTime)
		n.addText("why", b.Why)
		n.addText("words", b.Words)
		e.put(n)
	case *transcript.Withdrawal:
		n := branch("withdrawal", "from", strconv.Itoa(b.From), maskTime)
		n.addText("reason", string(b.Reason))
		e.put(n)
	case *transcript.Unknown:
		e.put(leaf("unknown", string(b.Raw)))
	}
}

// isRefusal reports whether r tells the model what c was refused for, and no
// more.
func isRefusal(r *transcript.Result, c transcript.Call) bool {
	said := partNodes(r.Content)
	return r.Status == transcript.StatusRefused && c.Refused != "" &&
		len(said) == 1 && said[0].key == "text" && said[0].leaf && said[0].value == c.Refused
}

// id names a call by its id, or by its place where the id does not.
func (e *encoder) id(ref transcript.Ref) string {
	c, ok := e.calls[ref]
	if !ok || e.ids[c.ID] != ref || c.ID == "" || c.ID[0] == '@' {
		return "@" + ref.String()
	}
	return c.ID
}

func (e *encoder) user(in *transcript.Input) {
	n := branch("user", maskTime)
	old := e.input
	if in.Subject != old.Subject {
		n.add(leaf("subject", in.Subject))
	}
	limits := in.Limits
	limits.Words = old.Limits.Words
	if limits != old.Limits {
		n.add(leaf("limits", limitsText(in.Limits)))
	}
	if in.Limits.Words != old.Limits.Words {
		n.add(leaf("words", in.Limits.Words))
	}
	if in.Settings != nil {
		n.add(leaf("settings", orWord(settingsJSON(in.Settings), "{}")))
	}
	if a := in.Answer; a != nil {
		schema := branch("answer", a.Name)
		schema.addText("description", a.Description)
		n.add(schema.add(leaf("schema", string(a.Schema))))
	}
	e.input = in
	e.put(n.add(contentNodes(in.Message)...))
}

// turn adds a model's turn to n, with the verdicts on its calls if there are
// any.
func turn(n *node, m *provider.Message, calls []transcript.Call, finish provider.FinishReason, model string, u provider.Usage) *node {
	i := 0
	for _, kid := range contentNodes(m) {
		if kid.key == "call" && i < len(calls) {
			addVerdict(kid, calls[i])
			i++
		}
		n.add(kid)
	}
	if finish != naturalFinish(m) {
		n.add(leaf("finish", string(finish)))
	}
	n.addText("model", model)
	n.addText("usage", usageText(u))
	return n
}

// addUsed adds what a failed call used.
func addUsed(n *node, model string, u provider.Usage, cost *provider.Money) {
	n.addText("model", model)
	n.addText("usage", usageText(u))
	if cost != nil {
		n.add(leaf("cost", cost.String()))
	}
}

// addSaid adds to a turn what the API alone said of it.
func addSaid(n *node, r *provider.Response) {
	n.addText("raw_finish", r.RawFinish)
	if r.Cost != nil {
		n.add(leaf("api_cost", r.Cost.String()))
	}
}

// naturalFinish is the finish reason that goes without saying.
func naturalFinish(m *provider.Message) provider.FinishReason {
	if len(m.ToolCalls()) > 0 {
		return provider.FinishToolCalls
	}
	return provider.FinishStop
}

// addVerdict adds to a call what was made of it.
func addVerdict(n *node, c transcript.Call) {
	if c.Class != "" {
		n.args = append(n.args, string(c.Class))
	}
	made := n.kids[0].value // of args, which comes first
	if c.Refused == "" && c.Args != made || c.Refused != "" && c.Args != "" {
		n.add(leaf("runs", c.Args))
	}
	for _, fix := range c.Fixes {
		n.add(leaf("fix", fix))
	}
	n.addText("refused", c.Refused)
	n.addText("ask", c.Ask)
	n.addText("ends", string(c.Ends))
	if c.Answers {
		n.add(leaf("answers", "yes"))
	}
}

func limitsText(l transcript.Limits) string {
	s := fmt.Sprintf("steps %d, calls %d, refusals %d", l.Steps, l.Calls, l.Refusals)
	if l.Tokens != 0 {
		s += fmt.Sprintf(", tokens %d", l.Tokens)
	}
	if l.Cost != 0 {
		s += fmt.Sprintf(", cost %v", l.Cost)
	}
	if l.Active != 0 {
		s += fmt.Sprintf(", active %v", l.Active)
	}
	return s
}

func usageText(u provider.Usage) string {
	var words []string
	for _, c := range []struct {
		name string
		n    int64
	}{{"input", u.Input}, {"cache_read", u.CacheRead}, {"cache_write", u.CacheWrite}, {"output", u.Output}, {"reasoning", u.Reasoning}} {
		if c.n != 0 {
			words = append(words, fmt.Sprintf("%s %d", c.name, c.n))
		}
	}
	return strings.Join(words, ", ")
}

// messageNodes writes a history as the model is sent it.
func messageNodes(messages []*provider.Message) []*node {
	var nodes []*node
	for _, m := range messages {
		nodes = append(nodes, messageNode(m))
	}
	return nodes
}

func messageNode(m *provider.Message) *node {
	if m == nil {
		return branch("nothing")
	}
	return branch("message", string(m.Role)).add(contentNodes(m)...)
}

func contentNodes(m *provider.Message) []*node {
	if m == nil {
		return nil
	}
	nodes := partNodes(m.Parts)
	if !m.State.IsZero() {
		nodes = append(nodes, leaf("message_state", string(m.State.Data), m.State.Owner))
	}
	return nodes
}

// settingsJSON is the settings as JSON, or nothing where none is set.
func settingsJSON(s *provider.Settings) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // of Extra, which no adapter will take either
		return err.Error()
	}
	if v := strings.TrimSpace(b.String()); v != "{}" {
		return v
	}
	return ""
}

// digest is short: it tells versions of one thing apart, and proves nothing.
func digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d:%s", len(t), t)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
