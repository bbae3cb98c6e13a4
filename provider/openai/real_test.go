package openai_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/transcript"
)

// TestRecorded replays recorded replies of real servers; see docs/real-servers.md.
func TestRecorded(t *testing.T) {
	for file, want := range map[string]string{
		"llama-cpp-python-text.txt":          "text(Ladri! I'm so glad to meet you.) length",
		"llama-cpp-python-text-streamed.txt": "text(Welcome to the mystical) length",
		"llama-cpp-python-length.txt":        "text(The Aurora Rider-Bear and) length",
		"llama-cpp-python-call.txt":          `call__0_get_order_cmpl-a05fc54b-e47d-4fde-8eda-d30d6aa9eea3:get_order({ "order_id": "][" ,"track": true}) tool_calls`,
		"llama-cpp-python-call-streamed.txt": `call__0_get_order_cmpl-676d13ed-d058-476a-8f86-9087dd6f037c:get_order({ "order_id": "" }) tool_calls`,
	} {
		t.Run(file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", "real", file))
			if err != nil {
				t.Fatal(err)
			}
			contentType := "application/json"
			if strings.Contains(file, "streamed") {
				contentType = "text/event-stream"
			}
			for _, stream := range []bool{false, true} {
				if got := adaptertest.Ask(t.Context(), t, openai.New("m", openai.HTTPClient(adaptertest.Replay(contentType, string(body)))), stream); got != want {
					t.Errorf("streamed %v: got %s, want %s", stream, got, want)
				}
			}
		})
	}
}

// realServer returns a client of the server that FUNCALL_TEST_OPENAI_URL names. It must speak
// Chat Completions. FUNCALL_TEST_OPENAI_MODEL and FUNCALL_TEST_OPENAI_KEY have the model's
// name and a key.
func realServer(t *testing.T, opts ...openai.Option) *openai.Client {
	t.Helper()
	address := os.Getenv("FUNCALL_TEST_OPENAI_URL")
	if address == "" {
		t.Skip("FUNCALL_TEST_OPENAI_URL is not set; .ci/realserver starts a server")
	}
	model := os.Getenv("FUNCALL_TEST_OPENAI_MODEL")
	if model == "" {
		model = "default"
	}
	all := []openai.Option{openai.BaseURL(address), openai.MaxTokensField("max_tokens")}
	if key := os.Getenv("FUNCALL_TEST_OPENAI_KEY"); key != "" {
		all = append(all, openai.APIKey(key))
	}
	// The connections must not outlive the test: goleak looks.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	all = append(all, openai.HTTPClient(&http.Client{Transport: transport}))
	return openai.New(model, append(all, opts...)...)
}

type orderQuery struct {
	OrderID string `json:"order_id" jsonschema_description:"Such as ORD-1"`
	Track   bool   `json:"track,omitempty"`
}

// TestRealServer tests the protocol with a real server. It does not look at the content of
// responses, which depends on the model's ability.
func TestRealServer(t *testing.T) {
	c := realServer(t)
	few := provider.Settings{MaxOutputTokens: 48}
	hello := &provider.Request{System: "Be brief.", Messages: []*provider.Message{provider.User("Say hello.")}, Settings: few}
	lookup := funcall.NewTool("get_order", "Looks an order up.", func(context.Context, orderQuery) (string, error) {
		return "shipped", nil
	}, funcall.ReadOnly())
	tools := []*provider.Tool{{Name: "get_order", Description: "Looks an order up.", Schema: lookup.Schema()}}

	for name, emit := range map[string]func(provider.Delta){"whole": nil, "streamed": func(provider.Delta) {}} {
		t.Run("text/"+name, func(t *testing.T) {
			resp, err := c.Generate(t.Context(), hello, emit)
			if err != nil || resp.Message.Text() == "" {
				t.Fatal(resp, err)
			}
			t.Logf("%s: %q, %+v", resp.Finish, resp.Message.Text(), resp.Usage)
		})
		t.Run("length/"+name, func(t *testing.T) {
			req := *hello
			req.MaxOutputTokens = 2
			req.Messages = []*provider.Message{provider.User("Tell me a long story.")}
			resp, err := c.Generate(t.Context(), &req, emit)
			if err != nil || resp.Finish != provider.FinishLength {
				t.Errorf("%+v %v", resp, err)
			}
		})
		t.Run("forced call/"+name, func(t *testing.T) {
			req := &provider.Request{Tools: tools, Messages: []*provider.Message{provider.User("Where is ORD-1?")}, Settings: few}
			req.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: "get_order"}
			resp, err := c.Generate(t.Context(), req, emit)
			if err != nil {
				t.Fatal(err)
			}
			if calls := resp.Message.ToolCalls(); len(calls) != 1 || calls[0].Name != "get_order" || resp.Finish == provider.FinishToolCalls && !strings.HasPrefix(strings.TrimSpace(calls[0].Args), "{") {
				t.Errorf("%s", adaptertest.Render(resp))
			}
		})
	}
	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req := *hello
		req.MaxOutputTokens = 400
		req.Messages = []*provider.Message{provider.User("Count to one hundred.")}
		if _, err := c.Generate(ctx, &req, func(provider.Delta) { cancel() }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("agent", func(t *testing.T) {
		agent, err := funcall.New(c, funcall.Config{Instructions: "Use the tool.", Tools: []funcall.Tool{lookup}, Settings: few, Limits: transcript.Limits{Steps: 3}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		res, err := agent.Run(ctx, "Where is ORD-1?")
		if err != nil && !errors.Is(err, funcall.ErrTruncated) {
			t.Fatal(err)
		}
		if err := transcript.Validate(res.Transcript); err != nil {
			t.Error(err)
		}
		t.Logf("%s after %d steps: %q", res.Outcome, res.Steps, res.Text())
	})
	t.Run("answer", func(t *testing.T) {
		agent, err := funcall.New(c, funcall.Config{Settings: provider.Settings{MaxOutputTokens: 80}, Limits: transcript.Limits{Steps: 3}})
		if err != nil {
			t.Fatal(err)
		}
		got, res, err := funcall.Generate[orderQuery](t.Context(), agent, "Make up an order.")
		if err != nil && !errors.Is(err, funcall.ErrTruncated) && !errors.Is(err, funcall.ErrNoOutput) {
			if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindUnsupported && e.Kind != provider.KindUnavailable {
				t.Fatal(err)
			}
		}
		t.Logf("%+v, %s, %v", got, res.Outcome, err)
	})
}
