package ecommerce_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestR06_BadReasonNeverReachesTheBackend(t *testing.T) {
	m := mock()
	got := call(t, m, sarah, "process_return", `{"order_id":"ORD-78342","reason":"bored"}`)
	if got.Status != transcript.StatusRefused || len(m.Calls()) != 0 {
		t.Errorf("%s, and the backend got %v", got.Status, m.Calls())
	}
}

func TestR09_FailureOfTheShopIsNotRetold(t *testing.T) {
	m := mock()
	m.Fault("get_order_status", ecommerce.Fail(errors.New("db-3.internal refused the password")))
	got := call(t, m, sarah, "get_order_status", `{"order_id":"ORD-78342"}`)
	if got.Status != transcript.StatusFailed || strings.Contains(got.Text(), "db-3") || !strings.Contains(got.ErrorText, "db-3") {
		t.Errorf("%+v", got)
	}
}

func TestR13_LookupsAreReadOnlyAndTheReturnIsIdempotent(t *testing.T) {
	for tool, args := range map[string]string{
		"get_order_status":           `{"order_id":"ORD-78342"}`,
		"check_product_availability": `{"product_sku":"WEP-2024"}`,
		"get_customer_info":          `{"customer_id":"CUST-9821"}`,
		"get_product_info":           `{"product_sku":"WEP-2024"}`,
		"process_return":             `{"order_id":"ORD-78342","reason":"other"}`,
	} {
		want := transcript.ClassReadOnly
		if tool == "process_return" {
			want = transcript.ClassIdempotent
		}
		if got := call(t, mock(), sarah, tool, args); got.Class != want || got.Status != transcript.StatusOK {
			t.Errorf("%s is %s and ended %s", tool, got.Class, got.Status)
		}
	}
}

func TestR15_TheReturnGetsTheCallsKey(t *testing.T) {
	m := mock()
	agent, err := funcall.New(providertest.NewScript(t,
		providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"other","items_to_return":[0]}`),
		providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"other","items_to_return":[1]}`),
		providertest.Say("Done.")),
		funcall.Config{Tools: ecommerce.Tools(m)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Session("ticket-1", sarah).Send(t.Context(), "Return both, one by one.")
	if err != nil {
		t.Fatal(err)
	}
	made := m.Returns()
	if len(made) != 2 || len(res.Calls) != 2 {
		t.Fatalf("%d returns of %d calls", len(made), len(res.Calls))
	}
	for i, c := range res.Calls {
		if want := transcript.Key("ticket-1", c.Ref); made[i].Key != want {
			t.Errorf("return %d has the key %q, want %q", i, made[i].Key, want)
		}
	}
}

func TestR16_LostAnswerOfAReturnIsInDoubt(t *testing.T) {
	for name, fault := range map[string]ecommerce.Fault{
		"hung before it":  ecommerce.Hang(),
		"hung after it":   ecommerce.Hang().AfterEffect(),
		"slow beyond all": ecommerce.Slow(1e15),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := mock()
				m.Fault("process_return", fault)
				got := call(t, m, sarah, "process_return", `{"order_id":"ORD-78342","reason":"other"}`)
				if got.Status != transcript.StatusInDoubt {
					t.Errorf("the call ended %s", got.Status)
				}
				if calls := m.Calls(); len(calls) != 1 {
					t.Errorf("the shop was asked %d times", len(calls))
				}
			})
		})
	}
}

// A faulty backend replaces single methods.
type faulty struct {
	*ecommerce.Mock
	lookup func() error // of everything but a return
	order  *ecommerce.Order
	empty  bool // returns nothing, and no error
	ret    func(made *ecommerce.Return, err error) (*ecommerce.Return, error)
}

func (f faulty) Owner(ctx context.Context, id string) (string, error) {
	if f.lookup != nil {
		return "", f.lookup()
	}
	return f.Mock.Owner(ctx, id)
}

func (f faulty) Order(ctx context.Context, as ecommerce.Viewer, id string) (*ecommerce.Order, error) {
	switch {
	case f.lookup != nil:
		return nil, f.lookup()
	case f.empty || f.order != nil:
		return f.order, nil
	}
	return f.Mock.Order(ctx, as, id)
}

func (f faulty) Customer(ctx context.Context, as ecommerce.Viewer, id string) (*ecommerce.Profile, error) {
	if f.empty {
		return nil, nil
	}
	return f.Mock.Customer(ctx, as, id)
}

func (f faulty) Orders(ctx context.Context, as ecommerce.Viewer, id string, limit int) ([]ecommerce.Order, error) {
	if f.lookup != nil {
		return nil, f.lookup()
	}
	return f.Mock.Orders(ctx, as, id, limit)
}

func (f faulty) Stock(ctx context.Context, code string) (*ecommerce.Stock, error) {
	if f.empty {
		return nil, nil
	}
	return f.Mock.Stock(ctx, code)
}

func (f faulty) Return(ctx context.Context, as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) (*ecommerce.Return, error) {
	made, err := f.Mock.Return(ctx, as, key, req)
	if f.ret == nil {
		return made, err
	}
	return f.ret(made, err)
}

func TestR16_LostReplyOfAReturnIsInDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want transcript.Status
	}{
		"connection":      {errors.New("connection reset"), transcript.StatusInDoubt},
		"commit":          {fmt.Errorf("commit: %w", context.DeadlineExceeded), transcript.StatusInDoubt},
		"nothing at all":  {nil, transcript.StatusInDoubt},
		"not found":       {ecommerce.ErrNotFound, transcript.StatusOK},
		"a reason":        {&ecommerce.Refusal{Message: "Too late."}, transcript.StatusOK},
		"a wrapped one":   {fmt.Errorf("shop: %w", &ecommerce.Refusal{Message: "Too late."}), transcript.StatusOK},
		"of the mock":     {errors.New("connection lost"), transcript.StatusInDoubt},
		"visible, by far": {funcall.Visible(errors.New("try again")), transcript.StatusInDoubt},
	} {
		t.Run(name, func(t *testing.T) {
			m := mock()
			b := ecommerce.Backend(faulty{Mock: m, ret: func(*ecommerce.Return, error) (*ecommerce.Return, error) { return nil, c.err }})
			if name == "of the mock" {
				b = m
				m.Fault(ecommerce.ToolReturn, ecommerce.Fail(c.err).AfterEffect())
			}
			script := providertest.NewScript(t,
				providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"other"}`), providertest.Say("Done."))
			agent, err := funcall.New(script, funcall.Config{Tools: ecommerce.Tools(b)})
			if err != nil {
				t.Fatal(err)
			}
			res, err := agent.Run(t.Context(), "Return it.", sarah)
			if err != nil || res.Calls[0].Status != c.want {
				t.Fatalf("the call ended %s, %v", res.Calls[0].Status, err)
			}
			if len(m.Returns()) != 1 {
				t.Errorf("%d returns were made", len(m.Returns()))
			}
			requests := script.Requests()
			last := requests[len(requests)-1].Messages
			read := last[len(last)-1].Parts[0].(provider.ToolResult).Text()
			if inDoubt := strings.Contains(read, "not known whether this was done"); inDoubt != (c.want == transcript.StatusInDoubt) {
				t.Errorf("the model reads %q", read)
			}
		})
	}
}

// The shop's mistake is not a reason that a customer is told, and nothing is in doubt.
func TestAnInvalidOrderIsAFailureOfTheShop(t *testing.T) {
	data := ecommerce.ReferenceData()
	data.Orders[0].Items[1].Price = -1299
	for name, opts := range map[string][]ecommerce.ToolsOption{"without approval": nil, "with approval": {ecommerce.ApproveOver(10000)}} {
		m := mock(ecommerce.With(data))
		agent, err := funcall.New(
			providertest.NewScript(t, providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"other"}`), providertest.Say("It failed.")),
			funcall.Config{Tools: ecommerce.Tools(m, opts...)})
		if err != nil {
			t.Fatal(err)
		}
		chat := agent.Session("s", sarah)
		res, err := chat.Send(t.Context(), "Return it.")
		if len(res.Pending) == 1 { // a rule that fails asks a person
			res, err = chat.Decide(t.Context(), funcall.Approve(res.Pending[0]))
		}
		if err != nil || len(res.Calls) != 1 || len(m.Returns()) > 0 {
			t.Fatalf("%s: %+v, %v", name, res, err)
		}
		c := res.Calls[0]
		if c.Status != transcript.StatusFailed || strings.Contains(c.Text(), "-12.99") || !strings.Contains(c.ErrorText, "invalid order ORD-78342") {
			t.Errorf("%s: %s, %s, %s", name, c.Status, c.Text(), c.ErrorText)
		}
	}
}

func TestNothingAndNoErrorIsNotFound(t *testing.T) {
	for tool, args := range map[string]string{
		"get_order_status":           `{"order_id":"ORD-78342"}`,
		"get_customer_info":          `{"customer_id":"CUST-9821"}`,
		"check_product_availability": `{"product_sku":"WEP-2024"}`,
	} {
		got := call(t, faulty{Mock: mock(), empty: true}, sarah, tool, args)
		if got.Status != transcript.StatusOK || !strings.Contains(got.Text(), "not found") {
			t.Errorf("%s: %s, %s", tool, got.Status, got.Text())
		}
	}
}

func TestAnotherOrderThanAskedForIsNotFound(t *testing.T) {
	for _, o := range ecommerce.ReferenceData().Orders {
		got := call(t, faulty{Mock: mock(), order: &o}, sarah, "get_order_status", `{"order_id":"ORD-70211"}`).Text()
		if found := strings.Contains(got, `"success":true`); found != (o.ID == "ORD-70211") {
			t.Errorf("asked for ORD-70211, the backend has %s: %s", o.ID, got)
		}
	}
}

func TestARefusalIsAnAnswerWhereverItComesFrom(t *testing.T) {
	b := faulty{Mock: mock(), lookup: func() error { return &ecommerce.Refusal{Message: "Closed for stocktaking."} }}
	m := mock()
	for _, tool := range []string{ecommerce.ToolOrder, ecommerce.ToolStock, ecommerce.ToolReturn, ecommerce.ToolCustomer, ecommerce.ToolProduct} {
		m.Fault(tool, ecommerce.Fail(&ecommerce.Refusal{Message: "Closed for stocktaking."}))
	}
	for _, c := range []struct {
		b          ecommerce.Backend
		tool, args string
	}{
		{b, "get_order_status", `{"order_id":"ORD-78342"}`},
		{b, "process_return", `{"order_id":"ORD-78342","reason":"other"}`},
		{b, "get_customer_info", `{"customer_id":"CUST-9821","include_order_history":true}`},
		{m, "get_order_status", `{"order_id":"ORD-78342"}`},
		{m, "process_return", `{"order_id":"ORD-78342","reason":"other"}`},
		{m, "get_customer_info", `{"customer_id":"CUST-9821"}`},
		{m, "check_product_availability", `{"product_sku":"WEP-2024"}`},
		{m, "get_product_info", `{"product_sku":"WEP-2024"}`},
	} {
		if got := call(t, c.b, sarah, c.tool, c.args); got.Status != transcript.StatusOK || got.Text() != `{"success":false,"error":"Closed for stocktaking."}` {
			t.Errorf("%T, %s: %s, %s", c.b, c.tool, got.Status, got.Text())
		}
	}
}
