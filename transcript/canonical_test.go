package transcript

import (
	"encoding/json"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/testkit/effort"
)

func TestCanonical(t *testing.T) {
	digits := strings.Repeat("1234567890", 49) + "1234567891"
	forms := make(map[string]string) // a text of each
	for _, same := range [][]string{
		{`0`, `-0`, `0.0`, `-0.00`, `0e7`, `0E-7`, `-0.0e+9999999999999999999999`},
		{`150`, `150.0`, `150.000`, `1.5e2`, `1.5E+2`, `15e1`, `15e+01`, `150.00e0`, `150e-0`, `0.15e3`, `1500e-1`, ` 150 `},
		{`-150`, `-1.5e2`, `-1500E-1`},
		{`0.015`, `15e-3`, `1.5e-2`, `0.0150`, `0.00015e2`},
		{`9007199254740993`, `9007199254740993.0`, `9.007199254740993e15`},
		{`9007199254740992`},
		{`1e400`, `10e399`, `0.1e401`},
		{`1e401`},
		{digits, digits + `.0`, digits + `00e-2`, `0.` + digits + `e500`},
		{digits + `1`},
		{digits + `2`},
		{`1e999999999999999999`, `1E+000999999999999999999`},
		{`1e99999999999999999999`}, // is compared as it is written
		{`"150"`, `"\u0031\u00350"`},
		{`"1.5e2"`},
		{`"\u00e9"`, `"é"`},
		{`"e\u0301"`},
		{`"a/b<"`, `"a\/b\u003c"`},
		{`"😀"`, `"\ud83d\ude00"`},
		{`"\n"`, `"\u000a"`},
		{`"\\n"`},
		{`null`},
		{`true`},
		{`"true"`},
		{`[]`, `[ ]`},
		{`{}`, `{ }`},
		{``},
		{`[1,2]`, `[1.0, 20e-1]`},
		{`[2,1]`},
		{`[12]`},
		{`{"a":1,"b":{"c":2,"d":[3,{"e":4,"f":5}]}}`, ` { "b" : {"d":[3.0,{"f":50e-1,"\u0065":4}],"c":2}, "a":1 } `},
		{`{"a":1,"b":{"c":2,"d":[{"e":4,"f":5},3]}}`},
		{`{"a":1}`},
		{`{"A":1}`},
		{`{"a":null}`},
		{`{"a":[15,"e1"]}`},
		// Texts that are not one value are compared as they are written.
		{`{"a":1} {"b":2}`},
		{`{"a":1}}`},
		{`{"a":01}`},
		{`{"a":1`},
		{strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000)},
		{strings.Repeat(`[`, 20_000) + ` ` + strings.Repeat(`]`, 20_000)},
	} {
		form := canonical(same[0])
		if other, ok := forms[form]; ok {
			t.Errorf("%.60q and %.60q have one canonical form, %.60q", other, same[0], form)
		}
		forms[form] = same[0]
		for _, text := range same {
			if got := canonical(text); got != form {
				t.Errorf("%.60q has the canonical form %.60q, and %.60q has %.60q", text, got, same[0], form)
			}
		}
	}
}

