package schemagen

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/schema/pattern"
)

const triesOfText = 200

// charsPerDraft is how many characters cost as much as one draft.
const charsPerDraft = 256

// maxText is how long a text may have to be, in characters.
const maxText = 1 << 20

// textDemands are what several schemas want of a string.
type textDemands struct {
	least, most int // in characters
	patterns    []string
	matchers    []*regexp.Regexp
	format      string
	base64      bool
}

func (ds demands) text() textDemands {
	t := textDemands{least: ds.least("minLength"), most: ds.most("maxLength")}
	for _, d := range ds {
		if p, ok := d["pattern"].(string); ok {
			if re, err := pattern.Compile(p); err == nil {
				t.patterns, t.matchers = append(t.patterns, p), append(t.matchers, re)
			}
		}
		if f, ok := d["format"].(string); ok && formats[f] != nil {
			t.format = f
		}
		if d["contentEncoding"] == "base64" {
			t.base64 = true
		}
	}
	return t
}

func (t textDemands) fits(s string) bool {
	if n := utf8.RuneCountInString(s); n < t.least || n > t.most {
		return false
	}
	for _, re := range t.matchers {
		if !re.MatchString(s) {
			return false
		}
	}
	return true
}

// text makes a string. Patterns and formats are followed one at a time; the
// others have to be met by chance.
func (m *maker) text(ds demands) (any, error) {
	t := ds.text()
	if t.least > maxText || t.least > t.most {
		return nil, errNothing
	}
	for range triesOfText {
		s := m.textDraft(t)
		if t.fits(s) {
			return s, nil
		}
		if m.left -= len(s) / charsPerDraft; m.left <= 0 {
			break
		}
	}
	return nil, errNothing
}

func (m *maker) textDraft(t textDemands) string {
	switch {
	case len(t.patterns) > 0 && (t.format == "" || m.chance(1, 2)):
		s := m.matching(t.patterns[m.rand.IntN(len(t.patterns))], m.stretch(t))
		if n := utf8.RuneCountInString(s); n < t.least && m.chance(1, 2) {
			s += strings.Repeat("x", t.least-n) // a pattern without an end to it
		}
		return s
	case t.format != "":
		return formats[t.format](m)
	case t.base64:
		n := t.least + m.rand.IntN(24)
		if t.most < math.MaxInt32 {
			n = t.least + m.rand.IntN(t.most-min(t.least, t.most)+1)
		}
		return base64.StdEncoding.EncodeToString(m.bytes(n / 4 * 3))
	}
	return m.sized(m.words(), t)
}

// stretch is how often a repetition in a pattern may go beyond its least.
func (m *maker) stretch(t textDemands) int {
	sizes := []int{0, 1, 2, 4, 8, t.least, t.least}
	return min(sizes[m.rand.IntN(len(sizes))], maxText)
}

// Texts that people and models write, and that programs stumble over.
var (
	plainTexts = []string{"Ada", "red", "blue jacket", "Springfield", "a", "ORD-1", "42", "hello there", "yes", "2024-11-20"}
	oddTexts   = []string{
		"", " ", "null", "0", "-1", "true", "naïve café", "日本語", "👩‍💻", "a\nb", "a\tb", `"`, `\`, `{"a":1}`, "<b>&amp;</b>",
		"'; --", "../..", "%s%d", strings.Repeat("long ", 60),
	}
)

func (m *maker) words() string {
	from := plainTexts
	if m.chance(1, 3) {
		from = oddTexts
	}
	return from[m.rand.IntN(len(from))]
}

// sized makes a text as long as is demanded.
func (m *maker) sized(s string, t textDemands) string {
	n := utf8.RuneCountInString(s)
	if n > t.most {
		return string([]rune(s)[:t.most])
	}
	if n < t.least {
		fill := t.least - n
		if m.chance(1, 2) && t.most < t.least+1000 {
			fill += m.rand.IntN(t.most - t.least + 1)
		}
		s += strings.Repeat(string(rune('a'+m.rand.IntN(26))), fill)
	}
	return s
}

func (m *maker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.rand.Uint32())
	}
	return b
}
