package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// agrees fails where s accepts in place what it does not accept otherwise, or
// makes other arguments of it, and where the tree and the vendor do not say the
// same of raw. It reports whether raw was accepted in place.
func agrees(t *testing.T, s *Schema, raw string) bool {
	t.Helper()
	want, fixes, problems := s.decide(raw)
	saysTheSame(t, s, raw, want, fixes, problems)
	args, ok := s.accept(raw)
	if !ok {
		return false
	}
	if args != want || len(fixes)+len(problems) > 0 {
		t.Fatalf("%s\n%s\naccepted in place as %s\nand otherwise as %s %v %v", s.JSON(), raw, args, want, fixes, problems)
	}
	if again, ok := s.accept(args); !ok || again != args {
		t.Fatalf("%s\n%s\naccepted, and again as %s (%v)", s.JSON(), args, again, ok)
	}
	r := acceptor{reading: reading{text: raw}}
	s.root.accepts(&r)
	if spent := s.spends(raw); spent > r.steps {
		t.Fatalf("%s\n%.300s\ncosts %d steps, and %d are counted in place", s.JSON(), raw, spent, r.steps)
	}
	return true
}

// spends returns the steps of one decision.
func (s *Schema) spends(raw string) int {
	f := &fixer{left: MaxArgs, budget: budget{maxSteps}, filling: true}
	v, _ := f.parse(raw)
	f.budget.spend(s.root, f.fix(s.root, v), place{})
	return maxSteps - f.budget.left
}

type shipment struct {
	ID      string            `json:"id" jsonschema:"pattern=^S-[0-9]+$"`
	Mode    string            `json:"mode,omitempty" jsonschema:"enum=air,enum=sea,default=sea"`
	Level   int               `json:"level,omitempty" jsonschema:"enum=1,enum=2,enum=3"`
	Weight  float64           `json:"weight,omitempty" jsonschema:"exclusiveMinimum=0,maximum=99.5"`
	Note    string            `json:"note,omitempty" jsonschema:"minLength=2,maxLength=5"`
	Lines   []shipmentLine    `json:"lines,omitempty" jsonschema:"maxItems=2"`
	Labels  map[string]string `json:"labels,omitempty"`
	When    *time.Time        `json:"when,omitempty"`
	Extra   any               `json:"extra,omitempty"`
	Flag    *bool             `json:"flag" jsonschema:"nullable"`
	Web     string            `json:"web,omitempty" jsonschema:"format=uri"`
	Payload openOptions       `json:"payload,omitzero"`
}

type shipmentLine struct {
	Sku string `json:"sku"`
	Qty uint8  `json:"qty,omitempty" jsonschema:"default=1"`
}

