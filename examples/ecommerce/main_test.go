package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/examples/internal/consoletest"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/apitest/geminiserver"
	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/prices"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestMain(m *testing.M) { consoletest.Main(m, main) }

// program runs the program with that environment.
func program(t *testing.T, env map[string]string, args ...string) consoletest.Output {
	t.Helper()
	return typing(t, env, "", args...)
}

// typing runs the program with lines on its standard input.
func typing(t *testing.T, env map[string]string, lines string, args ...string) consoletest.Output {
	t.Helper()
	return consoletest.Program(run).Run(t, env, lines, args...)
}

var quick = []string{"-seed", "1", "-latency", "0"}

func ask(question string, more ...string) []string {
	return append(append([]string{"-ask", question}, quick...), more...)
}

func TestTour(t *testing.T) {
	out := program(t, nil, quick...)
	if out.Code != console.ExitOK || out.Stderr != "" {
		t.Fatalf("exit %d: %s", out.Code, out.Stderr)
	}
	consoletest.InOrder(t, out.Stdout,
		"Offline rules answer here, not a language model",
		"-provider holysheep",
		"Customer: Where is my order ORD-78342?",
		"get_order_status", "-> ok",
		"FastShip Express",
		"Why would you like to return it",
		"A colleague has to approve this return", "waits for approval: the refund", "operator> approved",
		"process_return", `"items_to_return": [0]`,
		"The refund is $149.99", "A driver comes on 2024-11-25",
		"it has already been returned", `get_customer_info {"customer_id": "me"`, "Sarah Johnson (CUST-9821",
		"2 calls side by side", `"product_sku": "Wireless Earbuds Pro", "info_type": "warranty"`, `"product_sku": "UHD-4K-55", "info_type": "warranty"`,
		"for ZIP code 98101", "check_product_availability", "Seattle, WA",
		"3 calls side by side",
		"I cannot find an order ORD-00000", "I cannot find an order ORD-78342",
		"It can be cancelled instead",
		"get_customer_info", "Gold member",
		"Execution log", "process_return", "Questions: 11 (11 done)", "Tokens: none reported", "Total:",
	)
	for _, line := range strings.Split(out.Stdout, "\n") {
		if utf8.RuneCountInString(line) > 100 {
			t.Errorf("this line is wider than a Screen: %s", line)
		}
	}
	if strings.Contains(out.Stdout, "\x1b") {
		t.Error("there is color in a file")
	}
}

