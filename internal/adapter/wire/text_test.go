package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
)

func TestArgs(t *testing.T) {
	for in, want := range map[string]string{
		// Objects stay as they are.
		`{}`:                                  "{}",
		`{"a":9007199254740993, "b":"<é>"}`:   `{"a":9007199254740993, "b":"<é>"}`,
		" {\"a\" :\n1} ":                      " {\"a\" :\n1} ",
		`{"a":"\ud83d\ude00 \ud83d \\ud83d"}`: `{"a":"\ud83d\ude00 \ufffd \\ud83d"}`,
		`{"a":{"x":1},"b":[{"x":1},{"x":2}],"x":"{\"x\":1,\"x\":"}`: `{"a":{"x":1},"b":[{"x":1},{"x":2}],"x":"{\"x\":1,\"x\":"}`,
		`{"a":1e5,"b\n":2}`: `{"a":1e5,"b\n":2}`,
		// These say that there are no arguments.
		"":       "{}",
		" \n":    "{}",
		" null ": "{}",
		// Any other text is wrapped in an object.
		`[1]`:                                  `{"_invalid_json":"[1]"}`,
		`"{\"a\":1}"`:                          `{"_invalid_json":"\"{\\\"a\\\":1}\""}`,
		`{"a":`:                                `{"_invalid_json":"{\"a\":"}`,
		`{}{"a":1}`:                            `{"_invalid_json":"{}{\"a\":1}"}`,
		`{"a":1,"a":2}`:                        `{"_invalid_json":"{\"a\":1,\"a\":2}"}`,
		`{"b":{"a":[{"c":1, "d":2, "c" :2}]}}`: `{"_invalid_json":"{\"b\":{\"a\":[{\"c\":1, \"d\":2, \"c\" :2}]}}"}`,
		`{"a":1,"\u0061":2}`:                   `{"_invalid_json":"{\"a\":1,\"\\u0061\":2}"}`,
		`{"a":1e999}`:                          `{"_invalid_json":"{\"a\":1e999}"}`,
		`{"a":NaN}`:                            `{"_invalid_json":"{\"a\":NaN}"}`,
		"{\"a\":\"\xff\"}":                     `{"_invalid_json":"{\"a\":\"` + "\ufffd" + `\"}"}`,
		"{\"a\":\"\n\"}":                       `{"_invalid_json":"{\"a\":\"\n\"}"}`,
		"\ufeff{}":                             `{"_invalid_json":"` + "\ufeff" + `{}"}`,
		`{"a":"\ud83d"`:                        `{"_invalid_json":"{\"a\":\"\\ud83d\""}`,
	} {
		if got := Args(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	if got := Args(deep); !strings.HasPrefix(got, `{"_invalid_json":`) {
		t.Errorf("nested too deep: %s", got)
	}
}

// Plain arguments are checked without a tree, which would take dozens of allocations. One may
// be for the bytes of the text.
func TestArgsNeedNoTree(t *testing.T) {
	const args = `{"order_id": "ORD-78342", "items": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1.5}], "note": "\"é\""}`
	if n := testing.AllocsPerRun(100, func() { Args(args) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzArgs turns every text into an object that a strict parser accepts; an object keeps its
// value.
func FuzzArgs(f *testing.F) {
	for _, seed := range []string{"", "null", `{"a":1}`, `{"a":1,"a":2}`, `{"a":"\ud83d"}`, "{\"\xff\":1e400}", `"{}"`, "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		got := Args(args)
		v, replaced, err := jsontree.Parse([]byte(got))
		object, ok := v.(map[string]any)
		if err != nil || replaced || !ok || !utf8.ValidString(got) || !json.Valid([]byte(got)) {
			t.Fatalf("%q became %q: %v", args, got, err)
		}
		if again := Args(got); again != got {
			t.Fatalf("%q became %q, and then %q", args, got, again)
		}
		was, _, err := jsontree.Parse([]byte(args))
		if _, isObject := was.(map[string]any); err == nil && isObject {
			if !reflect.DeepEqual(v, was) {
				t.Fatalf("%q became %q", args, got)
			}
		} else if len(object) > 0 && object["_invalid_json"] != strings.ToValidUTF8(args, "\ufffd") && utf8.ValidString(args) {
			t.Fatalf("%q became %q", args, got)
		}
	})
}
