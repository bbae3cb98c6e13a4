package ecommerce

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// catalog is the reference catalog, with products that are alike.
func catalog() []Product {
	return append(referenceProducts(),
		Product{SKU: "UCC-1M", UPC: "850012345055", Name: "USB-A Charging Cable"},
		Product{SKU: "FLD-3", Name: "Paper Folder"},
		Product{SKU: "TBL-1", Name: "Salt and Pepper Mill"},
		Product{SKU: "CUP-ÉTÉ", Name: "Tasse d'Été"},
		Product{SKU: "JP-7", Name: "電気ケトル"},
		Product{SKU: "X1", Name: "WEP-2024"}, // named like the code of another product
		Product{SKU: "X-1", Name: "★"},
	)
}

func TestFindProducts(t *testing.T) {
	for query, want := range map[string]string{ // SKUs; after a "?" they are candidates
		// codes
		"WEP-2024": "WEP-2024", "850012345017": "WEP-2024", "wep-2024": "WEP-2024", "wep 2024": "WEP-2024", "UHD4K55": "UHD-4K-55",
		"8 50012 34501 7": "WEP-2024", "X1": "X1", "X-1": "X-1", "x1": "X1 X-1", "été": "CUP-ÉTÉ",
		// wrong codes
		"WEP-2025": "? WEP-2024", "WEP-204": "? WEP-2024", "MKR-140": "? MKR-104", "UHD-4K-65": "? UHD-4K-55", "850012345018": "? WEP-2024 MKR-104 UHD-4K-55 UCC-2M UCC-1M",
		"XYZ-9999": "", "2024": "? WEP-2024 X1", "104": "? MKR-104", "WEP": "X1", "9": "",
		// names
		"Wireless Earbuds Pro": "WEP-2024", "wireless  earbuds\tPRO": "WEP-2024", "55-inch 4k smart tv": "UHD-4K-55", "★": "X-1", "tasse d’été": "CUP-ÉTÉ", "電気ケトル": "JP-7",
		// parts of names
		"earbuds": "WEP-2024", "Earbud": "WEP-2024", "ear buds": "WEP-2024", "the earbuds": "WEP-2024", "earbuds pro": "WEP-2024", "pro earbuds": "WEP-2024",
		"keyboard": "MKR-104", "keyboards": "MKR-104", "key board": "MKR-104", "4K TV": "UHD-4K-55", "4ktv": "", "smart TVs": "UHD-4K-55", "55 inch": "UHD-4K-55",
		"usb c cable": "UCC-2M", "usb-c": "UCC-2M", "usbc cable": "UCC-2M", "charging cables": "UCC-2M UCC-1M", "cable": "UCC-2M UCC-1M", "pepper mill": "TBL-1", "TASSE": "CUP-ÉTÉ",
		// typing errors
		"mechanical keybords": "MKR-104", "mechancial keyboard": "MKR-104", "Wireles Earbud": "WEP-2024", "kebyoard": "MKR-104", "chargng cable": "UCC-2M UCC-1M", "usb c chargin cable": "UCC-2M",
		// close, and never chosen
		"smart televison": "? UHD-4K-55", "television": "? UHD-4K-55", "buds": "? WEP-2024", "mech keyboard": "? MKR-104", "table": "? UCC-2M UCC-1M", "paper holder": "? FLD-3", "65 inch TV": "? UHD-4K-55", "wire": "? WEP-2024",
		"usb c cabel": "? UCC-2M UCC-1M", "ケトル": "? JP-7",
		// nothing close
		"toaster": "", "wireless mouse": "", "c": "", "55": "? UHD-4K-55", "": "", " ": "", "-": "", "the": "", "and": "", "\xff": "", "%": "",
	} {
		found, err := FindProducts(catalog(), query)
		var got []string
		if r, is := errors.AsType[*Refusal](err); is {
			got = []string{"?"}
			for _, c := range r.Candidates {
				got = append(got, c.SKU)
			}
			if found != nil || !strings.HasPrefix(r.Message, "Product "+query+" not found") {
				t.Errorf("%q: %v, %v", query, found, r)
			}
		} else if (err == nil) == (len(found) == 0) || err != nil && err != ErrNotFound {
			t.Errorf("%q: %v, %v", query, found, err)
		}
		for _, p := range found {
			got = append(got, p.SKU)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", query, strings.Join(got, " "), want)
		}
	}
}

