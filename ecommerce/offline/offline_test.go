package offline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var allTools = []string{toolOrder, toolStock, toolReturn, toolCustomer, toolProduct}

// results are the shop's results, by call.
var results = map[string]string{
	`get_order_status {"order_id":"ORD-78342"}`:                                                                 orderResult,
	`get_order_status {"order_id":"ORD-78342","include_tracking":false}`:                                        orderResult,
	`get_product_info {"product_sku":"Wireless Earbuds Pro"}`:                                                   `{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","price":89.99}}`,
	`get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`:                                        `{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","warranty":{"type":"2 years","coverage":"defects","process":"Call us"}}}`,
	`check_product_availability {"product_sku":"WEP-2024","quantity_needed":60}`:                                `{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro","meets_quantity":false,"quantity_available":47,"quantity_needed":60,"closest_warehouse":{"location":"Chicago, IL","qty":25,"ships_in":"1-2 days"}}}`,
	`get_customer_info {"customer_id":"CUST-9821","include_order_history":true}`:                                `{"success":true,"data":{"customer_id":"CUST-9821","email":"s@example.com","name":"Sarah","member_since":"2022-03-15","tier":"Gold","total_orders":23,"total_spent":2847.50,"order_history":[{"order_id":"ORD-78342","date":"2024-11-15","status":"in_transit","total":115.97}]}}`,
	`process_return {"order_id":"ORD-78342","reason":"defective","items_to_return":[0],"request_pickup":false}`: `{"success":true,"data":{"return_id":"RET-1","order_id":"ORD-78342","items_accepted":["Wireless Earbuds Pro"],"pickup_date":"2024-11-25","refund_amount":89.99,"refund_method":"Original payment method","refund_timeline":"soon","return_instructions":"Pack it.","return_label_url":"https://x"}}`,
	`process_return {"order_id":"ORD-91234","reason":"changed_mind","request_pickup":false}`:                    `{"success":false,"error":"Order ORD-91234 cannot be returned: it is still being processed.","order_id":"ORD-91234"}`,
	seen1: `{"success":true,"data":{"order_id":"ORD-1","status":"delivered","items":[{"name":"Lamp","sku":"L-1","qty":1,"price":9.99}],"total":9.99}}`,
	`get_order_status {"order_id":"ORD-91234","include_tracking":false}`: `{"success":true,"data":{"order_id":"ORD-91234","status":"processing","items":[{"name":"Keyboard","sku":"K-1","qty":1,"price":9.99}],"total":9.99}}`,
	`get_order_status {"order_id":"ORD-00000"}`:                          `{"success":false,"error":"Order not found","order_id":"ORD-00000"}`,
	`get_product_info {"product_sku":"Cable"}`:                           `{"success":false,"error":"2 products are named Cable; ask again with the SKU of one","candidates":[{"sku":"C-1","name":"Cable"},{"sku":"C-2","name":"Cable"}]}`,
}

// seen1 is the first turn of a return of ORD-1: the lookup of the order.
const seen1 = `get_order_status {"order_id":"ORD-1","include_tracking":false}`

const orderResult = `{"success":true,"data":{"order_id":"ORD-78342","customer_id":"CUST-9821","status":"in_transit","items":[` +
	`{"name":"Wireless Earbuds Pro","sku":"WEP-2024","qty":1,"price":89.99},{"name":"USB-C Charging Cable","sku":"UCC-2M","qty":2,"price":12.99}],` +
	`"total":115.97,"order_date":"2024-11-15","estimated_delivery":"2024-11-20","tracking":{"carrier":"FastShip Express","tracking_number":"FS8945612378945",` +
	`"events":[{"timestamp":"2024-11-17 09:45","location":"Indianapolis, IN","status":"Arrived at local facility"}]}}}`

// A chat plays a conversation with the model, with canned results.
type chat struct {
	t       *testing.T
	model   *Model
	req     provider.Request
	results map[string]string
}

func newChat(t *testing.T, tools ...string) *chat {
	c := &chat{t: t, model: New(Pace(0)), results: results}
	for _, name := range tools {
		c.req.Tools = append(c.req.Tools, &provider.Tool{Name: name, Schema: json.RawMessage(`{"type":"object"}`)})
	}
	return c
}

