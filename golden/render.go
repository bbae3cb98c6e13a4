package golden

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A page is a conversation for people, without details that only programs need.
type page struct {
	lines []string
	at    []int // the line of each entry, counted from 0
	calls map[transcript.Ref]transcript.Call
}

// render returns the page of a transcript.
func render(t transcript.Transcript) *page {
	p := &page{calls: make(map[transcript.Ref]transcript.Call)}
	for i, e := range t.Entries {
		if i > 0 {
			p.head("")
		}
		p.at = append(p.at, len(p.lines))
		p.entry(e.Body, i)
	}
	return p
}

// renderMessages returns the page of messages that a model is sent.
func renderMessages(messages []*provider.Message) *page {
	p := new(page)
	for _, m := range messages {
		p.message(m, nil)
	}
	return p
}

func (p *page) String() string { return endLine(strings.Join(p.lines, "\n")) }

// head adds a line.
func (p *page) head(words ...string) {
	p.lines = append(p.lines, strings.Join(words, " "))
}

// text adds a text below a line. JSON is indented.
func (p *page) text(s string) {
	lines := plainLines(s)
	if (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) && isPlain(s) {
		lines = strings.Split(indentJSON(s), "\n")
	}
	for _, line := range lines {
		if line != "" {
			line = "  " + line
		}
		p.lines = append(p.lines, line)
	}
}

// note adds a line and a text, unless the text is empty.
func (p *page) note(head, text string) {
	if text != "" {
		p.head(head)
		p.text(text)
	}
}

func (p *page) entry(b transcript.Body, at int) {
	switch b := b.(type) {
	case *transcript.Input:
		if b.Subject != "" {
			p.head("subject:", word(b.Subject))
		}
		p.message(b.Message, nil)
	case *transcript.Output:
		for i, c := range b.Calls {
			p.calls[transcript.Ref{Entry: at, Index: i}] = c
		}
		p.message(b.Message, b.Calls)
		if !b.Finish.Complete() {
			p.head("finish:", word(string(b.Finish)))
		}
		p.note("answer is refused:", b.Refusal)
	case *transcript.Attempt:
		what := "model fails:"
		if b.Then == provider.ThenContinue {
			what = "model pauses:"
		}
		p.note(what, b.Error)
	case *transcript.Intent:
		what := "starts: attempt"
		if b.Void {
			what = "did not start: attempt"
		}
		p.head(p.call(b.Ref), what, strconv.Itoa(b.Attempt))
	case *transcript.Result:
		p.head(p.call(b.Ref), "returns", word(string(b.Status))+":")
		p.parts(b.Content)
		p.note("error for operators:", b.ErrorText)
	case *transcript.Decision:
		p.head(p.call(b.Ref), "is decided:", word(string(b.Verdict)))
		p.note("arguments:", b.Args)
		p.note("text:", b.Text)
		p.note("by:", b.By)
	case *transcript.Resume:
		p.head("run resumes")
		p.note("by:", b.By)
	case *transcript.End:
		p.head("run ends:", word(string(b.Outcome)))
		p.note("reason:", b.Reason)
		p.note("user reads:", b.ClosingText)
	case *transcript.Withdrawal:
		p.head("withdrawn from entry", strconv.Itoa(b.From))
		p.note("reason:", string(b.Reason))
	case *transcript.Unknown:
		p.head("entry of the unknown type", word(b.Type))
	}
}

// call names a call.
func (p *page) call(ref transcript.Ref) string {
	c, ok := p.calls[ref]
	if !ok {
		return "call " + ref.String()
	}
	return word(c.Tool) + " " + word(c.ID)
}

// message adds a message, with the verdicts on its calls if there are any.
func (p *page) message(m *provider.Message, verdicts []transcript.Call) {
	speaker := word(string(m.Role))
	if m.Role == provider.RoleAssistant {
		speaker = "model"
	}
	for _, part := range m.Parts {
		switch part := part.(type) {
		case provider.ToolCall:
			p.head("model calls", word(part.Name), word(part.ID)+":")
			p.text(part.Args)
			if len(verdicts) > 0 {
				p.verdict(part, verdicts[0])
				verdicts = verdicts[1:]
			}
		case provider.ToolResult:
			p.head(word(part.Name), word(part.CallID), "returned:")
			p.parts(part.Parts)
		case provider.Reasoning:
			p.head("model thinks:")
			p.text(part.Text)
		case provider.ServerCall:
			p.serverCall(part)
		case provider.Text, provider.Media, provider.Native:
			p.head(speaker + ":")
			p.parts([]provider.Part{part})
		}
	}
}

// serverCall adds what a tool of the provider's did: the call, the result, or both.
func (p *page) serverCall(c provider.ServerCall) {
	if c.Input != "" || c.Output == "" && !c.IsError {
		p.head("provider runs", word(c.Name)+":")
		p.text(c.Input)
	}
	switch {
	case c.IsError:
		p.head("provider's", word(c.Name), "fails:")
		p.text(c.Output)
	case c.Output != "":
		p.head("provider's", word(c.Name), "returned:")
		p.text(c.Output)
	}
}

// verdict adds the agent's verdict on a call, unless the call runs as the model wrote it.
func (p *page) verdict(made provider.ToolCall, c transcript.Call) {
	if c.Refusal == "" && c.Args != made.Args {
		p.note("which runs with:", c.Args)
	}
	p.note("coercions:", strings.Join(c.Coercions, "\n"))
	p.note("needs approval:", c.ApprovalReason)
}

// parts adds the content of messages and results.
func (p *page) parts(parts []provider.Part) {
	for _, part := range parts {
		switch part := part.(type) {
		case provider.Text:
			p.text(part.Text)
		case provider.Media:
			p.text(fmt.Sprintf("[%s of %d bytes %s]", part.MIME, len(part.Data), part.URL))
		case provider.Native:
			p.text("[a part for " + part.State.Owner + "]")
		}
	}
}
