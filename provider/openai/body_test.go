package openai_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// TestR23_AnyLength has conversations of all lengths around the one from which the pieces of a
// body are sent separately, and empty messages: the bytes are the same in either form.
func TestR23_AnyLength(t *testing.T) {
	req := &provider.Request{System: "Be kind.", Messages: []*provider.Message{provider.User("Hi")}}
	for len(req.Messages) < 100 {
		req.Messages = append(req.Messages,
			provider.Assistant(provider.Text{Text: strings.Repeat("é", 50*len(req.Messages)%700)}),
			&provider.Message{Role: provider.RoleTool}, // of which nothing is sent
			provider.User(fmt.Sprint("Again, ", len(req.Messages))))
		body := sent(t, req, true)
		var got struct{ Messages []struct{ Content string } }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%d messages: %v in %s", len(req.Messages), err, body)
		}
		want := []string{req.System}
		for _, m := range req.Messages {
			if m.Role != provider.RoleTool {
				want = append(want, m.Text())
			}
		}
		for i, m := range got.Messages {
			if i >= len(want) || m.Content != want[i] {
				t.Fatalf("message %d of %d is %q", i, len(want), m.Content)
			}
		}
		if len(got.Messages) != len(want) {
			t.Fatalf("%d messages were sent, want %d", len(got.Messages), len(want))
		}
		if again := sent(t, req, true); again != body {
			t.Fatalf("%d messages: sent again, it differs:\n%s\n%s", len(req.Messages), body, again)
		}
	}
}

// TestInstructionsChange shares one client among agents with different instructions.
func TestInstructionsChange(t *testing.T) {
	var mu sync.Mutex
	bodies := map[string]int{}
	asked := client(t, func(w http.ResponseWriter, r *http.Request) {
		says(200, "", `{"choices":[{"message":{"content":"ok"}}]}`)(w, r)
	}, openai.OnRequest(func(r *http.Request) error {
		body, err := r.GetBody()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(body)
		mu.Lock()
		defer mu.Unlock()
		bodies[string(text)]++
		return err
	}))
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			req := &provider.Request{System: []string{"", "Be brief.", "Be kind."}[i%3], Messages: question.Messages}
			if _, err := asked.Generate(t.Context(), req, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	const user = `{"role":"user","content":"Where is ORD-1?"}]}`
	want := map[string]int{
		`{"model":"gpt-test","messages":[` + user:                                         14,
		`{"model":"gpt-test","messages":[{"role":"system","content":"Be brief."},` + user: 13,
		`{"model":"gpt-test","messages":[{"role":"system","content":"Be kind."},` + user:  13,
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Error(diff)
	}
}

// TestLongHistoryIsNotCopied sends a megabyte and counts the allocated bytes.
func TestLongHistoryIsNotCopied(t *testing.T) {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		n, err := io.Copy(io.Discard, r.Body)
		if n != r.ContentLength || n < 1<<20 {
			t.Errorf("%d bytes were sent, and %d announced", n, r.ContentLength)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"choices":[{"message":{"content":"ok"}}]}`))}, err
	})
	c := openai.New("m", openai.HTTPClient(&http.Client{Transport: transport}))
	req := &provider.Request{}
	for range 550 {
		long := strings.Repeat("x", 1000)
		req.Messages = append(req.Messages, provider.User(long), provider.Assistant(provider.Text{Text: long}))
	}
	const calls = 10
	var before, after runtime.MemStats
	for i := range calls + 1 {
		if i == 1 { // now each message has its encoding
			runtime.ReadMemStats(&before)
		}
		if _, err := c.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / calls; n > 200<<10 {
		t.Errorf("a request of a megabyte takes %d bytes", n)
	}
}

// TestRequestsShareNothing has a transport that writes to its request, as some do.
func TestRequestsShareNothing(t *testing.T) {
	n := 0
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		n++
		if got := r.Header.Values("X-Title"); r.URL.Path != "/v1/chat/completions" || r.Header.Get("X-Trace") != "" || len(got) != 1 || r.Header.Get("Accept") != "application/json" {
			t.Errorf("the request %d is not as it should be: %s %v", n, r.URL, r.Header)
		}
		r.URL.Path, r.URL.Host = "/elsewhere", "other.example.com"
		r.Header.Set("X-Trace", "1")
		r.Header.Add("X-Title", "again")
		r.Header.Del("Accept")
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"choices":[{"message":{"content":"ok"}}]}`))}, nil
	})
	c := openai.New("m", openai.Header("X-Title", "shop"), openai.HTTPClient(&http.Client{Transport: transport}))
	for range 3 {
		if _, err := c.Generate(t.Context(), question, nil); err != nil {
			t.Fatal(err)
		}
	}
}
