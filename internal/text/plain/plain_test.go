package plain_test

import (
	"testing"

	"github.com/funcall/funcall/internal/text/plain"
)

func TestPlain(t *testing.T) {
	for s, want := range map[string][2]string{
		"":                      {"", ""},
		`"é👍\` + "\u200d":       {`"é👍\` + "\u200d", `"é👍\` + "\u200d"},
		"a\x1b[31mb\x07":        {`a\x1b[31mb\a`, `a\x1b[31mb\a`},
		"a\u009b31mb\x7f\x00":   {`a\u009b31mb\x7f\x00`, `a\u009b31mb\x7f\x00`},
		"a\n\tb\r\n":            {`a\n\tb\r\n`, "a\n\tb\\r\n"},
		"a\u202eb\u2066\u2028c": {`a\u202eb\u2066\u2028c`, `a\u202eb\u2066\u2028c`},
		"a\xffb\ufffd":          {`a\xffb` + "\ufffd", `a\xffb` + "\ufffd"},
	} {
		if got := [2]string{plain.Line(s), plain.Lines(s)}; got != want {
			t.Errorf("%q: %q, not %q", s, got, want)
		}
	}
}
