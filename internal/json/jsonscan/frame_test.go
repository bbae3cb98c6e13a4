package jsonscan

import (
	"fmt"
	"slices"
	"testing"
)

// readA reads the string a of an object, and passes over the rest, except d and e.
func readA(s *Scanner) (text string, place Span, rest string) {
	var d []byte
	for key := range s.Object() {
		switch string(key) {
		case "a":
			if b, ok := s.Bytes(); ok {
				text, place = string(b), s.Last()
			}
		case "d":
			d = s.Raw()
		case "e":
			rest += fmt.Sprint(s.Int())
		}
	}
	if d != nil {
		s.Again(d, func() {
			for key := range s.Object() {
				if string(key) == "a" && text == "" {
					b, _ := s.Bytes()
					text, place = string(b), s.Last()
				}
			}
		})
	}
	return text, place, rest
}

func TestFrame(t *testing.T) {
	for _, c := range []struct {
		first, next string
		text        string
		ok          bool
	}{
		{`{"a":"x","b":1}`, `{"a":"yé\n","b":1}`, "yé\n", true},
		{`{"a":"x\"","b":1}`, `{"a":"","b":-2.5e1}`, "", true},
		{`{"b":"one","a":"x","c":[1,2]}`, `{"b":"\ud83d","a":"\ud83d\ude00","c":[1,2]}`, "😀", true},
		{`{"d":{"b":1,"a":"x"},"c":7}`, `{"d":{"b":22,"a":"y"},"c":8}`, "y", true},
		{`{"a":"x","b":1}`, `{"a":"y","b":"1"}`, "", false},
		{`{"a":"x","b":1}`, `{"a":"y","b":01}`, "", false},
		{`{"a":"x","b":1}`, `{"a":"y","b":1} `, "", false},
		{`{"a":"x","b":1}`, `{"a":"y","b":1}{}`, "", false},
		{`{"a":"x","b":1}`, `{"a":"y","b":1`, "", false},
		{`{"a":"x","b":1}`, `{"a":"y`, "", false},
		{`{"a":"x","b":1}`, `{"a":"y","c":1}`, "", false},
		{`{"a":"x","b":"1"}`, `{"a":"y","b":"\x"}`, "", false},
		{`{"a":"x"}`, `{"a":"y\x"}`, "", false},
		{`{"a":"x"}`, `{"a":null}`, "", false},
		{`{"a":"x","e":1}`, `{"a":"y","e":2}`, "", false},
		{`{"a":"x","c":[1]}`, `{"a":"y","c":[2]}`, "", false},
		{`{"a":"x"}{}`, `{"a":"y"}{}`, "", false}, // the first is not kept
		{`{"a":"x"`, `{"a":"y"`, "", false},
	} {
		var f Frame
		var s Scanner
		f.Read(&s, []byte(c.first))
		_, place, _ := readA(&s)
		f.Keep(&s, place)
		if text, ok := f.Match([]byte(c.next)); string(text) != c.text || ok != c.ok {
			t.Errorf("%s after %s: got %q, %v, want %q, %v", c.next, c.first, text, ok, c.text, c.ok)
		}
	}
	var none *Frame
	var s Scanner
	none.Read(&s, []byte(`{"a":"x"}`))
	text, place, _ := readA(&s)
	none.Keep(&s, place)
	if _, ok := none.Match([]byte(`{"a":"x"}`)); ok || text != "x" {
		t.Errorf("without a frame the text is %q", text)
	}
}

// TestFrameOverlap has readers that pass over a part of a text twice, or keep a place that is
// not one of a string: no frame is made.
func TestFrameOverlap(t *testing.T) {
	const text = `{"d":{"b":1,"a":"x","c":"long"},"a":"y"}`
	again := func(s *Scanner, times int) (place Span) {
		var d []byte
		for key := range s.Object() {
			if string(key) == "d" {
				d = s.Raw()
			} else if _, ok := s.Bytes(); ok {
				place = s.Last()
			}
		}
		for range times {
			s.Again(d, func() {
				for range s.Object() {
				}
			})
		}
		return place
	}
	for name, c := range map[string]struct {
		read func(*Scanner) Span
		ok   bool
	}{
		"once":         {func(s *Scanner) Span { return again(s, 1) }, true},
		"twice":        {func(s *Scanner) Span { return again(s, 2) }, false},
		"within":       {func(s *Scanner) Span { again(s, 1); return Span{12, 19} }, false},
		"no place":     {func(s *Scanner) Span { again(s, 1); return Span{} }, false},
		"backwards":    {func(s *Scanner) Span { again(s, 0); return Span{9, 3} }, false},
		"beyond":       {func(s *Scanner) Span { again(s, 0); return Span{9, len(text) + 1} }, false},
		"before":       {func(s *Scanner) Span { again(s, 0); return Span{-1, 3} }, false},
		"passed again": {func(s *Scanner) Span { again(s, 1); return Span{16, 19} }, false},
	} {
		var f Frame
		var s Scanner
		f.Read(&s, []byte(text))
		f.Keep(&s, c.read(&s))
		if f.kept != c.ok {
			t.Errorf("%s: kept is %v, want %v: %v", name, f.kept, c.ok, f.holes)
		}
		f.Match([]byte(`{"d":{"b":2,"a":"x","c":"other"},"a":"z"}`)) // does not panic
	}
}

// FuzzFrame compares a Frame with a Scanner: what the Frame accepts the Scanner reads, with the
// same result.
func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":1}`), []byte(`{"a":"y","b":2}`))
	f.Add([]byte(`{"b":"one","d":{"a":"x","c":1},"e":3}`), []byte(`{"b":"two","d":{"a":"\ud83d","c":-0.1e1},"e":3}`))
	f.Add([]byte("{\"a\":\"\xff\",\"b\":[\"\"],\"c\":\"\"}"), []byte("{\"a\":\"\\u00e9\",\"b\":[\"\"],\"c\":\"\xff\"}"))
	f.Add([]byte(`{"a":"x","a":"y"}`), []byte(`{"a":"x","a":"z"}`))
	f.Fuzz(func(t *testing.T, first, next []byte) {
		var f Frame
		var s Scanner
		f.Read(&s, first)
		_, place, rest := readA(&s)
		if place == (Span{}) {
			return
		}
		f.Keep(&s, place)
		if f.kept && !slices.IsSortedFunc(f.holes, func(a, b Span) int { return a.to - b.from - 1 }) {
			t.Fatalf("the holes overlap: %v", f.holes)
		}
		if text, ok := f.Match(first); ok != f.kept {
			t.Fatalf("%q does not match itself: %q", first, text)
		}
		text, ok := f.Match(next)
		if !ok {
			return
		}
		s.Reset(next)
		want, _, wantRest := readA(&s)
		if s.Err() != nil || len(s.Rest()) > 0 || string(text) != want || rest != wantRest {
			t.Fatalf("%q after %q: got %q, want %q, %v", next, first, text, want, s.Err())
		}
	})
}
