package recordings

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/provider"
)

// An exchange is one recorded request and the reply to it.
type exchange struct {
	ID          string          `json:"id"`
	File        string          `json:"file"`        // the conversation that it is of
	Interaction int             `json:"interaction"` // its place there, from 0
	Host        string          `json:"host"`
	Request     json.RawMessage `json:"request"` // null if it was not recorded
	Status      int             `json:"status"`
	ContentType string          `json:"content_type"`
	Stream      bool            `json:"stream"`
	Body        string          `json:"body"`
	Expect      json.RawMessage `json:"expect"` // for some APIs: how a plain reader took the body
}

// load reads the recordings of one API. It skips the test if there are none.
func load(t *testing.T, file string) []exchange {
	t.Helper()
	dir := os.Getenv("FUNCALL_RECORDINGS")
	if dir == "" {
		t.Skip("FUNCALL_RECORDINGS names no folder with recordings")
	}
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var all []exchange
	for d := json.NewDecoder(z); d.More(); {
		var e exchange
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", file)
	}
	return all
}

// An answer is what a reply says, whatever the API.
type answer struct {
	Text   string
	Calls  []call
	Finish provider.FinishReason
	Usage  provider.Usage
	// Error is the kind of the failure that the reply reports. The other fields
	// are zero then.
	Error provider.ErrorKind
}

// A call is one tool call of an answer.
type call struct {
	ID, Name string
	Args     string `json:"arguments"`
}

// An expectation replaces what the plain reader says of one exchange, with the
// reason for which the adapter is right.
type expectation struct {
	why  string
	want answer
}

// replay serves each recorded reply to its adapter, as it is and laid out in other
// ways, and compares the result with what read makes of the recorded bytes. Known holds the exchanges of which read is
// not to be believed, by ID.
func replay(t *testing.T, all []exchange, dial func(e exchange, address string) provider.Provider, read func(*testing.T, exchange) answer, known map[string]expectation) {
	for id := range known {
		if !slices.ContainsFunc(all, func(e exchange) bool { return e.ID == id }) {
			t.Errorf("there is no exchange %q", id)
		}
	}
	for _, e := range all {
		t.Run(strings.ReplaceAll(e.ID, "/", "_"), func(t *testing.T) {
			want, why := read(t, e), "as the plain reader has it"
			if k, ok := known[e.ID]; ok {
				want, why = k.want, k.why
			}
			bodies := map[string]string{"as it is": e.Body}
			for _, l := range adaptertest.Layouts {
				bodies[l.String()] = l.Body(e.ContentType, e.Body)
			}
			for layout, body := range bodies {
				e.Body = body
				p := dial(e, adaptertest.Serve(t, says(e)))
				for _, streamed := range []bool{false, true} {
					if _, got := ask(t, p, streamed); !cmp.Equal(want, got) {
						t.Errorf("%s, streamed %v: the adapter differs (-want, %s, +got):\n%s\nThe reply begins: %.600s", layout, streamed, why, cmp.Diff(want, got), e.Body)
					}
				}
			}
		})
	}
}

// ask asks p once. The response is nil if p failed.
func ask(t *testing.T, p provider.Provider, streamed bool) (*provider.Response, answer) {
	t.Helper()
	var deltas []provider.Delta
	var emit func(provider.Delta)
	if streamed {
		emit = func(d provider.Delta) { deltas = append(deltas, d) }
	}
	resp, err := p.Generate(t.Context(), adaptertest.Question, emit)
	if err != nil {
		e := adaptertest.Failure(t, err)
		t.Logf("the error: %v", err)
		return nil, answer{Error: e.Kind}
	}
	if streamed {
		adaptertest.CheckDeltas(t, resp, deltas)
	}
	got := answer{Text: resp.Message.Text(), Finish: resp.Finish, Usage: resp.Usage.WithoutTools()}
	for _, c := range resp.Message.ToolCalls() {
		got.Calls = append(got.Calls, call{c.ID, c.Name, c.Args})
	}
	return resp, got
}

// checkRequests checks a strict server with recorded traffic: it accepts what
// the real API accepted. Sent returns the path and the body of a request, which
// it may free of members that other servers of the same API alone take. Refused
// holds the requests that the server may refuse, by ID, with the reason.
func checkRequests(t *testing.T, all []exchange, server *apiserver.Server, sent func(e exchange) (path string, body []byte), refused map[string]string) {
	checked := map[string]bool{}
	for _, e := range all {
		if !e.asked() || e.Status != http.StatusOK {
			continue
		}
		path, body := sent(e)
		err := server.Check(httptest.NewRequest(http.MethodPost, path, nil), body)
		why, mayRefuse := refused[e.ID]
		switch {
		case err != nil && !mayRefuse:
			t.Errorf("%s (%s): the server refuses what the API accepted: %v", e.ID, e.Host, err)
		case err == nil && mayRefuse:
			t.Errorf("%s (%s): the server accepts it, although %s", e.ID, e.Host, why)
		}
		checked[e.ID] = true
	}
	for id := range refused {
		if !checked[id] {
			t.Errorf("there is no recorded request %q", id)
		}
	}
	atLeast(t, len(all)/2, len(checked), "requests")
}

