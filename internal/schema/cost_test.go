//go:build !race

// The tests of this file have one goroutine and take long: the race detector would make them ten
// times slower, and see nothing.

package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/testkit/effort"
)

// Each of these would take the validator, or what stands around it, many times
// as long as a check may take, some of them for ever. So they are refused
// before it runs.
func TestArgumentsThatCostTooMuchAreNotChecked(t *testing.T) {
	effort.Cost(t)
	const most = MaxArgs - 1000
	items := func(schema, item string) (*Schema, string) {
		return mustParse(t, `{"type":"object","properties":{"a":{"type":"array",`+schema+`}}}`),
			`{"a":[` + fill(most, func(int) string { return item }) + `]}`
	}
	property := func(schema, value string) (*Schema, string) {
		return mustParse(t, `{"type":"object","properties":{"a":`+schema+`}}`), `{"a":` + value + `}`
	}
	doubling := func(n, open, end string) (*Schema, string) {
		return mustParse(t, `{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"$defs":{"N":`+n+`}}`),
			`{"a":` + strings.Repeat(open, 60) + "1" + strings.Repeat(end, 60) + `}`
	}
	enum := fill(2_000, func(i int) string { return fmt.Sprint(i) })
	for what, hostile := range map[string]func() (*Schema, string){
		"small numbers":       func() (*Schema, string) { return items(`"items":{"type":"integer"}`, "1e-300") },
		"fractions":           func() (*Schema, string) { return items(`"items":{"type":"integer"}`, "0.5") },
		"integers that swell": func() (*Schema, string) { return items(`"items":{"type":"integer"}`, "1e308") },
		"multiples": func() (*Schema, string) {
			return property(`{"items":{"multipleOf":0.01,"minimum":0,"maximum":5}}`, "["+fill(140_000, func(int) string { return "1e-300" })+"]")
		},
		"multiples of a long unit": func() (*Schema, string) {
			return property(`{"items":{"multipleOf":1e-300}}`, "["+fill(80_000, func(int) string { return "9" })+"]")
		},
		"above the maximum": func() (*Schema, string) { return items(`"items":{"maximum":5}`, "9") },
		"a long enum": func() (*Schema, string) {
			return property(`{"items":{"enum":[`+enum+`]}}`, "["+fill(30_000, func(int) string { return "-1" })+"]")
		},
		"unknown properties": func() (*Schema, string) { return items(`"items":{"additionalProperties":false}`, `{"x":1}`) },
		"branches":           func() (*Schema, string) { return items(`"items":{"anyOf":[{"const":1},{"const":2}]}`, "3") },
		"refused by false":   func() (*Schema, string) { return items(`"items":false`, "1") },
		"contains":           func() (*Schema, string) { return items(`"contains":{"const":1}`, "2") },
		"unique by colliding": func() (*Schema, string) {
			s, _ := items(`"uniqueItems":true`, "1")
			return s, `{"a":[` + fill(most, func(i int) string { // the validator's hash does not tell where a string ends
				item := `["a`
				for bit := range 17 {
					item += []string{`","a`, `\u0003a`}[i>>bit&1]
				}
				return item + `"]`
			}) + `]}`
		},
		"a slow pattern": func() (*Schema, string) {
			return property(`{"pattern":"x{1,900}y"}`, `"`+strings.Repeat("x", most)+`"`)
		},
		"a regex": func() (*Schema, string) {
			s, err := ParseReflected(json.RawMessage(`{"type":"object","properties":{"a":{"format":"regex"}}}`))
			if err != nil {
				t.Fatal(err)
			}
			return s, `{"a":"[` + strings.Repeat(`\\pL`, most/4) + `]"}`
		},
		"below a long name": func() (*Schema, string) {
			return mustParse(t, `{"type":"object","additionalProperties":{"items":{"type":"string"}}}`),
				`{"` + strings.Repeat("k", most-40_000) + `":[` + fill(30_000, func(int) string { return "1" }) + `]}`
		},
		"slow names": func() (*Schema, string) {
			return mustParse(t, `{"type":"object","patternProperties":{"x{1,900}y":{}}}`), `{"` + strings.Repeat("x", most) + `":1}`
		},
		"allOf that doubles": func() (*Schema, string) {
			return doubling(`{"allOf":[{"properties":{"a":{"$ref":"#/$defs/N"}}},{"properties":{"a":{"$ref":"#/$defs/N"}}}]}`, `{"a":`, "}")
		},
		"references that double": func() (*Schema, string) {
			return doubling(`{"properties":{"a":{"$ref":"#/$defs/N","properties":{"a":{"$ref":"#/$defs/N"}}}}}`, `{"a":`, "}")
		},
		"items that double": func() (*Schema, string) {
			return doubling(`{"allOf":[{"type":"array","items":{"$ref":"#/$defs/N"}},{"type":"array","items":{"$ref":"#/$defs/N"}}]}`, "[", "]")
		},
	} {
		t.Run(what, func(t *testing.T) {
			s, raw := hostile()
			if _, _, problems := s.Check(raw); len(problems) != 1 || problems[0] != tooMuch {
				t.Errorf("%.200v", problems)
			}
		})
	}
}

