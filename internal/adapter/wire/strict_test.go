package wire

import "testing"

func TestEndOfString(t *testing.T) {
	for _, s := range []string{
		`""`,
		`"a"`,
		`"\""`,
		`"\\"`,
		`"\\\""`,
		`"\\\\"`,
		`"a\"b"`,
		`"a\"b\""`,
		`"a\\b\n"`,
		`"\"\"\\\""`,
		`"a: \u0022, é"`,
	} {
		for _, before := range []string{``, `["x",`, `"\\",`} {
			text := before + s + `,"next"`
			if got, want := endOfString(text, len(before)), len(before)+len(s)-1; got != want {
				t.Errorf("%s from %d: got %d, want %d", text, len(before), got, want)
			}
		}
	}
}