// say sends a message and returns the calls of each turn, and the answer.
func (c *chat) say(text string) (turns []string, answer string) {
	c.t.Helper()
	c.req.Messages = append(c.req.Messages, provider.User(text))
	for range 10 {
		resp, err := c.model.Generate(c.t.Context(), &c.req, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		c.req.Messages = append(c.req.Messages, resp.Message)
		calls := resp.Message.ToolCalls()
		if len(calls) == 0 {
			return turns, resp.Message.Text()
		}
		var made []string
		answers := &provider.Message{Role: provider.RoleTool}
		for _, call := range calls {
			key := call.Name + " " + call.Args
			made = append(made, key)
			result, ok := c.results[key]
			if !ok {
				result = `{"success":false,"error":"Nothing there"}`
			}
			answers.Parts = append(answers.Parts, provider.ToolResult{CallID: call.ID, Name: call.Name, Parts: []provider.Part{provider.Text{Text: result}}})
		}
		turns = append(turns, strings.Join(made, "; "))
		c.req.Messages = append(c.req.Messages, answers)
	}
	c.t.Fatalf("no answer to %q after ten turns: %v", text, turns)
	return nil, ""
}

func TestOnlyOfferedToolsAreCalled(t *testing.T) {
	c := newChat(t, toolStock)
	calls, answer := c.say("Where is ORD-1, and is WEP-2024 in stock?")
	if strings.Join(calls, "") != `check_product_availability {"product_sku":"WEP-2024"}` || !strings.Contains(answer, "it would take get_order_status") {
		t.Errorf("%v\n%s", calls, answer)
	}
}

func TestToolChoice(t *testing.T) {
	c := newChat(t, allTools...)
	c.req.Choice.Mode = provider.ToolsNone
	if calls, answer := c.say("Where is ORD-1?"); calls != nil || !strings.Contains(answer, "cannot look anything up") {
		t.Errorf("with tools off: %v, %s", calls, answer)
	}
	for _, choice := range []provider.ToolChoice{{Mode: provider.ToolsRequired}, {Mode: provider.ToolsNamed, Name: toolOrder}} {
		c := newChat(t, allTools...)
		c.req.Choice = choice
		c.req.Messages = []*provider.Message{provider.User("Where is ORD-1, and is WEP-2024 in stock?")}
		resp, err := c.model.Generate(t.Context(), &c.req, nil)
		if err != nil || resp.Message.ToolCalls()[0].Name != toolOrder || choice.Name != "" && len(resp.Message.ToolCalls()) != 1 {
			t.Errorf("%+v: %+v, %v", choice, resp, err)
		}
		c.req.Messages = []*provider.Message{provider.User("Hello")}
		_, err = c.model.Generate(t.Context(), &c.req, nil)
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindUnsupported {
			t.Errorf("%+v: %v", choice, err)
		}
	}
}

func TestCustomersAreGreetedByName(t *testing.T) {
	const policy = "You are the customer service agent.\n\nToday is Wednesday, 2024-11-20."
	for instructions, want := range map[string]string{
		policy + ` You talk with a customer: name "Sarah Johnson", tier "Gold".`:             "Hello, Sarah Johnson! I am ",
		policy + ` You talk with a customer: name "Ann \"Bo\" \\", tier "Gold", name "Eve".`: `Hello, Ann "Bo" \! I am `,
		policy + ` You talk with a customer: name "Sarah`:                                    "Hello! I am ",
		policy + ` You talk with a customer: name "\q", tier "Gold".`:                        "Hello! I am ",
		policy + ` You talk with a visitor who has not signed in.`:                           "Hello! I am ",
	} {
		c := newChat(t, allTools...)
		c.req.System = instructions
		if _, answer := c.say("Hello!"); !strings.HasPrefix(answer, want) {
			t.Errorf("%s\n got %s\nwant %s", instructions, answer, want)
		}
	}
}

func TestOneCallAtATime(t *testing.T) {
	c := newChat(t, allTools...)
	c.req.ParallelCalls = new(bool)
	if calls, _ := c.say("What is the status of ORD-1 and ORD-2?"); len(calls) != 2 {
		t.Errorf("got %v", calls)
	}
}

func TestNoSchemaAnswers(t *testing.T) {
	_, err := New().Generate(t.Context(), &provider.Request{OutputSchema: &provider.OutputSchema{}}, nil)
	if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.KindUnsupported {
		t.Errorf("got %v", err)
	}
}

func TestErrorsAreRetold(t *testing.T) {
	req := newChat(t, allTools...).req
	req.Messages = []*provider.Message{
		provider.User("Return ORD-1, it is broken"),
		provider.Assistant(provider.ToolCall{ID: "a", Name: toolReturn, Args: `{"order_id":"ORD-1","reason":"defective"}`}),
		{Role: provider.RoleTool, Parts: []provider.Part{provider.ToolResult{CallID: "a", Name: toolReturn, IsError: true,
			Parts: []provider.Part{provider.Text{Text: "the outcome is unknown"}}}}},
	}
	resp, err := New().Generate(t.Context(), &req, nil)
	if err != nil || len(resp.Message.ToolCalls()) > 0 || resp.Message.Text() != "I could not complete the return: the outcome is unknown." {
		t.Errorf("got %+v, %v", resp, err)
	}
}

func TestStreaming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		req := newChat(t, allTools...).req
		req.Messages = []*provider.Message{provider.User("Hello")}
		var streamed strings.Builder
		n := 0
		start := time.Now()
		resp, err := New(Pace(time.Second)).Generate(t.Context(), &req, func(d provider.Delta) { streamed.WriteString(d.Text); n++ })
		if err != nil || streamed.String() != resp.Message.Text() || n < 10 || time.Since(start) != time.Duration(n)*time.Second {
			t.Errorf("%d words in %v: %q, %v", n, time.Since(start), streamed.String(), err)
		}
		if resp.Usage != (provider.Usage{}) {
			t.Errorf("tokens were invented: %+v", resp.Usage)
		}
	})
}

