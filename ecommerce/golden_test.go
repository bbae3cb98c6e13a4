package ecommerce_test

import (
	"errors"
	"github.com/funcall/funcall/transcript"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// TestGolden compares the shop's conversations with testdata/golden. The rules of package offline
// answer. A script replaces them for turns that rules never make: wrong arguments, a truncated
// response.
func TestGolden(t *testing.T) {
	files := map[string]bool{} // of the table; nothing else may lie in the folder
	defer func() {
		entries, err := os.ReadDir("testdata/golden/TestGolden")
		if err != nil {
			t.Error(err)
		}
		for _, e := range entries {
			if !files[e.Name()] {
				t.Errorf("testdata/golden/TestGolden/%s has no conversation in this test: delete it", e.Name())
			}
		}
	}()
	operator := ecommerce.Operator()
	lost := ecommerce.Fail(errors.New("connection reset by peer"))
	for _, s := range []struct {
		name   string
		as     funcall.RunOption
		says   []string
		turns  []providertest.Turn
		faulty string // the tool whose backend fails
		fault  ecommerce.Fault
		limits transcript.Limits
	}{
		{name: "order status", as: sarah, says: []string{"Where is ORD-78342?"}},
		{name: "order status without tracking", as: sarah, says: []string{"Where is ORD-70211 without tracking?"}},
		{name: "stock near a ZIP code", as: visitor, says: []string{"Do you have 5 WEP-2024 near 90001?"}},
		{name: "return with pickup", as: sarah, says: []string{"Please return ORD-78342, it is defective. Please pick it up at home."}},
		{name: "return of one item", as: sarah, says: []string{"I want to return one cable of ORD-78342, I changed my mind. I drop it off myself."}},
		{
			name: "return of a part of a line", as: sarah, says: []string{"I want to return one of the two cables of ORD-78342, I changed my mind. I drop it off.", "And how much is left of the order?"},
			turns: []providertest.Turn{
				providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"changed_mind","items_to_return":[1],"quantities":[1],"request_pickup":false}`),
				providertest.Say("The return RET-100001 of one cable has started; the refund is $12.99."),
				providertest.Call("get_order_status", `{"order_id":"ORD-78342","include_tracking":false}`),
				providertest.Say("The earbuds and one cable."),
			},
		},
		{
			name: "return of a discounted order", as: james, says: []string{"Please return ORD-73055, it is not as described: one cable now, the rest later. No pickup.", "Now the rest."},
			turns: []providertest.Turn{
				providertest.Call("process_return", `{"order_id":"ORD-73055","reason":"not_as_described","items_to_return":[1],"quantities":[1],"request_pickup":false}`),
				providertest.Say("The return of one cable has started; the refund is $11.20, its share of the $100.00 that you paid."),
				providertest.Call("process_return", `{"order_id":"ORD-73055","reason":"not_as_described","request_pickup":false}`),
				providertest.Say("The return of the rest has started; the refund is $88.80."),
			},
		},
		{
			name: "status of a return", as: sarah, says: []string{"When do I get my refund for ORD-64317?"},
			turns: []providertest.Turn{
				providertest.Call("get_order_status", `{"order_id":"ORD-64317","include_tracking":false}`),
				providertest.Say("The return RET-064317 is refunded: $89.99 to your original payment method."),
			},
		},
		{
			name: "candidates", as: visitor, says: []string{"Do you have the WEP-2025 and a mech keyboard?", "The WEP-2024, then."},
			turns: []providertest.Turn{
				providertest.Calls(
					provider.ToolCall{Name: "check_product_availability", Args: `{"product_sku":"WEP-2025"}`},
					provider.ToolCall{Name: "get_product_info", Args: `{"product_sku":"mech keyboard"}`}),
				providertest.Say("There is no WEP-2025. Do you mean the Wireless Earbuds Pro (WEP-2024)? And the Mechanical Keyboard RGB (MKR-104)?"),
				providertest.Call("check_product_availability", `{"product_sku":"WEP-2024"}`),
				providertest.Say("Yes, 47 are in stock."),
			},
		},
		{name: "return refused", as: james, says: []string{"Please return ORD-91234, I changed my mind."}},
		{name: "return twice", as: sarah, says: []string{"Please return ORD-70211, it is not as described.", "Please return ORD-70211, it is defective."}},
		{name: "other customers order", as: james, says: []string{"Where is ORD-78342?", "Please return ORD-78342, it is defective."}},
		{name: "visitor", as: visitor, says: []string{"What does MKR-104 cost?", "Where is ORD-78342?", "Show me the profile of sarah.johnson@example.com."}},
		{name: "operator", as: operator, says: []string{"Show me the account of CUST-8765 with the order history.", "Where is ORD-88410?"}},
		{name: "no subject", as: noSubject, says: []string{"Where is ORD-78342?", "Is WEP-2024 in stock?"}},
		{
			name: "profile fails", as: sarah, says: []string{"Hello!", "Where is ORD-78342?"},
			faulty: ecommerce.ToolCustomer, fault: lost,
		},
		{name: "profile", as: sarah, says: []string{"What tier is my account?"}},
		{name: "product specs", as: visitor, says: []string{"What are the specs of the WEP-2024?"}},
		{name: "product in full", as: visitor, says: []string{"Tell me about UHD-4K-55."}},
		{name: "product unknown", as: visitor, says: []string{"Tell me about XYZ-9999."}},
		{name: "several calls in one turn", as: sarah, says: []string{"Where is ORD-78342, is WEP-2024 in stock, and what is the warranty of MKR-104?"}},
		{name: "follow up", as: sarah, says: []string{"Hello!", "I want to return an order.", "ORD-70211", "It is defective.", "Where is it now?", "Thanks!"}},
		{
			name: "wrong arguments", as: sarah, says: []string{"Please return ORD-78342, it is broken."},
			turns: []providertest.Turn{
				providertest.Call("process_return", `{"order_id": 78342, "reason": "broken", "items": [0]}`),
				providertest.Call("process_return", `{"order_id": "ORD-78342", "reason": "defective", "items_to_return": null}`).
					WithReasoning("The reason must be one of the list."),
				providertest.Say("Your return RET-100001 is under way; the refund is $115.97."),
			},
		},
		{
			name: "unknown tool", as: sarah, says: []string{"Where is ORD-78342?"},
			turns: []providertest.Turn{
				providertest.Call("order_status", `{"order_id":"ORD-78342"}`),
				providertest.Call("get_order_status", `{"order_id":"ORD-78342","include_tracking":false}`).WithText("Let me look that up."),
				providertest.Say("It is in transit and should arrive by 2024-11-20."),
			},
		},
		{
			name: "backend fails", as: sarah, says: []string{"Where is ORD-78342?"},
			faulty: ecommerce.ToolOrder, fault: lost,
		},
		{
			name: "return in doubt", as: sarah, says: []string{"Please return ORD-78342, it is defective.", "Did it work? Where is ORD-78342?"},
			faulty: ecommerce.ToolReturn, fault: lost.AfterEffect(),
		},
		{
			name: "limit of steps", as: sarah, says: []string{"Where are ORD-78342 and ORD-70211, one after the other?"},
			limits: transcript.Limits{Steps: 2, Tokens: 5000},
			turns: []providertest.Turn{
				providertest.Call("get_order_status", `{"order_id":"ORD-78342","include_tracking":false}`).WithUsage(provider.Usage{Input: 410, Output: 22}),
				providertest.Call("get_order_status", `{"order_id":"ORD-70211","include_tracking":false}`).WithUsage(provider.Usage{Input: 590, CacheRead: 410, Output: 22}),
				providertest.Say("ORD-78342 is in transit,\nORD-70211 was delivered.").WithUsage(provider.Usage{Input: 770, CacheRead: 590, Output: 18, Reasoning: 4}),
			},
		},
		{
			name: "truncated", as: sarah, says: []string{"Please return ORD-78342, it is defective.", "Again, please: return ORD-78342, it is defective."},
			turns: []providertest.Turn{
				providertest.Call("process_return", `{"order_id":"ORD-78342","rea`).WithText("I start the return.").WithFinish(provider.FinishLength),
				providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"defective"}`),
				providertest.Say("Your return RET-100001 is under way."),
			},
		},
		{
			name: "model overloaded", as: sarah, says: []string{"Where is ORD-78342?", "Are you there?"},
			turns: []providertest.Turn{
				providertest.Call("get_order_status", `{"order_id":"ORD-78342","include_tracking":false}`),
				providertest.Fail(&provider.Error{Kind: provider.KindOverloaded, Provider: "anthropic", Status: 529, Message: "Overloaded", RetryAfter: 3 * time.Second}),
				providertest.Say("Yes, I am. Your order ORD-78342 is in transit."),
			},
		},
	} {
		files[strings.ReplaceAll(s.name, " ", "_")+".txtar"] = true
		t.Run(s.name, func(t *testing.T) {
			var live provider.Provider = offline.New(offline.Pace(0))
			if s.turns != nil {
				live = providertest.NewScript(nil, s.turns...)
			}
			shop := mock()
			if s.faulty != "" {
				shop.Fault(s.faulty, s.fault)
			}
			g := golden.New(t, golden.Live(live))
			agent, err := funcall.New(g, funcall.Config{
				Instructions: ecommerce.Policy,
				RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
				Tools:        ecommerce.Tools(shop),
				Limits:       s.limits,
			})
			if err != nil {
				t.Fatal(err)
			}
			chat := agent.Session("ticket-1", s.as)
			for _, text := range s.says {
				// The transcript has the error of a run, so it is compared, too.
				res, _ := chat.Send(t.Context(), text)
				g.Check(res.Transcript)
			}
		})
	}
}
