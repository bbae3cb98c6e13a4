package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// FuzzStream has a server answer with anything: what comes of it is a response
// that can be stored and sent back, or an error with a kind.
func FuzzStream(f *testing.F) {
	f.Add("text/event-stream", hello+openCall+stopped+usageLast+done)
	f.Add("text/event-stream", chunk(calls(`{"id":12,"function":{"name":"f","arguments":{"a":"\ud83d"}},"extra_content":{"a": [1]}}`), `"stop"`))
	f.Add("application/json", `{"choices":[{"message":{"content":[{"text":"a"}],"reasoning":"r","reasoning_details":[{"index":0,"text":"x"}]}}],"usage":{"prompt_tokens":1e99}}`)
	f.Add("text/event-stream", "event: error\ndata: {\"error\":{\"code\":429}}\n\n")
	f.Add("", `[{"error":{"message":"x"}}]`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		c := openai.New("m", openai.HTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if sent, err := io.ReadAll(r.Body); err != nil || !json.Valid(sent) || !utf8.Valid(sent) {
				t.Errorf("the request is no JSON: %s", sent)
			}
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for _, emit := range []func(provider.Delta){nil, func(provider.Delta) {}} {
			resp, err := c.Generate(ctx, question, emit)
			if err != nil {
				if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind == "" || e.Kind == provider.Timeout && ctx.Err() != nil {
					t.Fatalf("%T: %v", err, err)
				}
				continue
			}
			if _, err := resp.Message.MarshalJSON(); err != nil {
				t.Fatalf("the message cannot be stored: %v", err)
			}
			_, err = c.Generate(ctx, &provider.Request{Messages: []*provider.Message{resp.Message}}, nil)
			if e, ok := errors.AsType[*provider.Error](err); ok && (e.Kind == provider.InvalidRequest && e.Status == 0 || ctx.Err() != nil) {
				t.Fatalf("the message cannot be sent back: %v", err)
			}
			if resp.Finish.Complete() && (len(resp.Message.ToolCalls()) > 0) != (resp.Finish == provider.FinishToolCalls) {
				t.Fatalf("%d calls, finished with %s", len(resp.Message.ToolCalls()), resp.Finish)
			}
		}
	})
}
