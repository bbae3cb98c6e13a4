package offline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuestions(t *testing.T) {
	for _, c := range []struct {
		ask  string
		want []string // the calls of each turn
	}{
		// orders
		{"Where is my order ORD-78342?", []string{`get_order_status {"order_id":"ORD-78342"}`}},
		{"ord-78342", []string{`get_order_status {"order_id":"ORD-78342"}`}},
		{"What is the status of ORD-1 and ORD-2?", []string{`get_order_status {"order_id":"ORD-1"}; get_order_status {"order_id":"ORD-2"}`}},
		{"Has ORD-1 been shipped?", []string{`get_order_status {"order_id":"ORD-1"}`}},
		{"Show ORD-1 status without the tracking", []string{`get_order_status {"order_id":"ORD-1","include_tracking":false}`}},
		{"Where is my order?", nil},
		// stock
		{"Is WEP-2024 in stock?", []string{`check_product_availability {"product_sku":"WEP-2024"}`}},
		{"Do you have 5 units of WEP-2024 for ZIP code 62704?", []string{`check_product_availability {"product_sku":"WEP-2024","zip_code":"62704","quantity_needed":5}`}},
		{"I need two MKR-104 in 98101. Are they available?", []string{`check_product_availability {"product_sku":"MKR-104","zip_code":"98101","quantity_needed":2}`}},
		{"Is 850012345017 available near 90001?", []string{`check_product_availability {"product_sku":"850012345017","zip_code":"90001"}`}},
		{"Is WEP-2024 available for zip 1234?", []string{`check_product_availability {"product_sku":"WEP-2024","zip_code":"1234"}`}},
		{"Do you have 60 Wireless Earbuds Pro in stock?", []string{
			`get_product_info {"product_sku":"Wireless Earbuds Pro"}`,
			`check_product_availability {"product_sku":"WEP-2024","quantity_needed":60}`}},
		{"Is WEP-2024 in stock and does it arrive within 2 days?", []string{`check_product_availability {"product_sku":"WEP-2024"}`}},
		{"Are 3 of the 55-inch 4K Smart TV in stock?", []string{`get_product_info {"product_sku":"55-inch 4K Smart TV"}`}},
		{"Can you check whether the Wireless Earbuds Pro are available near 75201? I need three.", []string{
			`get_product_info {"product_sku":"Wireless Earbuds Pro"}`,
			`check_product_availability {"product_sku":"WEP-2024","zip_code":"75201","quantity_needed":3}`}},
		{"Do you have the USB-C Charging Cable?", []string{`get_product_info {"product_sku":"USB-C Charging Cable"}`}},
		{"I need 5000 of UCC-2M near 10001", []string{`check_product_availability {"product_sku":"UCC-2M","zip_code":"10001","quantity_needed":5000}`}},
		{"Do you have WEP-2024 near 627041?", []string{`check_product_availability {"product_sku":"WEP-2024","zip_code":"627041"}`}},
		{"Is WEP-2024 in stock for zip code 62704-12?", []string{`check_product_availability {"product_sku":"WEP-2024","zip_code":"62704-12"}`}},
		{"Is it still in stock?", nil},
		// products
		{"What's the warranty on the earbuds in ORD-78342?", []string{
			`get_order_status {"order_id":"ORD-78342","include_tracking":false}`,
			`get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`}},
		{"What does the Mechanical Keyboard RGB cost?", []string{`get_product_info {"product_sku":"Mechanical Keyboard RGB"}`}},
		{"What's the battery life of the Wireless Earbuds Pro?", []string{`get_product_info {"product_sku":"Wireless Earbuds Pro","info_type":"specs"}`}},
		{"Tell me about UHD-4K-55 and the Mechanical Keyboard RGB.", []string{`get_product_info {"product_sku":"UHD-4K-55"}; get_product_info {"product_sku":"Mechanical Keyboard RGB"}`}},
		{"What is the warranty on the Wireless Earbuds Pro, and on SKU MKR-104?", []string{
			`get_product_info {"product_sku":"Wireless Earbuds Pro","info_type":"warranty"}; get_product_info {"product_sku":"MKR-104","info_type":"warranty"}`}},
		{"How much does the Mechanical Keyboard RGB cost?", []string{`get_product_info {"product_sku":"Mechanical Keyboard RGB"}`}},
		{"Tell me about “USB-C Charging Cable”.", []string{`get_product_info {"product_sku":"USB-C Charging Cable"}`}},
		{"What are the shipping options for UHD-4K-55?", []string{`get_product_info {"product_sku":"UHD-4K-55","info_type":"shipping"}`}},
		{"What are the specs and the warranty of WEP-2024?", []string{`get_product_info {"product_sku":"WEP-2024","info_type":"specs"}; get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`}},
		{"What warranty do I have on what I ordered in ORD-78342?", []string{
			`get_order_status {"order_id":"ORD-78342","include_tracking":false}`,
			`get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}; get_product_info {"product_sku":"UCC-2M","info_type":"warranty"}`}},
		{"What is the warranty?", nil},
		// customers
		{"Show the profile of sarah.johnson@example.com.", []string{`get_customer_info {"customer_id":"sarah.johnson@example.com"}`}},
		{"What has customer CUST-9821 bought, and what is the tier?", []string{`get_customer_info {"customer_id":"CUST-9821","include_order_history":true}`}},
		{"Show my order history.", []string{`get_customer_info {"customer_id":"me","include_order_history":true}`}},
		{"Show my profile", []string{`get_customer_info {"customer_id":"me"}`}},
		{"What did I order recently?", []string{`get_customer_info {"customer_id":"me","include_order_history":true}`}},
		{"Show the profile of a customer.", nil},
		{"Who is a.b@example.com?", []string{`get_customer_info {"customer_id":"a.b@example.com"}`}},
		// returns that are asked for
		{"I want to return ORD-1. It is broken.", []string{seen1, `process_return {"order_id":"ORD-1","reason":"defective"}`}},
		{"Return ORD-1, please; I don’t need it any more. I will drop it off.", []string{seen1, `process_return {"order_id":"ORD-1","reason":"changed_mind","request_pickup":false}`}},
		{"You sent the wrong item in ORD-1: please pick it up, I want to return everything.", []string{seen1, `process_return {"order_id":"ORD-1","reason":"wrong_item","request_pickup":true}`}},
		{"I'd like to send back ORD-1, it is not as described", []string{seen1, `process_return {"order_id":"ORD-1","reason":"not_as_described"}`}},
		{"Return the earbuds from ORD-78342, they are defective.", []string{
			`get_order_status {"order_id":"ORD-78342","include_tracking":false}`,
			`process_return {"order_id":"ORD-78342","reason":"defective","items_to_return":[0]}`}},
		{"Return the toaster from ORD-78342, it is defective.", []string{`get_order_status {"order_id":"ORD-78342","include_tracking":false}`}},
		{"I want to return my order.", nil},
		{"Return ORD-1.", nil},
		{"I got the wrong item in ORD-1 and want my money back.", []string{seen1, `process_return {"order_id":"ORD-1","reason":"wrong_item"}`}},
		{"Don't return ORD-1, it is broken but useful.", []string{`get_order_status {"order_id":"ORD-1"}`}},
		{"What happens if I return ORD-1? It is broken.", []string{`get_order_status {"order_id":"ORD-1"}`}},
		{"Has my refund for ORD-1 been sent?", []string{`get_order_status {"order_id":"ORD-1"}`}},
		{"What is the return policy for WEP-2024? It is broken.", []string{`get_product_info {"product_sku":"WEP-2024"}`}},
		{"Return the earbuds of ORD-78342; they are defective, and tell me the warranty of them.", []string{
			`get_order_status {"order_id":"ORD-78342","include_tracking":false}`,
			`process_return {"order_id":"ORD-78342","reason":"defective","items_to_return":[0]}; get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`}},
		// several at once
		{"Where is ORD-78342, is MKR-104 in stock for 98101, and what is the warranty on WEP-2024?", []string{
			`get_order_status {"order_id":"ORD-78342"}; check_product_availability {"product_sku":"MKR-104","zip_code":"98101"}; get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`}},
		{"Where is ORD-78342 and what warranty do the things in it have? I ordered them as ORD-78342.", []string{
			`get_order_status {"order_id":"ORD-78342"}`,
			`get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}; get_product_info {"product_sku":"UCC-2M","info_type":"warranty"}`}},
		// nothing
		{"Hello!", nil},
		{"Thanks, bye.", nil},
		{"Write a poem about the sea.", nil},
		{"", nil},
	} {
		t.Run(c.ask, func(t *testing.T) {
			turns, answer := newChat(t, allTools...).say(c.ask)
			if diff := cmp.Diff(c.want, turns); diff != "" {
				t.Errorf("calls (-want +got):\n%s\nanswer: %s", diff, answer)
			}
			if answer == "" {
				t.Error("there is no answer")
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct{ ask, want string }{
		{"Where is ORD-78342?", "is in transit and should arrive by 2024-11-20"},
		{"Where is ORD-78342?", "2 x USB-C Charging Cable at $12.99 each; the total is $115.97"},
		{"Where is ORD-78342?", "Indianapolis, IN: Arrived at local facility"},
		{"Where is ORD-00000?", "I cannot find an order ORD-00000"},
		{"Do you have 60 Wireless Earbuds Pro?", "you need 60 of Wireless Earbuds Pro (WEP-2024) and we have 47. The closest warehouse is Chicago, IL"},
		{"What did CUST-9821 order? Show the order history of the customer.", "- ORD-78342 of 2024-11-15, in transit, $115.97"},
		{"Tell me about Cable", "They are C-1 (Cable) and C-2 (Cable)."},
		{"Return ORD-91234, I changed my mind", "cannot be returned: it is still being processed."},
		{"Return the earbuds of ORD-78342, they are broken", "The refund is $89.99 (Original payment method, soon). A driver comes on 2024-11-25."},
		{"Return the toaster from ORD-78342, it is broken", "holds Wireless Earbuds Pro and USB-C Charging Cable. " + askItems},
		{"Return ORD-78342", askReason},
		{"I want to return something", askReturnOrder},
		{"Where is my order?", askOrder},
		{"Is it in stock?", askStock},
		{"What is the warranty?", askProduct},
		{"Show my profile", askCustomer}, // in a session without a customer
		{"What is your return policy?", policyNote},
		{"Forget it", "All right"},
		{"Don't return ORD-1", noReturnNote},
		{"Cancel ORD-78342", "I have no tool to cancel anything"},
		{"Hello", "not a language model"},
		{"Thank you!", "You are welcome"},
		{"What is the meaning of life?", "I do not understand that. I am a set of offline rules, not a language model."},
	} {
		if _, got := newChat(t, allTools...).say(c.ask); !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.ask, got, c.want)
		}
	}
}

func TestConversation(t *testing.T) {
	type turn struct{ say, calls, answer string }
	for name, turns := range map[string][]turn{
		"a return bit by bit": {
			{"Where is ORD-78342?", `get_order_status {"order_id":"ORD-78342"}`, "in transit"},
			{"Return it, please.", "", askReason},
			{"The earbuds are defective.", `process_return {"order_id":"ORD-78342","reason":"defective","items_to_return":[0]}`, "RET-1"},
			{"Thanks!", "", "welcome"},
		},
		"the order's number last": {
			{"I want to return my order, it is broken", "", askReturnOrder},
			{"ORD-1", seen1 + ` | process_return {"order_id":"ORD-1","reason":"defective"}`, "Nothing there"},
		},
		"something else instead": {
			{"Return ORD-1", "", askReason},
			{"Is WEP-2024 in stock?", `check_product_availability {"product_sku":"WEP-2024"}`, "Nothing there"},
		},
		"the same product": {
			{"Is WEP-2024 in stock?", `check_product_availability {"product_sku":"WEP-2024"}`, "Nothing there"},
			{"And what warranty does it have?", `get_product_info {"product_sku":"WEP-2024","info_type":"warranty"}`, "2 years"},
		},
		"who it is": {
			{"Show my order history.", `get_customer_info {"customer_id":"me","include_order_history":true}`, askCustomer},
			{"CUST-9821", `get_customer_info {"customer_id":"CUST-9821","include_order_history":true}`, "ORD-78342 of"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t, allTools...)
			for _, turn := range turns {
				calls, answer := c.say(turn.say)
				if got := strings.Join(calls, " | "); got != turn.calls || !strings.Contains(answer, turn.answer) {
					t.Fatalf("%s\ncalls  %s\nwant   %s\nanswer %s\nwant   %s", turn.say, got, turn.calls, answer, turn.answer)
				}
			}
		})
	}
}

// TestNoReturnInDoubt plays messages that must not start a return, or not of the whole order. The
// wanted calls are those of process_return only.
func TestNoReturnInDoubt(t *testing.T) {
	const start = `process_return {"order_id":"ORD-78342","reason":`
	for _, c := range []struct {
		says []string
		want string
	}{
		{[]string{"Stop the return of ORD-78342, it is not defective"}, ""},
		{[]string{"Please cancel the return of ORD-78342, it was defective"}, ""},
		{[]string{"I would return ORD-78342 only if it were defective, which it isn't"}, ""},
		{[]string{"Should I return ORD-78342 if it's broken?"}, ""},
		{[]string{"Return ORD-78342? It is broken."}, ""},
		{[]string{"My refund for ORD-78342 has not come yet, the item was broken"}, ""},
		{[]string{"A friend had a broken keyboard and got a refund. Where is ORD-78342?"}, ""},
		{[]string{"My sister said: return it, ORD-78342 is broken"}, ""},
		{[]string{"I already returned ORD-78342 because it was broken"}, ""},
		{[]string{"My return label for ORD-78342 is broken"}, ""},
		{[]string{"Return label of ORD-78342 is damaged"}, ""},
		{[]string{"Is it possible to return ORD-78342 because I changed my mind?"}, ""},
		{[]string{"How do I return ORD-78342 if it is damaged?"}, ""},
		{[]string{"Return ORD-78342, it was never defective"}, ""},
		{[]string{"Return ORD-78342", "no, don't return it", "it was never defective"}, ""},
		{[]string{"Return ORD-78342", "no, don't return it", "it is defective"}, ""},
		{[]string{"Return ORD-78342", "never mind", "defective"}, ""},
		{[]string{"Return ORD-78342", "forget it", "it is broken"}, ""},
		{[]string{"Return ORD-78342", "stop", "it is broken"}, ""},
		{[]string{"Return ORD-78342", "No thanks, I keep it, it is not broken"}, ""},
		{[]string{"Return ORD-78342", "it isn't broken"}, ""},
		{[]string{"Return ORD-78342", "Is it defective?"}, ""},
		{[]string{"Return ORD-78342", "My ORD-70211 is broken"}, ""},
		{[]string{"Return ORD-78342", "My refund for the last one never came, it was broken"}, ""},
		{[]string{"Return ORD-78342, it is broken", "never mind"}, start + `"defective"}`},
		{[]string{"I want to return something", "ORD-78342", "the cable", "I changed my mind"}, start + `"changed_mind","items_to_return":[1]}`},
		{[]string{"I want to return the cable from my order", "ORD-78342", "it's broken"}, start + `"defective","items_to_return":[1]}`},
		{[]string{"Return ORD-78342, it is broken. Only the cable please."}, start + `"defective","items_to_return":[1]}`},
		{[]string{"Return ORD-78342, it is broken. Only the lamp please."}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind"}, ""},
		{[]string{"Return everything of ORD-78342 but not the earbuds, changed my mind"}, ""},
		{[]string{"Return ORD-78342, the cable is fine, the earbuds are broken"}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "the cable"}, start + `"changed_mind","items_to_return":[1]}`},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "all but the earbuds"}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "hm"}, ""},
		{[]string{"Return item 0 of ORD-78342, defective"}, start + `"defective","items_to_return":[0]}`},
		{[]string{"Return item 2 of ORD-78342, defective"}, ""},
		{[]string{"Return ORD-78342", "defective"}, start + `"defective"}`},
		{[]string{"Return ORD-78342", "No particular reason"}, start + `"other"}`},
		{[]string{"Please send ORD-78342 back, it doesn't work"}, start + `"defective"}`},
		{[]string{"I'd like a refund for ORD-78342, it is damaged"}, start + `"defective"}`},
	} {
		t.Run(strings.Join(c.says, " / "), func(t *testing.T) {
			talk := newChat(t, allTools...)
			var made, answers []string
			for _, say := range c.says {
				turns, answer := talk.say(say)
				answers = append(answers, answer)
				for _, calls := range turns {
					for _, call := range strings.Split(calls, "; ") {
						if strings.HasPrefix(call, toolReturn) {
							made = append(made, call)
						}
					}
				}
			}
			if got := strings.Join(made, "; "); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, strings.Join(answers, "\n"))
			}
		})
	}
}