func TestStreamedCallsAreTheCalls(t *testing.T) {
	req := newChat(t, allTools...).req
	req.Messages = []*provider.Message{provider.User("Status of ORD-1 and ORD-2?")}
	got := make([]provider.ToolCall, 2)
	resp, err := New().Generate(t.Context(), &req, func(d provider.Delta) {
		got[d.Call].ID += d.ID
		got[d.Call].Name += d.Name
		got[d.Call].Args += d.Text
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(resp.Message.ToolCalls(), got); diff != "" {
		t.Errorf("(-whole +streamed):\n%s", diff)
	}
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		req := newChat(t, allTools...).req
		req.Messages = []*provider.Message{provider.User("Hello")}
		_, err := New(Pace(time.Hour)).Generate(ctx, &req, func(provider.Delta) { cancel() })
		e, ok := errors.AsType[*provider.Error](err)
		if !ok || e.Kind != provider.KindCanceled || !e.Emitted || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := New().Generate(ctx, &req, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("before it began: %v", err)
		}
	})
}

func FuzzModel(f *testing.F) {
	f.Add("Where is ORD-78342?", orderResult, "Return the earbuds, they are broken", false)
	f.Add("Do you have 3 \"x\" for zip 62704 and return ORD-1 myself", `{"success":false,"error":"Order not found"}`, "CUST-1 a@b.c", true)
	f.Add("Is Wireless Earbuds Pro in stock?", `{"success":true,"data":{"sku":"","name":"Wireless Earbuds Pro"}}`, "\xff", false)
	f.Add("warranty of what i ordered ORD-1", `{"success":true,"data":[]}`, "return the x of it, broken", false)
	f.Fuzz(func(t *testing.T, first, result, second string, isError bool) {
		model := New(Pace(0))
		req := &provider.Request{}
		for _, name := range allTools {
			req.Tools = append(req.Tools, &provider.Tool{Name: name})
		}
		for _, text := range []string{first, second} {
			req.Messages = append(req.Messages, provider.User(text))
			for turn := 0; ; turn++ {
				if turn > maxCalls {
					t.Fatalf("no end to %q", text)
				}
				resp, err := model.Generate(t.Context(), req, func(provider.Delta) {})
				if err != nil {
					t.Fatal(err)
				}
				req.Messages = append(req.Messages, resp.Message)
				calls := resp.Message.ToolCalls()
				if len(calls) == 0 {
					if resp.Message.Text() == "" {
						t.Fatal("an empty answer")
					}
					break
				}
				answers := &provider.Message{Role: provider.RoleTool}
				for _, c := range calls {
					if !json.Valid([]byte(c.Args)) {
						t.Fatalf("arguments are no JSON: %s", c.Args)
					}
					answers.Parts = append(answers.Parts, provider.ToolResult{CallID: c.ID, Parts: []provider.Part{provider.Text{Text: result}}, IsError: isError})
				}
				req.Messages = append(req.Messages, answers)
			}
		}
	})
}
