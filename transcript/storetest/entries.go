package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// began is the time of the first entry of every transcript here. Its nanoseconds must be kept.
var began = time.Date(2026, 2, 28, 23, 59, 59, 123456789, time.UTC)

// entries returns the bodies as entries, each with a time of its own.
func entries(bodies ...transcript.Body) []transcript.Entry {
	es := make([]transcript.Entry, len(bodies))
	for i, b := range bodies {
		es[i] = transcript.Entry{Time: began.Add(time.Duration(i) * 1500 * time.Millisecond), Body: b}
	}
	return es
}

// said returns an entry that its text identifies.
func said(format string, args ...any) transcript.Entry {
	return transcript.Entry{Time: began, Body: &transcript.Input{Message: provider.User(fmt.Sprintf(format, args...))}}
}

// textOf returns the text of an entry made by said.
func textOf(e transcript.Entry) string {
	in, ok := e.Body.(*transcript.Input)
	if !ok {
		return fmt.Sprintf("a %T", e.Body)
	}
	return in.Message.Text()
}

// everyBody returns a conversation with every type of body and every field set.
func everyBody(id string) []transcript.Entry {
	temperature, seed, parallel := 0.25, int64(9007199254740993), false
	text := func(s string) []provider.Part { return []provider.Part{provider.Text{Text: s}} }
	ref := transcript.Ref{Entry: 1, Index: 0}
	decision := &transcript.Decision{Ref: ref, Verdict: transcript.VerdictApprove, Args: `{"order_id":"ORD-2"}`, Text: "Go on.", By: "agent-7"}
	es := entries(
		&transcript.Input{
			Message: provider.User("Return it, please.", provider.Media{MIME: "image/png", Data: []byte{0, 1, 254, 255}}),
			Subject: "CUST-9821",
			Limits:  transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, Tokens: 1 << 40, ActiveTime: time.Hour + 1, ClosingText: "Sorry."},
			Settings: &provider.Settings{
				Temperature: &temperature, Seed: &seed, ParallelCalls: &parallel,
				Stop: []string{"\n\n"}, Extra: json.RawMessage(`{"n":9007199254740993}`),
			},
			ConfigDigest: "c1",
		},
		&transcript.Output{
			Message: &provider.Message{
				Role: provider.RoleAssistant,
				Parts: []provider.Part{
					provider.Reasoning{Redacted: true, State: state(`"c2lnbmF0dXJl"`)},
					provider.Text{Text: "One moment."},
					provider.ToolCall{ID: "call_1", Name: "return_order", Args: `{"order_id":"ORD-1"}`, RawID: "call 1"},
					provider.ToolCall{ID: "call_2", Name: "nonsense", Args: `{"`},
					provider.ServerCall{ID: "srv_1", Name: "web_search", Input: "rain", Output: "Rain: https://rain.example", State: state(`{"type":"server_tool"}`)},
					provider.Native{State: state(`{"type":"compaction"}`)},
				},
				State: state(`{"id":"msg_1"}`),
			},
			Finish: provider.FinishToolCalls,
			Usage:  provider.Usage{Input: 1000, CacheRead: 900, CacheWrite: 50, Output: 70, Reasoning: 30, WebSearches: 1, FileSearches: 2, CodeExecutions: 3},
			Model:  "model-1", RequestID: "req_1",
			Calls: []transcript.Call{
				{
					ID: "call_1", Tool: "return_order", Digest: "d1", Args: `{"order_id":"ORD-1","reason":"other"}`,
					Class: transcript.ClassEffect, Coercions: []string{"null_absent"}, EndsWith: transcript.OutcomeHandedOff,
					ApprovalReason: "It costs money.", ApprovalDeadline: began.AddDate(0, 0, 2), MaxDuration: 32*time.Second + 1,
				},
				{ID: "call_2", Tool: "nonsense", Refusal: "There is no such tool."},
			},
		},
		&transcript.Result{Ref: transcript.Ref{Entry: 1, Index: 1}, Status: transcript.StatusRefused, Content: text("There is no such tool.")},
		decision,
		&transcript.Intent{Ref: ref, Attempt: 1},
		&transcript.Resume{By: "worker-2"},
		&transcript.Intent{Ref: ref, Attempt: 1, Void: true},
		&transcript.Intent{Ref: ref, Attempt: 2},
		&transcript.Result{
			Ref: ref, Status: transcript.StatusFailed, ErrorText: "dial tcp: refused", Duration: 1234567 * time.Nanosecond,
			Content: []provider.Part{provider.Text{Text: "It failed."}, provider.Media{MIME: "image/png", URL: "https://example.com/a.png"}},
		},
		&transcript.Unknown{Type: "annotation", Raw: json.RawMessage(
			`{"type":"annotation","at":"2026-03-01T00:00:12.623456789Z","stars":9007199254740993,"b":[1.50,"<&>"]}`)},
		&transcript.End{Outcome: transcript.OutcomeLimit, Reason: "tokens", ClosingText: "Sorry."},
	)
	es = append(es, newer(es[len(es)-1].Time.Add(time.Second)))
	decision.Digest = transcript.Track(transcript.Transcript{ID: id, Entries: es[:3]}).Pending()[0].Digest
	return es
}