// atLeast has a test that looks at few recordings fail: it would see little.
func atLeast(t *testing.T, least, n int, what string) {
	t.Helper()
	if t.Logf("%d %s", n, what); n < max(least, 1) {
		t.Errorf("%d %s are too few, want %d", n, what, least)
	}
}

// asked reports whether the request was recorded.
func (e exchange) asked() bool { return len(e.Request) > 0 && string(e.Request) != "null" }

// without removes members from a request: those of a path such as tools.strict,
// which leads through objects and through the elements of lists. The path * is
// every member that is null.
func without(t *testing.T, request json.RawMessage, paths []string) []byte {
	t.Helper()
	var v any
	decode(t, request, &v)
	for _, path := range paths {
		remove(v, strings.Split(path, "."))
	}
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func remove(v any, path []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			remove(e, path)
		}
	case map[string]any:
		if path[0] == "*" {
			maps.DeleteFunc(v, func(_ string, e any) bool { return e == nil })
			for _, e := range v {
				remove(e, path)
			}
			return
		}
		if len(path) == 1 {
			delete(v, path[0])
			return
		}
		remove(v[path[0]], path[1:])
	}
}

// A turn is a recorded reply and the request that its client sent next.
type turn struct{ reply, next exchange }

// turns returns the replies of which the next request was recorded.
func turns(all []exchange) []turn {
	type place struct {
		file string
		n    int
	}
	at := map[place]exchange{}
	for _, e := range all {
		at[place{e.File, e.Interaction}] = e
	}
	var list []turn
	for _, e := range all {
		if next, ok := at[place{e.File, e.Interaction + 1}]; ok && e.Status == http.StatusOK && next.asked() {
			list = append(list, turn{e, next})
		}
	}
	return list
}

// sendBack serves a recorded reply, gives each of its calls a result, and returns
// the body of the request that the adapter sends then, as a JSON value.
func sendBack(t *testing.T, e exchange, dial func(e exchange, address string) provider.Provider, streamed bool) map[string]any {
	t.Helper()
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		says(e)(w, r)
	}))
	defer server.Close()
	p := dial(e, server.URL)
	resp, _ := ask(t, p, streamed)
	if resp == nil {
		t.Fatal("the reply is no answer")
	}
	results := &provider.Message{Role: provider.RoleTool}
	for _, c := range resp.Message.ToolCalls() {
		results.Parts = append(results.Parts, provider.ToolResult{CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: "done"}}})
	}
	messages := append(slices.Clone(adaptertest.Question.Messages), withEarlier(resp.Message))
	if len(results.Parts) > 0 {
		messages = append(messages, results)
	} else {
		messages = append(messages, provider.User("And then?"))
	}
	if _, err := p.Generate(t.Context(), &provider.Request{Messages: messages}, nil); err != nil {
		t.Fatalf("the answer cannot be sent back: %v", err)
	}
	var body map[string]any
	decode(t, sent, &body)
	return body
}

// checkSentBack sends each recorded answer back, and has a strict server check
// the request, in which edit may change what the server cannot know.
func checkSentBack(t *testing.T, all []exchange, server *apiserver.Server, path string, dial func(e exchange, address string) provider.Provider, edit func(request map[string]any)) {
	n := 0
	for _, e := range all {
		if resp, _ := ask(t, dial(e, adaptertest.Serve(t, says(e))), false); resp == nil {
			continue
		}
		n++
		request := sendBack(t, e, dial, true)
		if edit != nil {
			edit(request)
		}
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Check(httptest.NewRequest(http.MethodPost, path, nil), body); err != nil {
			t.Errorf("%s (%s): the answer cannot be sent back: %v\n%s", e.ID, e.Host, err, body)
		}
	}
	atLeast(t, len(all)/2, n, "answers")
}

// says serves a recorded reply as it is.
func says(e exchange) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", e.ContentType)
		w.WriteHeader(e.Status)
		io.WriteString(w, e.Body)
	}
}

// decode reads JSON. Numbers keep their digits.
func decode(t *testing.T, data []byte, to any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		t.Fatalf("%v in %.300s", err, data)
	}
}

// value is the value of a JSON text, or the text itself if it is no JSON.
func value(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return text
	}
	return v
}
