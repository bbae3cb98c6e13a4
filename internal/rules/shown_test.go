package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A decision binds what the person was shown, whatever the client did to it.
func TestR19_WhatWasShown(t *testing.T) {
	for name, alter := range map[string]func(p *transcript.PendingCall){
		"the session":   func(p *transcript.PendingCall) { p.Session = "t" },
		"the place":     func(p *transcript.PendingCall) { p.Ref.Entry++ },
		"the tool":      func(p *transcript.PendingCall) { p.Tool = "look" },
		"the arguments": func(p *transcript.PendingCall) { p.Args = `{"id":"b"}` },
		"a space":       func(p *transcript.PendingCall) { p.Args += " " },
		"no arguments":  func(p *transcript.PendingCall) { p.Args = "" },
		"the reason":    func(p *transcript.PendingCall) { p.Reason = "a formality" },
		"no reason":     func(p *transcript.PendingCall) { p.Reason = "" },
		"the subject":   func(p *transcript.PendingCall) { p.Subject = "CUST-2" },
		"the digest":    func(p *transcript.PendingCall) { p.Digest = strings.Repeat("0", 32) },
		"no digest":     func(p *transcript.PendingCall) { p.Digest = "" },
		"a shift":       func(p *transcript.PendingCall) { p.Tool, p.Args = p.Tool+p.Args[:1], p.Args[1:] },
	} {
		d := newDesk(t)
		shown := d.asks().Pending[0]
		altered := shown
		alter(&altered)
		for verdict, made := range map[string]transcript.Decision{
			"approve": funcall.Approve(altered), "edit": funcall.ApproveWith(altered, `{"id":"a"}`),
			"deny": funcall.Deny(altered, "no"), "answer": funcall.Respond(altered, "done by hand"),
		} {
			_, err := d.session().Decide(t.Context(), made)
			if !errors.Is(err, funcall.ErrStaleDecision) && (name != "the place" || !errors.Is(err, funcall.ErrNotPending)) {
				t.Errorf("%s of a call with %s altered: %v", verdict, name, err)
			}
		}
		if len(d.paid) > 0 {
			t.Errorf("%s altered: it was paid: %q", name, d.paid)
		}
		// As it was shown it counts, also after a way through JSON.
		sent, err := json.Marshal(shown)
		var back transcript.PendingCall
		if err := errors.Join(err, json.Unmarshal(sent, &back)); err != nil {
			t.Fatal(err)
		}
		if _, err := d.session(providertest.Say("done")).Decide(t.Context(), funcall.Approve(back)); err != nil || len(d.paid) != 1 {
			t.Errorf("as it was shown: %v, paid %q", err, d.paid)
		}
	}
}

// Who decides on a call that may have been done already learns it, also if there
// is another reason to ask.
func TestR19_TheDoubtIsShown(t *testing.T) {
	for _, c := range []struct {
		name  string
		class funcall.ToolOption
		why   string
	}{
		{"an effect", funcall.Timeout(time.Minute), "call 1.0 of the same tool, with the same arguments, may have been done already; it costs money"},
		{"idempotent: under the first one's key", funcall.Idempotent(), "it costs money"},
	} {
		var keys []string
		pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
			if keys = append(keys, funcall.CallFrom(ctx).Key); len(keys) == 1 {
				return "", funcall.InDoubt(errors.New("reset"))
			}
			return "paid", nil
		}, c.class, always("it costs money"))
		cfg := funcall.Config{Store: new(transcript.Memory), Tools: []funcall.Tool{pay}}
		session := func(turns ...providertest.Turn) *funcall.Session {
			return newAgent(t, providertest.NewScript(t, turns...), cfg).Session("s")
		}
		res, err := session(payCall("a")).Send(t.Context(), "go")
		if err != nil || res.Pending[0].Reason != "it costs money" {
			t.Fatal(err, res.Pending)
		}
		res, err = session(providertest.Say("unknown")).Decide(t.Context(), funcall.Approve(res.Pending[0]))
		if err != nil || len(res.InDoubt) != 1 {
			t.Fatal(err, res.InDoubt)
		}
		res, err = session(payCall("a")).Send(t.Context(), "again")
		if err != nil || res.Outcome != transcript.OutcomeWaiting || res.Pending[0].Reason != c.why {
			t.Fatalf("%s: %v, %s, pending %+v", c.name, err, res.Outcome, res.Pending)
		}
		if quiet := res.Pending[0]; c.why != "it costs money" {
			quiet.Reason = "it costs money"
			if _, err := session().Decide(t.Context(), funcall.Approve(quiet)); !errors.Is(err, funcall.ErrStaleDecision) {
				t.Errorf("%s: a decision without the doubt: %v", c.name, err)
			}
		}
		// The next call, of something else, is in no doubt.
		res, err = session(payCall("b")).Decide(t.Context(), funcall.Approve(res.Pending[0]))
		if err != nil || len(keys) != 2 || keys[0] != keys[1] || res.Pending[0].Reason != "it costs money" {
			t.Errorf("%s: %v, keys %v, then pending %+v", c.name, err, keys, res.Pending)
		}
	}
}