func TestTourRepeats(t *testing.T) {
	for _, args := range [][]string{quick, append([]string{"-json"}, quick...)} {
		first := program(t, nil, args...)
		for range 3 {
			if again := program(t, nil, args...); again != first {
				t.Fatalf("%v: two runs differ:\n%s\n%s", args, first.Stdout, again.Stdout)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	out := program(t, nil, append([]string{"-json"}, quick...)...)
	if out.Code != console.ExitOK || !strings.Contains(out.Stderr, "Execution log") {
		t.Fatalf("exit %d: %s", out.Code, out.Stderr)
	}
	const header = `{"funcall_transcript":`
	parts := strings.Split(out.Stdout, header)[1:]
	if len(parts) != len(tour) {
		t.Fatalf("%d transcripts of %d conversations", len(parts), len(tour))
	}
	for i, part := range parts {
		tr, err := transcript.Decode(strings.NewReader(header + part))
		if err != nil {
			t.Fatal(err)
		}
		if err := transcript.Validate(tr); err != nil || tr.ID != tour[i].id {
			t.Errorf("%s: %v", tr.ID, err)
		}
	}
}

// With -ask stdout is the answer, each line as the model wrote it. The calls are on stderr. There
// are no titles.
func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		want  string
		calls int
	}{
		"as staff":               {ask("Where is ORD-78342?"), "in transit", 1},
		"as its customer":        {ask("Where is ORD-78342?", "-customer", "CUST-9821"), "in transit", 1},
		"as another customer":    {ask("Where is ORD-78342?", "-customer", "CUST-8765"), "I cannot find an order ORD-78342", 1},
		"what is not understood": {ask("Sing me a song"), "I do not understand that.", 0},
		"with escapes in it":     {ask("Tell me about \"\x1b[31mRed\x07\""), "Product [31mRed not found", 1},
	} {
		t.Run(name, func(t *testing.T) {
			out := program(t, nil, c.args...)
			if out.Code != console.ExitOK || !strings.Contains(out.Stdout, c.want) || strings.Contains(out.Stdout+out.Stderr, "\x1b") {
				t.Errorf("exit %d, no %q in:\n%s%s", out.Code, c.want, out.Stdout, out.Stderr)
			}
			if strings.Count(out.Stderr, " ->") != c.calls || strings.Contains(out.Stdout, " ->") {
				t.Errorf("want %d calls on stderr:\n%s", c.calls, out.Stderr)
			}
			for _, title := range []string{"The reference shop", "==", "Customer:", "Agent:", "Execution log", "Offline rules"} {
				if strings.Contains(out.Stdout+out.Stderr, title) {
					t.Errorf("%q is printed:\n%s%s", title, out.Stderr, out.Stdout)
				}
			}
		})
	}
	out := program(t, map[string]string{"COLUMNS": "20"}, ask("Where is ORD-78342?")...)
	if strings.Count(out.Stdout, "\n") != 1 || strings.Count(out.Stderr, "\n") < 3 {
		t.Errorf("the answer is wrapped, or the call is not:\n%s%s", out.Stdout, out.Stderr)
	}
}

// With -json stdout is the transcript also with -ask.
func TestAskJSON(t *testing.T) {
	out := program(t, nil, ask("Where is ORD-78342?", "-json")...)
	if tr, err := transcript.Decode(strings.NewReader(out.Stdout)); err != nil || transcript.Validate(tr) != nil {
		t.Errorf("%v:\n%s", err, out.Stdout)
	}
	consoletest.InOrder(t, out.Stderr, "get_order_status", "-> ok", "in transit")
}

// TestOneCustomersTour: with -customer the tour has that customer's conversations only.
func TestOneCustomersTour(t *testing.T) {
	for id, want := range map[string]string{"CUST-8765": "Please return ORD-91234", "CUST-9821": "I want to return the keyboard", "CUST-7310": "What did I order recently?"} {
		out := program(t, nil, append([]string{"-customer", id}, quick...)...)
		if out.Code != console.ExitOK || strings.Count(out.Stdout, "== ") != 2 || !strings.Contains(out.Stdout, want) {
			t.Errorf("%s: exit %d, %s\n%s", id, out.Code, out.Stderr, out.Stdout)
		}
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"pass a question with -ask": {"Where is my order?"},
		"-latency must be between":  {"-latency", "-1"},
		"use offline, holysheep":    {"-provider", "palm"},
		"need a -provider":          {"-model", "gpt-5-mini"},
		"use -help":                 {"-nonsense"},
		"use -help for":             {"-=x"},
		"-ask needs a question":     {"-ask", " "},
		"-customer needs an id":     {"-customer", "  "},
		"unknown customer CUST-1: use one of CUST-9821, CUST-8765, CUST-7310": {"-customer", "CUST-1"},
		"-latency must be between 0 and 1":                                    {"-latency", "NaN"},
	} {
		if out := program(t, nil, args...); out.Code != console.ExitUsage || !strings.Contains(out.Stderr, want) || out.Stdout != "" {
			t.Errorf("%v: exit %d, %q", args, out.Code, out.Stderr)
		}
	}
	if out := program(t, nil, "-help"); out.Code != console.ExitOK || !strings.Contains(out.Stderr, "-customer") {
		t.Errorf("-help: exit %d, %q", out.Code, out.Stderr)
	}
}

func TestOfflineReadsNoKeys(t *testing.T) {
	var stdout, stderr bytes.Buffer
	getenv := func(name string) string {
		if strings.Contains(name, "KEY") || strings.Contains(name, "URL") {
			t.Errorf("%s was read", name)
		}
		return "sk-anything"
	}
	if code := run(t.Context(), console.Process{Stdout: &stdout, Stderr: &stderr, Getenv: getenv}, ask("Hello")); code != console.ExitOK {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}

// If a flag belongs to the other program, the error names that program's command.
func TestFlagsOfTheDurableShop(t *testing.T) {
	for want, args := range map[string][]string{
		"ecommerce: -store is a flag of another program, which stores the conversations: use go run ./examples/durable\n":        {"-store", "shop.db"},
		"ecommerce: -session is a flag of another program, which stores the conversations: use go run ./examples/durable\n":      {"-chat", "--session=x", "-latency", "0"},
		"ecommerce: -approve-over is a flag of another program, which stores the conversations: use go run ./examples/durable\n": {"-approve-over", "100"},
	} {
		if out := program(t, nil, args...); out.Code != console.ExitUsage || out.Stderr != want || out.Stdout != "" {
			t.Errorf("%v: exit %d, %q", args, out.Code, out.Stderr)
		}
	}
}

const secret = "sk-very-secret"

func TestRealModel(t *testing.T) {
	for name, api := range map[string]struct {
		serve          func(...providertest.Turn) *apiserver.Server
		header, prefix string
		base           string
	}{
		"openai":    {chatserver.New, "Authorization", "Bearer ", "/v1"},
		"holysheep": {chatserver.New, "Authorization", "Bearer ", "/v1"},
		"responses": {responsesserver.New, "Authorization", "Bearer ", "/v1"},
		"anthropic": {anthropicserver.New, "X-Api-Key", "", "/v1"},
		"gemini":    {geminiserver.New, "X-Goog-Api-Key", "", "/v1beta"},
	} {
		t.Run(name, func(t *testing.T) {
			server := api.serve(
				providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).WithUsage(provider.Usage{Input: 100, Output: 10}),
				providertest.Say("It is on its way.").WithUsage(provider.Usage{Input: 200, Output: 20}))
			keys := make(chan string, 10)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				keys <- r.Header.Get(api.header)
				server.ServeHTTP(w, r)
			}))
			defer srv.Close()
			env := map[string]string{"OPENAI_API_KEY": "sk-openai", "HOLYSHEEP_API_KEY": "sk-holysheep", "ANTHROPIC_API_KEY": "sk-anthropic", "GEMINI_API_KEY": "sk-gemini"}
			out := typing(t, env, "Where is ORD-78342?\n/log\n", chatting("-provider", name, "-base-url", srv.URL+api.base, "-model", "some-model")...)
			for _, want := range []string{"The model some-model at 127.0.0.1", "get_order_status", "It is on its way.",
				"Tokens:    300 in (0 of them cached), 30 out (0 of them reasoning), 330 in all."} {
				if !strings.Contains(out.Stdout, want) {
					t.Errorf("exit %d, no %q in:\n%s%s", out.Code, want, out.Stdout, out.Stderr)
				}
			}
			if strings.Contains(out.Stdout, "Cost:") {
				t.Errorf("a model without a price has a cost:\n%s", out.Stdout)
			}
			if got := <-keys; got != api.prefix+"sk-"+strings.Replace(name, "responses", "openai", 1) {
				t.Errorf("the server was sent %q", got)
			}
		})
	}
}

