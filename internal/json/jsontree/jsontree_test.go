package jsontree

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	for _, c := range []struct{ in, want string }{
		{``, "the JSON ends too early at byte 0"},
		{`{"a":1,}`, `'}' where a key in double quotes should be at byte 7`},
		{`{a:1}`, `'a' where a key in double quotes should be at byte 1`},
		{`{"a":1`, `the JSON ends too early: a comma or } is missing at byte 6`},
		{`{} {}`, "there is more text after the JSON value at byte 3"},
		{"\ufeff{}", `'\ufeff' where a JSON value should be at byte 0`},
		{`{"a":NaN}`, `'N' where a JSON value should be at byte 5 (in /a)`},
		{`{"x":{"a":1,"a":2}}`, `the key "a" stands twice in one object at byte 12 (in /x)`},
		{`{"p":"C:\path\d"}`, `JSON has no escape \p at byte 8 (in /p)`},
		{`{"a/b~":[1,01]}`, `'1' where a comma or ] should be at byte 12 (in /a~1b~0)`},
		{`1e1000001`, "the number's exponent is out of range at byte 0"},
		{`1e-999999`, "the number's exponent is out of range at byte 0"},
		{`1e400`, "the number is out of range at byte 0"},
		{strings.Repeat("1", 401), "the number is longer than 400 characters at byte 0"},
		{strings.Repeat("9", 350), "the number is out of range at byte 0"},
		{"\"\xff\"", "the text is not valid UTF-8 at byte 1"},
		{"\"a\nb\"", "a control character in a string must be escaped at byte 2"},
		{`"\u12g4"`, `\u must be followed by four hex digits at byte 1`},
		{deep, "the JSON is nested more than 64 levels deep at byte 64 (in /0)"},
	} {
		_, _, err := Parse([]byte(c.in))
		var e *Error
		if !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("Parse(%.40q)\n got %v\nwant %v", c.in, err, c.want)
		}
	}
}

func TestParseKeepsDigits(t *testing.T) {
	v, _, err := Parse([]byte(` {"n":9007199254740993,"m":12345678901234567890123,"f":1.50} `))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Append(nil, v)); got != `{"f":1.50,"m":12345678901234567890123,"n":9007199254740993}` {
		t.Errorf("got %s", got)
	}
}

// The bounds of a number are those of a float64, however it is written.
func TestParseBoundsNumbers(t *testing.T) {
	for in, ok := range map[string]bool{
		"1e308": true, "-1.7e308": true, "1.8e308": false, "0.001e310": true, "1e-308": true, "1e-400": true, "1e-401": false,
		strings.Repeat("9", 308): true, strings.Repeat("9", 310): false, strings.Repeat("9", 200) + "e108": true, strings.Repeat("9", 200) + "e109": false,
		strings.Repeat("9", 350) + "e-300": true,
	} {
		if _, _, err := Parse([]byte(in)); (err == nil) != ok {
			t.Errorf("Parse(%s): %v", in, err)
		}
	}
}

func TestParseSurrogates(t *testing.T) {
	for _, c := range []struct {
		in, want string
		replaced bool
	}{
		{`"\ud83d\ude00"`, "😀", false},
		{`"\ud83d"`, "\ufffd", true},
		{`"\ud83dx"`, "\ufffdx", true},
		{`"\ude00\ud83d"`, "\ufffd\ufffd", true},
	} {
		v, replaced, err := Parse([]byte(c.in))
		if err != nil || v != c.want || replaced != c.replaced {
			t.Errorf("Parse(%s) = %q, %v, %v", c.in, v, replaced, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x\u00e9\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, `[[[]]]`, `"\ud83d"`, `1e999999`, "\xff", ` -0.0 `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, _, err := Parse(data)
		if err != nil {
			return // stricter than encoding/json on purpose
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if !reflect.DeepEqual(v, want) {
			t.Fatalf("got %#v, encoding/json has %#v", v, want)
		}
		text := Append(nil, v)
		again, _, err := Parse(text)
		if err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%s does not parse to what it was made from: %v", text, err)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\n\u2028😀\xff<&>")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && got != want {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
