package ecommerce_test

import (
	"context"
	"errors"
	"fmt"
	"github.com/funcall/funcall/transcript"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider/providertest"
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
