package offline

import (
	"strings"
	"testing"
)

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
		{[]string{"Return ORD-78342, it is broken", "never mind"}, start + `"defective","request_pickup":false}`},
		{[]string{"I want to return something", "ORD-78342", "the cable", "I changed my mind"}, ""},
		{[]string{"I want to return something", "ORD-78342", "the cable", "I changed my mind", "both"}, start + `"changed_mind","items_to_return":[1],"quantities":[2],"request_pickup":false}`},
		{[]string{"I want to return the cables from my order", "ORD-78342", "it's broken"}, start + `"defective","items_to_return":[1],"request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. Only the cables please."}, start + `"defective","items_to_return":[1],"request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. Only the lamp please."}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind"}, ""},
		{[]string{"Return everything of ORD-78342 but not the earbuds, changed my mind"}, ""},
		{[]string{"Return ORD-78342, the cable is fine, the earbuds are broken"}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "the cable", "1"}, start + `"changed_mind","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "all but the earbuds"}, ""},
		{[]string{"Return ORD-78342 except the earbuds, changed my mind", "hm"}, ""},
		{[]string{"Return item 0 of ORD-78342, defective"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Return item 2 of ORD-78342, defective"}, ""},
		{[]string{"Return ORD-78342", "defective"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342", "No particular reason"}, start + `"other","request_pickup":false}`},
		{[]string{"Please send ORD-78342 back, it doesn't work"}, start + `"defective","request_pickup":false}`},
		{[]string{"I'd like a refund for ORD-78342, it is damaged"}, start + `"defective","request_pickup":false}`},
		// pieces
		{[]string{"Return one of the two cables of ORD-78342, it is broken"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return a cable from ORD-78342, it is broken"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return both cables from ORD-78342, they are broken"}, start + `"defective","items_to_return":[1],"request_pickup":false}`},
		{[]string{"Return two of the USB-C cables from ORD-78342, they are broken"}, start + `"defective","items_to_return":[1],"quantities":[2],"request_pickup":false}`},
		{[]string{"Return the earbuds and one cable from ORD-78342, they are broken"}, start + `"defective","items_to_return":[0,1],"quantities":[1,1],"request_pickup":false}`},
		{[]string{"Return UCC-2M from ORD-78342, it is broken", "just one"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return the cable from ORD-78342, it is broken"}, ""},
		{[]string{"Return the cable from ORD-78342, it is broken", "three"}, ""},
		{[]string{"Return the cable from ORD-78342, it is broken", "no, neither"}, ""},
		{[]string{"Return 3 cables from ORD-78342, they are broken"}, ""},
		{[]string{"Return 1.5 cables from ORD-78342, they are broken"}, ""},
		{[]string{"Return -1 cables from ORD-78342, they are broken"}, ""},
		{[]string{"Return 0 cables from ORD-78342, they are broken"}, ""},
		{[]string{"Return one of them from ORD-78342, it is broken"}, ""},
		{[]string{"Return both from ORD-78342, they are broken"}, ""},
		{[]string{"Return ORD-78342 and ORD-70211, both are broken"}, ""},
		{[]string{"Return the second item of ORD-78342, it is broken", "both"}, start + `"defective","items_to_return":[1],"quantities":[2],"request_pickup":false}`},
		{[]string{"Return the first item of ORD-78342, it is broken"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Return the third item of ORD-78342, it is broken"}, ""},
		{[]string{"Return the lamp from ORD-78342, it is broken"}, ""},
		{[]string{"Return the thingamajig from ORD-78342, it is broken"}, ""},
		{[]string{"Send the charger back, order ORD-78342, it is broken"}, ""},
		{[]string{"My charger is broken. Return it, it was in ORD-78342."}, ""},
		{[]string{"Return the charger and the earbuds from ORD-78342, broken"}, ""},
		{[]string{"I want to return something of ORD-78342, it is broken"}, ""},
		{[]string{"Send my order ORD-78342 back, it is broken"}, start + `"defective","request_pickup":false}`},
		{[]string{"Please return the whole order ORD-78342, it is broken"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return my package ORD-78342, it is broken"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. " + strings.Repeat("Yes! ", 500) + "No, don't do it."}, ""},
		{[]string{"Where is ORD-78342?", "Is WEP-2024 in stock?", "Return it, it is broken"}, ""},
		{[]string{"Where is ORD-78342?", "Is WEP-2024 in stock?", "Return it, it is broken", "the earbuds"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Return one of the cables of ORD-78342, they keep breaking and do not work"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return the earbuds of ORD-78342, they are broken, and keep the cable"}, ""},
		{[]string{"I want to return ORD-78342. Return the earbuds, they are broken."}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken, and return the lamp"}, ""},
		{[]string{"Can you process a return for ORD-78342? The earbuds are broken", "yes, return it", "it is broken"}, ""},
		{[]string{"Can you process a return for ORD-78342? The earbuds are broken", "yes, return them", "broken", "the earbuds"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Where are the earbuds of ORD-78342?", "Return it, it is broken"}, ""},
		{[]string{"Where are the earbuds of ORD-78342?", "Return it, it is broken", "everything"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return the cables of ORD-78342, they are broken, keeping 1"}, ""},
		{[]string{"Return the cables of ORD-78342, they are broken, I keep a cable"}, ""},
		// the other one
		{[]string{"Return one of the two cables of ORD-78342, it is broken", "return the other one too, same reason"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return one of the two cables of ORD-78342, it is broken", "return the other one too, same reason", "defective"}, start + `"defective","items_to_return":[1],"quantities":[1],"request_pickup":false}`},
		{[]string{"Return the other one of ORD-78342", "defective"}, ""},
		{[]string{"Return ORD-78342, same reason as before"}, ""},
		// other words
		{[]string{"I'd like to give back the earbuds from ORD-78342, they stopped working"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"I want to hand the earbuds of ORD-78342 back, a button is stuck"}, start + `"defective","items_to_return":[0],"request_pickup":false}`},
		{[]string{"Return ORD-78342", "it is not what you described"}, start + `"not_as_described","request_pickup":false}`},
		{[]string{"Return ORD-78342", "it does not match the description"}, start + `"not_as_described","request_pickup":false}`},
		{[]string{"I want to return something", "78342", "the earbuds", "it looks different from the picture"}, start + `"not_as_described","items_to_return":[0],"request_pickup":false}`},
		{[]string{"I want to return ORD-78342, it is stuck in Indianapolis"}, ""},
		{[]string{"I do not want to give ORD-78342 back, it is broken"}, ""},
		{[]string{"Can I hand back ORD-78342? It is broken"}, ""},
		{[]string{"How do I bring back ORD-78342, it is broken"}, ""},
		{[]string{"I'd like to exchange the earbuds of ORD-78342, a button is stuck"}, ""},
		{[]string{"one of the cables in 78342 is broken, can I send that one back?"}, ""},
		// pickup
		{[]string{"Return ORD-78342, it is broken, please pick it up"}, start + `"defective","request_pickup":true}`},
		{[]string{"Return ORD-78342, it is broken. I want it collected at home"}, start + `"defective","request_pickup":true}`},
		{[]string{"Return ORD-78342, it is broken. With pickup"}, start + `"defective","request_pickup":true}`},
		{[]string{"Return ORD-78342, it is broken. No pickup needed"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. Don't pick it up"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. I picked it up at the post office"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. Is pickup free?"}, start + `"defective","request_pickup":false}`},
		{[]string{"Return ORD-78342, it is broken. Can someone pick it up?"}, start + `"defective","request_pickup":true}`},
		{[]string{"Return ORD-78342, it is broken and please have it picked up"}, start + `"defective","request_pickup":true}`},
		{[]string{"Return ORD-78342", "broken, and I need a pickup"}, start + `"defective","request_pickup":true}`},
		// questions
		{[]string{"Can I return ORD-78342? It is broken."}, ""},
		{[]string{"Can you return broken items?"}, ""},
		{[]string{"Where is ORD-78342?", "Can you return broken items?"}, ""},
		{[]string{"Could you return ORD-78342 if it is broken"}, ""},
		{[]string{"When do I get my refund for ORD-78342, it was broken"}, ""},
		{[]string{"Do you refund broken things like ORD-78342"}, ""},
		{[]string{"How would I return ORD-78342, it is broken"}, ""},
		{[]string{"I'd like to know how to return ORD-78342, it's broken"}, ""},
		// conditions
		{[]string{"If ORD-78342 is broken I want to return it"}, ""},
		{[]string{"I want to return ORD-78342 unless it works, it looked broken"}, ""},
		{[]string{"Maybe I want to return ORD-78342, it is broken"}, ""},
		{[]string{"I think about returning ORD-78342, it is broken"}, ""},
		{[]string{"I'm not sure, I want to return ORD-78342 because it's broken"}, ""},
		// negations
		{[]string{"I do not want to return ORD-78342, it is broken but fine for me"}, ""},
		{[]string{"I never asked to return ORD-78342, it is not broken"}, ""},
		{[]string{"No return of ORD-78342 please, it is broken"}, ""},
		{[]string{"I want to keep ORD-78342 and not return it though it is broken"}, ""},
		{[]string{"Return ORD-78342", "hold on", "defective"}, ""},
		{[]string{"Return ORD-78342", "no wait, don't", "defective"}, ""},
		{[]string{"Return ORD-78342", "no", "defective"}, ""},
		// quotations and other people
		{[]string{`"Return ORD-78342, it is broken" is what the mail has in it`}, ""},
		{[]string{"He wrote: return ORD-78342, it is broken"}, ""},
		{[]string{"My neighbour wants to return ORD-78342, it is broken"}, ""},
		{[]string{"She wants to return ORD-78342, it is broken"}, ""},
		{[]string{"Your colleague said I want to return ORD-78342, it is broken"}, ""},
		// other meanings
		{[]string{"I want to return to my question about ORD-78342, it is broken"}, ""},
		{[]string{"I have to return to work. ORD-78342 is broken"}, ""},
		{[]string{"I need a return label for ORD-78342, it is broken"}, ""},
		{[]string{"Many happy returns! ORD-78342 is broken"}, ""},
		{[]string{"I was charged twice for ORD-78342, I want my money back, it is broken"}, ""},
		{[]string{"Cancel ORD-78342 and refund me, it is broken"}, ""},
		{[]string{"Send my order ORD-78342 again, it is broken"}, ""},
		{[]string{"Retrun ORD-78342, it is brokn"}, start + `"defective","request_pickup":false}`},
		{[]string{"Returnd ORD-78342 last week, it was broken"}, ""},
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
