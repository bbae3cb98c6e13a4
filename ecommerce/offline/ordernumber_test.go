package offline

import (
	"strings"
	"testing"
)

func TestDayOf(t *testing.T) {
	for text, want := range map[string]string{
		"my order from november 3rd":         "-11-03",
		"the order of 28 oct":                "-10-28",
		"the one from the 28th of October":   "-10-28",
		"what I ordered on 2024-10-28":       "2024-10-28",
		"placed on Jan. 9":                   "-01-09",
		"my order, will it be here by may 3": "",
		"the 3rd of november order":          "-11-03",
		"my October 28 order":                "-10-28",
		"my order from monday":               "",
		"one of 12 orders":                   "",
	} {
		if got := dayOf(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestOrderNumbers(t *testing.T) {
	for _, c := range []struct {
		before, said string
		want         string // the orders' numbers
	}{
		{"", "78342", "ORD-78342"},
		{"", "any news on 78342?", "ORD-78342"},
		{"", "whats up with 78342", "ORD-78342"},
		{"", "one of the cables in 78342 is broken, can I send that one back?", "ORD-78342"},
		{"", "where are 78342 and 70211", "ORD-78342 ORD-70211"},
		{"", "is the keyboard of 70211 in stock", "ORD-70211"},
		{"", "I returned the tv from 70211", "ORD-70211"},
		{"", "do you have the tv in 78342", ""},
		{"", "do you have 78342 cables", ""},
		{"", "do you have 78342 usb-c cables", ""},
		{"", "my order goes to 78342", ""},
		{"", "zip 78342", ""},
		{"", "I live in 78342", ""},
		{"", "the tv in Austin, TX 78342", ""},
		{"", "it costs $78342", ""},
		{"", "12-78342", ""},
		{"", "78342-1234", ""},
		{"Where is ORD-78342?", "and what about 78342?", "ORD-78342"},
		{"Is WEP-2024 in stock?", "78342", ""},
		{"Is WEP-2024 in stock?", "what about 78342?", ""},
		{"Where is my order?", "78342", "ORD-78342"},
		{"Return my order", "78342", "ORD-78342"},
	} {
		talk := newChat(t, allTools...)
		talk.results = map[string]string{`check_product_availability {"product_sku":"WEP-2024"}`: `{"success":true,"data":{"sku":"WEP-2024","name":"Wireless Earbuds Pro"}}`}
		if c.before != "" {
			talk.say(c.before)
		}
		talk.say(c.said)
		now := read(&talk.req)
		if got := strings.Join(orderIDs(now.latest), " "); got != c.want {
			t.Errorf("%s / %s: got %q, want %q", c.before, c.said, got, c.want)
		}
	}
}

func TestNumbersAreBounded(t *testing.T) {
	talk := newChat(t, allTools...)
	talk.say("Where are " + strings.Repeat("12345 and ", 3*mostNumbers))
	if got := strings.Count(read(&talk.req).latest, "ORD-"); got != mostNumbers {
		t.Errorf("got %d numbers, want %d", got, mostNumbers)
	}
}
