package providertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/testkit/effort"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

type address struct {
	Street string `json:"street" jsonschema:"minLength=1,maxLength=40"`
	ZIP    string `json:"zip,omitempty" jsonschema:"pattern=^[0-9]{5}$"`
}

type line struct {
	SKU      string   `json:"sku" jsonschema:"pattern=^[A-Z]{3}-[0-9]+$,example=WEP-2024"`
	Quantity uint8    `json:"quantity" jsonschema:"minimum=1"`
	Price    float32  `json:"price,omitempty" jsonschema:"exclusiveMinimum=0"`
	Tags     []string `json:"tags,omitempty" jsonschema:"uniqueItems=true,maxItems=3,enum=new,enum=sale,enum=used"`
}

type order struct {
	ID        string              `json:"id" jsonschema:"format=uuid"`
	Customer  *address            `json:"customer"`
	Lines     []line              `json:"lines" jsonschema:"minItems=1,maxItems=5"`
	Mode      string              `json:"mode,omitempty" jsonschema:"default=fast,enum=fast,enum=slow"`
	Placed    time.Time           `json:"placed"`
	Due       *time.Time          `json:"due,omitempty"`
	Total     *big.Int            `json:"total,omitempty"`
	Notes     map[string]string   `json:"notes,omitempty"`
	Rates     map[string]float64  `json:"rates,omitempty"`
	Blob      []byte              `json:"blob,omitempty"`
	Pair      [2]int16            `json:"pair"`
	Anything  any                 `json:"anything,omitempty"`
	Raw       json.RawMessage     `json:"raw,omitempty"`
	Number    json.Number         `json:"number,omitempty"`
	Maybe     *int64              `json:"maybe" jsonschema:"nullable"`
	Count     int                 `json:"count,omitempty" jsonschema:"multipleOf=6,minimum=-30"`
	Large     uint64              `json:"large,omitempty"`
	Web       string              `json:"web,omitempty" jsonschema:"format=uri"`
	Mail      string              `json:"mail,omitempty" jsonschema:"format=email"`
	address                       // its fields are the order's own
	Signature struct{ By string } `json:"signature"`
}

type node struct {
	Value    int     `json:"value"`
	Left     *node   `json:"left,omitempty"`
	Children []*node `json:"children,omitempty"`
}

func took[In any](_ context.Context, in In) (string, error) { return fmt.Sprintf("%T", in), nil }

func rawTool(name, schema string) funcall.Tool {
	handler := func(_ context.Context, args json.RawMessage) (any, error) { return args, nil }
	return funcall.NewRawTool(name, "A tool from elsewhere.", json.RawMessage(schema), handler, funcall.ReadOnly())
}

// toolbox has tools of all kinds.
func toolbox() []funcall.Tool {
	return []funcall.Tool{
		funcall.NewTool("place_order", "Places an order.", took[order], funcall.Idempotent()),
		funcall.NewTool("plant_tree", "Plants a tree.", took[node]),
		funcall.NewTool("ping", "Says hello.", took[struct{}], funcall.ReadOnly()),
		rawTool("find", `{"type":"object","properties":{"by":{"oneOf":[{"type":"object","properties":{"kind":{"const":"id"},"id":{"type":"integer","minimum":9007199254740993}},"required":["kind","id"],"additionalProperties":false},{"type":"object","properties":{"kind":{"const":"text"},"words":{"type":"array","items":{"type":"string","minLength":2},"minItems":1}},"required":["kind","words"],"additionalProperties":false}]}},"required":["by"]}`),
		rawTool("either", `{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string","format":"email"}},"oneOf":[{"required":["id"]},{"required":["email"]}],"additionalProperties":false}`),
		rawTool("calculate", `{"type":"object","properties":{"e":{"$ref":"#/$defs/E"}},"required":["e"],"$defs":{"E":{"anyOf":[{"type":"object","properties":{"op":{"enum":["+","*"]},"l":{"$ref":"#/$defs/E"},"r":{"$ref":"#/$defs/E"}},"required":["op","l","r"]},{"type":"number","multipleOf":0.01}]}}}`),
	}
}