func TestWhatIsPlainlyRightIsAccepted(t *testing.T) {
	s := mustReflect[shipment](t)
	with := func(member string) string { return `{"id":"S-1","flag":true,"mode":"air",` + member + `}` }
	for _, raw := range []string{
		` { "flag" : null , "id" : "S-1" } `,
		with(`"level":2`), with(`"weight":99.50`), with(`"weight":1`), with(`"note":"äöü"`), with(`"note":"\u00e4\n"`),
		with(`"lines":[]`), with(`"lines":[{"sku":"a\/b"},{"qty":255,"sku":"<\u2028>"}]`), with(`"labels":{"b":"x","":"y","a":"z"}`),
		with(`"when":"2026-01-31T15:04:05Z"`), with(`"extra":[1.50,{"k":[true,null]},-0]`), with(`"extra":{"k":{"k":1},"l":{"k":2}}`), with(`"payload":{"path":"safe"}`),
	} {
		if !agrees(t, s, raw) {
			t.Errorf("left to decide: %s", raw)
		}
	}
	for _, raw := range []string{
		``, `null`, `"{}"`, `[]`, `{`, `{"id":"S-1"}`, `{"id":"S-1","flag":true}{}`,
		with(`"id":"S-2"`), with(`"ID":"S-2"`), with(`"\u0069d":"S-2"`), with(`"level":4`), with(`"level":2.0`), with(`"level":1e0`), with(`"level":02`),
		with(`"weight":0`), with(`"weight":-0.0`), with(`"weight":99.51`), with(`"weight":1e1`), with(`"weight":"1"`), with(`"weight":1.`), with(`"weight":.5`),
		with(`"note":"ä"`), with(`"note":"abcdef"`), with(`"note":null`), with("\"note\":\"a\tb\""), with(`"note":"\x61b"`), with("\"note\":\"a\xff\""), with(`"note":"\ud83d\ude00"`), with(`"note":"\u12"`),
		with(`"lines":[{},{"sku":"x"}]`), with(`"lines":[{"sku":"x","qty":256}]`), with(`"lines":[{"sku":"a"},{"sku":"b"},{"sku":"c"}]`), with(`"lines":[{"sku":"a"},]`), with(`"lines":{}`),
		with(`"labels":{"a":1}`), with(`"labels":{"a":"1","a":"2"}`), with(`"when":"yesterday"`), with(`"extra":{"a":1,"a":2}`), with(`"extra":{"a":{"b":1},"a":2}`), with(`"extra":{"a":1,"b":{"c":2},"a":3}`), with(`"extra":` + strings.Repeat("[", 40) + strings.Repeat("]", 40)),
		with(`"extra":tru`), with(`"extra":+1`), with(`"extra":` + strings.Repeat("9", 65)), with(`"extra":{"` + strings.Repeat("k", 65) + `":1}`),
		with(`"payload":{"path":"safe","Path":"x"}`), with(`"payload":{"path":"safe","pair":[1,2,3]}`), with(`"payload":{"path":"unsafe"}`), with(`"web":"https://example.com"`),
	} {
		if agrees(t, s, raw) {
			t.Errorf("accepted: %s", raw)
		}
	}
}

func TestCheckingAnOrdinaryCallCostsLittle(t *testing.T) {
	s := mustReflect[shipment](t)
	raw := `{"id":"S-1","flag":false,"level":2,"note":"abc","lines":[{"sku":"x"},{"sku":"y","qty":2}]}`
	if n := testing.AllocsPerRun(100, func() { s.Check(raw) }); n > 6 {
		t.Errorf("Check fills in defaults with %v allocations", n)
	}
	args, _, problems := s.Check(raw)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if n := testing.AllocsPerRun(100, func() { s.Check(args) }); n > 0 {
		t.Errorf("Check of what is complete makes %v allocations", n)
	}
	simple := mustReflect[lookupArgs](t)
	if n := testing.AllocsPerRun(100, func() {
		args, _, _ := simple.Check(lookupCall)
		var in lookupArgs
		simple.Decode(args, &in)
	}); n > 15 {
		t.Errorf("Check and Decode make %v allocations", n)
	}
}

// Schema.decide refuses what would take too long, and so it is asked in time.
func TestOutlinesKnowWhatTheJudgeSpends(t *testing.T) {
	s := mustReflect[struct {
		L   []map[string]int `json:"l,omitempty"`
		Any any              `json:"any,omitempty"`
		Def []shipmentLine   `json:"def,omitempty"`
		S   string           `json:"s,omitempty" jsonschema:"pattern=^[a-z]*(foo|bar)?[a-z]*$"`
	}](t)
	key := strings.Repeat("k", maxReadKey)
	deep := func(n int, inner string) string {
		return strings.Repeat(`[{"`+key+`":`, n/2) + inner + strings.Repeat(`}]`, n/2)
	}
	number := strings.Repeat("9", maxDigits)
	some := false
	for _, n := range []int{1, 100, 1000, 10_000} {
		for _, raw := range []string{
			`{"l":[` + strings.Repeat(`{"`+key+`":1},`, n) + `{}]}`,
			`{"l":[` + strings.Repeat(`{"a":1,"b":-9223372036854775808},`, n) + `{}]}`,
			`{"any":` + deep(maxReadDepth-2, `[`+strings.Repeat(number+`,`, n)+`1]`) + `}`,
			`{"any":[` + strings.Repeat(deep(maxReadDepth-2, "1")+`,`, n) + `1]}`,
			`{"def":[` + strings.Repeat(`{"sku":"\b"},`, n) + `{"sku":""}]}`,
			`{"s":"` + strings.Repeat("foobar", n) + `"}`,
		} {
			some = agrees(t, s, raw) || some
		}
	}
	if !some {
		t.Error("all was left to decide")
	}
}

