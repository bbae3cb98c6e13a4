package jsontree

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAppendStringEverywhere has every byte, and pairs of some, at every place of a text: the
// result means what the one of encoding/json means, and a string and its bytes are alike.
func TestAppendStringEverywhere(t *testing.T) {
	odd := []string{"\xff", "\xc3", "é", "订", "😀", "\xf0\x9f\x98"}
	for c := range 256 {
		odd = append(odd, string([]byte{byte(c)}))
	}
	for _, first := range odd {
		for _, second := range []string{"", `"`, `\`, "\n", "\x7f", "\x80", "é"} {
			for before := range 19 {
				s := strings.Repeat("a", before) + first + strings.Repeat("b", 18-before) + second + "c"
				text := AppendString(nil, s)
				if of := AppendString(nil, []byte(s)); string(of) != string(text) {
					t.Fatalf("%q became %s as a string, and %s as bytes", s, text, of)
				}
				theirs, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				var got, want string
				if err := json.Unmarshal(text, &got); err != nil {
					t.Fatalf("%q became %s: %v", s, text, err)
				}
				if err := json.Unmarshal(theirs, &want); err != nil || got != want {
					t.Fatalf("%q became %s, want %s", s, text, theirs)
				}
			}
		}
	}
}

// TestAppendStringGrowsOnce tests that a text that is JSON is appended into a buffer of the right
// size. slices.Grow allocates a second one under the race detector.
func TestAppendStringGrowsOnce(t *testing.T) {
	list := strings.Repeat(`{"sku":"WEP-00001","quantity":17,"price":89.99},`, 1000)
	if n := testing.AllocsPerRun(10, func() { AppendString(nil, list) }); n > 2 {
		t.Errorf("%v allocations for a text of %d bytes", n, len(list))
	}
}