func agent(t testing.TB, p provider.Provider, tools ...funcall.Tool) *funcall.Agent {
	t.Helper()
	a, err := funcall.New(p, funcall.Config{Tools: tools})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// No call is refused with any seed, and the tool gets the checked arguments.
func TestEveryToolIsNeverRefused(t *testing.T) {
	t.Parallel()
	tools := toolbox()
	for seed := range uint64(effort.Rounds(200)) {
		res, err := agent(t, providertest.EveryTool(seed), tools...).Run(t.Context(), "Go.")
		if err != nil || res.Outcome != transcript.OutcomeDone || len(res.Calls) != len(tools) {
			t.Fatalf("seed %d: %v, %s, %d calls", seed, err, res.Outcome, len(res.Calls))
		}
		for i, c := range res.Calls {
			if c.Tool != tools[i].Name() || c.Status != transcript.StatusOK {
				t.Errorf("seed %d: %s(%s): %s: %s %s", seed, c.Tool, c.Args, c.Status, c.Text(), c.ErrorText)
			}
		}
		if want := "I called place_order, plant_tree, ping, find, either, calculate."; res.Text() != want {
			t.Errorf("it says %q, want %q", res.Text(), want)
		}
	}
}

func FuzzEveryTool(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed)
	}
	tools := toolbox()
	f.Fuzz(func(t *testing.T, seed uint64) {
		res, err := agent(t, providertest.EveryTool(seed), tools...).Run(t.Context(), "Go.")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range res.Calls {
			if c.Status != transcript.StatusOK {
				t.Errorf("%s(%s): %s: %s %s", c.Tool, c.Args, c.Status, c.Text(), c.ErrorText)
			}
		}
	})
}

// After a session's next message every tool is called again, with the same arguments and other
// IDs.
func TestEveryToolInASession(t *testing.T) {
	chat := agent(t, providertest.EveryTool(1), toolbox()...).Session("s")
	first, err := chat.Send(t.Context(), "Go.")
	if err != nil {
		t.Fatal(err)
	}
	second, err := chat.Send(t.Context(), "Again.")
	if err != nil || len(second.Calls) != len(first.Calls) {
		t.Fatalf("%v, %d calls", err, len(second.Calls))
	}
	for i, c := range second.Calls {
		if c.Args != first.Calls[i].Args || c.ID == first.Calls[i].ID {
			t.Errorf("%s(%s), after %s(%s)", c.ID, c.Args, first.Calls[i].ID, first.Calls[i].Args)
		}
	}
}

// With an agent's default limits not all tools of a large toolbox are called; with higher
// limits, all are.
func TestEveryToolOfMany(t *testing.T) {
	t.Parallel()
	var tools []funcall.Tool
	for i := range 150 {
		tools = append(tools, rawTool(fmt.Sprintf("tool_%03d", i), `{"type":"object","properties":{}}`))
	}
	a := agent(t, providertest.EveryTool(1), tools...)
	res, err := a.Run(t.Context(), "Go.")
	if err != nil || len(res.Calls) < 64 || !strings.Contains(res.Text(), "I did not call tool_064, tool_065,") {
		t.Errorf("%v, %d calls, %s", err, len(res.Calls), res.Text())
	}
	res, err = a.Run(t.Context(), "Go.", funcall.WithLimits(transcript.Limits{Calls: 150}))
	if err != nil || len(res.Calls) != 150 || res.Steps != 4 || strings.Contains(res.Text(), "not") {
		t.Errorf("%v, %d calls in %d steps, %s", err, len(res.Calls), res.Steps, res.Text())
	}
}

func failing(context.Context, struct{}) (string, error) { return "", errors.New("broken") }

func TestEveryToolSaysWhatFailed(t *testing.T) {
	res, err := agent(t, providertest.EveryTool(1),
		rawTool("fine", `{"type":"object","properties":{}}`),
		funcall.NewTool("broken", "Never works.", failing, funcall.ReadOnly()),
	).Run(t.Context(), "Go.")
	if want := "I called fine, broken (error)."; err != nil || res.Text() != want {
		t.Errorf("it says %q, %v", res.Text(), err)
	}
}

var twoTools = []*provider.Tool{
	{Name: "a", Schema: []byte(`{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}`)},
	{Name: "b", Schema: []byte(`{"type":"object","properties":{}}`)},
}

func callNames(r *provider.Response) (names []string) {
	for _, c := range r.Message.ToolCalls() {
		names = append(names, c.Name)
	}
	return names
}

