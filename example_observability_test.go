package funcall_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// What the log of a run says at level Info.
func ExampleConfig_logger() {
	untimed := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "ms" {
			return slog.Attr{}
		}
		return a
	}
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: untimed})
	agent, err := funcall.New(orderModel(), funcall.Config{Tools: []funcall.Tool{lookupTool()}, Logger: slog.New(handler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := agent.Session("ticket-4711").Send(context.Background(), "Where is ORD-78342?"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// level=INFO msg="model call" session=ticket-4711 model="" request_id="" finish=tool_calls input_tokens=120 output_tokens=20
	// level=INFO msg="tool call" session=ticket-4711 ref=1.0 tool=get_order_status class=read_only status=ok
	// level=INFO msg="model call" session=ticket-4711 model="" request_id="" finish=stop input_tokens=160 output_tokens=10
	// level=INFO msg="run ended" session=ticket-4711 outcome=done steps=2 calls=1 entries=5 input_tokens=280 output_tokens=30 cost=unknown
}

// orderModel looks an order up and answers.
func orderModel() provider.Named {
	return providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`).WithUsage(provider.Usage{Input: 120, Output: 20}),
		providertest.Say("It is on its way.").WithUsage(provider.Usage{Input: 160, Output: 10}))
}

// A counter adds to a metric. With OpenTelemetry it is the Add of an instrument, with Prometheus
// that of a CounterVec.
type counter func(metric string, n float64, labels ...string)

// record counts what a run did. It is called once for each Result.
func (add counter) record(res *funcall.Result) {
	add("runs", 1, string(res.Outcome))
	add("tokens", float64(res.Usage.Input), "input")
	add("tokens", float64(res.Usage.Output), "output")
	add("dollars", float64(res.Cost.Amount)/float64(provider.Dollar))
	add("calls_of_unknown_cost", float64(res.Cost.UnknownCalls))
	for _, c := range res.Calls {
		add("tool_calls", 1, c.Tool, string(c.Status))
	}
	entries, _ := transcript.Track(res.Transcript).LastRun()
	for _, e := range entries {
		if a, ok := e.Body.(*transcript.Attempt); ok {
			add("failed_model_calls", 1, string(a.Kind), string(a.Then))
		}
	}
}

// Metrics are counted from the Result of a run.
func ExampleResult_metrics() {
	var add counter = func(metric string, n float64, labels ...string) {
		if n != 0 {
			fmt.Println(metric, n, labels)
		}
	}
	agent, err := funcall.New(orderModel(), funcall.Config{
		Tools:  []funcall.Tool{lookupTool()},
		Prices: provider.Prices{"script": {Input: provider.Dollar / 4, Output: 2 * provider.Dollar}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := agent.Run(context.Background(), "Where is ORD-78342?")
	add.record(res) // also with an error
	fmt.Println(err)
	// Output:
	// runs 1 [done]
	// tokens 280 [input]
	// tokens 30 [output]
	// dollars 0.00013 []
	// tool_calls 1 [get_order_status ok]
	// <nil>
}

// A tracer starts a span below the span of ctx, and returns a function that ends it. With
// OpenTelemetry it calls Start of a trace.Tracer, and the function calls RecordError and End.
type tracer func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error, ...slog.Attr))

// A tracedModel has a span for each model call.
type tracedModel struct {
	provider.Named // keeps Model, which Limits.Cost needs
	start          tracer
}

func (m tracedModel) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	ctx, end := m.start(ctx, "chat "+m.Model(), slog.String("gen_ai.request.model", m.Model()))
	resp, err := m.Named.Generate(ctx, req, emit)
	if err != nil {
		end(err)
		return nil, err
	}
	end(nil, slog.Int64("gen_ai.usage.input_tokens", resp.Usage.Input), slog.Int64("gen_ai.usage.output_tokens", resp.Usage.Output))
	return resp, nil
}

// traced returns the tools with a span for each start of a handler.
func (start tracer) traced(tools []funcall.Tool) []funcall.Tool {
	var all []funcall.Tool
	for _, t := range tools {
		all = append(all, t.With(funcall.Wrap(func(next funcall.ToolHandler) funcall.ToolHandler {
			return func(ctx context.Context, args json.RawMessage) (any, error) {
				call := funcall.CallFrom(ctx)
				ctx, end := start(ctx, "execute_tool "+t.Name(), slog.String("gen_ai.tool.name", t.Name()),
					slog.String("session", call.Session), slog.String("ref", call.Ref.String()), slog.Int("attempt", call.Attempt))
				out, err := next(ctx, args)
				end(err)
				return out, err
			}
		})))
	}
	return all
}

type spanKey struct{}

// Spans for model calls and tools stand below the caller's span.
func Example_spans() {
	var start tracer = func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		above, _ := ctx.Value(spanKey{}).([]string)
		path := append(above[:len(above):len(above)], name)
		return context.WithValue(ctx, spanKey{}, path), func(err error, more ...slog.Attr) {
			fmt.Println(strings.Join(path, " > "), append(attrs, more...))
		}
	}
	agent, err := funcall.New(tracedModel{orderModel(), start}, funcall.Config{Tools: start.traced([]funcall.Tool{lookupTool()})})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, end := start(context.Background(), "invoke_agent shop")
	res, err := agent.Session("ticket-4711").Send(ctx, "Where is ORD-78342?")
	end(err, slog.String("outcome", string(res.Outcome)))
	// Output:
	// invoke_agent shop > chat script [gen_ai.request.model=script gen_ai.usage.input_tokens=120 gen_ai.usage.output_tokens=20]
	// invoke_agent shop > execute_tool get_order_status [gen_ai.tool.name=get_order_status session=ticket-4711 ref=1.0 attempt=1]
	// invoke_agent shop > chat script [gen_ai.request.model=script gen_ai.usage.input_tokens=160 gen_ai.usage.output_tokens=10]
	// invoke_agent shop [outcome=done]
}