// The log has the cost of a model whose prices are known.
func TestCost(t *testing.T) {
	base := chatserver.New(providertest.Say("It is on its way.").WithUsage(provider.Usage{Input: 1_000_000, Output: 1000})).Start(t)
	out := typing(t, nil, "Where is ORD-78342?\n/log\n", "-chat", "-provider", "openai", "-base-url", base, "-model", "gpt-5-mini")
	price := prices.Published()["gpt-5-mini"]
	want := fmt.Sprintf("Cost: %v, by the list prices of %s", price.Cost(provider.Usage{Input: 1_000_000, Output: 1000}), prices.Date)
	consoletest.InOrder(t, out.Stdout, "Tokens:", want, "Total:")
}

// TestRefusedCallIsShown: the output shows a model's refused calls.
func TestRefusedCallIsShown(t *testing.T) {
	base := chatserver.New(
		providertest.Calls(
			provider.ToolCall{Name: "get_order_status", Args: `{"order": "ORD-78342"}`},
			provider.ToolCall{Name: "get_order_status", Args: `{"order_id": "ORD-78342"}`}),
		providertest.Say("Sorry, and here it is.")).Start(t)
	out := typing(t, nil, "Where is ORD-78342?\n/log\n", "-chat", "-provider", "openai", "-base-url", base)
	consoletest.InOrder(t, out.Stdout, `{"order": "ORD-78342"} -> refused: invalid arguments`, "-> ok", "Sorry, and here it is.",
		"tool calls ok said no failed fastest", "get_order_status 2 1 0 1")
}