// A code that is a word longer or shorter than a product's is another product's.
func TestWrongCodesOfOtherProducts(t *testing.T) {
	products := append(referenceProducts(),
		Product{SKU: "FUJ-1", Name: "Fuji X100 Camera"},
		Product{SKU: "HDP-1", Name: "X300 Headphones"},
		Product{SKU: "VIT-C", Name: "Vitamin Tablets"})
	for _, query := range []string{"USB-A cable", "usb-a charging cables", "USB A cable", "the USB A charging cable", "X100S", "AT-X300", "at x300", "vitamin a", "Vitamin A tablets"} {
		if found, _ := FindProducts(products, query); found != nil {
			t.Errorf("%q is taken for %s", query, found[0].Name)
		}
	}
	for query, want := range map[string]string{"a cable": "UCC-2M", "an X100 camera": "FUJ-1", "headphones for a X300": "HDP-1", "a USB-C cable": "UCC-2M", "usb c cable": "UCC-2M", "X300 headphone": "HDP-1"} {
		if found, err := FindProducts(products, query); err != nil || len(found) != 1 || found[0].SKU != want {
			t.Errorf("%q: %v, %v", query, found, err)
		}
	}
}

// A wrong letter often gives the name of something else. Such words make candidates only.
func TestOtherWordsAreNoTypingErrors(t *testing.T) {
	products := append(referenceProducts(),
		Product{SKU: "SPK-1", Name: "Bluetooth Speaker"},
		Product{SKU: "PRN-1", Name: "Laser Printer"},
		Product{SKU: "TRN-1", Name: "Running Trainers"})
	for _, query := range []string{"sneakers", "bluetooth sneaker", "laser pointer", "laserpointer", "laser painter", "lazer printer", "trailers", "running trailers"} {
		if found, _ := FindProducts(products, query); found != nil {
			t.Errorf("%q is taken for %s", query, found[0].Name)
		}
	}
	for query, want := range map[string]string{
		"keybords": "MKR-104", "keybboard": "MKR-104", "kebyoard": "MKR-104", "Wireles": "WEP-2024", "Wireles earbuds": "WEP-2024", "laser pritner": "PRN-1", "laser prnter": "PRN-1", "laserprnter": "PRN-1",
		"blutooth speakers": "SPK-1", "mechenical keyboard": "MKR-104",
	} {
		if found, err := FindProducts(products, query); err != nil || len(found) != 1 || found[0].SKU != want {
			t.Errorf("%q: %v, %v", query, found, err)
		}
	}
	_, err := FindProducts(products, "laser pointer")
	if r, is := errors.AsType[*Refusal](err); !is || len(r.Candidates) != 1 || r.Candidates[0].SKU != "PRN-1" {
		t.Errorf("%v", err)
	}
}

