package golden

import (
	"strconv"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A decoder reads nodes back into a conversation. It keeps the first mistake
// that it meets, and goes on with nothing in its place.
type decoder struct {
	file     string
	err      error
	c        *conversation
	entries  int
	request  request
	messages []*provider.Message // that the next call was sent
	input    *transcript.Input
	calls    map[transcript.Ref]transcript.Call
	ids      map[string]transcript.Ref
}

// decode reads what encode made.
func decode(file string, nodes []*node) (*conversation, error) {
	d := &decoder{
		file: file, c: new(conversation), input: firstInput(),
		calls: make(map[transcript.Ref]transcript.Call), ids: make(map[string]transcript.Ref),
	}
	for i, n := range nodes {
		if first := n.key == "session"; first != (i == 0) {
			d.fail(n, "the conversation begins with its session, as in %q, and there is one of it", "session: ticket-1")
		}
		d.step(n)
	}
	if len(nodes) == 0 {
		d.fail(&node{line: 1}, "the file holds no conversation")
	}
	if d.messages != nil {
		d.fail(nodes[len(nodes)-1], "the messages belong to a call of the model, and none follows")
	}
	return d.c, d.err
}

func (d *decoder) fail(n *node, format string, args ...any) {
	if d.err == nil {
		d.err = errAt(d.file, n.line, format, args...)
	}
}

// shape holds a node against what its kind looks like: a value or none, and
// how many words.
func (d *decoder) shape(n *node, leaf bool, least, most int) bool {
	switch {
	case n.leaf && !leaf:
		d.fail(n, "%q takes no value after a colon, but lines below it", n.key)
	case !n.leaf && leaf:
		d.fail(n, "%q takes a value after a colon", n.key)
	case len(n.args) < least:
		d.fail(n, "%q has %d words after its name, and needs %d", n.key, len(n.args), least)
	case len(n.args) > most:
		d.fail(n, "%q has too many words after its name: %q", n.key, n.args[most])
	default:
		return true
	}
	return false
}

func (d *decoder) value(n *node) string {
	d.shape(n, true, 0, 0)
	return n.value
}

func (d *decoder) unknown(n, in *node) {
	d.fail(n, "there is no %q in %q: correct the name, or take the line out", n.key, in.key)
}

func (d *decoder) atoi(n *node, s string) int64 {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		d.fail(n, "%q is no whole number", s)
	}
	return v
}

// entry strips the mask of the time, which ends the words of every entry.
func (d *decoder) entry(n *node, least, most int) ([]string, bool) {
	if !d.shape(n, false, least+1, most+1) {
		return nil, false
	}
	last := len(n.args) - 1
	if n.args[last] != maskTime {
		d.fail(n, "the line must end with %s, which stands for the time", maskTime)
		return nil, false
	}
	return n.args[:last], true
}

func (d *decoder) step(n *node) {
	switch n.key {
	case "session":
		d.c.session = d.value(n)
	case "request":
		d.asked(n)
	case "messages":
		if d.shape(n, false, 0, 0) {
			d.messages = []*provider.Message{}
			for _, kid := range n.kids {
				d.messages = append(d.messages, d.message(kid))
			}
		}
	case "model":
		r, out := d.turn(n, true)
		d.add(n, out, &call{response: r})
	case "response":
		r, _ := d.turn(n, false)
		d.add(n, nil, &call{response: r})
	case "failure":
		d.add(n, nil, &call{err: d.failure(n)})
	case "stored":
		_, out := d.turn(n, true)
		d.add(n, out, nil)
	case "user":
		d.add(n, d.user(n), nil)
	case "attempt", "intent", "result", "decision", "resume", "end", "withdrawal", "unknown":
		d.add(n, d.other(n), nil)
	default:
		d.fail(n, "there is no %q in a conversation: correct the name, or take the lines out", n.key)
	}
}

func (d *decoder) add(n *node, body transcript.Body, c *call) {
	if c != nil {
		c.request, c.messages = d.request, d.messages
		d.messages = nil
	}
	if body != nil {
		d.entries++
	}
	d.c.steps = append(d.c.steps, step{body: body, call: c, line: n.line})
}

func (d *decoder) asked(n *node) {
	if !d.shape(n, false, 0, 0) {
		return
	}
	r := &d.request
	tools := false
	for _, kid := range n.kids {
		switch {
		case kid.key == "instructions":
			r.instructions = d.value(kid)
		case kid.key == "tool" && d.shape(kid, true, 1, 1):
			if !tools {
				r.tools, tools = nil, true
			}
			r.tools = append(r.tools, named{kid.args[0], kid.value})
		case kid.key == "tools":
			d.only(kid, "none")
			r.tools = nil
		case kid.key == "choice":
			if r.choice = d.value(kid); r.choice == "auto" {
				r.choice = ""
			}
		case kid.key == "output" && d.shape(kid, true, 0, 1):
			r.output = named{}
			if len(kid.args) > 0 {
				r.output = named{kid.args[0], kid.value}
			}
		case kid.key == "settings":
			if r.settings = d.value(kid); r.settings == "{}" {
				r.settings = ""
			}
		default:
			d.unknown(kid, n)
		}
	}
}

// only holds a leaf to the one value that it can have.
func (d *decoder) only(n *node, value string) {
	if d.value(n) != value {
		d.fail(n, "%q can only be %q", n.key, value)
	}
}

