package offline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/testkit/effort"
)

func TestPlain(t *testing.T) {
	for said, want := range map[string]string{
		"Where’s my order?":                         "where is my order?",
		"I don't, can't and won't":                  "I do not, cannot and will not",
		"Sarah's keyboard":                          "Sarah's keyboard",
		"wheres my oder":                            "where is my order",
		"retrun my packge, its waranty and delivry": "return my package, its warranty and delivery",
		"returnd":                              "returned", // never the request
		"shopping for an older stick in stock": "shopping for an older stick in stock",
		"order 78342, ord78342, #78342, Order No. 78342 and ORD 78342": "ORD-78342, ORD-78342, ORD-78342, ORD-78342 and ORD-78342",
		"ord-78342":                    "ord-78342",
		"I want to order 10000 cables": "I want to order 10000 cables",
		"the status of 78342?":         "the status of ORD-78342?",
		"u@dont.com":                   "u@dont.com",
	} {
		if got := plain(said); got != want {
			t.Errorf("%q\n got %q\nwant %q", said, got, want)
		}
	}
	if got := plain(strings.Repeat("x ", mostBytes)); got != "" {
		t.Errorf("%d bytes", len(got))
	}
}

func TestQuantity(t *testing.T) {
	none, unclear := counted{}, counted{given: true}
	of := func(n int) counted { return counted{n, true, true} }
	for text, want := range map[string]counted{
		"Do you have keyboards?":          none,
		"I need 3 keyboards":              of(3),
		"1,000 MKR-104":                   of(1000),
		"a dozen cables":                  of(12),
		"I need one":                      of(1),
		"is this one in stock":            none,
		"3 keyboards for 62704":           of(3),
		"10000 cables":                    of(10000),
		"10000 cables to 62704":           of(10000),
		"the 55-inch 4K TV":               none,
		"a 55 inch tv within 3 days":      none,
		"do you have the 2 m cable":       none,
		"order ORD-78342":                 none,
		"850012345031":                    none,
		"warehouse near 98101 for the tv": none,
		"1000000 cables":                  of(1000000),
	} {
		if got := quantity(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"2.5 keyboards", "-3 keyboards", "0 keyboards", "1000001 keyboards", "99999999999999999999 keyboards", "1,00 keyboards", "5 or 6 keyboards", "two hundred keyboards", "half a dozen cables", "smart tv 55"} {
		if got := quantity(text); !got.given || got.ok {
			t.Errorf("%q: got %+v, want %+v", text, got, unclear)
		}
	}
}

func TestProductName(t *testing.T) {
	for text, want := range map[string]string{
		"Do you have 3 Mechanical Keyboard RGB for ZIP code 98101?": "Mechanical Keyboard RGB",
		"is the keyboard wireless":                                  "keyboard",
		"any 4K TVs left in Seattle":                                "4K TVs",
		"how much are wireless earbuds":                             "wireless earbuds",
		"do you sell toasters":                                      "toasters",
		"the 55 inch tv":                                            "55-inch tv",
		"the keyboard's price":                                      "keyboard",
		"the USB-C Charging Cable":                                  "USB-C Charging Cable",
		`tell me about "Red Thing"`:                                 "Red Thing",
		"is it in stock":                                            "",
		"do you have any":                                           "",
		"WEP-2024":                                                  "",
	} {
		if got := productName(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if diff := cmp.Diff([]string{"earbuds", "keyboard"}, productNames("compare the earbuds with the keyboard")); diff != "" {
		t.Error(diff)
	}
}

// Long messages end: every loop over them is bounded.
func TestLongMessages(t *testing.T) {
	effort.Cost(t)
	for _, part := range []string{"Return ORD-1, it is broken and ", "is the keyboard in stock, ", "5 ", `"`, "a b c d "} {
		talk := newChat(t, allTools...)
		for range 2 {
			if _, answer := talk.say(strings.Repeat(part, mostBytes/len(part))); answer == "" {
				t.Errorf("no answer to a long message of %q", part)
			}
		}
	}
}
