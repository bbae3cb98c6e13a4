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

// A repetition of an in-doubt call gets the return that was made. The order counts it already, so
// judging the repetition again would refuse it.
func TestApproveOverLetsARepetitionPass(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))
	cable := provider.ToolCall{Name: "process_return", Args: returnCable}
	agent, err := funcall.New(providertest.NewScript(t, providertest.Calls(cable, cable), providertest.Say("It worked.")),
		funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(1300))})
	if err != nil {
		t.Fatal(err)
	}
	res, err := agent.Session("s", sarah).Send(t.Context(), "go")
	if err != nil || len(m.Returns()) != 1 || len(res.Calls) != 2 || !strings.Contains(res.Calls[1].Text(), `"return_id":"RET-100001"`) {
		t.Errorf("%s, %d returns, %+v, %v", res.Outcome, len(m.Returns()), res.Calls, err)
	}
}

func TestR18_AShopThatFailsAsks(t *testing.T) {
	m := mock()
	m.Fault(ecommerce.ToolOrder, ecommerce.Fail(errors.New("db-3 is down")))
	agent, err := funcall.New(providertest.NewScript(t, providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"other","items_to_return":[0]}`)),
		funcall.Config{Tools: ecommerce.Tools(m, ecommerce.ApproveOver(10000))})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := agent.Session("s", sarah).Send(t.Context(), "go"); err != nil || res.Outcome != transcript.OutcomeWaiting || len(m.Returns()) > 0 {
		t.Errorf("%s, %v", res.Outcome, err)
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
