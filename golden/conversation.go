package golden

import (
	"cmp"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A conversation is what a golden file holds: a transcript, and the calls of
// the model that it came from.
type conversation struct {
	session string
	steps   []step
}

// A step is an entry of the transcript, a call of the model, or both: a model
// turn that stands in the transcript exactly as the model gave it.
type step struct {
	body transcript.Body
	call *call
	line int // where it stands in its file
}

// A call is one call of the model: what it was asked, and its response or its
// error.
type call struct {
	request request
	// messages is the history that was sent. In a file it is nil where it is
	// the transcript's, which it is unless somebody between the agent and the
	// model changes it.
	messages []*provider.Message
	response *provider.Response
	err      *provider.Error
}

// fromUser counts the messages from the user's side.
func fromUser(messages []*provider.Message) int {
	n := 0
	for _, m := range messages {
		if m.Role == provider.RoleUser {
			n++
		}
	}
	return n
}

// histories are what the model is sent ahead of each of its turns.
func (c *conversation) histories() (before [][]*provider.Message) {
	k := transcript.Track(transcript.Transcript{ID: c.session})
	for _, s := range c.steps {
		if s.call != nil {
			before = append(before, k.Messages())
		}
		if s.body != nil {
			k.Add(transcript.Entry{Body: s.body})
		}
	}
	return before
}

// lineOf is the line of the k-th message that was sent at a step, or the
// step's own where there was no such message.
func (c *conversation) lineOf(k, step int) int {
	past := transcript.Track(transcript.Transcript{ID: c.session})
	for _, s := range c.steps[:step] {
		if s.body == nil {
			continue
		}
		if past.Add(transcript.Entry{Body: s.body}); len(past.Messages()) > k {
			return s.line
		}
	}
	return c.steps[step].line
}

// turns returns the places of the steps that are calls of the model.
func (c *conversation) turns() []int {
	var at []int
	for i, s := range c.steps {
		if s.call != nil {
			at = append(at, i)
		}
	}
	return at
}

// assemble joins a transcript and the calls of the model that were seen while
// it came about. Calls that left nothing in it (errors above all) stand where
// they were made, as far as that can be told.
func assemble(t transcript.Transcript, calls []*call) *conversation {
	c := &conversation{session: t.ID}
	from, taken := pair(t, calls)
	next := 0
	past := transcript.Track(transcript.Transcript{ID: t.ID}) // of the entries that stand in c
	add := func(s step) {
		if c.steps = append(c.steps, s); s.body != nil {
			past.Add(transcript.Entry{Body: s.body})
		}
	}
	stepOf := func(k *call) step { // a copy: k.messages is about to be judged by its place
		k = &call{request: k.request, messages: k.messages, response: k.response, err: k.err}
		if sameMessages(k.messages, past.Messages()) {
			k.messages = nil
		}
		return step{call: k}
	}
	flush := func(to int) {
		for ; next < to; next++ {
			add(stepOf(calls[next]))
		}
	}
	loose := func() int { // up to where calls belong to no output that is still to come
		heard := fromUser(past.Messages())
		i := next
		for i < len(calls) && !taken[i] && fromUser(calls[i].messages) <= heard {
			i++
		}
		return i
	}
	for i, e := range t.Entries {
		switch b := e.Body.(type) {
		case *transcript.Attempt, *transcript.End:
			flush(loose())
		case *transcript.Output:
			k, ok := from[i]
			if !ok {
				flush(loose())
				break
			}
			flush(k)
			s := stepOf(calls[k])
			next = k + 1
			if isStored(calls[k].response, b) {
				s.body = b
				add(s)
				continue
			}
			add(s)
		}
		add(step{body: e.Body})
	}
	flush(len(calls))
	return c
}

// pair finds the call that each output came from: the first that fits and was
// made after the one before.
func pair(t transcript.Transcript, calls []*call) (from map[int]int, taken map[int]bool) {
	from, taken = make(map[int]int), make(map[int]bool)
	next := 0
	for i, e := range t.Entries {
		out, ok := e.Body.(*transcript.Output)
		if !ok {
			continue
		}
		k := slices.IndexFunc(calls[next:], func(c *call) bool { return c.response != nil && became(c.response, out) })
		if k >= 0 {
			from[i], taken[next+k] = next+k, true
			next += k + 1
		}
	}
	return from, taken
}

// became reports whether out can have been made of r. An agent may replace ids
// and drop repeated calls; it changes no word.
func became(r *provider.Response, out *transcript.Output) bool {
	made := r.Message.ToolCalls()
	kept := out.Message.ToolCalls()
	if r.Message.Text() != out.Message.Text() || (len(made) == 0) != (len(kept) == 0) {
		return false
	}
	for _, c := range kept {
		if !slices.ContainsFunc(made, func(m provider.ToolCall) bool { return m.Name == c.Name && m.Args == c.Args }) {
			return false
		}
	}
	return true
}

// isStored reports whether out says of the model's turn all that r does.
func isStored(r *provider.Response, out *transcript.Output) bool {
	return r.Finish == out.Finish && r.Usage == out.Usage && r.Model == out.Model &&
		len(r.Message.ToolCalls()) == len(out.Calls) &&
		sameMessages([]*provider.Message{r.Message}, []*provider.Message{out.Message})
}

func sameMessages(a, b []*provider.Message) bool {
	return slices.EqualFunc(a, b, func(a, b *provider.Message) bool {
		return a == b || text(messageNode(a)) == text(messageNode(b))
	})
}

// A request is what a call of the model was made from, beside its history: by
// digest what is long, by its text what is short. Empty means none.
type request struct {
	instructions string
	tools        []named
	choice       string
	output       named
	settings     string // JSON
}

// differsFrom names what of a request is another, in the words of the file.
func (r request) differsFrom(now request) string {
	var parts []string
	note := func(differs bool, what string) {
		if differs {
			parts = append(parts, what)
		}
	}
	note(r.instructions != now.instructions, "its instructions")
	for _, t := range now.tools {
		i := slices.IndexFunc(r.tools, func(old named) bool { return old.name == t.name })
		note(i < 0, "the new tool "+t.name)
		note(i >= 0 && r.tools[i] != t, "the name, description or schema of the tool "+t.name)
	}
	for _, old := range r.tools {
		note(!slices.ContainsFunc(now.tools, func(t named) bool { return t.name == old.name }), "the tool "+old.name+", which is gone")
	}
	note(len(parts) == 0 && !slices.Equal(r.tools, now.tools), "the order of its tools")
	note(r.choice != now.choice, "its tool choice")
	note(r.output != now.output, "the form of the answer")
	note(r.settings != now.settings, "its settings")
	return strings.Join(parts, ", ")
}

// named is a digest and the name of what it is the digest of.
type named struct{ name, digest string }

// requestOf makes digests of what the model is given, once the masks are over
// it. A digest gives no secret away, so that no machine's environment shows.
func requestOf(req *provider.Request, clean func(string) string) request {
	r := request{settings: settingsJSON(&req.Settings)}
	if req.System != "" {
		r.instructions = digest(clean(req.System))
	}
	for _, t := range req.Tools {
		r.tools = append(r.tools, named{t.Name, digest(t.Name, clean(t.Description), clean(string(t.Schema)))})
	}
	r.choice = strings.TrimSpace(string(req.Choice.Mode) + " " + req.Choice.Name)
	if o := req.Output; o != nil {
		r.output = named{cmp.Or(o.Name, "answer"), digest(o.Name, clean(o.Description), clean(string(o.Schema)))}
	}
	return r
}
