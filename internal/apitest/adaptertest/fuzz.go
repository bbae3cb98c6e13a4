package adaptertest

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
)

// Reply has a server send any body. The adapter returns a response that can be stored and sent
// back, or an error with a kind. Reply is the body of a fuzz target.
func Reply(t *testing.T, contentType, body string, dial func(*http.Client) provider.Provider) {
	p := dial(&http.Client{Transport: RoundTrip(func(r *http.Request) (*http.Response, error) {
		if sent, err := io.ReadAll(r.Body); err != nil || !json.Valid(sent) || !utf8.Valid(sent) {
			t.Errorf("the request is no JSON: %s", sent)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only a hang takes so long
	defer cancel()
	for _, emit := range []func(provider.Delta){nil, func(provider.Delta) {}} {
		resp, err := p.Generate(ctx, Question, emit)
		if err != nil {
			if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind == "" || e.Kind == provider.KindTimeout && ctx.Err() != nil {
				t.Fatalf("%T: %v", err, err)
			}
			continue
		}
		stored, err := resp.Message.MarshalJSON()
		if err != nil {
			t.Fatalf("the message cannot be stored: %v", err)
		}
		var back provider.Message
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatalf("the message cannot be read again: %v", err)
		}
		_, err = p.Generate(ctx, &provider.Request{Messages: Paired(&back)}, nil)
		if e, ok := errors.AsType[*provider.Error](err); ok && (e.Kind == provider.KindInvalidRequest && e.Status == 0 || ctx.Err() != nil) {
			t.Fatalf("the message cannot be sent back: %v", err)
		}
		if resp.Finish.Complete() && (len(resp.Message.ToolCalls()) > 0) != (resp.Finish == provider.FinishToolCalls) {
			t.Fatalf("%d calls, finished with %s", len(resp.Message.ToolCalls()), resp.Finish)
		}
	}
}
