package partialjson_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/partialjson"
)

func TestComplete(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \n": "", `"`: `""`, `"a`: `"a"`, `"a"`: `"a"`, "t": "", "true": "true", " null ": " null",
		"1": "", "-": "", "1 ": "1", "1.": "", "1e+": "", "0\n": "0", // more digits may follow
		"{": "{}", "[": "[]", "[[": "[[]]", `{"a`: "{}", `{"a"`: "{}", `{"a":`: "{}", `{"a": "`: `{"a": ""}`, `{"a":1`: "{}", `{"a":1,`: `{"a":1}`, `{"a":tru`: "{}",
		`{"a":[1, 2`: `{"a":[1]}`, `{"a":[1, 2]`: `{"a":[1, 2]}`, `[{"a":[`: `[{"a":[]}]`, `[{"a":{}},{"b`: `[{"a":{}},{}]`, `[null, -1.5e3]`: `[null, -1.5e3]`,
		`"a\`: `"a"`, `"a\n`: `"a\n"`, `"\u00e`: `""`, `"\u00e4`: `"\u00e4"`, `"\\`: `"\\"`, "\"\xc3": `""`, "\"ä\xf0\x9f\x98": `"ä"`, `["😀`: `["😀"]`,
		`"\ud83d`: `""`, `"\uD83D\ude`: `""`, `"\ud83d\ude00`: `"\ud83d\ude00"`, `"\ud83d\ud83d`: `"\ud83d"`, `"\ud83dx`: `"\ud83dx"`, `"\ud83d\n`: `"\ud83d\n"`, `"\ude00`: `"\ude00"`,
	} {
		if got := partialjson.Complete(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

func TestCompleteRefuses(t *testing.T) {
	for _, text := range []string{
		"x", "Sure: {", "{a", "{1", "{,", "[,", "[1,]", "[1 2", `{"a" 1`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b"`, "{}}", "{} {", "1 2", "]", "}", "[}", "{]",
		"trux", "truefalse", "nul ", "01", "[--", "[1-", "[.5", "[1.x", "+1", "1e1.", "\"\n", `"\x`, `"\u00g`, `"\ud83d\ux`, "[\x00", "\x00", "\ufeff{}", "'a", "[1\x0c",
	} {
		if got := partialjson.Complete(text); got != "" {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// encoding/json accepts as much nesting, and no more.
func TestCompleteBoundsTheNesting(t *testing.T) {
	for depth, valid := range map[int]bool{10_000: true, 10_001: false, 1 << 20: false} {
		got := partialjson.Complete(strings.Repeat("[", depth))
		if json.Valid([]byte(got)) != valid || valid && len(got) != 2*depth || !valid && got != "" {
			t.Errorf("%d lists became %d bytes", depth, len(got))
		}
	}
}

// FuzzComplete checks for each beginning of a document that its completion is JSON and begins
// the document, that it never holds less than that of a shorter one, and that a document with
// an end of its own is whole at its end.
func FuzzComplete(f *testing.F) {
	for _, doc := range []string{
		`{"order":"ORD-78342","items":[{"sku":"A-1","n":2,"price":-1.5e+3},{"sku":"ä😀\ud83d\ude00\n"}],"note":null,"paid":true}`,
		`[[],{},[{}],"",0,-0.0,false]`, " 12 ", `"\ud83d\ud83d"`, "\"\xff\xc3\"", `{"a":{"a":1,"a":[]},"":""}`, `"\\\"\/"`, "[1,]", `{"a":x}`, "[\"\x01\"]",
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		doc = doc[:min(len(doc), 2000)]
		valid := json.Valid([]byte(doc))
		whole := tokens(doc)
		had := 0
		for n := range len(doc) + 1 {
			got := partialjson.Complete(doc[:n])
			if got == "" && had == 0 {
				continue
			}
			if got != "" && !json.Valid([]byte(got)) || got == "" && valid {
				t.Fatalf("%q became %q", doc[:n], got)
			}
			if !valid {
				continue
			}
			has := tokens(got)
			for len(has) > 1 && (has[len(has)-1] == json.Delim('}') || has[len(has)-1] == json.Delim(']')) {
				has = has[:len(has)-1]
			}
			if !begins(whole, has) {
				t.Fatalf("%q became %q", doc[:n], got)
			}
			if len(has) < had {
				t.Fatalf("%q became %q, which is less than before", doc[:n], got)
			}
			had = len(has)
		}
		if c := strings.TrimSpace(doc); valid && strings.ContainsAny(c[len(c)-1:], `"}]el`) && partialjson.Complete(doc) != doc[:strings.LastIndex(doc, c)+len(c)] {
			t.Fatalf("%q became %q", doc, partialjson.Complete(doc))
		}
	})
}

// tokens returns the tokens of a document up to where it is no JSON.
func tokens(doc string) (all []json.Token) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return all
		}
		all = append(all, token)
	}
}

// begins reports whether a document has those tokens at its beginning; the last of them may be
// the beginning of a string.
func begins(doc, has []json.Token) bool {
	last := len(has) - 1
	if last < 0 || len(has) > len(doc) || !reflect.DeepEqual(doc[:last], has[:last]) {
		return false
	}
	if s, ok := has[last].(string); ok {
		of, ok := doc[last].(string)
		return ok && strings.HasPrefix(of, s) && utf8.ValidString(s)
	}
	return doc[last] == has[last]
}
