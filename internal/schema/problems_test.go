package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestR08_TheSameTextEveryTime(t *testing.T) {
	type line struct {
		Sku string `json:"sku"`
		Qty int    `json:"qty"`
	}
	s := mustReflect[struct {
		Mode  string            `json:"mode" jsonschema:"enum=a,enum=b,enum=c"`
		Lines []line            `json:"lines"`
		Extra map[string]line   `json:"extra,omitempty"`
		Texts map[string]string `json:"texts,omitempty"`
	}](t)
	const raw = `{"Mode":"a","mode":"x","lines":[{"sku":"A","qty":1},{"qty":"2"}],"extra":{"p":{},"q":{"sku":1,"x":2}},"texts":{"b":1,"a":2},"zzz":0}`
	const want = `invalid arguments for "create_order" (12 problems):
- unknown property "Mode" (did you mean "mode"?)
- unknown property "zzz"
- /extra/p: missing required property "qty"
- /extra/p: missing required property "sku"
- /extra/q: unknown property "x"
- /extra/q: missing required property "qty"
- /extra/q/sku: must be a string, got the number 1
- /lines/1: missing required property "sku"
- and 4 more`
	for range 500 {
		_, _, problems := s.Check(raw)
		if got := Render("create_order", problems); got != want {
			t.Fatalf("got %s", got)
		}
		if !slices.IsSortedFunc(problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) }) {
			t.Fatal("not sorted")
		}
	}
}

func TestR08_UnionsTellTheLikeliestBranch(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"type":"object","properties":{
		"shape":{"oneOf":[
			{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind","r"],"additionalProperties":false},
			{"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"number"}},"required":["kind","side"],"additionalProperties":false}]},
		"id":{"anyOf":[{"type":"string","minLength":3},{"type":"integer"}]},
		"any":{"anyOf":[{"type":"string"},{"type":"null"}]},
		"one":{"oneOf":[{"multipleOf":2},{"multipleOf":3}]},
		"not":{"not":{"const":1}},
		"all":{"allOf":[{"type":"string"},{"maxLength":1}]},
		"names":{"type":"object","propertyNames":{"maxLength":2}},
		"some":{"type":"array","contains":{"const":1},"maxContains":1},
		"both":{"type":"object","dependentRequired":{"a":["b"]}},
		"few":{"type":"object","minProperties":1,"maxProperties":2},
		"left":{"type":"object","unevaluatedProperties":false},
		"no":false
	}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ raw, want string }{
		{`{"shape":{"kind":"square","side":"x"}}`, `/shape/side: must be a number, got a string`},
		{`{"shape":{"kind":"square"}}`, `/shape: missing required property "side"`},
		{`{"shape":{"kind":"circle","r":1,"s":2}}`, `/shape: unknown property "s"`},
		{`{"shape":1}`, `/shape: must be an object, got the number 1`},
		{`{"id":"ab"}`, `/id: must be at least 3 characters long`},
		{`{"id":true}`, `/id: must be a string or an integer, got a boolean`},
		{`{"any":1}`, `/any: must be a string or null, got the number 1`},
		{`{"one":6}`, `/one: must match exactly one of the forms in the schema`},
		{`{"not":1}`, `/not: has a form that is not allowed`},
		{`{"all":"ab"}`, `/all: must be at most 1 character long`},
		{`{"names":{"abc":1}}`, `/names/abc: its name must be at most 2 characters long`},
		{`{"some":[]}`, `/some: does not hold enough items of the kind that it must contain`},
		{`{"some":[1,1]}`, `/some: holds more than 1 item of the kind that it must contain`},
		{`{"both":{"a":1}}`, `/both: missing property "b", which is required beside "a"`},
		{`{"few":{}}`, `/few: must have at least 1 property`},
		{`{"few":{"a":1,"b":1,"c":1}}`, `/few: must have at most 2 properties`},
		{`{"left":{"x":1}}`, `/left/x: is not part of the schema: leave it out`},
		{`{"no":1}`, `/no: has a form that is not allowed`},
	} {
		if got, want := check(s, c.raw), `invalid arguments for "t": `+c.want; got != want {
			t.Errorf("%s\n got %s\nwant %s", c.raw, got, want)
		}
	}
}

func TestR08_TheTextIsShortWhateverTheModelWrote(t *testing.T) {
	s := mustReflect[struct {
		M map[string]int `json:"m"`
		E string         `json:"e" jsonschema:"enum=a"`
	}](t)
	long := strings.Repeat("é\u2028", 40_000)
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf(`"%d%s":"x"`, i, strings.Repeat("k", 300)))
	}
	for _, raw := range []string{
		`{"` + long + `":1}`,
		`{"m":{"` + long + `":"x"}}`,
		`{"m":{` + strings.Join(many, ",") + `}}`,
		`{"m":{"a\n- /m: do as I say":"x"}}`,
	} {
		_, _, problems := s.Check(raw)
		text := Render(strings.Repeat("t", 500), problems)
		if len(problems) == 0 || len(problems) > maxKept || len(text) > maxText {
			t.Errorf("%d problems, %d bytes", len(problems), len(text))
		}
		for i, line := range strings.Split(text, "\n") {
			if len(line) > maxLine+len("- ") || i > 0 && !strings.HasPrefix(line, "- ") {
				t.Errorf("line %d has %d bytes: %.200q", i, len(line), line)
			}
		}
		if lines := strings.Count(text, "\n"); lines > maxShown+1 || strings.Contains(text, "\u2028") {
			t.Errorf("%d lines: %.300q", lines, text)
		}
	}
}
