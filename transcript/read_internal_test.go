package transcript

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
)

// written are entries with every field that readEntry reads.
func written(tb testing.TB) [][]byte {
	tb.Helper()
	state := provider.State{Owner: "api", Data: json.RawMessage(`{"b":[1,"<\u2028>"]}`)}
	cost, seed := provider.Money(5), int64(7)
	at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	parts := []provider.Part{
		provider.Text{Text: "a\"\\\n\u2028<é😀", State: state}, provider.Reasoning{Text: "hm", Redacted: true, State: state},
		provider.Media{MIME: "image/png", Data: []byte{1, 2, 3}, State: state}, provider.Media{URL: "https://example.com/a.png"},
		provider.ToolCall{ID: "1", Name: "look", Args: `{"id":"a"}`, RawID: "x", State: state}, provider.ToolCall{},
		provider.ToolResult{CallID: "1", Name: "look", Parts: []provider.Part{provider.Text{Text: "seen"}}, IsError: true},
	}
	message := &provider.Message{Role: provider.RoleAssistant, Parts: parts, State: state}
	limits := Limits{Steps: 1, Calls: 2, Refusals: 3, Tokens: 4, Cost: 5, ActiveTime: 6, ClosingText: "sorry"}
	ref := Ref{Entry: 3, Index: 1}
	var texts [][]byte
	for _, b := range []Body{
		&Input{Message: message, Subject: "anna", Limits: limits, Settings: &provider.Settings{Seed: &seed, Stop: []string{"a"}}, OutputSchema: &provider.OutputSchema{Name: "o", Schema: json.RawMessage(`{}`)}, ConfigDigest: "d",
			Setup: &Setup{Instructions: "be brief", Tools: []string{"look"}},
			Steering: &Steering{Instructions: "it is Monday", Tools: []string{}, ToolChoice: ToolChoice{Mode: provider.ToolsNamed, Name: "look", EveryStep: true},
				StopAfter: []string{"look"}, Budgets: []Account{{Key: "k", Bound: Spend{Tokens: 5, Cost: 6}}}, WaitingText: "wait"}},
		&Input{Message: new(provider.Message)},
		&Output{Message: message, Finish: provider.FinishToolCalls, Usage: provider.Usage{Input: 1, CacheRead: 2, CacheWrite: 3, Output: 4, Reasoning: 5, WebSearches: 6, FileSearches: 7, CodeExecutions: 8}, Cost: &cost, Model: "m", RequestID: "r", ToolsOff: true, Limit: LimitSteps,
			Calls:          []Call{{ID: "1", Tool: "look", Digest: "d", Args: "{}", Class: ClassEffect, Coercions: []string{"fence"}, Refusal: "no", ApprovalReason: "why", ApprovalDeadline: at, MaxDuration: 5, EndsWith: OutcomeHandedOff, IsOutput: true}, {}},
			StructuredText: "{}", Refusal: "no", Coercions: []string{"fence"}, Fallbacks: []string{"b"}},
		&Result{Ref: ref, Status: StatusFailed, Content: parts, ErrorText: "boom", Duration: 5},
		&Result{Ref: ref, Status: StatusOK},
		&Intent{Ref: ref, Attempt: 2, Void: true},
		&Decision{Ref: ref, Digest: "d", Verdict: VerdictApprove, Args: "{}", Text: "t", By: "anna"},
		&End{Outcome: OutcomeLimit, Reason: LimitSteps, ClosingText: "bye"},
	} {
		text, err := Entry{Time: at, Body: b}.MarshalJSON()
		if err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}

// What this version writes is read in place: a field that is added later, too.
func TestWhatIsWrittenIsReadInPlace(t *testing.T) {
	for _, text := range written(t) {
		if _, ok := readEntry(text); !ok {
			t.Errorf("encoding/json must read %s", text)
		}
		checkRead(t, text)
	}
}

// Each field that is stored is among those that written has.
func TestWrittenHasEveryField(t *testing.T) {
	seen := make(map[string]bool)
	for _, text := range written(t) {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		var kind string
		if err := json.Unmarshal(fields["type"], &kind); err != nil {
			t.Fatal(err)
		}
		for name := range fields {
			seen[kind+"."+name] = true
		}
	}
	for _, b := range []Body{new(Input), new(Output), new(Intent), new(Decision), new(End)} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(b).Elem()) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !seen[b.kind()+"."+name] {
				t.Errorf("%T has the field %s", b, name)
			}
		}
	}
}

func FuzzReadEntry(f *testing.F) {
	for _, text := range written(f) {
		f.Add(text)
	}
	for _, text := range []string{
		`{"at":"2026-03-01T12:00:00+02:00","type":"end","outcome":"done","outcome":"limit"}`,
		`{"at":"9999-12-31T23:59:59-14:00","type":"end"}`,
		`{"type":"output","message":{"role":"assistant","parts":[]},"calls":[{"id":"a","tool":"b"}],"calls":[{"id":"c"}]}`,
		`{"type":"output","message":{"role":"a"},"message":{"parts":[]},"usage":{"input":1},"usage":{"output":2e0},"cost":"1.5","cost":null}`,
		`{"type":"input","message":{"role":"user","parts":[{"type":"text","text":"a"},{"type":"new","text":5}],"state":{"owner":"o"},"state":{"data": [ 1 ]}}}`,
		`{"type":"result","call":"1.0","content":[{"type":"text","text":"\ud800\u0000"},{"type":"native","state":{"owner":"json:part"}}]}`,
		"{\"type\":\"result\",\"call\":\"1.0\",\"status\":\"\xff\",\"content\":[{\"type\":\"tool_call\",\"Args\":\"x\",\"args\":\"\"}]} ",
		`{"type":"intent","call":"1.0","attempt":01}`, `{"type":"intent","call":"1.0","attempt":-0,"void":true}x`,
		`{"type":"decision","type":"end","by":"anna"}`, `{"type":"end","outcome":"done","type":"end"}`, `{"needs":"1.0","type":"resume"}`, `{"type":"end","words":null}`, `[]`, `null`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkRead(t, text) })
}

// checkRead checks that an entry that is read in place is what encoding/json makes of it.
func checkRead(t *testing.T, text []byte) {
	got, ok := readEntry(text)
	if !ok {
		return
	}
	var want Entry
	if err := want.unmarshal(text); err != nil {
		t.Fatalf("%q is read, and encoding/json says: %v", text, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is read as\n%#v\nwant\n%#v", text, got.Body, want.Body)
	}
}

// The two readers agree about transcripts of all versions.
func TestTheStoredCorpusIsReadAlike(t *testing.T) {
	paths, err := filepath.Glob("testdata/transcripts/*/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatal(len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.Split(text, []byte("\n"))[1:] {
			checkRead(t, line)
		}
	}
}
