package offline

import (
	"strings"
	"testing"
)

// TestCandidates continues a question whose answer were several products.
func TestCandidates(t *testing.T) {
	const several = `{"success":false,"error":"2 products are named lamp","candidates":[{"sku":"LB-1","name":"Black Lamp"},{"sku":"LW-2","name":"White Lamp"}]}`
	lamps := map[string]string{
		`get_product_info {"product_sku":"lamp","info_type":"warranty"}`:                           several,
		`check_product_availability {"product_sku":"lamp","zip_code":"62704","quantity_needed":3}`: several,
		`get_product_info {"product_sku":"LW-2","info_type":"warranty"}`:                           `{"success":true,"data":{"sku":"LW-2","name":"White Lamp","warranty":{"type":"1 year","coverage":"All","process":"Call"}}}`,
		`check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`: `{"success":true,"data":{"sku":"LW-2","name":"White Lamp","meets_quantity":true,"quantity_available":5,"quantity_needed":3}}`,
		`check_product_availability {"product_sku":"lampshade"}`:                                   `{"success":false,"error":"Product lampshade not found; ask which of the candidates is meant","candidates":[{"sku":"LW-2","name":"White Lamp"}]}`,
		`check_product_availability {"product_sku":"LW-2"}`:                                        `{"success":true,"data":{"sku":"LW-2","name":"White Lamp","meets_quantity":true,"quantity_available":5,"quantity_needed":1}}`,
		`check_product_availability {"product_sku":"White Lamp"}`:                                  several,
	}
	const stock, warranty = "Do you have 3 lamp for zip 62704?", "What is the warranty on the lamp?"
	for _, c := range []struct {
		ask, choose string
		want        string // the call, or "" if it is not clear
	}{
		{stock, "the second", `check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`},
		{stock, "The white one, please", `check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`},
		{stock, "lw-2", `check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`},
		{stock, "White Lamp", `check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`},
		{stock, "2", `check_product_availability {"product_sku":"LW-2","zip_code":"62704","quantity_needed":3}`},
		{warranty, "the last one", `get_product_info {"product_sku":"LW-2","info_type":"warranty"}`},
		{warranty, "the third", ""},
		{warranty, "never mind", ""},
		{warranty, "yes", ""}, // which?
		{"Do you have a lampshade?", "yes", `check_product_availability {"product_sku":"LW-2"}`},
		{"Do you have a lampshade?", "no", ""},
	} {
		talk := newChat(t, allTools...)
		talk.results = lamps
		if _, answer := talk.say(c.ask); !strings.HasSuffix(answer, askWhich) || !strings.Contains(answer, "White Lamp (LW-2)") {
			t.Errorf("%s: %s", c.ask, answer)
		}
		if calls, answer := talk.say(c.choose); strings.Join(calls, " | ") != c.want {
			t.Errorf("%s / %s\n got %v\nwant %s\n%s", c.ask, c.choose, calls, c.want, answer)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for text, want := range map[string]int{
		"the first one": 0, "1": 0, "second": 1, "the 2nd": 1, "the latter": 1, "number 3": 2, "last": 2, "the fourth": -1, "the black one": -1, "10": -1,
	} {
		if got := ordinal(text, 3); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
