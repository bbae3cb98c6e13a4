package ecommerce_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestApproveOver(t *testing.T) {
	for _, c := range []struct {
		name, args string
		as         funcall.RunOption
		why        string // the reason for approval; "" if none is needed
	}{
		{"over", `{"order_id":"ORD-78342","reason":"other"}`, sarah, "the refund of 115.97 for ORD-78342 is over 100.00"},
		{"not over", `{"order_id":"ORD-78342","reason":"other","items_to_return":[0]}`, sarah, ""},
		{"exactly", `{"order_id":"ORD-88410","reason":"other","items_to_return":[1]}`, ecommerce.Customer("CUST-8765"), ""},
		{"of the staff", `{"order_id":"ORD-88410","reason":"other"}`, ecommerce.Operator(), "the refund of 588.96 for ORD-88410 is over 100.00"},
		{"what will be refused", `{"order_id":"ORD-66050","reason":"other"}`, sarah, ""},
		{"another customer's", `{"order_id":"ORD-88410","reason":"other"}`, sarah, ""},
		{"of no order", `{"order_id":"ORD-0","reason":"other"}`, sarah, ""},
		{"without a subject", `{"order_id":"ORD-78342","reason":"other"}`, funcall.Subject(""), ""},
	} {
		m := mock()
		turns := []providertest.Turn{providertest.Call("process_return", c.args)}
		if c.why == "" {
			turns = append(turns, providertest.Say("done"))
		}
		agent, err := funcall.New(providertest.NewScript(t, turns...), funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(10000))})
		if err != nil {
			t.Fatal(err)
		}
		res, err := agent.Session("s", c.as).Send(t.Context(), "go")
		if err != nil || (len(res.Pending) == 1) != (c.why != "") || c.why != "" && (res.Pending[0].Reason != c.why || len(m.Returns()) > 0) {
			t.Errorf("%s: %s, pending %+v, %v", c.name, res.Outcome, res.Pending, err)
		}
	}
}

const (
	returnEarbuds = `{"order_id":"ORD-78342","reason":"other","items_to_return":[0],"request_pickup":false}`
	returnCable   = `{"order_id":"ORD-78342","reason":"other","items_to_return":[1],"quantities":[1],"request_pickup":false}`
	secondCable   = "the refund of 12.99 for ORD-78342 makes 102.98 with the 89.99 refunded before, which is over 100.00"
)

// Returning item by item does not go around the amount.
func TestApproveOverCountsEarlierRefunds(t *testing.T) {
	m := mock()
	agent, err := funcall.New(providertest.NewScript(t,
		providertest.Call("process_return", returnEarbuds),
		providertest.Call("process_return", returnCable),
		providertest.Say("Both are on their way."),
	), funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(10000))})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("s", sarah)
	res, err := chat.Send(t.Context(), "go")
	if err != nil || len(res.Pending) != 1 || res.Pending[0].Reason != secondCable || len(m.Returns()) != 1 {
		t.Fatalf("%s, pending %+v, %v", res.Outcome, res.Pending, err)
	}
	if res, err = chat.Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || len(m.Returns()) != 2 {
		t.Errorf("approved: %s, %d returns, %v", res.Outcome, len(m.Returns()), err)
	}
}

// Two calls of one response are judged before either return is made: the second is judged again.
func TestApproveOverCountsTheReturnsOfOneResponse(t *testing.T) {
	m := mock()
	agent, err := funcall.New(providertest.NewScript(t,
		providertest.Calls(provider.ToolCall{Name: "process_return", Args: returnEarbuds}, provider.ToolCall{Name: "process_return", Args: returnCable}),
		providertest.Call("process_return", returnCable),
		providertest.Say("Both are on their way."),
	), funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(10000))})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("s", sarah)
	res, err := chat.Send(t.Context(), "go")
	if err != nil || len(res.Pending) != 1 || res.Pending[0].Reason != secondCable || len(m.Returns()) != 1 {
		t.Fatalf("%s, pending %+v, %d returns, %v", res.Outcome, res.Pending, len(m.Returns()), err)
	}
	if refused := res.Calls[1].Text(); !strings.HasPrefix(refused, `{"success":false,"error":"A person has to approve this return: `+secondCable) {
		t.Errorf("the second call: %s", refused)
	}
	if res, err = chat.Decide(t.Context(), funcall.Approve(res.Pending[0])); err != nil || len(m.Returns()) != 2 {
		t.Errorf("approved: %s, %d returns, %v", res.Outcome, len(m.Returns()), err)
	}
}

