package sqlstoretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// NewerEntries checks sessions that have an entry of a newer version. If the entry must be
// known, the session can be read and listed, and nothing is done or appended. If it may be
// ignored, the session continues.
func NewerEntries(t *testing.T, store transcript.Store) {
	n := &newerEntries{T: t, store: store}
	n.agent = n.newAgent()
	for _, state := range []string{"waiting", "at rest", "failed", "killed"} {
		for _, line := range []string{
			`{"at":"2026-03-01T12:00:09Z","type":"settlement","needs":"1.65535","call":"1.0","n":[1.50,"<&>"]}`,
			`{"type":"decision","needs":"1.65535","call":{"turn":1},"at":"2026-03-01T12:00:09Z"}`,
		} {
			n.mustKnow(state, line)
		}
		n.mayIgnore(state, `{"at":"2026-03-01T12:00:09Z","type":"annotation","stars":5}`)
	}
}

type newerEntries struct {
	*testing.T
	store    transcript.Store
	agent    *funcall.Agent
	sessions int
	did      int // calls of the model and of tools
}

func (n *newerEntries) newAgent() *funcall.Agent {
	type nothing = struct{}
	pay := funcall.NewTool("pay", "Pays.", func(context.Context, nothing) (string, error) {
		n.did++
		return "paid", nil
	}, funcall.RequireApproval(func(context.Context, nothing) (string, error) { return "it is dear", nil }))
	model := provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		n.did++
		switch req.Messages[len(req.Messages)-1].Text() {
		case "pay":
			return &provider.Response{Message: provider.Assistant(provider.ToolCall{ID: "1", Name: "pay", Args: "{}"}), Finish: provider.FinishToolCalls}, nil
		case "fail":
			return nil, &provider.Error{Kind: provider.KindUnavailable}
		}
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
	})
	agent, err := funcall.New(model, funcall.Config{Store: n.store, Tools: []funcall.Tool{pay}, TakeoverAfter: time.Nanosecond})
	if err != nil {
		n.Fatal(err)
	}
	return agent
}

// session returns a new session in the state, with the entry in line appended, and the calls
// that were pending before it.
func (n *newerEntries) session(state, line string) (*funcall.Session, []transcript.PendingCall) {
	n.Helper()
	n.sessions++
	s := n.agent.Session(fmt.Sprint(state, " ", n.sessions), funcall.Subject("CUST-1"))
	text := map[string]string{"waiting": "pay", "failed": "fail"}[state]
	if text == "" {
		text = "hi"
	}
	res, err := s.Send(n.Context(), text)
	if (err != nil) != (state == "failed") {
		n.Fatal(err)
	}
	if state == "killed" { // right after its first entry
		s = n.agent.Session(s.ID()+" again", funcall.Subject("CUST-1"))
		n.append(s.ID(), 0, res.Transcript.Entries[0])
	}
	var e transcript.Entry
	if err := e.UnmarshalJSON([]byte(line)); err != nil {
		n.Fatal(err)
	}
	n.append(s.ID(), bytes.Count(n.kept(s), []byte("\n"))-1, e)
	return s, res.Pending
}

func (n *newerEntries) append(id string, at int, e transcript.Entry) {
	n.Helper()
	if err := n.store.Append(n.Context(), Batch(id, at, e)); err != nil {
		n.Fatal(err)
	}
}

// kept returns the session as Encode writes it.
func (n *newerEntries) kept(s *funcall.Session) []byte {
	n.Helper()
	tr, err := s.Transcript(n.Context())
	if err == nil {
		err = transcript.Validate(tr)
	}
	var b bytes.Buffer
	if err := errors.Join(err, transcript.Encode(&b, tr)); err != nil {
		n.Fatal(err)
	}
	return b.Bytes()
}

func (n *newerEntries) mustKnow(state, line string) {
	n.Helper()
	s, pending := n.session(state, line)
	kept, did := n.kept(s), n.did
	if !bytes.HasSuffix(kept, []byte("\n"+line+"\n")) {
		n.Errorf("%s: %s is not at the end of\n%s", state, line, kept)
	}
	decision := transcript.Decision{Verdict: transcript.VerdictApprove}
	if len(pending) > 0 {
		decision = funcall.Approve(pending[0])
	}
	ctx := n.Context()
	_, sent := s.Send(ctx, "hi")
	_, decided := s.Decide(ctx, decision)
	_, resumed := s.Resume(ctx)
	_, withdrawn := s.Withdraw(ctx)
	_, _, generated := funcall.Generate[struct{ N int }](ctx, s, "hi")
	for what, err := range map[string]error{
		"Send": sent, "Decide": decided, "Resume": resumed, "Withdraw": withdrawn, "Generate": generated,
		"Stream": last(s.Stream(ctx, "hi")), "StreamDecide": last(s.StreamDecide(ctx, decision)), "StreamResume": last(s.StreamResume(ctx)),
	} {
		if !errors.Is(err, transcript.ErrNewerVersion) || !strings.HasPrefix(err.Error(), "funcall: transcript") || !strings.Contains(err.Error(), "upgrade") {
			n.Errorf("%s, %s: got %v", state, what, err)
		}
	}
	if _, err := n.agent.Session(s.ID(), funcall.Subject("CUST-2")).Resume(ctx); !errors.Is(err, funcall.ErrWrongSubject) || errors.Is(err, transcript.ErrNewerVersion) {
		n.Errorf("%s: another subject gets %v", state, err)
	}
	if n.did != did || !bytes.Equal(n.kept(s), kept) {
		n.Errorf("%s: %d calls were made; the session is now\n%s", state, n.did-did, n.kept(s))
	}
	n.listed(s, true)
}

// listed checks that the store lists the session, and whether its Summary.Err is
// ErrNewerVersion.
func (n *newerEntries) listed(s *funcall.Session, newer bool) {
	n.Helper()
	for sum, err := range n.store.(transcript.Lister).List(n.Context(), transcript.Filter{}) {
		if err != nil {
			n.Fatal(err)
		}
		if sum.ID != s.ID() {
			continue
		}
		if errors.Is(sum.Err, transcript.ErrNewerVersion) != newer || newer && (sum.Outcome == transcript.OutcomeWaiting || len(sum.Pending) > 0) {
			n.Errorf("the summary is %+v", sum)
		}
		return
	}
	n.Errorf("%s is not listed", s.ID())
}

func (n *newerEntries) mayIgnore(state, line string) {
	n.Helper()
	s, pending := n.session(state, line)
	n.listed(s, false)
	res, err := (*funcall.Result)(nil), error(nil)
	switch state {
	case "waiting":
		res, err = s.Decide(n.Context(), funcall.Approve(pending[0]))
	case "killed":
		res, err = s.Resume(n.Context())
	default:
		res, err = s.Send(n.Context(), "hi")
	}
	if err != nil || res.Outcome != transcript.OutcomeDone {
		n.Errorf("%s: %s, %v", state, res.Outcome, err)
	}
	if kept := n.kept(s); !bytes.Contains(kept, []byte("\n"+line+"\n")) {
		n.Errorf("%s: %s is not in\n%s", state, line, kept)
	}
}

// last returns the error of the last event.
func last(events iter.Seq2[funcall.Event, error]) (err error) {
	for _, err = range events {
	}
	return err
}