// newer is an entry that a program must know to act on the transcript, of a version that
// no program knows yet.
func newer(at time.Time) transcript.Entry {
	raw := fmt.Sprintf(`{"type":"settlement","needs":"1.65535","at":%q,"z":[1.50,"<&>"]}`, at.Format(time.RFC3339Nano))
	return transcript.Entry{Time: at, Body: &transcript.Unknown{Type: "settlement", Needs: "1.65535", Raw: json.RawMessage(raw)}}
}

func state(data string) provider.State {
	return provider.State{Owner: "some/api", Data: json.RawMessage(data)}
}

// oddContent is what stores are known to trip over.
func oddContent() []transcript.Entry {
	var es []transcript.Entry
	for _, s := range []string{
		"", " ", "\n", "\r\n\t", "\u0000 and \u001f", "'; DROP TABLE entries; --", `"quoted" \ back\\slash \u0041 %s $1 ?`,
		"<b>&amp;</b>", "naïve café, nai\u0308ve cafe\u0301", "日本語 العربية עברית", "👩‍👩‍👧‍👦 \U0010FFFF", "\u2028\u2029\ufeff\ufffd\u200d",
		strings.Repeat("0123456789abcdef", 1<<16), strings.Repeat("€", 1<<16),
	} {
		es = append(es, said("%s", s))
	}
	for _, data := range []string{`9007199254740993`, `-170141183460469231731687303715884105728`, `1.50`, `1e2`, `{"b":1,"a":2,"b":3}`, `[[[]]]`, `"\u0000"`} {
		es = append(es, transcript.Entry{Time: began, Body: &transcript.Input{Message: &provider.Message{
			Role: provider.RoleUser, Parts: []provider.Part{provider.Text{Text: data, State: state(data)}},
		}}})
	}
	return es
}

// holds returns an error if the store has other entries than want under id.
func holds(ctx context.Context, s transcript.Store, id string, want []transcript.Entry) error {
	got, err := s.Load(ctx, id)
	switch {
	case err != nil:
		return fmt.Errorf("Load(%.40q): %w", id, err)
	case got.ID != id:
		return fmt.Errorf("Load(%.40q) returned a transcript with ID %.40q", id, got.ID)
	}
	if err := same(got.Entries, want); err != nil {
		return fmt.Errorf("transcript %.40q: %w", id, err)
	}
	return nil
}

// same compares entries by their JSON, which has everything that a store must keep.
func same(got, want []transcript.Entry) error {
	for i := range min(len(got), len(want)) {
		g, err := got[i].MarshalJSON()
		if err != nil {
			return fmt.Errorf("entry %d cannot be encoded: %w", i, err)
		}
		w, err := want[i].MarshalJSON()
		if err != nil {
			return fmt.Errorf("appended entry %d cannot be encoded: %w", i, err)
		}
		if !bytes.Equal(g, w) {
			at := 0
			for at < min(len(g), len(w)) && g[at] == w[at] {
				at++
			}
			return fmt.Errorf("entry %d differs from what was appended at byte %d of its JSON:\n got %s\nwant %s", i, at, cut(g, at), cut(w, at))
		}
		if !got[i].Time.Equal(want[i].Time) {
			return fmt.Errorf("entry %d has time %v, appended with %v", i, got[i].Time, want[i].Time)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("got %d entries, want %d", len(got), len(want))
	}
	return nil
}

// cut returns the bytes around a position in JSON.
func cut(b []byte, at int) []byte {
	const around = 80
	return b[max(0, at-around):min(len(b), at+around)]
}
