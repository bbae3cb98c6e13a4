package jsonscan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

const sample = ` {"id":"x\u00e9\ud83d\ude00","n":12.7,"deep":{"a":[1,{"b":null}],"skipped":[true,false]},"list":["p","q"],"last":"\ud83d"} `

func TestScanner(t *testing.T) {
	var s Scanner
	s.Reset([]byte(sample))
	var got []string
	for key := range s.Object() {
		switch string(key) {
		case "id", "last":
			text, ok := s.Bytes()
			got = append(got, fmt.Sprintf("%s=%s %v", key, text, ok))
		case "n":
			got = append(got, fmt.Sprintf("n=%d", s.Int()))
		case "deep":
			for key := range s.Object() {
				if string(key) == "a" {
					got = append(got, "a="+string(s.Raw()))
				}
			}
		case "list":
			for i := range s.Array() {
				text, _ := s.Bytes()
				got = append(got, fmt.Sprintf("%d=%s", i, text))
			}
		}
	}
	want := "id=xé😀 true|n=12|a=[1,{\"b\":null}]|0=p|1=q|last=\ufffd true"
	if strings.Join(got, "|") != want || s.Err() != nil || len(s.Rest()) != 0 {
		t.Errorf("got  %s\nwant %s\n%v, rest %q", strings.Join(got, "|"), want, s.Err(), s.Rest())
	}
}

func TestScannerGoesBack(t *testing.T) {
	var s Scanner
	s.Reset([]byte(`{"a":{"x":"\u00e9"},"b":"\u00e8"}`))
	var object, before []byte
	got := ""
	for key := range s.Object() {
		if string(key) == "a" {
			object = s.Raw()
			continue
		}
		before, _ = s.Bytes()
		s.Again(object, func() {
			for key := range s.Object() {
				text, _ := s.Bytes()
				got += string(key) + string(text)
			}
		})
	}
	if got != "xé" || string(before) != "è" || s.Err() != nil || len(s.Rest()) != 0 {
		t.Errorf("got %s and %s, %v, rest %q", got, before, s.Err(), s.Rest())
	}
}

func TestScannerPassesOverOtherKinds(t *testing.T) {
	var s Scanner
	s.Reset([]byte(`[{"a":1}, [2], "3", 4, null, 1e999]`))
	for i := range s.Array() {
		switch i {
		case 0:
			for range s.Array() {
				t.Error("an object is no array")
			}
		case 1:
			for range s.Object() {
				t.Error("an array is no object")
			}
		case 2, 4, 5:
			if n := s.Int(); n != 0 {
				t.Errorf("element %d is %d", i, n)
			}
		case 3:
			if _, ok := s.Bytes(); ok {
				t.Error("4 is no string")
			}
		}
	}
	if s.Err() != nil || len(s.Rest()) != 0 {
		t.Errorf("%v, rest %q", s.Err(), s.Rest())
	}
}

func TestScannerErrors(t *testing.T) {
	for in, want := range map[string]string{
		``:                          "bad JSON at byte 0: a value is missing",
		`{"a" 1}`:                   "bad JSON at byte 5: a colon is missing",
		`{"a":1,}`:                  "bad JSON at byte 7: a double quote is missing",
		`{"a":1 "b":2}`:             "bad JSON at byte 7: a comma or } is missing",
		`[1,2`:                      "bad JSON at byte 4: a comma or ] is missing",
		`"abc`:                      "bad JSON at byte 4: a string does not end",
		`"a\x"`:                     "bad JSON at byte 2: an escape is wrong",
		`-`:                         "bad JSON at byte 1: a digit is missing",
		`nul`:                       "bad JSON at byte 0: a value is misspelt",
		strings.Repeat("[", 100000): "bad JSON at byte 512: the JSON is nested more than 512 levels deep",
	} {
		var s Scanner
		s.Reset([]byte(in))
		s.Skip()
		if s.Err() == nil || s.Err().Error() != want {
			t.Errorf("%.20s: got %v, want %s", in, s.Err(), want)
		}
	}
}

// A long string is scanned once, however often it is passed over or read.
func TestScannerRemembersLongStrings(t *testing.T) {
	for _, unit := range []string{"x", "\\n", "\\ud83d\\ude00", "é", "\xff"} {
		one, two := `"`+strings.Repeat(unit, long)+`"`, `"`+strings.Repeat("y"+unit, long)+`"`
		for _, text := range []string{`[{"a":` + one + `,"b":` + two + `,"c":` + one + `}]`, `[{"a":` + two + `,"b":[` + one + `],"c":"c"}]`} {
			var want []map[string]any
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
			var s Scanner
			s.Reset([]byte(text))
			whole := s.Raw()
			for range 2 {
				s.Again(whole, func() {
					for range s.Array() {
						for key := range s.Object() {
							if got, ok := s.Bytes(); ok && string(got) != want[0][string(key)] {
								t.Errorf("%s of %.20s is %.20q", key, text, got)
							}
						}
					}
				})
			}
			if s.Err() != nil || len(s.Rest()) > 0 {
				t.Errorf("%.20s: %v, rest %.20q", text, s.Err(), s.Rest())
			}
			s.Reset([]byte(one[:len(one)-1]))
			if s.Skip(); s.Err() == nil {
				t.Errorf("%.20s ends", one)
			}
		}
	}
}

func TestScannerAllocatesNothing(t *testing.T) {
	var s Scanner
	data := []byte(sample)
	n := testing.AllocsPerRun(100, func() {
		s.Reset(data)
		for key := range s.Object() {
			if string(key) == "id" {
				s.Bytes()
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzScanner(f *testing.F) {
	for _, in := range []string{sample, `"\ud83d\ude00\ude00"`, `[1e5,-0.5E-3,01]`, `{"a":{"b":[]}}`, `tru`, "\"\xff\xc3\"", `{}{}`} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var s Scanner
		s.Reset(in)
		s.Skip()
		valid := s.Err() == nil && len(s.Rest()) == 0
		if len(in) < maxDepth && valid != json.Valid(in) {
			t.Fatalf("valid: %v (%v), encoding/json says %v", valid, s.Err(), json.Valid(in))
		}
		var want string
		if !valid || json.Unmarshal(in, &want) != nil || string(in) == "null" {
			return
		}
		s.Reset(in)
		if got, ok := s.Bytes(); !ok || string(got) != want {
			t.Fatalf("got %q, %v, encoding/json has %q", got, ok, want)
		}
	})
}

// FuzzPlain compares the words of eight bytes with one byte at a time.
func FuzzPlain(f *testing.F) {
	for _, in := range []string{"", `abcdefgh"`, "abcdefg\\", "12345678\x1f", "\x7f\x80\xff\x00", "é12345678é\"", "\x01\"\"\"\"\"\"\"", "!!!!!!!!\x20\x21\x22"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		want, wantASCII := 0, true
		for want < len(in) && in[want] >= ' ' && in[want] != '"' && in[want] != '\\' {
			wantASCII = wantASCII && in[want] < utf8.RuneSelf
			want++
		}
		if n, ascii := plain(in); n != want || ascii != wantASCII {
			t.Fatalf("%q: got %d, %v, want %d, %v", in, n, ascii, want, wantASCII)
		}
	})
}