func TestManyCandidatesAreBounded(t *testing.T) {
	var products []Product
	for range 50 {
		products = append(products, Product{SKU: "KEY-4711", Name: "Mechanical Keyboard"})
	}
	for _, query := range []string{"KEY-4712", "mech keyboard"} {
		_, err := FindProducts(products, query)
		if r, is := errors.AsType[*Refusal](err); !is || len(r.Candidates) != maxCandidates {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestLongQueries(t *testing.T) {
	long := strings.Repeat("kéy ", 200)
	// One word too many to be compared word by word.
	const many, reversed = "aa bb cc dd ee ff gg hh ii jj kk ll mm nn oo pp qq", "qq pp oo nn mm ll kk jj ii hh gg ff ee dd cc bb aa"
	products := append(catalog(), Product{SKU: "L", Name: long}, Product{SKU: "M", Name: many})
	if found, err := FindProducts(products, long); err != nil || len(found) != 1 {
		t.Errorf("the whole name: %v, %v", found, err)
	}
	if found, err := FindProducts(products, strings.Repeat("keyboard ", 100)); err != nil || len(found) != 1 {
		t.Errorf("one word, repeated: %v, %v", found, err)
	}
	for _, query := range []string{reversed, strings.Repeat("keyboard ", 100000), strings.Repeat("k", 1<<20), strings.Repeat("k1", 500)} {
		if found, err := FindProducts(products, query); err != ErrNotFound {
			t.Errorf("%.20s: %v, %v", query, found, err)
		}
	}
}

// A query's words are compared with each word of the catalog once, not with each product.
func TestWordsAreComparedOnce(t *testing.T) {
	compared := func(products []Product) int {
		n := 0
		count := func(word, term word) bool { n++; return likeWord(word, term) }
		x, s := newIndex(products), newSearch(oddWords)
		x.names.match(terms(s.asked), count)
		described := x.descriptions()
		described.match(terms(s.asked), count)
		return n
	}
	few, many := compared(alike(1)), compared(alike(1000))
	if few == 0 || few != many {
		t.Errorf("%d comparisons with 1 product, %d with 1000", few, many)
	}
}

// oddWords are like many words, and mean no product.
const oddWords = "mechanicla kebyoardd wirelsse delxue permuim chagring swithces keyboadr mechnaical wierless deluex premuim charigng switchse keyborad mehcanical"

// alike returns products with the same words.
func alike(n int) []Product {
	products := make([]Product, n)
	for i := range products {
		products[i] = Product{
			SKU: "KEY-4711", Name: "Mechanical Keyboard Wireless Deluxe Premium",
			Description: strings.Repeat("a mechanical keyboard with wireless charging and premium switches ", 3),
		}
	}
	return products
}

func BenchmarkFindProducts(b *testing.B) {
	for _, query := range []string{"KEY-4711", oddWords} {
		b.Run(short(query), func(b *testing.B) {
			products := alike(10000)
			for b.Loop() {
				_, _ = FindProducts(products, query)
			}
		})
	}
}

// A search must not keep other calls waiting.
func TestTheMockSearchesWithoutTheLock(t *testing.T) {
	m := NewMock(Latency(0))
	err := m.call(t.Context(), MockCall{Tool: ToolProduct}, func() error {
		if !m.mu.TryLock() {
			return errors.New("the lock is held")
		}
		m.mu.Unlock()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFoundProductsShareNothing(t *testing.T) {
	products := catalog()
	found, err := FindProducts(products, "earbuds")
	if err != nil {
		t.Fatal(err)
	}
	found[0].Specs["connectivity"] = "spoilt"
	if products[0].Specs["connectivity"] == "spoilt" {
		t.Error("a caller can change the catalog")
	}
}

func FuzzFindProducts(f *testing.F) {
	for _, s := range []string{"WEP-2024", "mechanical keybords", "usb c cable", "\xff", "★", "ſmart tv", "ΣΑΣ"} {
		f.Add(s, "Wireless Earbuds Pro")
		f.Add("earbuds", s)
	}
	f.Fuzz(func(t *testing.T, query, name string) {
		products := append(catalog(), Product{SKU: "N-1", Name: name})
		found, err := FindProducts(products, query)
		again, err2 := FindProducts(products, query)
		if (err == nil) != (err2 == nil) || !slices.EqualFunc(found, again, func(a, b Product) bool { return a.SKU == b.SKU }) {
			t.Fatalf("%q: %v and %v", query, found, again)
		}
		if r, is := errors.AsType[*Refusal](err); is && (len(r.Candidates) == 0 || len(r.Candidates) > maxCandidates || utf8.RuneCountInString(r.Message) > 200) {
			t.Fatalf("%q: %+v", query, r)
		}
		if name == "" || len(name) > maxQuery {
			return
		}
		byName, err := FindProducts(products, name)
		taken := slices.ContainsFunc(byName, func(p Product) bool { return p.SKU == "N-1" })
		code := slices.ContainsFunc(byName, func(p Product) bool {
			return newSearch(name).isCodeButForCase(newIndex([]Product{p}).listings[0]) || p.SKU == name || p.UPC == name
		})
		if err != nil || !taken && !code {
			t.Fatalf("product %q is not found by its name: %v, %v", name, byName, err)
		}
	})
}
