package openai_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// A step is a piece of a reply, and the delay before it.
type step struct {
	after time.Duration
	text  string
}

// slow is a reply's body that takes its steps one a read, the last one for
// ever.
type slow struct {
	ctx   context.Context
	steps []step
}

func (s *slow) Read(p []byte) (int, error) {
	next := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	select {
	case <-time.After(next.after):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	if next.text == "" {
		return 0, io.EOF
	}
	return copy(p, next.text), nil
}

func (s *slow) Close() error { return nil }

// TestR22_Patience tests the default timeouts on a fake clock.
func TestR22_Patience(t *testing.T) {
	comment := step{10 * time.Second, ": keep-alive\n\n"}
	delta := step{time.Second, chunk(`{"content":"hi"}`, "null")}
	never := step{1000 * time.Hour, ""}
	for _, c := range []struct {
		name  string
		first time.Duration // until the head of the reply
		steps []step
		emit  time.Duration // how long emit takes
		want  string
		took  time.Duration
	}{
		{"no reply", 1000 * time.Hour, []step{never}, 0, "error timeout", 2 * time.Minute},
		{"no first byte", time.Minute, []step{never}, 0, "error timeout", 2 * time.Minute},
		{"comments for ever", 0, []step{comment}, 0, "error timeout", 2 * time.Minute},
		{"blank lines for ever", 0, []step{{10 * time.Second, "\n\n"}}, 0, "error timeout", 2 * time.Minute},
		{"a late start", time.Minute, []step{{50 * time.Second, ": wait\n\n"}, delta, {0, stopped + done}, {0, ""}}, 0, "text(hi) stop", 111 * time.Second},
		{"silence after a delta", 0, []step{delta, never}, 0, "error timeout", 61 * time.Second},
		{"comments after a delta", 0, []step{delta, comment}, 0, "error timeout", 61 * time.Second},
		{"empty events after a delta", 0, []step{delta, {10 * time.Second, "data:\n\n"}}, 0, "error timeout", 61 * time.Second},
		{"slow but steady", 0, []step{delta, {59 * time.Second, delta.text}, {59 * time.Second, stopped + done}, {0, ""}}, 0, "text(hihi) stop", 119 * time.Second},
		{"a slow consumer", 0, []step{delta, {59 * time.Second, delta.text}, {59 * time.Second, stopped + done}, {0, ""}}, time.Hour, "text(hihi) stop", 2*time.Hour + 119*time.Second},
		{"silence after the finish", 0, []step{delta, {0, stopped}, never}, 0, "text(hi) stop", 11 * time.Second},
		{"silence after [DONE]", 0, []step{delta, {0, stopped + done}, never}, 0, "text(hi) stop", time.Second + 50*time.Millisecond},
		{"a document that stops", 0, []step{{time.Second, `{"choices":`}, {30 * time.Second, `[`}, {10 * time.Second, " "}}, 0, "error timeout", 91 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := roundTrip(func(r *http.Request) (*http.Response, error) {
					select {
					case <-time.After(c.first):
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
					return &http.Response{StatusCode: 200, Header: http.Header{}, Body: &slow{r.Context(), c.steps}}, nil
				})
				asked := openai.New("m", openai.HTTPClient(&http.Client{Transport: transport}))
				start := time.Now()
				resp, err := asked.Generate(t.Context(), question, func(provider.Delta) { time.Sleep(c.emit) })
				took := time.Since(start)
				got := ""
				if err != nil {
					got = "error " + string(failure(t, err).Kind)
				} else {
					got = adaptertest.Render(resp)
				}
				if got != c.want || took.Round(10*time.Millisecond) != c.took {
					t.Errorf("got %s after %v, want %s after %v (%v)", got, took, c.want, c.took, err)
				}
			})
		})
	}
}

func TestCanceledInTheHook(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := openai.New("m", openai.OnRequest(func(r *http.Request) error {
		cancel()
		return r.Context().Err()
	}))
	_, err := asked.Generate(ctx, question, nil)
	if e := failure(t, err); e.Kind != provider.KindCanceled || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("%#v", e)
	}
}