// returning runs one response with calls of process_return.
func returning(t *testing.T, b ecommerce.Backend, over ecommerce.Money, args ...string) *funcall.Result {
	t.Helper()
	var calls []provider.ToolCall
	for _, a := range args {
		calls = append(calls, provider.ToolCall{Name: "process_return", Args: a})
	}
	agent, err := funcall.New(providertest.NewScript(t, providertest.Calls(calls...), providertest.Say("done")),
		funcall.Config{Tools: ecommerce.Tools(b, ecommerce.ApproveOver(over))})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Session("s", sarah).Send(t.Context(), "go")
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// A repetition of an in-doubt call gets the return that was made.
func TestApproveOverLetsARepetitionPass(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))
	res := returning(t, m, 10000, returnCable, returnCable)
	if len(m.Returns()) != 1 || !strings.Contains(res.Calls[1].Text(), `"return_id":"RET-100001"`) {
		t.Errorf("%d returns, %+v", len(m.Returns()), res.Calls)
	}
}

// If the order counts the return of a repetition, or another call's, the repetition is over the
// amount. Whether its return was made is unknown then.
func TestApproveOverKeepsARepetitionInDoubt(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))
	res := returning(t, m, 1300, returnCable, returnCable)
	if len(m.Returns()) != 1 || res.Calls[1].Status != transcript.StatusInDoubt {
		t.Errorf("%d returns, %+v", len(m.Returns()), res.Calls)
	}
}

func TestApproveOverChecksARepetitionThatWasNotMade(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection refused")).Times(1))
	res := returning(t, m, 10000, returnCable, returnEarbuds, returnCable)
	if len(m.Returns()) != 1 || res.Calls[2].Status != transcript.StatusInDoubt {
		t.Errorf("%d returns, %+v", len(m.Returns()), res.Calls)
	}
}

// An unreadable backend cannot read orders while orders is false.
type unreadable struct {
	*ecommerce.Mock
	orders func() bool
}

func (b unreadable) Order(ctx context.Context, as ecommerce.Viewer, id string) (*ecommerce.Order, error) {
	if !b.orders() {
		return nil, &ecommerce.Refusal{Message: "Orders are being moved"}
	}
	return b.Mock.Order(ctx, as, id)
}

// If a repetition cannot be checked, nothing is known about its return.
func TestApproveOverCannotCheckARepetition(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))
	res := returning(t, unreadable{m, func() bool { return len(m.Returns()) == 0 }}, 10000, returnCable, returnCable)
	if len(m.Returns()) != 1 || res.Calls[1].Status != transcript.StatusInDoubt {
		t.Errorf("%d returns, %+v", len(m.Returns()), res.Calls)
	}
}

// A stopping backend stops the process at its second return, before anything is returned.
type stopping struct {
	*ecommerce.Mock
	stop   func()
	owners int
}

func (b *stopping) Owner(ctx context.Context, id string) (string, error) {
	if b.owners++; b.owners == 2 {
		b.stop()
		return "", ctx.Err()
	}
	return b.Mock.Owner(ctx, id)
}

func TestApproveOverChecksAfterACrash(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := &stopping{Mock: mock(), stop: stop}
	agent, err := funcall.New(providertest.NewScript(t,
		providertest.Calls(provider.ToolCall{Name: "process_return", Args: returnEarbuds}, provider.ToolCall{Name: "process_return", Args: returnCable}),
		providertest.Say("done"),
	), funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(10000))})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("s", sarah)
	if _, err := chat.Send(ctx, "go"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	res, err := chat.Resume(t.Context())
	if err != nil || len(m.Returns()) != 1 || m.owners < 3 || res.Calls[len(res.Calls)-1].Status != transcript.StatusInDoubt {
		t.Errorf("%d returns, %+v, %v", len(m.Returns()), res.Calls, err)
	}
}

