package golden

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// all returns a conversation in which every field of every body and part is set, fields that
// are added later included.
func all() (transcript.Transcript, []*call) {
	n := 0
	fill := func(v any) { fillValue(reflect.ValueOf(v).Elem(), &n) }
	state := provider.State{Owner: "some one", Data: []byte(`{"k":[1]}`)}
	parts := []provider.Part{
		provider.Text{Text: "t", State: state}, provider.Text{}, provider.Reasoning{Text: "r", Redacted: true, State: state},
		provider.Media{MIME: "image/png", Data: []byte{0, 1}, URL: "https://example.com/?a=b", State: state},
		provider.ServerCall{ID: "s1", Name: "web_search", Input: "i", Output: "o", IsError: true, State: state}, provider.ServerCall{},
		provider.Native{State: state}, provider.Native{State: provider.State{Owner: "x"}},
	}
	made := provider.ToolCall{ID: "c1", Name: "f", Args: `{"a":1}`, RawID: "c 1", State: state}
	in, out := new(transcript.Input), new(transcript.Output)
	fill(in)
	fill(out)
	in.Message = &provider.Message{Role: provider.RoleUser, Parts: parts, State: state}
	in.OutputSchema = &provider.OutputSchema{Name: "o", Description: "d", Schema: []byte(`{"type":"object"}`)}
	in.Settings.Extra = []byte(`{"top_k":3}`)
	out.Message = &provider.Message{Role: provider.RoleAssistant, Parts: append([]provider.Part{made}, parts...), State: state}
	out.Calls[0].ID, out.Calls[0].Tool = "c1", "f"
	result, decision, resume, end := new(transcript.Result), new(transcript.Decision), new(transcript.Resume), new(transcript.End)
	attempt, withdrawal, intent, void := new(transcript.Attempt), new(transcript.Withdrawal), new(transcript.Intent), new(transcript.Intent)
	for _, v := range []any{result, decision, resume, end, attempt, withdrawal, intent, void} {
		fill(v)
	}
	ref := transcript.Ref{Entry: 2}
	result.Ref, decision.Ref, intent.Ref, void.Ref = ref, ref, ref, ref
	intent.Void, result.Content = false, parts
	t := transcript.Transcript{ID: "s"}
	for _, b := range []transcript.Body{
		in, attempt, out, intent, void, decision, result, resume, end, withdrawal,
		&transcript.Input{Message: provider.User("x")},
		&transcript.Output{Message: provider.Assistant(provider.Text{Text: "y"}), Finish: provider.FinishStop},
		&transcript.Result{Ref: transcript.Ref{Entry: 77, Index: 1}, Status: transcript.StatusOK},
		&transcript.Unknown{Type: "hologram", Raw: []byte(`{"at":"2026-03-01T12:00:00Z","type":"hologram","depth":9007199254740993}`)},
	} {
		t.Entries = append(t.Entries, transcript.Entry{Time: startTime.Add(time.Duration(len(t.Entries)) * time.Second), Body: b})
	}
	failure, response := new(provider.Error), new(provider.Response)
	fill(failure)
	fill(response)
	failure.Err, response.Message = nil, out.Message
	asked := request{"i\n", "[]\n", "{}\n"}
	return t, []*call{
		{entry: 1, request: asked, err: failure},
		{entry: 2, request: asked, messages: []*provider.Message{in.Message, provider.Assistant(made), {Role: provider.RoleTool, Parts: []provider.Part{
			provider.ToolResult{CallID: "c1", Name: "f", Parts: parts, IsError: true}, provider.ToolResult{CallID: "c2", Name: "f"},
		}}}, response: response},
		{entry: 11, request: request{"i\n", "[ ]\n", ""}, stored: true, response: &provider.Response{
			Message: t.Entries[11].Body.(*transcript.Output).Message, Finish: provider.FinishStop, RawFinish: "STOP", Cost: new(provider.Dollar),
		}},
		{entry: 14, messages: []*provider.Message{}, err: &provider.Error{Kind: provider.KindTimeout}},
	}
}