// What a model could write in earnest is far from the limits.
func TestLargeArgumentsAreChecked(t *testing.T) {
	type line struct {
		Sku   string  `json:"sku" jsonschema:"pattern=^[A-Z]{3}-[0-9]{1\\,9}$"`
		Qty   int     `json:"qty" jsonschema:"minimum=1"`
		Price float64 `json:"price" jsonschema:"multipleOf=0.01"`
		Notes *node   `json:"notes,omitempty"`
	}
	s := mustReflect[struct {
		Text  string   `json:"text,omitempty" jsonschema:"pattern=^[^<>]*$"`
		Lines []line   `json:"lines,omitempty"`
		Ints  []int    `json:"ints,omitempty"`
		IDs   []string `json:"ids,omitempty" jsonschema:"uniqueItems=true"`
	}](t)
	for what, raw := range map[string]string{
		"a text":         `{"text":"` + strings.Repeat("x", 1<<20) + `"}`,
		"lines":          `{"lines":[` + fill(300_000, func(i int) string { return fmt.Sprintf(`{"sku":"ABC-%d","qty":%d,"price":12.25}`, i, i+1) }) + `]}`,
		"integers":       `{"ints":[` + fill(200_000, func(i int) string { return fmt.Sprint(i) }) + `]}`,
		"different ones": `{"ids":[` + fill(400_000, func(i int) string { return fmt.Sprintf(`"%d"`, i) }) + `]}`,
	} {
		if got := check(s, raw); got != raw {
			t.Errorf("%s: %.200s", what, got)
		}
	}
}

// A tree of values takes a multiple of the time and of the memory.
func TestAMegabyteOfObjectsIsAcceptedInPlace(t *testing.T) {
	type item struct {
		SKU       string  `json:"sku"`
		Quantity  int     `json:"quantity"`
		Price     float64 `json:"price"`
		Warehouse string  `json:"warehouse"`
		Damaged   bool    `json:"damaged,omitempty"`
	}
	s := mustReflect[struct {
		Items []item `json:"items"`
	}](t)
	raw := `{"items":[` + fill(1_000_000, func(i int) string {
		return fmt.Sprintf(`{"sku":"WEP-%05d","quantity":%d,"price":89.99,"warehouse":"Springfield"}`, i, i%90)
	}) + `]}`
	if !agrees(t, s, raw) {
		t.Fatal("not accepted in place")
	}
	if n := testing.AllocsPerRun(3, func() { s.Check(raw) }); n > 4 {
		t.Errorf("Check makes %v allocations", n)
	}
}

func TestAdviceIsSoughtForWhatIsShownAlone(t *testing.T) {
	s := mustParse(t, `{"type":"object","additionalProperties":false,"properties":{"property_one":{}}}`)
	_, _, problems := s.Check(`{` + fill(MaxArgs/4, func(i int) string { return fmt.Sprintf(`"property_onx%04d":1`, i) }) + `}`)
	if len(problems) != maxKept {
		t.Fatalf("%d problems", len(problems))
	}
	for i, p := range problems {
		if advised := strings.Contains(p.Message, "did you mean"); advised != (i < maxShown) || !strings.Contains(p.Message, fmt.Sprintf(`"property_onx%04d"`, i)) {
			t.Errorf("problem %d: %s", i, p.Message)
		}
	}
}

func TestIntegralIsExact(t *testing.T) {
	var literals []json.Number
	for _, mantissa := range []string{"0", "1", "10", "100", "120", "907", "0.0", "1.0", "0.5", "0.05", "0.050", "1.20", "12.0340", "9007199254740993.0", "1000000.000"} {
		for _, exponent := range []string{"", "e0", "E1", "e+2", "e-1", "e-2", "e-3", "e17", "e-400", "e400"} {
			literals = append(literals, json.Number(mantissa+exponent), json.Number("-"+mantissa+exponent))
		}
	}
	for _, n := range literals {
		r, _ := new(big.Rat).SetString(string(n))
		want, whole := n, r.IsInt()
		if n == "-0" { // not every Go integer takes it
			want = "0"
		} else if whole && strings.ContainsAny(string(n), ".eE") {
			want = json.Number(r.Num().String())
		} else if !strings.ContainsAny(string(n), ".eE") {
			whole = false
		}
		if got, ok := integral(n); got != want || ok != whole {
			t.Errorf("integral(%s) = %s, %v, want %s, %v", n, got, ok, want, whole)
		}
	}
}
