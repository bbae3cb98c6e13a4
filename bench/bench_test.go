package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/transcript"
)

// server answers as a model would that makes calls, given by turn, and then
// speaks. It looks at nothing but how many turns the model has had, so that
// what is measured is the client.
func server(b *testing.B, answer []string, turns ...[]string) *httptest.Server {
	whole, streamed := make([][]byte, len(turns)+1), make([][]byte, len(turns)+1)
	for i, calls := range turns {
		whole[i], streamed[i] = render(i, calls, nil), renderStream(i, calls, nil)
	}
	whole[len(turns)], streamed[len(turns)] = render(0, nil, answer), renderStream(0, nil, answer)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		last := body[bytes.LastIndex(body, []byte(`"role":"user"`)):]
		turn := min(bytes.Count(last, []byte(`"tool_calls"`)), len(turns))
		if bytes.Contains(body, []byte(`"stream":true`)) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Write(streamed[turn])
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(whole[turn])
	}))
	b.Cleanup(s.Close)
	return s
}

func callJSON(turn, i int, tool, args string, index bool) string {
	at := ""
	if index {
		at = fmt.Sprintf(`"index":%d,`, i)
	}
	quoted, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{%s"id":"call_%d_%d","type":"function","function":{"name":%q,"arguments":%s}}`, at, turn, i, tool, quoted)
}

func render(turn int, calls, answer []string) []byte {
	var list []string
	for i, c := range calls {
		tool, args, _ := strings.Cut(c, " ")
		list = append(list, callJSON(turn, i, tool, args, false))
	}
	message, finish := fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[%s]}`, strings.Join(list, ",")), "tool_calls"
	if len(calls) == 0 {
		message, finish = fmt.Sprintf(`{"role":"assistant","content":%q}`, strings.Join(answer, "")), "stop"
	}
	return fmt.Appendf(nil, `{"id":"chatcmpl-1","object":"chat.completion","created":1732100000,"model":"m","choices":[{"index":0,"message":%s,"logprobs":null,"finish_reason":%q}],"usage":{"prompt_tokens":120,"completion_tokens":20,"total_tokens":140}}`, message, finish)
}

