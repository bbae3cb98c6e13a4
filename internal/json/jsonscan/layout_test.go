package jsonscan

import (
	"strings"
	"testing"
)

// A value that is only looked at is passed over, whatever stands before it.
func TestScannerPeeksBehindWhiteSpace(t *testing.T) {
	for _, space := range []string{"", " ", "\n\t", strings.Repeat(" \r\n", 3)} {
		for _, value := range []string{`null`, `true`, `12`, `"x"`, `{"a":[1]}`, `[{"a":1}]`} {
			text := strings.NewReplacer("_", space, "V", value).Replace(`_{_"peeked"_:_V_,_"list"_:_[_V_,_V_]_,_"after"_:_7_}_`)
			var s Scanner
			s.Reset([]byte(text))
			kinds, after := "", int64(0)
			for key := range s.Object() {
				switch string(key) {
				case "peeked":
					kinds += string(s.Kind())
				case "list":
					for range s.Array() {
						kinds += string(s.Kind())
					}
				case "after":
					after = s.Int()
				}
			}
			if s.Err() != nil || len(s.Rest()) != 0 || after != 7 || len(kinds) != 3 || strings.Contains(kinds, "?") {
				t.Errorf("%q: kinds %s, after %d, %v, rest %q", text, kinds, after, s.Err(), s.Rest())
			}
		}
	}
	// A missing value is still an error.
	for _, text := range []string{`{"a": }`, `[ , 1]`, `[1, ]`, `{"a": `} {
		var s Scanner
		s.Reset([]byte(text))
		for range s.Object() {
			s.Kind()
		}
		for range s.Array() {
			s.Kind()
		}
		if s.Err() == nil {
			t.Errorf("%q is taken for JSON", text)
		}
	}
}

// A text is read from a mark on, without the white space around it.
func TestScannerMarks(t *testing.T) {
	const value = `{"a": [1,  2 ],"b":null}`
	var s Scanner
	s.Reset([]byte("[ 7 ,\n" + value + " , 8 ]"))
	var texts []string
	for i := range s.Array() {
		mark := s.Mark()
		if i == 1 {
			for range s.Object() {
			}
		} else {
			s.Int()
		}
		texts = append(texts, string(s.Since(mark)))
	}
	if got, want := strings.Join(texts, "|"), "7|"+value+"|8"; got != want || s.Err() != nil {
		t.Errorf("got %q, want %q, %v", got, want, s.Err())
	}
	s.Reset([]byte(`[1 2]`))
	mark := s.Mark()
	if s.Skip(); s.Since(mark) != nil {
		t.Error("a broken text is returned")
	}
}
