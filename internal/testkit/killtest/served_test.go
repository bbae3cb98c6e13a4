//go:build unix

package killtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// The environment variables of a process that works with an API which runs a tool itself.
const (
	envServed  = "FUNCALL_KILLTEST_SERVED"  // the name of the API
	envAddress = "FUNCALL_KILLTEST_ADDRESS" // of its server
	envDies    = "FUNCALL_KILLTEST_DIES"    // it kills itself in its own tool
)

// A serving is an API whose first turn has a call of a tool that it runs itself.
type serving struct {
	dial  func(address string) provider.Provider
	items string // of that turn, which have to come back; in no order that an encoder would give them
	first string // the response, around the items
	last  string
}

var servings = map[string]serving{
	"anthropic": {
		dial: func(address string) provider.Provider {
			return anthropic.New("claude-sonnet-4-5", anthropic.BaseURL(address+"/v1"), anthropic.APIKey("key"), anthropic.WebSearch(anthropic.WebSearchConfig{}))
		},
		items: `{"type":"server_tool_use","name":"web_search","id":"s1","input":{"query":"<rain> & é","n":1.0}},` +
			`{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"url":"https://rain.example","type":"web_search_result","title":"Rain","encrypted_content":"RQ+/==","page_age":null}]}`,
		first: `{"type":"message","role":"assistant","content":[%s,{"type":"tool_use","id":"t1","name":"look","input":{"at":"sky"}}],"stop_reason":"tool_use"}`,
		last:  `{"type":"message","role":"assistant","content":[{"type":"text","text":"It rains."}],"stop_reason":"end_turn"}`,
	},
	"responses": {
		dial: func(address string) provider.Provider {
			return openai.NewResponses("gpt-5-mini", openai.BaseURL(address+"/v1"), openai.APIKey("key"), openai.WebSearch(openai.WebSearchConfig{}))
		},
		items: `{"status":"completed","type":"web_search_call","id":"ws_1","action":{"type":"search","query":"<rain> & é","sources":[{"url":"https://rain.example","type":"url"}],"n":1.0}}`,
		first: `{"status":"completed","output":[%s,{"type":"function_call","id":"fc_1","call_id":"t1","name":"look","arguments":"{\"at\":\"sky\"}","status":"completed"}]}`,
		last:  `{"status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"It rains.","annotations":[]}]}]}`,
	},
}

// served is what such a process does: it begins the run, or resumes it.
func served(dir, api string) error {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "transcripts.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	dies := os.Getenv(envDies) != ""
	look := funcall.NewTool("look", "Looks at something.", func(context.Context, place) (string, error) {
		if dies {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until it has taken effect
		}
		return "seen", nil
	}, funcall.ReadOnly())
	agent, err := funcall.New(servings[api].dial(os.Getenv(envAddress)), funcall.Config{Tools: []funcall.Tool{look}, Store: store, TakeoverAfter: 1})
	if err != nil {
		return err
	}
	chat := agent.Session(session)
	if dies {
		_, err = chat.Send(ctx, "Does it rain?")
		return fmt.Errorf("it lives on: %w", err)
	}
	res, err := chat.Resume(ctx)
	if err != nil {
		return err
	}
	fmt.Print(res.Text())
	return nil
}

// A worker is killed after a turn in which the API ran a tool of its own. What that turn holds for
// the API goes back from another process, byte for byte.
func TestR14_KilledAfterAServerCall(t *testing.T) {
	for name, api := range servings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var requests []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				requests = append(requests, string(body))
				w.Header().Set("Content-Type", "application/json")
				if len(requests) == 1 {
					fmt.Fprintf(w, api.first, api.items)
				} else {
					fmt.Fprint(w, api.last)
				}
			}))
			defer server.Close()

			dir := scene(t)
			env := []string{envServed + "=" + name, envAddress + "=" + server.URL}
			if !wait(t, start(t, dir, 0, 0, 0, append(env, envDies+"=1")...)) {
				t.Fatal("the worker was not killed")
			}
			resumed := start(t, dir, 0, 0, 0, env...)
			if wait(t, resumed) || fmt.Sprint(resumed.Stdout) != "It rains." {
				t.Fatalf("the run ends with %q", resumed.Stdout)
			}
			if len(requests) != 2 {
				t.Fatalf("%d requests, want 2", len(requests))
			}
			if strings.Contains(requests[0], api.items) || !strings.Contains(requests[1], api.items) {
				t.Errorf("the request of the resumed run lacks %s:\n%s", api.items, requests[1])
			}
		})
	}
}