func TestProviderErrors(t *testing.T) {
	answer := func(status int, body string) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}))
		t.Cleanup(srv.Close)
		return srv.URL + "/v1"
	}
	key := map[string]string{"OPENAI_API_KEY": secret, "HOLYSHEEP_API_KEY": secret}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"no OpenAI key":    {nil, []string{"-provider", "openai"}, "-provider openai needs a key: set OPENAI_API_KEY"},
		"no HolySheep key": {nil, []string{"-provider", "holysheep"}, "-provider holysheep needs a key: set HOLYSHEEP_API_KEY"},
		"another's key alone": {map[string]string{"OPENAI_API_KEY": secret}, []string{"-provider", "holysheep"},
			"set HOLYSHEEP_API_KEY"},
		"a key that would leave its host": {key, []string{"-provider", "holysheep", "-base-url", "https://example.com/v1"},
			"HOLYSHEEP_API_KEY may be sent to api.holysheep.ai only"},
		"a key in the open": {key, []string{"-provider", "openai", "-base-url", "http://example.com/v1"},
			"OPENAI_API_KEY would be sent to example.com unencrypted"},
		"a key of two lines": {map[string]string{"OPENAI_API_KEY": secret + "\nsk-2"}, []string{"-provider", "openai"},
			"OPENAI_API_KEY holds a line break"},
		"no address": {key, []string{"-provider", "openai", "-base-url", "example"}, `invalid server address "example"`},
		"wrong key": {key, []string{"-provider", "openai", "-base-url",
			answer(401, `{"error":{"message":"Incorrect API key provided: `+secret+`","type":"invalid_request_error","code":"invalid_api_key"}}`)},
			"does not accept the key (HTTP 401): check OPENAI_API_KEY."},
		"no such model": {key, []string{"-provider", "openai", "-model", "gpt-99", "-base-url",
			answer(404, `{"error":{"message":"The model does not exist","type":"invalid_request_error","code":"model_not_found"}}`)},
			`has no model "gpt-99"`},
		"quota used up": {key, []string{"-provider", "openai", "-base-url",
			answer(429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`)}, "quota"},
		"no server": {map[string]string{"OPENAI_BASE_URL": "http://" + freeAddress(t) + "/v1"}, []string{"-provider", "openai"},
			"cannot be reached: is the server running"},
	} {
		t.Run(name, func(t *testing.T) {
			out := program(t, c.env, append([]string{"-ask", "Hello"}, c.args...)...)
			if out.Code != console.ExitFailed || !strings.Contains(out.Stderr, c.want) {
				t.Errorf("exit %d: %s", out.Code, out.Stderr)
			}
			if strings.Count(out.Stderr, "\n") != 1 || strings.Contains(out.Stdout+out.Stderr, secret) {
				t.Errorf("not one sentence, or the key is in it: %s", out.Stderr)
			}
		})
	}
}

// freeAddress returns an address without a listener.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A stopper interrupts the program once a text was written, as Ctrl-C does.
type stopper struct {
	bytes.Buffer
	at   string
	stop func()
}

func (s *stopper) Write(b []byte) (int, error) {
	n, err := s.Buffer.Write(b)
	if strings.Contains(s.String(), s.at) {
		s.stop()
	}
	return n, err
}

func noEnv(string) string { return "" }

func TestCtrlC(t *testing.T) {
	for _, at := range []string{"Sarah Johnson", "Customer: Where", "get_order_status", "is in transit"} {
		interrupts := make(chan os.Signal, 1)
		out := &stopper{at: at, stop: sync.OnceFunc(func() { interrupts <- os.Interrupt })}
		var stderr bytes.Buffer
		code := run(t.Context(), console.Process{Stdout: out, Stderr: &stderr, Getenv: noEnv, Interrupts: interrupts}, []string{"-seed", "1"})
		if code != console.ExitInterrupted || !strings.Contains(out.String(), "Execution log") || strings.Contains(out.String(), "Return it") {
			t.Errorf("stopped at %q: exit %d, %s\n%s", at, code, stderr.String(), out.String())
		}
	}
}