// A conversation has the same file on another day, when its runs spend other windows of a budget.
func TestWindowsOfBudgetsAreLeftOut(t *testing.T) {
	var lines []string
	for _, key := range []string{"daily/2026-03-01T00:00:00Z+24h0m0s/", "daily/2026-03-02T00:00:00Z+24h0m0s/"} {
		j, err := newCleaner(nil, nil).journal(transcript.Transcript{ID: "s", Entries: []transcript.Entry{
			{Body: &transcript.Input{Message: provider.User("hi"), Steering: &transcript.Steering{Budgets: []transcript.Account{{Key: key, Bound: transcript.Spend{Tokens: 5}}}}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Join(j.lines, "\n"))
	}
	if lines[0] != lines[1] {
		t.Errorf("%s\n%s", lines[0], lines[1])
	}
}

// A file that is read back holds the conversation, except for masked values.
func TestNothingIsLost(t *testing.T) {
	was, calls := all()
	c := newCleaner(nil, nil)
	j, err := c.journal(was)
	if err != nil {
		t.Fatal(err)
	}
	opts := cmp.Options{
		cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{}), cmpopts.EquateEmpty(),
		// Digests, windows of budgets and the API's IDs are left out.
		cmpopts.IgnoreFields(transcript.Result{}, "Duration"), cmpopts.IgnoreFields(transcript.Call{}, "Digest", "ApprovalDeadline", "MaxDuration"),
		cmpopts.IgnoreFields(transcript.Input{}, "ConfigDigest", "Steering"), cmpopts.IgnoreFields(transcript.Decision{}, "Digest"),
		cmpopts.IgnoreFields(transcript.Output{}, "RequestID"), cmpopts.IgnoreFields(transcript.Attempt{}, "RequestID", "Duration"),
	}
	was.Entries[13].Body.(*transcript.Unknown).Raw = []byte(`{"at":"2000-01-01T00:00:13Z","type":"hologram","depth":9007199254740993}`)
	if diff := cmp.Diff(was, j.Transcript, opts); diff != "" {
		t.Errorf("the journal (-was +is):\n%s", diff)
	}
	text, err := formatFile(j, calls)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFile("f", text, c)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if line := f.differsFrom(text); line > 0 {
		t.Errorf("what was read is written differently: line %d of\n%s", line, text)
	}
	if diff := cmp.Diff(j.Transcript, f.Transcript, cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{})); diff != "" {
		t.Errorf("the journal (-written +read):\n%s\n%s", diff, text)
	}
	opts = append(opts, cmp.AllowUnexported(call{}), cmpopts.IgnoreFields(provider.Error{}, "RequestID", "Emitted", "Attempts", "Duration"), cmpopts.IgnoreFields(provider.Response{}, "ID", "RequestID", "Attempts"))
	if diff := cmp.Diff(calls, f.calls, opts); diff != "" {
		t.Errorf("the calls (-written +read):\n%s\n%s", diff, text)
	}
}

// The journal of a golden file is a transcript for every reader.
func TestAJournalIsATranscript(t *testing.T) {
	was, calls := all()
	c := newCleaner(nil, nil)
	j, err := c.journal(was)
	if err != nil {
		t.Fatal(err)
	}
	text, err := formatFile(j, calls)
	if err != nil {
		t.Fatal(err)
	}
	_, parts := parseArchive(text)
	for _, p := range parts {
		if p.name != partJournal {
			continue
		}
		got, err := transcript.Decode(strings.NewReader(p.data))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(j.Transcript, got, cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{})); diff != "" {
			t.Errorf("(-kept +decoded):\n%s", diff)
		}
	}
}

// fillValue sets every field to a distinct value.
func fillValue(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("v%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * int64(time.Millisecond))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 4)
	case reflect.Pointer:
		if v.Type().Elem().Kind() != reflect.Struct || v.Type().Elem().Name() == "Settings" {
			v.Set(reflect.New(v.Type().Elem()))
			fillValue(v.Elem(), n)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 || v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillValue(v.Field(i), n)
			}
		}
	}
}

// No file content makes the reader panic, and a file that was read is written so that it can
// be read again.
func FuzzReadFile(f *testing.F) {
	t, calls := all()
	j, err := newCleaner(nil, nil).journal(t)
	if err != nil {
		f.Fatal(err)
	}
	text, err := formatFile(j, calls)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, seed := range []string{
		"", firstLine, firstLine + "\n-- journal.jsonl --\n" + `{"funcall_transcript":"1.0","id":"s"}`,
		strings.Replace(text, `"call":"2.0"`, `"call":"2.7"`, 1), strings.Replace(text, `"verdict":"`, `"verdict":"expire","x":"`, 1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := newCleaner([]string{"a"}, nil)
		f, err := readFile("f", text, c)
		if err != nil {
			return
		}
		written, err := formatFile(f.journal, f.calls)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readFile("f", written, c)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		if line := again.differsFrom(written); line > 0 {
			t.Fatalf("what was read again is written differently: line %d of\n%s", line, written)
		}
		for i := range f.calls {
			_, _ = f.callLine(i), f.messageLine(i, 0)
		}
	})
}
