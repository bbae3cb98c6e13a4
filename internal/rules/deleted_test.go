package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// mustDelete deletes a session in the store, as another process does.
func mustDelete(t *testing.T, store transcript.Deleter, id string) {
	t.Helper()
	if err := store.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// every calls each method of a session that must not be usable.
func every(t *testing.T, s *funcall.Session) map[string]error {
	t.Helper()
	ctx := t.Context()
	errs := make(map[string]error)
	run := func(name string, res *funcall.Result, err error) {
		errs[name] = err
		if len(res.Transcript.Entries) > 0 || res.Outcome != transcript.OutcomeFailed {
			t.Errorf("%s returns %s with %d entries", name, res.Outcome, len(res.Transcript.Entries))
		}
	}
	res, err := s.Send(ctx, "hi")
	run("Send", res, err)
	res, err = s.Resume(ctx)
	run("Resume", res, err)
	res, err = s.Decide(ctx, transcript.Decision{Verdict: transcript.VerdictDeny})
	run("Decide", res, err)
	_, errs["Withdraw"] = s.Withdraw(ctx)
	tr, err := s.Transcript(ctx)
	if errs["Transcript"] = err; len(tr.Entries) > 0 {
		t.Errorf("Transcript returns %d entries", len(tr.Entries))
	}
	state, err := s.State(ctx)
	if errs["State"] = err; state.ID != s.ID() || state.Entries != 0 || state.Subject != "" {
		t.Errorf("State returns %+v", state)
	}
	var b strings.Builder
	if errs["Export"] = s.Export(ctx, &b); b.Len() > 0 {
		t.Errorf("Export writes %q", &b)
	}
	return errs
}

// A session that was deleted elsewhere is gone, also where its last state is kept.
func TestR05_ADeletedSessionIsGone(t *testing.T) {
	for _, first := range []string{"Send", "Resume", "Decide", "Withdraw"} { // each finds the kept state
		store := new(transcript.Memory)
		agent := payAgent(t, store)
		s := agent.Session("s", funcall.Subject("anna"))
		tell(t, s, "hi")
		mustDelete(t, store, "s")
		var err error
		switch first {
		case "Resume":
			_, err = s.Resume(t.Context())
		case "Decide":
			_, err = s.Decide(t.Context(), transcript.Decision{Verdict: transcript.VerdictDeny})
		case "Withdraw":
			_, err = s.Withdraw(t.Context())
		}
		if first != "Send" && !errors.Is(err, transcript.ErrDeleted) {
			t.Errorf("%s: %v", first, err)
		}
		for _, s := range []*funcall.Session{s, agent.Session("s", funcall.Subject("bert")), payAgent(t, store).Session("s")} {
			for name, err := range every(t, s) {
				if !errors.Is(err, transcript.ErrDeleted) {
					t.Errorf("%s, then %s: %v", first, name, err)
				}
			}
		}
	}
}

// refusalCounter counts the appends to deleted sessions.
type refusalCounter struct {
	transcript.Memory
	refused int
}

func (s *refusalCounter) Append(ctx context.Context, b transcript.Batch) error {
	err := s.Memory.Append(ctx, b)
	if errors.Is(err, transcript.ErrDeleted) {
		s.refused++
	}
	return err
}

// A run whose session is deleted meanwhile ends with its next append: it starts no effect and
// calls no model.
func TestR14_ARunOfADeletedSessionEnds(t *testing.T) {
	erase := provider.ToolCall{ID: "1", Name: "erase", Args: `{"id":"a"}`}
	pay := provider.ToolCall{ID: "2", Name: "pay", Args: `{"id":"a"}`}
	for name, c := range map[string]struct {
		turn    providertest.Turn
		byModel bool // the session is deleted during the model call; otherwise by a tool
		calls   int  // of tools
		outcome transcript.Outcome
	}{
		"before the answer":           {providertest.Say("Hello."), true, 0, transcript.OutcomeDone},
		"before an effect":            {providertest.Calls(pay), true, 0, transcript.OutcomeFailed},
		"by an effect":                {providertest.Calls(erase), false, 1, transcript.OutcomeFailed},
		"by the first of two effects": {providertest.Calls(erase, pay), false, 1, transcript.OutcomeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			store := new(refusalCounter)
			toolCalls, modelCalls := 0, 0
			agent := newAgent(t, provider.Func(func(ctx context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
				modelCalls++
				if c.byModel {
					mustDelete(t, store, "s")
				}
				return c.turn.Response, nil
			}), funcall.Config{Store: store, Tools: []funcall.Tool{
				tool("erase", func(ctx context.Context, _ Item) (string, error) {
					toolCalls++
					return "erased", store.Delete(ctx, "s")
				}),
				tool("pay", func(context.Context, Item) (string, error) { toolCalls++; return "paid", nil }),
			}})
			res, err := agent.Session("s").Send(t.Context(), "hi")
			if !errors.Is(err, transcript.ErrDeleted) || errors.Is(err, transcript.ErrConflict) || res.Outcome != c.outcome || len(res.InDoubt) > 0 {
				t.Errorf("%s, %v, in doubt: %v", res.Outcome, err, res.InDoubt)
			}
			if n := strings.Count(err.Error(), transcript.ErrDeleted.Error()); n != 1 || store.refused != 1 {
				t.Errorf("%d appends were refused, and the error says so %d times: %v", store.refused, n, err)
			}
			if toolCalls != c.calls || modelCalls != 1 {
				t.Errorf("%d calls of tools, %d of the model", toolCalls, modelCalls)
			}
			if _, err := store.Load(t.Context(), "s"); !errors.Is(err, transcript.ErrDeleted) {
				t.Errorf("the session is there: %v", err)
			}
		})
	}
}
