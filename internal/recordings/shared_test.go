package recordings

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/internal/apiserver"
	"github.com/funcall/funcall/provider"
)

// checkRequests holds a strict server against recorded traffic: it accepts what
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
	t.Logf("%d requests", len(checked))
}

// asked reports whether the request was recorded.
func (e exchange) asked() bool { return len(e.Request) > 0 && string(e.Request) != "null" }

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
	messages := append(slices.Clone(adaptertest.Question.Messages), resp.Message)
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

// documents are the JSON texts of a reply: one, or those of its events.
func documents(e exchange) (list []json.RawMessage) {
	if !e.Stream {
		return []json.RawMessage{json.RawMessage(e.Body)}
	}
	for event := range strings.SplitSeq(strings.ReplaceAll(e.Body, "\r\n", "\n"), "\n\n") {
		for line := range strings.Lines(event) {
			if data, ok := strings.CutPrefix(line, "data:"); ok && json.Valid([]byte(data)) {
				list = append(list, json.RawMessage(data))
			}
		}
	}
	return list
}
