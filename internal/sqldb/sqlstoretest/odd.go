package sqlstoretest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// OddTexts runs a conversation of texts with NUL and invalid UTF-8. The store must return the
// texts that the program was given. IDs and subjects with such bytes are refused.
func OddTexts(t *testing.T, store transcript.Store) {
	const odd = "nul \x00 bad \xff half \xed\xa0\x80 end"
	agent := oddAgent(t, store, odd)
	for _, bad := range []string{"a\x00b", "a\xffb", "\xed\xa0\x80", strings.Repeat("i", 2001)} {
		s := agent.Session(bad)
		_, sent := s.Send(t.Context(), "hi")
		_, resumed := s.Resume(t.Context())
		_, decided := s.Decide(t.Context(), transcript.Decision{})
		_, loaded := s.Transcript(t.Context())
		_, subject := agent.Session("s", funcall.Subject(bad)).Send(t.Context(), "hi")
		for what, err := range map[string]error{"Send": sent, "Resume": resumed, "Decide": decided, "Transcript": loaded, "Subject": subject} {
			if err == nil || !strings.HasPrefix(err.Error(), "funcall: the s") {
				t.Errorf("%s, %.10q: %v", what, bad, err)
			}
		}
	}
	if tr, err := store.Load(t.Context(), "s"); err != nil || len(tr.Entries) > 0 {
		t.Errorf("%d entries, %v", len(tr.Entries), err)
	}

	for i, subject := range []string{"a\u2028b", "\ufeffx", "é", "e\u0301", "<operator>", strings.Repeat("s", 2000)} {
		s := agent.Session("odd\u2028"+strconv.Itoa(i), funcall.Subject(subject))
		res, err := s.Send(t.Context(), odd, funcall.Attach(provider.Text{Text: odd}, provider.Media{MIME: odd, URL: odd}))
		for err == nil && len(res.Pending) > 0 { // decided as the program was shown it
			same(t, res, store)
			p := res.Pending[0]
			d := funcall.Deny(p, odd, funcall.By(odd))
			if p.Tool == "answer" {
				d = funcall.Respond(p, odd, funcall.By(odd))
			}
			res, err = s.Decide(t.Context(), d)
		}
		if err != nil || res.Outcome != transcript.OutcomeDone {
			t.Fatalf("%.20q: %s, %v", subject, res.Outcome, err)
		}
		same(t, res, store)
		if last := res.Calls[len(res.Calls)-1]; last.Status != transcript.StatusRefused {
			t.Errorf("arguments that are no UTF-8: %s %q", last.Status, last.Text())
		}
		if res, err = s.Send(t.Context(), "fail"); err == nil {
			t.Error("no error")
		}
		same(t, res, store)
	}
}

// oddAgent returns an agent whose model, tools and approval rules return odd.
func oddAgent(t *testing.T, store transcript.Store, odd string) *funcall.Agent {
	t.Helper()
	type nothing = struct{}
	newTool := func(name string, say any, err error, opts ...funcall.ToolOption) funcall.Tool {
		return funcall.NewTool(name, "Says what is odd.", func(context.Context, nothing) (any, error) { return say, err }, opts...)
	}
	ask := funcall.RequireApproval(func(context.Context, nothing) (string, error) { return odd, nil })
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		last := req.Messages[len(req.Messages)-1]
		r := &provider.Response{Finish: provider.FinishStop, Model: odd, RequestID: odd, RawFinish: odd}
		switch {
		case last.Role == provider.RoleTool:
			r.Message = provider.Assistant(provider.Reasoning{Text: odd}, provider.Text{Text: odd}, provider.Media{MIME: odd, URL: odd})
			return r, nil
		case last.Text() == "fail":
			return nil, errors.New(odd)
		}
		r.Finish, r.Message = provider.FinishToolCalls, provider.Assistant()
		for _, name := range []string{"text", "parts", "visible", "fails", "ask", "answer", odd} {
			r.Message.Parts = append(r.Message.Parts, provider.ToolCall{ID: name + odd, Name: name, Args: "{}"})
		}
		r.Message.Parts = append(r.Message.Parts, provider.ToolCall{ID: "args", Name: "text", Args: `{"` + odd + `":"` + odd + `"}`})
		return r, nil
	})
	agent, err := funcall.New(model, funcall.Config{Store: store, Tools: []funcall.Tool{
		newTool("text", odd, nil),
		newTool("parts", []provider.Part{provider.Text{Text: odd}, provider.Media{MIME: odd, URL: odd}}, nil),
		newTool("visible", nil, funcall.Visible(errors.New(odd))),
		newTool("fails", nil, errors.New(odd)),
		newTool("ask", odd, nil, ask),
		newTool("answer", odd, nil, ask),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

// same checks that the store returns the texts of a result's transcript.
func same(t *testing.T, res *funcall.Result, store transcript.Store) {
	t.Helper()
	stored, err := store.Load(t.Context(), res.Transcript.ID)
	if err != nil {
		t.Fatal(err)
	}
	had, has := texts(res.Transcript), texts(stored)
	if !slices.Equal(had, has) {
		t.Errorf("the store gives back\n%q, not\n%q", has, had)
	}
	for _, text := range had {
		if strings.Contains(text, "\x00") || strings.ToValidUTF8(text, "") != text {
			t.Errorf("%q is kept", text)
		}
	}
}

// texts returns all texts of a transcript that came from outside.
func texts(tr transcript.Transcript) (list []string) {
	add := func(texts ...string) { list = append(list, texts...) }
	parts := func(parts []provider.Part) {
		for _, p := range parts {
			switch p := p.(type) {
			case provider.Text:
				add(p.Text)
			case provider.Reasoning:
				add(p.Text)
			case provider.Media:
				add(p.MIME, p.URL)
			case provider.ToolCall:
				add(p.ID, p.RawID, p.Name) // the arguments are kept as the model wrote them, and checked as such
			}
		}
	}
	for _, e := range tr.Entries {
		switch b := e.Body.(type) {
		case *transcript.Input:
			add(b.Subject)
			parts(b.Message.Parts)
		case *transcript.Output:
			add(b.Model, b.RequestID)
			parts(b.Message.Parts)
			for _, c := range b.Calls {
				add(c.ID, c.Tool, c.Args, c.ApprovalReason, c.Refusal)
			}
		case *transcript.Result:
			add(b.ErrorText)
			parts(b.Content)
		case *transcript.Decision:
			add(b.Text, b.By)
		case *transcript.End:
			add(b.Reason, b.ClosingText)
		}
	}
	return list
}