// The cost is bounded by the length of the arguments, whatever they contain.
func TestCanonicalIsLinear(t *testing.T) {
	effort.Cost(t)
	for name, text := range map[string]func(n int) string{
		"a long number":          func(n int) string { return `{"a":` + strings.Repeat("7", n) + `}` },
		"a long fraction":        func(n int) string { return `{"a":0.` + strings.Repeat("0", n) + `7}` },
		"a long exponent":        func(n int) string { return `{"a":1e` + strings.Repeat("9", n) + `}` },
		"zeros before exponents": func(n int) string { return `{"a":1e` + strings.Repeat("0", n) + `7}` },
		"a large exponent":       func(n int) string { return `[` + strings.Repeat("1e999999999,", n/12) + `0]` },
		"many numbers":           func(n int) string { return `[` + strings.Repeat("1.50,", n/5) + `0]` },
		"a long string":          func(n int) string { return `"` + strings.Repeat(`\u0007`, n/6) + `"` },
		"a deep list":            func(n int) string { return strings.Repeat(`[`, n/2) + strings.Repeat(`]`, n/2) },
		"a deep object":          func(n int) string { return strings.Repeat(`{"a":`, n/6) + `0` + strings.Repeat(`}`, n/6) },
		"many keys": func(n int) string {
			var b strings.Builder
			for i := range n / 12 {
				fmt.Fprintf(&b, `"%07d":0,`, i*7919%(n/12))
			}
			return `{` + b.String() + `"":0}`
		},
	} {
		small, large := allocated(text(30_000)), allocated(text(300_000))
		if large > 20*small+1<<20 {
			t.Errorf("%s: %d bytes were allocated for a text of 30,000 bytes, and %d for ten times that", name, small, large)
		}
		if large > 100<<20 {
			t.Errorf("%s: %d MiB were allocated for a text of 300,000 bytes", name, large>>20)
		}
	}
}

// allocated returns the bytes allocated for the canonical form of args.
func allocated(args string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	canonical(args)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// The canonical form of arguments is computed once, however often Next is called.
func TestCanonicalFormIsCached(t *testing.T) {
	s := &slot{call: &Call{Args: `{"a":` + strings.Repeat("7", 1000) + `}`}}
	s.canonicalArgs()
	if n := testing.AllocsPerRun(10, func() { s.canonicalArgs() }); n > 0 {
		t.Errorf("%v allocations for a form that is known", n)
	}
	s.decide(&Decision{Verdict: VerdictApprove, Args: `{"a":1.0}`})
	if got := s.canonicalArgs(); got != `{"a":1}` {
		t.Errorf("after an edit the form is %.40q", got)
	}
}

// Two numbers have one canonical form if, and only if, they are equal.
func FuzzCanonicalNumber(f *testing.F) {
	for _, seed := range [][2]string{{"150", "1.5e2"}, {"-0", "0.0e9"}, {"0.015", "15E-3"}, {"9007199254740993", "9007199254740992"}, {"1e400", "1e401"}, {"-1", "1"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := ratOf(a), ratOf(b)
		if x == nil || y == nil {
			t.Skip()
		}
		if got, want := canonical(a) == canonical(b), x.Cmp(y) == 0; got != want {
			t.Errorf("%s has the form %s, %s has the form %s; they are equal: %v", a, canonical(a), b, canonical(b), want)
		}
		if form := ratOf(canonical(a)); form == nil || form.Cmp(x) != 0 {
			t.Errorf("%s has the form %s, which is another number", a, canonical(a))
		}
	})
}

// ratOf reads a JSON number of a small exponent, or returns nil.
func ratOf(text string) *big.Rat {
	var n json.Number
	if json.Unmarshal([]byte(text), &n) != nil || n == "" || text[0] == '"' {
		return nil
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(strings.TrimRight(text[i:], " \t\r\n")) > 5 {
		return nil
	}
	r, _ := new(big.Rat).SetString(string(n))
	return r
}

// A canonical form is its own canonical form and has the same value as the text.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":1.50,"a":[{"c":"\u0064"},null,true]}`, `"\ud800"`, `[1e5,-0]`, `{"a":1,"a":2}`, `{} {}`, strings.Repeat("[", 10_001)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		form := canonical(args)
		if again := canonical(form); again != form {
			t.Fatalf("%q has the form %q, and that has the form %q", args, form, again)
		}
		if !json.Valid([]byte(args)) {
			if form != args {
				t.Errorf("%q is no JSON, and has the form %q", args, form)
			}
			return
		}
		var indented strings.Builder
		var v any
		dec := json.NewDecoder(strings.NewReader(args))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Skip() // too deep
		}
		enc := json.NewEncoder(&indented)
		enc.SetIndent(" ", "\t")
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		if other := canonical(indented.String()); other != form {
			t.Errorf("%q has the form %q, and indented %q", args, form, other)
		}
	})
}
