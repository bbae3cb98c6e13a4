package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/transcript"
)

var short = []string{"It is on its way, ", "and will be with you ", "on Friday."}

const question = "Where is ORD-78342, and could I have two more of the earbuds?"

func ask(l *loop) error {
	_, _, err := l.run(context.Background(), []loopMessage{{Role: "user", Content: question}})
	return err
}

func run(agent *funcall.Agent) error {
	_, err := agent.Run(context.Background(), question)
	return err
}

func watch(agent *funcall.Agent) error {
	for _, err := range agent.Stream(context.Background(), question) {
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
	}{{"funcall", funcallSide}, {"byhand", handSide}} {
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

// converse measures one run of a script.
func converse(b *testing.B, stream bool, wait func(), s script) {
	url, tools := serve(b, stream, s), shop(wait)
	agent, hand := newAgent(b, url, tools, nil), newLoop(b, url, tools)
	if !stream {
		measure(b, func() error { return run(agent) }, func() error { return ask(hand) })
		return
	}
	hand.stream = func(string) {}
	measure(b, func() error { return watch(agent) }, func() error { return ask(hand) })
}

func BenchmarkOneTurn(b *testing.B) { converse(b, false, nil, script{answer: short}) }

// Three turns, with 1 + 3 tool calls.
var threeTurns = script{turns: [][]string{{customer}, {order, inStock, product}}, answer: short}

func BenchmarkThreeTurns(b *testing.B) { converse(b, false, nil, threeTurns) }

func BenchmarkThreeTurnsStreamed(b *testing.B) { converse(b, true, nil, threeTurns) }

// Five calls of 50 ms, side by side.
func BenchmarkFiveSlowTools(b *testing.B) {
	converse(b, false, func() { time.Sleep(50 * time.Millisecond) }, script{turns: [][]string{{customer, order, inStock, product, order}}, answer: short})
}

func BenchmarkTwoThousandDeltas(b *testing.B) {
	answer := make([]string, 2000)
	for i := range answer {
		answer[i] = "word " + fmt.Sprint(i%10)
	}
	converse(b, true, nil, script{answer: answer})
}

// One more message, with a call, in a conversation of 60 turns that this
// process has been having.
func BenchmarkSixtyTurns(b *testing.B) {
	url, tools := serve(b, false, script{turns: [][]string{{order}}, answer: short}), shop(nil)
	store := new(transcript.Memory)
	agent, hand := newAgent(b, url, tools, store), newLoop(b, url, tools)
	ctx := context.Background()
	var history []loopMessage
	for range 60 {
		if _, err := agent.Session("base").Send(ctx, question); err != nil {
			b.Fatal(err)
		}
		var err error
		if _, history, err = hand.run(ctx, append(history, loopMessage{Role: "user", Content: question})); err != nil {
			b.Fatal(err)
		}
	}
	base, err := store.Load(ctx, "base")
	if err != nil {
		b.Fatal(err)
	}
	measure(b, func() error {
		// The same past each time, so that the conversation does not grow.
		if err := store.Append(ctx, transcript.Batch{Session: "next", Entries: base.Entries}); err != nil {
			return err
		}
		defer store.Delete("next")
		_, err := agent.Session("next").Send(ctx, question)
		return err
	}, func() error {
		_, _, err := hand.run(ctx, append(history[:len(history):len(history)], loopMessage{Role: "user", Content: question}))
		return err
	})
}

// 2,000 conversations that wait inside a tool: what each of them holds. Run it
// with -benchtime 1x and one side at a time: a round finds what the one before
// it has left to be freed.
func BenchmarkTwoThousandWaiting(b *testing.B) {
	const n = 2000
	for _, side := range []string{"funcall", "byhand"} {
		b.Run(side, func(b *testing.B) {
			url := serve(b, false, script{turns: [][]string{{order}}, answer: short})
			for b.Loop() {
				waiting, release := make(chan bool, n), make(chan bool)
				tools := shop(func() { waiting <- true; <-release })
				agent, hand := newAgent(b, url, tools, nil), newLoop(b, url, tools)
				do := func() error { return run(agent) }
				if side == "byhand" {
					do = func() error { return ask(hand) }
				}
				before := memory()
				goroutines := runtime.NumGoroutine()
				var wg sync.WaitGroup
				for range n {
					wg.Go(func() {
						if err := do(); err != nil {
							b.Error(err)
						}
					})
					<-waiting // one after the other, so that they share a connection
				}
				idle := runtime.NumGoroutine() - goroutines
				after := memory()
				b.ReportMetric(float64(idle)/n, "goroutines/conversation")
				b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/n, "heapB/conversation")
				b.ReportMetric((float64(after.StackInuse)-float64(before.StackInuse))/n, "stackB/conversation")
				close(release)
				wg.Wait()
			}
		})
	}
}

// memory is what is in use, without what pools only keep.
func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.GC() // a pool lets go at the second
	runtime.ReadMemStats(&m)
	return m
}

// Building a tool: from its type on the one side, from a schema written by hand
// on the other, which is marshaled with each request.
func BenchmarkNewTool(b *testing.B) {
	const description = "Retrieves a product's specifications, its price, and its warranty and shipping policies."
	measure(b, func() error {
		tool := funcall.NewTool(ecommerce.ToolProduct, description,
			func(context.Context, ecommerce.ProductQuery) (string, error) { return "", nil }, funcall.ReadOnly())
		if tool.Schema() == nil {
			return fmt.Errorf("there is no schema")
		}
		return nil
	}, func() error {
		type object = map[string]any
		schema, err := json.Marshal(object{
			"type": "object",
			"properties": object{
				"product_sku": object{"type": "string", "description": "The product's SKU, or its full name"},
				"info_type": object{
					"type": "string", "enum": []string{"specs", "warranty", "shipping", "all"}, "default": "all",
					"description": "Which part of the product information to return",
				},
			},
			"required":             []string{"product_sku"},
			"additionalProperties": false,
		})
		if err != nil {
			return err
		}
		tool := loopTool{Type: "function"}
		tool.Function.Name, tool.Function.Description, tool.Function.Parameters = ecommerce.ToolProduct, description, schema
		_, err = json.Marshal(tool)
		return err
	})
}

// One call's arguments, to the struct that the tool gets: checked and completed
// on the one side, unmarshaled on the other.
func BenchmarkCheckArguments(b *testing.B) {
	const args = `{"product_sku":"WEP-2024","zip_code":"62704","quantity_needed":2}`
	s, err := schema.Reflect(reflect.TypeFor[ecommerce.StockQuery]())
	if err != nil {
		b.Fatal(err)
	}
	measure(b, func() error {
		var in ecommerce.StockQuery
		checked, _, problems := s.Check(args)
		if problems = append(problems, s.Decode([]byte(checked), &in)...); len(problems) > 0 {
			return fmt.Errorf("%v", problems)
		}
		return nil
	}, func() error {
		var in ecommerce.StockQuery
		return json.Unmarshal([]byte(args), &in)
	})
}
