package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// client returns a client of a loopback server that does what handle does.
func client(t *testing.T, handle http.HandlerFunc, opts ...openai.Option) *openai.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then the server notices that a client hangs up
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return openai.New("gpt-test", append([]openai.Option{openai.BaseURL(server.URL + "/v1")}, opts...)...)
}

// says answers with a fixed reply.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// flush sends what was written so far.
func flush(w http.ResponseWriter) { http.NewResponseController(w).Flush() }

// chunk is one event of a stream.
func chunk(delta, finish string) string {
	return fmt.Sprintf("data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n", delta, finish)
}

// calls is the delta of one or more elements of tool_calls.
func calls(elements ...string) string {
	return `{"tool_calls":[` + strings.Join(elements, ",") + `]}`
}

const done = "data: [DONE]\n\n"

var question = &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-1?")}}

// ask asks once and renders what came of it in one line.
func ask(t *testing.T, c *openai.Client, stream bool) string {
	t.Helper()
	return askWith(t.Context(), t, c, stream)
}

func askWith(ctx context.Context, t *testing.T, c *openai.Client, stream bool) string {
	t.Helper()
	var deltas []provider.Delta
	var emit func(provider.Delta)
	if stream {
		emit = func(d provider.Delta) { deltas = append(deltas, d) }
	}
	resp, err := c.Generate(ctx, question, emit)
	if err != nil {
		e, ok := errors.AsType[*provider.Error](err)
		if !ok {
			t.Fatalf("a %T is no *provider.Error: %v", err, err)
		}
		if e.Emitted != (len(deltas) > 0) {
			t.Errorf("Emitted is %v after %d deltas", e.Emitted, len(deltas))
		}
		t.Logf("the error: %v", err)
		return "error " + string(e.Kind)
	}
	if stream {
		checkDeltas(t, resp, deltas)
	}
	return render(resp)
}

// render is a response in one line.
func render(resp *provider.Response) string {
	var words []string
	for _, p := range resp.Message.Parts {
		switch p := p.(type) {
		case provider.Text:
			words = append(words, "text("+p.Text+")")
		case provider.Reasoning:
			words = append(words, "reasoning("+p.Text+")")
		case provider.ToolCall:
			words = append(words, fmt.Sprintf("%s:%s(%s)", p.ID, p.Name, p.Args))
		}
	}
	return strings.Join(append(words, string(resp.Finish)), " ")
}

// checkDeltas checks that the deltas add up to the response.
func checkDeltas(t *testing.T, resp *provider.Response, deltas []provider.Delta) {
	t.Helper()
	var text string
	var args []string
	ended := 0
	for _, d := range deltas {
		switch d.Kind {
		case provider.DeltaText:
			text += d.Text
		case provider.DeltaCall:
			if d.Call != len(args) {
				t.Errorf("call %d begins after %d others", d.Call, len(args))
			}
			args = append(args, "")
		case provider.DeltaArgs:
			args[d.Call] += d.Text
			if d.Call < ended {
				t.Errorf("call %d goes on after its end, with %q", d.Call, d.Text)
			}
		case provider.DeltaCallEnd:
			c := resp.Message.ToolCalls()[d.Call]
			if d.ID != c.ID || d.Name != c.Name || d.Text != c.Args || d.Call != ended {
				t.Errorf("the end %d is of call %d, %s:%s(%s), and the response has %s:%s(%s) there", ended, d.Call, d.ID, d.Name, d.Text, c.ID, c.Name, c.Args)
			}
			ended++
		}
	}
	if text != resp.Message.Text() {
		t.Errorf("the deltas say %q, the response %q", text, resp.Message.Text())
	}
	want := map[string]int{}
	for _, c := range resp.Message.ToolCalls() {
		want[c.Args]++
	}
	for _, a := range args {
		want[a]--
	}
	for a, n := range want {
		if n != 0 {
			t.Errorf("the deltas and the response differ by %d calls with arguments %q", n, a)
		}
	}
}