// Returned pieces count, also if the order does not have their returns.
func TestApproveOverCountsReturnedPieces(t *testing.T) {
	m := ecommerce.NewMock(ecommerce.Latency(0), ecommerce.With(ecommerce.Data{Orders: []ecommerce.Order{{
		ID: "ORD-1", CustomerID: "CUST-9821", Status: ecommerce.StatusDelivered, Total: 20000,
		Items: []ecommerce.Item{{Name: "a", Qty: 1, Price: 10000, Returned: 1}, {Name: "b", Qty: 1, Price: 10000}},
	}}}))
	res := pending(t, m, 15000, `{"order_id":"ORD-1","reason":"other"}`)
	if res.Reason != "the refund of 100.00 for ORD-1 makes 200.00 with the 100.00 refunded before, which is over 150.00" {
		t.Error(res.Reason)
	}
}

// pending returns the call of process_return, which waits for approval.
func pending(t *testing.T, b ecommerce.Backend, over ecommerce.Money, args string) transcript.PendingCall {
	t.Helper()
	agent, err := funcall.New(providertest.NewScript(t, providertest.Call("process_return", args)),
		funcall.Config{Tools: ecommerce.Tools(b, ecommerce.ApproveOver(over))})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Session("s", sarah).Send(t.Context(), "go")
	if err != nil || len(res.Pending) != 1 {
		t.Fatalf("%s, pending %+v, %v", res.Outcome, res.Pending, err)
	}
	return res.Pending[0]
}

// An otherOrder backend answers with a wrong order.
type otherOrder struct{ *ecommerce.Mock }

func (b otherOrder) Order(ctx context.Context, as ecommerce.Viewer, _ string) (*ecommerce.Order, error) {
	return b.Mock.Order(ctx, as, "ORD-66050") // cancelled
}

func TestApproveOverDoesNotJudgeAnotherOrder(t *testing.T) {
	if p := pending(t, otherOrder{mock()}, 10000, `{"order_id":"ORD-78342","reason":"other"}`); p.Tool != ecommerce.ToolReturn {
		t.Errorf("%+v", p)
	}
}

// A replica does not have the orders yet.
type replica struct{ *ecommerce.Mock }

func (b replica) Order(context.Context, ecommerce.Viewer, string) (*ecommerce.Order, error) {
	return nil, ecommerce.ErrNotFound
}

func TestApproveOverNeedsTheOrder(t *testing.T) {
	m := replica{mock()}
	res := returning(t, m, 10000, `{"order_id":"ORD-78342","reason":"other"}`)
	if len(m.Returns()) != 0 || !strings.Contains(res.Calls[0].Text(), "Order not found") {
		t.Errorf("%d returns, %+v", len(m.Returns()), res.Calls)
	}
}

func TestR18_AShopThatFailsAsks(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolOrder, ecommerce.Fail(errors.New("db-3 is down")))
	if pending(t, m, 10000, returnEarbuds); len(m.Returns()) > 0 {
		t.Errorf("%d returns", len(m.Returns()))
	}
}

func ExampleApproveOver() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	var opts []ecommerce.ToolsOption
	opts = append(opts, ecommerce.ApproveOver(10000)) // cents
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"defective"}`)),
		funcall.Config{Tools: ecommerce.Tools(shop, opts...)})
	if err != nil {
		panic(err)
	}
	res, _ := agent.Session("ticket", ecommerce.Customer("CUST-9821")).Send(context.Background(), "Return it.")
	fmt.Println(res.Outcome, len(shop.Returns()), res.Pending[0].Reason)
	// Output: waiting 0 the refund of 115.97 for ORD-78342 is over 100.00
}

func ExampleReturnRequest_Equal() {
	all := ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective}
	one := all
	one.Items = []int{0}
	fmt.Println(all.Equal(all), all.Equal(one))
	// Output: true false
}