func TestEveryToolObeys(t *testing.T) {
	one := false
	answered := []*provider.Message{
		provider.User("Go."),
		provider.Assistant(provider.ToolCall{ID: "x", Name: "a", Args: "{}"}),
		{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "x", Name: "a"}}},
	}
	for name, c := range map[string]struct {
		req  provider.Request
		want []string // calls
		text string
	}{
		"auto":              {provider.Request{Tools: twoTools}, []string{"a", "b"}, ""},
		"none":              {provider.Request{Tools: twoTools, Choice: provider.ToolChoice{Mode: provider.ToolsNone}}, nil, "I called no tool. I did not call a, b."},
		"named":             {provider.Request{Tools: twoTools, Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: "b"}}, []string{"b"}, ""},
		"required":          {provider.Request{Tools: twoTools, Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, []string{"a", "b"}, ""},
		"required, all are": {provider.Request{Tools: twoTools[:1], Messages: answered, Choice: provider.ToolChoice{Mode: provider.ToolsRequired}}, []string{"a"}, ""},
		"one is called":     {provider.Request{Tools: twoTools, Messages: answered}, []string{"b"}, ""},
		"one at a time":     {provider.Request{Tools: twoTools, Settings: provider.Settings{ParallelCalls: &one}}, []string{"a"}, ""},
		"no tools":          {provider.Request{}, nil, "I called no tool."},
		"output":            {provider.Request{OutputSchema: &provider.OutputSchema{Name: "o", Schema: []byte(`{"type":"object","properties":{"ok":{"const":true}},"required":["ok"],"additionalProperties":false}`)}}, nil, `{"ok":true}`},
		"output after calls": {provider.Request{Tools: twoTools, OutputSchema: &provider.OutputSchema{Schema: []byte(`{"type":"object"}`)}},
			[]string{"a", "b"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := providertest.EveryTool(1).Generate(t.Context(), &c.req, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, callNames(resp)); diff != "" || resp.Message.Text() != c.text {
				t.Errorf("%s%q", diff, resp.Message.Text())
			}
			if want := provider.FinishToolCalls; (len(c.want) > 0) != (resp.Finish == want) {
				t.Errorf("finish %s", resp.Finish)
			}
		})
	}
}

func TestEveryToolCannot(t *testing.T) {
	for want, req := range map[string]provider.Request{
		`tool "a": /n: no value was found that fits the schema {"maximum":1,"minimum":2,"type":"integer"}`: {Tools: []*provider.Tool{{Name: "a", Schema: []byte(`{"type":"object","properties":{"n":{"type":"integer","minimum":2,"maximum":1}},"required":["n"]}`)}}},
		`tool "a": the schema is not JSON`:                        {Tools: []*provider.Tool{{Name: "a", Schema: []byte(`{`)}}},
		`the output schema "o": `:                                 {OutputSchema: &provider.OutputSchema{Name: "o", Schema: []byte(`{"type":"string"}`)}},
		`tool "c" must be called, but the request does not offer`: {Tools: twoTools, Choice: provider.ToolChoice{Mode: provider.ToolsNamed, Name: "c"}},
		`a tool must be called, but the request offers no tools`:  {Choice: provider.ToolChoice{Mode: provider.ToolsRequired}},
		`the call "x" of a is not answered`:                       {Messages: []*provider.Message{provider.Assistant(provider.ToolCall{ID: "x", Name: "a"})}},
	} {
		resp, err := providertest.EveryTool(1).Generate(t.Context(), &req, nil)
		e, ok := err.(*provider.Error)
		if resp != nil || !ok || e.Kind != provider.KindInvalidRequest || !strings.Contains(e.Message, want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Concurrent requests get equal responses, whole or streamed, and the deltas add up to them.
func TestEveryToolRepeats(t *testing.T) {
	p := providertest.EveryTool(7)
	want, err := p.Generate(t.Context(), &provider.Request{Tools: twoTools}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var deltas []provider.Delta
			got, err := p.Generate(t.Context(), &provider.Request{Tools: twoTools}, func(d provider.Delta) { deltas = append(deltas, d) })
			if err != nil || got.Finish != want.Finish {
				t.Error(got, err)
				return
			}
			if diff := cmp.Diff(want.Message.Parts, got.Message.Parts); diff != "" {
				t.Error(diff)
			}
			args := make([]string, 2)
			for _, d := range deltas {
				if d.Kind == provider.DeltaArgs {
					args[d.Call] += d.Text
				}
			}
			for i, c := range want.Message.ToolCalls() {
				if args[i] != c.Args {
					t.Errorf("%s was streamed as %q, want %q", c.Name, args[i], c.Args)
				}
			}
		})
	}
	wg.Wait()
}

func TestEveryToolStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	emitted := 0
	resp, err := providertest.EveryTool(1).Generate(ctx, &provider.Request{Tools: twoTools}, func(provider.Delta) {
		emitted++
		cancel()
	})
	e, ok := err.(*provider.Error)
	if resp != nil || !ok || !errors.Is(err, context.Canceled) || !e.Emitted || emitted != 1 {
		t.Errorf("in a stream: %v, %v, %d deltas", resp, err, emitted)
	}
	_, err = providertest.EveryTool(1).Generate(ctx, &provider.Request{Tools: twoTools}, nil)
	if e, ok := err.(*provider.Error); !ok || !errors.Is(err, context.Canceled) || e.Emitted || e.Provider == "" {
		t.Errorf("before: %v", err)
	}
}