func TestAnEnumOfThousands(t *testing.T) {
	for _, c := range []struct{ kind, beside, format, other string }{
		{"integer", "", "%d", "-1"},
		{"number", "", "%d.5", "1"},
		{"string", "", `"SKU-%d"`, `"SKU"`},
		{"number", `,"multipleOf":0.25`, "%d.75", "1"},
		{"array", "", "[%d]", "[]"},
	} {
		values := make([]string, 4700)
		for i := range values {
			values[i] = fmt.Sprintf(c.format, i)
		}
		doc := `{"properties":{"v":{"type":"` + c.kind + `","enum":[` + strings.Join(values, ",") + `]` + c.beside + `}}}`
		s, err := Parse(json.RawMessage(doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{values[0], values[2500], values[4699]} {
			raw := `{"v":` + v + `}`
			if got := check(s, raw); got != raw {
				t.Errorf("%s: %s", raw, got)
			}
		}
		if got := check(s, `{"v":`+c.other+`}`); !strings.Contains(got, "/v: must be one of "+values[0]+", "+values[1]+", ") {
			t.Error(got)
		}
		mixed := mustParse(t, strings.Replace(doc, values[3000], "null", 1))
		if got := check(mixed, `{"v":`+values[2999]+`}`); got != `{"v":`+values[2999]+`}` || strings.Contains(string(mixed.JSON()), "null") {
			t.Errorf("%s with null: %s", c.format, got)
		}
	}
}

// A writer makes schemas, and arguments that more or less fit them.
type writer struct{ *rand.Rand }

func (w writer) one(of ...string) string { return of[w.IntN(len(of))] }

func (w writer) chance(percent int) bool { return w.IntN(100) < percent }

var propertyNames = []string{"a", "b", "A", "sku", "qty", "é", "a/b", "a%b", "", "$ref", "type", "ſ"}

func (w writer) schema(depth int) string {
	var parts []string
	add := func(percent int, format string, args ...any) {
		if w.chance(percent) {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	number := func() string { return w.one("0", "1", "-1", "2.50", "1e2", "9007199254740993", "-0.0", "3.4e38") }
	add(30, `"description":"d"`)
	kind := w.one("object", "object", "array", "string", "number", "integer", "boolean", "null")
	if depth == 0 {
		kind = "object"
	} else if depth > 3 && (kind == "object" || kind == "array") {
		kind = "string"
	}
	switch {
	case depth == 0 || w.chance(80):
		add(100, `"type":%q`, kind)
	case w.chance(60):
		add(100, `"type":[%q,"null"]`, kind)
	case w.chance(50):
		add(100, `"type":[%q,"integer"]`, kind)
	}
	value := func() string { return w.value(schemaDoc{"type": kind}, depth+1) }
	add(4, `"const":%s`, value())
	add(12, `"enum":[%s,%s,%s]`, value(), value(), value())
	add(4, `"examples":[%s]`, value())
	add(3, `%s`, w.one(`"not":{"const":1}`, `"allOf":[{"type":"object"}]`, `"anyOf":[{"type":"string"},{"type":"null"}]`, `"$ref":"#/properties/a"`, `"x-own":1`, `"readOnly":true`, `"format":"uri"`))
	switch kind {
	case "number", "integer":
		add(25, `"minimum":%s`, number())
		add(25, `"maximum":%s`, number())
		add(10, `"exclusiveMinimum":%s`, number())
		add(10, `"exclusiveMaximum":%s`, number())
		add(5, `"multipleOf":0.5`)
	case "string":
		add(15, `"minLength":%d`, w.IntN(3))
		add(15, `"maxLength":%d`, w.IntN(5))
		add(15, `"pattern":%q`, w.one("^a", "é|b", "[0-9]", "^$"))
		add(10, `"format":"date-time"`)
	case "array":
		add(80, `"items":%s`, w.schema(depth+1))
		add(15, `"minItems":%d`, w.IntN(2))
		add(15, `"maxItems":%d`, w.IntN(4))
		add(5, `"uniqueItems":true`)
	case "object":
		props := map[string]bool{}
		var list, required []string
		for range w.IntN(5) {
			name := w.one(propertyNames...)
			if !props[name] {
				props[name] = true
				list = append(list, strconv.Quote(name)+":"+w.schema(depth+1))
				if w.chance(25) {
					required = append(required, strconv.Quote(name))
				}
			}
		}
		add(95, `"properties":{%s}`, strings.Join(list, ","))
		add(70, `"required":[%s]`, strings.Join(required, ","))
		add(60, `"additionalProperties":%s`, w.one("false", "false", "true", "{}", w.schema(depth+1)))
		add(3, `"maxProperties":3`)
		add(3, `"patternProperties":{"^a":{"type":"integer"}}`)
	}
	made := "{" + strings.Join(parts, ",") + "}"
	var doc schemaDoc
	if w.chance(50) && json.Unmarshal([]byte(made), &doc) == nil {
		parts = append(parts, `"default":`+w.value(doc, depth+1))
		with := "{" + strings.Join(parts, ",") + "}"
		if _, err := Parse(json.RawMessage(`{"properties":{"v":` + with + `}}`)); err == nil {
			return with
		}
	}
	return made
}

type schemaDoc = map[string]any

// value writes a value for a schema.
func (w writer) value(s schemaDoc, depth int) string {
	if list, ok := s["enum"].([]any); ok && w.chance(80) {
		text, _ := json.Marshal(list[w.IntN(len(list))])
		return string(text)
	}
	if c, ok := s["const"]; ok && w.chance(80) {
		text, _ := json.Marshal(c)
		return string(text)
	}
	kind, _ := s["type"].(string)
	if list, ok := s["type"].([]any); ok {
		kind = list[w.IntN(len(list))].(string)
	}
	if kind == "" || w.chance(3) {
		kind = w.one("object", "array", "string", "number", "integer", "boolean", "null")
	}
	if depth > 6 && (kind == "object" || kind == "array") {
		return w.one("{}", "[]")
	}
	space := w.one("", "", "", " ", "\n\t")
	switch kind {
	case "object":
		props, _ := s["properties"].(schemaDoc)
		var members []string
		for _, name := range slices.Sorted(maps.Keys(props)) {
			if w.chance(70) {
				sub, _ := props[name].(schemaDoc)
				key, _ := json.Marshal(name)
				members = append(members, string(key)+space+":"+w.value(sub, depth+1))
			}
		}
		w.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		if sub, ok := s["additionalProperties"].(schemaDoc); ok || s["additionalProperties"] != false && w.chance(20) {
			members = append(members, `"other":`+w.value(sub, depth+1), `"Z":`+w.value(sub, depth+1))
		}
		if w.chance(5) {
			members = append(members, strconv.Quote(w.one(propertyNames...))+":1")
		}
		return "{" + space + strings.Join(members, space+",") + "}" + space
	case "array":
		items, _ := s["items"].(schemaDoc)
		list := make([]string, w.IntN(4))
		for i := range list {
			list[i] = w.value(items, depth+1)
		}
		return "[" + strings.Join(list, ","+space) + space + "]"
	case "string":
		return `"` + w.one("a", "a", "ab", "", "é", "b0", `a\/b`, `a\n`, `\u00e9`, `\b`, `\ud83d\ude00`, `\ud83d`, "2026-01-31T15:04:05Z", "\xff", "a\x7f", "\u2028", "null") + `"`
	case "number":
		return w.one("0", "1", "-1", "2.5", "2.50", "-0.0", "1e2", "100", "1.0", "9007199254740993", "9007199254740992", "01", "1.", "-")
	case "integer":
		return w.one("0", "1", "-1", "2", "-0", "1e2", "100", "1.0", "9007199254740993", "18446744073709551616")
	case "boolean":
		return w.one("true", "false", "True")
	}
	return "null"
}

// Whatever is accepted in place, Schema.decide accepts as it is, and where the
// tree covers a schema the vendor says the same: over schemas and
// arguments made from a seed, and a text that the fuzzer wrote.
func FuzzAccept(f *testing.F) {
	for seed := range uint64(400) {
		f.Add(seed, uint8(seed), `{"a":1,"b":[{"sku":"x"}]}`, uint16(0), uint8(0))
	}
	types := []*Schema{mustReflect[shipment](f), mustReflect[orderArgs](f), mustReflect[lookupArgs](f), mustReflect[everyKeyword](f)}
	f.Fuzz(func(t *testing.T, seed uint64, pick uint8, raw string, at uint16, with uint8) {
		w := writer{rand.New(rand.NewPCG(seed, uint64(pick)))}
		var s *Schema
		if n := int(pick); n < len(types) {
			s = types[n]
		} else {
			var err error
			if s, err = Parse(json.RawMessage(w.schema(0))); err != nil {
				return
			}
		}
		var doc schemaDoc
		d := json.NewDecoder(strings.NewReader(string(s.JSON())))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		agrees(t, s, raw)
		for range 8 {
			text := w.value(doc, 0)
			agrees(t, s, text)
			if n := int(at); n < len(text) { // one byte of it is another
				agrees(t, s, text[:n]+string(rune(with))+text[n+1:])
			}
		}
	})
}

// The schemas and arguments of the fuzz target must not all be left to the
// vendor, or it would test nothing.
func TestGeneratedArgumentsAreAccepted(t *testing.T) {
	accepted, filled, left, explained := 0, 0, 0, 0
	for seed := range uint64(600) {
		w := writer{rand.New(rand.NewPCG(seed, 1))}
		s, err := Parse(json.RawMessage(w.schema(0)))
		if err != nil {
			continue
		}
		var doc schemaDoc
		if err := json.Unmarshal(s.JSON(), &doc); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			raw := w.value(doc, 0)
			args, ok := s.accept(raw)
			switch {
			case !ok:
				left++
			case args != raw:
				filled++
			default:
				accepted++
			}
			if _, _, problems := s.Check(raw); s.vendor == nil && len(problems) > 0 && problems[0].Keyword != "json" {
				explained++
			}
		}
	}
	if accepted < 500 || filled < 100 || left < 100 || explained < 100 {
		t.Errorf("%d accepted as they are, %d with defaults, %d left to decide, %d explained by the tree", accepted, filled, left, explained)
	}
}

func TestNumbersCompare(t *testing.T) {
	ascending := []string{"-1e3", "-100.01", "-100", "-99.9", "-0.5", "-0.05", "-5e-3", "0", "123e-7", "0.05", "0.5", "0.51", "1", "25e-1", "9.99", "10", "9007199254740992", "9007199254740993", "18446744073709551615", "3.4028235e38"}
	for i, a := range ascending {
		for j, b := range ascending {
			m, n := newNumber(json.Number(a)), newNumber(json.Number(b))
			if got, want := m.compare(n), rat(json.Number(a)).Cmp(rat(json.Number(b))); got != want || (got == 0) != (i == j) {
				t.Errorf("%s against %s: %d, not %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.000"}, {"-0.0", "0"}, {"1e2", "100"}, {"100e-2", "1"}, {"2.50", "2.5"}, {"-25e-1", "-2.5"}, {"0e5", "0"}, {"0.0125E+2", "1.25"}, {"12e-4", "0.0012"}} {
		m, n := newNumber(json.Number(same[0])), newNumber(json.Number(same[1]))
		if !reflect.DeepEqual(m, n) {
			t.Errorf("%v: %v and %v", same, m, n)
		}
	}
}