// turn reads a model's turn, with the verdicts on its calls where it is an
// entry.
func (d *decoder) turn(n *node, entry bool) (*provider.Response, *transcript.Output) {
	m := provider.Assistant()
	r, out := &provider.Response{Message: m}, &transcript.Output{Message: m}
	if ok := false; entry {
		if _, ok = d.entry(n, 0, 0); !ok {
			return r, out
		}
	} else if !d.shape(n, false, 0, 0) {
		return r, out
	}
	for _, kid := range n.kids {
		switch {
		case kid.key == "finish":
			r.Finish = provider.FinishReason(d.value(kid))
		case kid.key == "model":
			r.Model = d.value(kid)
		case kid.key == "usage":
			d.usage(kid, &r.Usage)
		case kid.key == "raw_finish" && n.key != "stored":
			r.RawFinish = d.value(kid)
		case kid.key == "api_cost" && n.key != "stored":
			r.Cost = new(d.money(kid, d.value(kid)))
		case kid.key == "tools" && entry:
			d.only(kid, "off")
			out.ToolsOff = true
		case kid.key == "limit" && entry:
			out.Limit = d.value(kid)
		case kid.key == "cost" && entry:
			cost := d.money(kid, d.value(kid))
			out.Cost = &cost
		case kid.key == "answer" && entry:
			out.Answer = d.value(kid)
		case kid.key == "fix" && entry:
			out.Fixes = append(out.Fixes, d.value(kid))
		case kid.key == "refused" && entry:
			out.Refused = d.value(kid)
		case kid.key == "call":
			made, verdict := d.call(kid, entry)
			m.Parts = append(m.Parts, made)
			if entry {
				ref := transcript.Ref{Entry: d.entries, Index: len(out.Calls)}
				d.calls[ref], d.ids[verdict.ID] = verdict, ref
				out.Calls = append(out.Calls, verdict)
			}
		default:
			d.content(kid, n, m)
		}
	}
	if r.Finish == "" {
		r.Finish = naturalFinish(m)
	}
	out.Finish, out.Model, out.Usage = r.Finish, r.Model, r.Usage
	return r, out
}

// call reads a call of a model's turn, with the verdict on it where there is
// one.
func (d *decoder) call(n *node, verdict bool) (provider.ToolCall, transcript.Call) {
	most := 2
	if verdict {
		most++
	}
	if !d.shape(n, false, 2, most) {
		return provider.ToolCall{}, transcript.Call{}
	}
	made := provider.ToolCall{ID: n.args[0], Name: n.args[1]}
	v := transcript.Call{ID: made.ID, Tool: made.Name}
	if len(n.args) > 2 {
		v.Class = transcript.Class(n.args[2])
	}
	runs := false
	for _, kid := range n.kids {
		switch kid.key {
		case "args":
			made.Args = d.value(kid)
		case "raw_id":
			made.RawID = d.value(kid)
		case "state":
			made.State = d.state(kid)
		default:
			if !verdict {
				d.unknown(kid, n)
			}
			d.verdict(kid, n, &v)
			runs = runs || kid.key == "runs"
		}
	}
	if len(n.kids) == 0 || n.kids[0].key != "args" {
		d.fail(n, "the first line below a call is its args, as in %q", "args: {}")
	}
	if !runs && v.Refused == "" {
		v.Args = made.Args
	}
	return made, v
}

func (d *decoder) verdict(kid, n *node, v *transcript.Call) {
	switch kid.key {
	case "runs":
		v.Args = d.value(kid)
	case "fix":
		v.Fixes = append(v.Fixes, d.value(kid))
	case "refused":
		v.Refused = d.value(kid)
	case "ask":
		v.Ask = d.value(kid)
	case "ends":
		v.Ends = transcript.Outcome(d.value(kid))
	case "answers":
		d.only(kid, "yes")
		v.Answers = true
	default:
		d.unknown(kid, n)
	}
}

func (d *decoder) failure(n *node) *provider.Error {
	e := new(provider.Error)
	if !d.shape(n, false, 1, 1) {
		return e
	}
	e.Kind = provider.ErrorKind(n.args[0])
	for _, kid := range n.kids {
		switch v := d.value(kid); kid.key {
		case "provider":
			e.Provider = v
		case "status":
			e.Status = int(d.atoi(kid, v))
		case "code":
			e.Code = v
		case "message":
			e.Message = v
		case "retry_after":
			e.RetryAfter = d.duration(kid, v)
		default:
			d.used(kid, n, &e.Model, &e.Usage, &e.Cost)
		}
	}
	return e
}

func (d *decoder) money(n *node, s string) provider.Money {
	v, err := provider.ParseMoney(strings.Replace(s, "$", "", 1))
	if err != nil {
		d.fail(n, "%q is no sum, such as $0.00042", s)
	}
	return v
}

func (d *decoder) duration(n *node, s string) time.Duration {
	v, err := time.ParseDuration(s)
	if err != nil {
		d.fail(n, "%q is no duration, such as 1m30s", s)
	}
	return v
}

func (d *decoder) message(n *node) *provider.Message {
	m := new(provider.Message)
	if n.key != "message" {
		d.fail(n, "the messages consist of lines such as %q", "message user")
	}
	if d.shape(n, false, 1, 1) {
		m.Role = provider.Role(n.args[0])
		for _, kid := range n.kids {
			d.content(kid, n, m)
		}
	}
	return m
}