func renderStream(turn int, calls, answer []string) []byte {
	var b bytes.Buffer
	event := func(delta, finish string) {
		fmt.Fprintf(&b, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1732100000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}]}\n\n", delta, finish)
	}
	for i, c := range calls {
		tool, args, _ := strings.Cut(c, " ")
		event(fmt.Sprintf(`{"tool_calls":[%s]}`, callJSON(turn, i, tool, "", true)), "null")
		for len(args) > 0 { // as models send them, a few characters at a time
			n := min(4, len(args))
			piece, err := json.Marshal(args[:n])
			if err != nil {
				panic(err)
			}
			event(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}`, i, piece), "null")
			args = args[n:]
		}
	}
	for _, piece := range answer {
		event(fmt.Sprintf(`{"content":%q}`, piece), "null")
	}
	finish := `"stop"`
	if len(calls) > 0 {
		finish = `"tool_calls"`
	}
	event(`{}`, finish)
	b.WriteString("data: [DONE]\n\n")
	return b.Bytes()
}

type orderQuery struct {
	OrderID  string `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
	Tracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true"`
	Items    int    `json:"items,omitempty" jsonschema:"minimum=1,default=1"`
}

type order struct {
	OrderID string `json:"order_id"`
	Status  string `json:"status"`
	Carrier string `json:"carrier"`
}

const instructions = "You are a customer service agent. Answer in a friendly sentence or two, from what the tools say and nothing else."

func lookUp(_ context.Context, q orderQuery) (order, error) {
	return order{OrderID: q.OrderID, Status: "in_transit", Carrier: "FastShip Express"}, nil
}

func waitABit(ctx context.Context, q orderQuery) (order, error) {
	time.Sleep(50 * time.Millisecond)
	return lookUp(ctx, q)
}

// newAgent and newLoop are the two sides: the same tools, the same server, the
// same settings of the HTTP client.
func newAgent(b *testing.B, s *httptest.Server, store transcript.Store) *funcall.Agent {
	b.Helper()
	agent, err := funcall.New(openai.New("m", openai.BaseURL(s.URL), openai.HTTPClient(client())), funcall.Config{
		Instructions: instructions, Store: store,
		Tools: []funcall.Tool{
			funcall.NewTool("get_order_status", "Retrieves the status of one order.", lookUp, funcall.ReadOnly()),
			funcall.NewTool("wait", "Retrieves it slowly.", waitABit, funcall.ReadOnly()),
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return agent
}

func newLoop(b *testing.B, s *httptest.Server) *loop {
	b.Helper()
	l := &loop{client: client(), url: s.URL, system: instructions}
	for name, fn := range map[string]func(context.Context, orderQuery) (order, error){"get_order_status": lookUp, "wait": waitABit} {
		var t loopTool
		t.Type = "function"
		t.Function.Name, t.Function.Description = name, "Retrieves the status of one order."
		t.Function.Parameters = json.RawMessage(`{"type":"object","properties":{"order_id":{"type":"string","description":"The order, such as ORD-78342"},"include_tracking":{"type":"boolean","default":true},"items":{"type":"integer","minimum":1,"default":1}},"additionalProperties":false,"required":["order_id"]}`)
		t.run = func(ctx context.Context, args string) (string, error) {
			q := orderQuery{Tracking: true, Items: 1}
			if err := json.Unmarshal([]byte(args), &q); err != nil {
				return "", err
			}
			v, err := fn(ctx, q)
			if err != nil {
				return "", err
			}
			out, err := json.Marshal(v)
			return string(out), err
		}
		l.tools = append(l.tools, t)
	}
	return l
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, WriteBufferSize: 64 << 10}}
}

func ask(l *loop) error {
	_, _, err := l.run(context.Background(), []loopMessage{{Role: "user", Content: "Where is ORD-78342?"}})
	return err
}

func watch(agent *funcall.Agent) error {
	for _, err := range agent.Stream(context.Background(), "Where is ORD-78342?") {
		if err != nil {
			return err
		}
	}
	return nil
}

// measure runs the same work on both sides.
func measure(b *testing.B, funcallSide, handSide func() error) {
	for _, side := range []struct {
		name string
		do   func() error
	}{{"funcall", funcallSide}, {"hand", handSide}} {
		b.Run(side.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := side.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var (
	short = []string{"It is on its way, ", "and will be with you ", "on Friday."}
	look  = `get_order_status {"order_id":"ORD-78342"}`
)

func BenchmarkOneTurn(b *testing.B) {
	s := server(b, short)
	agent, hand := newAgent(b, s, nil), newLoop(b, s)
	measure(b, func() error { _, err := agent.Run(context.Background(), "Hello?"); return err }, func() error { return ask(hand) })
}

// Three turns, with 1 + 3 tool calls.
func BenchmarkThreeTurns(b *testing.B) {
	s := server(b, short, []string{look}, []string{look, look, look})
	agent, hand := newAgent(b, s, nil), newLoop(b, s)
	measure(b, func() error { _, err := agent.Run(context.Background(), "Where is ORD-78342?"); return err }, func() error { return ask(hand) })
}

func BenchmarkThreeTurnsStreamed(b *testing.B) {
	s := server(b, short, []string{look}, []string{look, look, look})
	agent, hand := newAgent(b, s, nil), newLoop(b, s)
	hand.stream = func(string) {}
	measure(b, func() error { return watch(agent) }, func() error { return ask(hand) })
}

// Five calls of 50 ms, side by side.
func BenchmarkFiveSlowTools(b *testing.B) {
	wait := `wait {"order_id":"ORD-78342"}`
	s := server(b, short, []string{wait, wait, wait, wait, wait})
	agent, hand := newAgent(b, s, nil), newLoop(b, s)
	measure(b, func() error { _, err := agent.Run(context.Background(), "All five?"); return err }, func() error { return ask(hand) })
}

// One more message, with a call, in a conversation of 60 turns that this
// process has been having.
func BenchmarkSixtyTurns(b *testing.B) {
	s := server(b, short, []string{look})
	store := new(transcript.Memory)
	agent, hand := newAgent(b, s, store), newLoop(b, s)
	ctx := context.Background()
	var history []loopMessage
	for range 60 {
		if _, err := agent.Session("base").Send(ctx, "And where is ORD-78342 now?"); err != nil {
			b.Fatal(err)
		}
		var err error
		if _, history, err = hand.run(ctx, append(history, loopMessage{Role: "user", Content: "And where is ORD-78342 now?"})); err != nil {
			b.Fatal(err)
		}
	}
	base, err := store.Load(ctx, "base")
	if err != nil {
		b.Fatal(err)
	}
	measure(b, func() error {
		// The same past each time, so that the conversation does not grow.
		if err := store.Append(ctx, "next", 0, base.Entries...); err != nil {
			return err
		}
		defer store.Delete("next")
		_, err := agent.Session("next").Send(ctx, "And now?")
		return err
	}, func() error {
		_, _, err := hand.run(ctx, append(history[:len(history):len(history)], loopMessage{Role: "user", Content: "And now?"}))
		return err
	})
}

func BenchmarkTwoThousandDeltas(b *testing.B) {
	answer := make([]string, 2000)
	for i := range answer {
		answer[i] = "word " + fmt.Sprint(i%10)
	}
	s := server(b, answer)
	agent, hand := newAgent(b, s, nil), newLoop(b, s)
	hand.stream = func(string) {}
	measure(b, func() error { return watch(agent) }, func() error { return ask(hand) })
}

// 2,000 conversations that wait inside a tool: what each of them holds. Run it
// with -benchtime 1x: a second round finds the first one's connections.
func BenchmarkTwoThousandWaiting(b *testing.B) {
	const n = 2000
	s := server(b, short, []string{look})
	for b.Loop() {
		waiting, release := make(chan bool, n), make(chan bool)
		agent, err := funcall.New(openai.New("m", openai.BaseURL(s.URL), openai.HTTPClient(client())), funcall.Config{
			Instructions: instructions,
			Tools: []funcall.Tool{funcall.NewTool("get_order_status", "Retrieves the status of one order.", func(ctx context.Context, q orderQuery) (order, error) {
				waiting <- true
				<-release
				return lookUp(ctx, q)
			}, funcall.ReadOnly())},
		})
		if err != nil {
			b.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		goroutines := runtime.NumGoroutine()
		var wg sync.WaitGroup
		gate := make(chan bool, 64) // so that the server is not the bottleneck
		for range n {
			gate <- true
			wg.Go(func() {
				if _, err := agent.Run(context.Background(), "Where is ORD-78342?"); err != nil {
					b.Error(err)
				}
			})
			<-waiting
			<-gate
		}
		idle := runtime.NumGoroutine() - goroutines
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(idle)/n, "goroutines/conversation")
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/n, "heapB/conversation")
		b.ReportMetric((float64(after.StackInuse)-float64(before.StackInuse))/n, "stackB/conversation")
		close(release)
		wg.Wait()
	}
}
