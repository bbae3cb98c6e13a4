package jsonscan

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestCompact(t *testing.T) {
	for in, want := range map[string]string{
		``:                     ``,
		` `:                    ``,
		`""`:                   `""`,
		` "" `:                 `""`,
		`[ "" , "" ]`:          `["",""]`,
		`{ "a\\" : " b " }`:    `{"a\\":" b "}`,
		`[ "\"" , " \" " ]`:    `["\""," \" "]`,
		`[ "\\\"" , "\\\\" ] `: `["\\\"","\\\\"]`,
		`" a\" `:               `" a\" `, // the string does not end
	} {
		if got := Compact([]byte(in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func FuzzCompact(f *testing.F) {
	for _, in := range []string{sample, `7`, `""`, " [ 1 , \"a \\\" b\" ,\t{ \"c\" :\r\n null } ] ", `{"a":" "}`, `"`, "\"\n", `[1 2`} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got := Compact(in) // ends for any text
		var want bytes.Buffer
		if json.Compact(&want, in) == nil && got != want.String() {
			t.Fatalf("%q: got %q, want %q", in, got, want.String())
		}
	})
}
