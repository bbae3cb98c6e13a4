package rules_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/transcript"
)

// TestPausedTurnsCost has the API pause a turn. Each request has its own price, which depends on
// its length, and an entry. If the continuation fails, what it cost is unknown.
func TestPausedTurnsCost(t *testing.T) {
	const paused = `{"type":"message","model":"claude-test","content":[{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"a"}}],"stop_reason":"pause_turn","usage":{"input_tokens":600,"output_tokens":0}}`
	const done = `{"type":"message","model":"claude-test","content":[{"type":"web_search_tool_result","tool_use_id":"s1","content":[]},{"type":"text","text":"Rain."}],"stop_reason":"end_turn","usage":{"input_tokens":900,"output_tokens":0}}`
	price := provider.Price{Input: provider.Dollar, LongAbove: 1000, Long: &provider.Price{Input: 10 * provider.Dollar}}
	token := provider.Dollar / 1_000_000
	for _, c := range []struct {
		name, last, entries string
		cost                transcript.Cost
		input               int64
	}{
		{"goes on", done, "*transcript.Input *transcript.Attempt *transcript.Output *transcript.End done", transcript.Cost{Amount: 1500 * token}, 1500},
		{"breaks off", "", "*transcript.Input *transcript.Attempt *transcript.Attempt *transcript.End failed", transcript.Cost{Amount: 600 * token, UnknownCalls: 1}, 600},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				reply := c.last
				if asked++; asked == 1 {
					reply = paused
				}
				_, _ = io.WriteString(w, reply)
			}))
			defer server.Close()
			var log bytes.Buffer
			model := anthropic.New("claude-test", anthropic.BaseURL(server.URL), anthropic.APIKey("k"), anthropic.WebSearch(anthropic.WebSearchConfig{}))
			agent := newAgent(t, model, funcall.Config{Prices: provider.Prices{"claude-test": price}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			res, err := agent.Run(t.Context(), "Does it rain?")
			if (err == nil) != (c.last != "") {
				t.Fatal(err)
			}
			if res.Cost != c.cost || res.Usage.Input != c.input {
				t.Errorf("the cost is %v of %+v, want %v", res.Cost, res.Usage, c.cost)
			}
			if is := strings.Join(kinds(res.Transcript), " "); is != c.entries {
				t.Errorf("entries %s", is)
			}
			if a := attemptsOf(res)[0]; a.Then != provider.ThenContinue || a.Cost == nil || *a.Cost != 600*token {
				t.Errorf("the first request is %+v", a)
			}
			if !strings.Contains(log.String(), `level=INFO msg="model call paused"`) || strings.Contains(log.String(), `msg="model call failed"`) != (c.last == "") {
				t.Errorf("the log:\n%s", &log)
			}
			check(t, res)
		})
	}
}
