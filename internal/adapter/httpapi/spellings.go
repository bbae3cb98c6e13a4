package httpapi

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A secret is a text of a request that no error may show. It is not empty.
type secret struct {
	text string
	// exact reports that the text may be an ordinary name, and is searched for only unchanged.
	exact bool
	// least is the length of the shortest spelling, or less.
	least int
	// spellings are made once for the secrets of a client, and on demand for those of a
	// request, which are rarely searched for.
	spellings []spelling
}

// A spelling is a form in which a server may repeat a secret, apart from escapes.
type spelling struct {
	text string
	// anyCase reports that text is in lower case and matches any case.
	anyCase bool
	// base64 reports that text is a part of a base64 text. The characters next to it hold a
	// few bits of the secret.
	base64 bool
}

type secrets []secret

// newSecret returns a secret that is exact or not.
func newSecret(text string, exact bool) secret {
	s := secret{text: text, exact: exact}
	if !strings.ContainsAny(text, escapes) { // what it stands for may be shorter
		s.least = len(text)
	}
	return s
}

// spell makes the spellings of all secrets.
func (list secrets) spell() {
	for i := range list {
		list[i].spellings = list[i].spelled()
	}
}

// short is the length below which a text is searched for only unchanged: in another case or
// encoding it could be an ordinary word.
const short = 8

// spelled returns the forms in which a server may repeat the secret.
func (s *secret) spelled() []spelling {
	if s.spellings != nil {
		return s.spellings
	}
	if s.exact || len(s.text) < short {
		return []spelling{{text: s.text}}
	}
	list := []spelling{{text: lower(s.text), anyCase: true}, {text: hex.EncodeToString([]byte(s.text)), anyCase: true}}
	for text, i := s.text, 0; i < maxEscapes && strings.ContainsAny(text, escapes); i++ {
		text, _ = unescape(text, nil) // if it looks escaped, as the text around it
		list = append(list, spelling{text: text})
	}
	if strings.Contains(s.text, " ") { // as in a query
		list = append(list, spelling{text: lower(strings.ReplaceAll(s.text, " ", "+")), anyCase: true})
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for ahead := range 3 {
			// Three bytes are four characters. Leave out those that depend on bytes before or
			// after the secret.
			text := enc.EncodeToString(append(make([]byte, ahead, ahead+len(s.text)), s.text...))
			text = text[(ahead*8+5)/6 : (ahead+len(s.text))*8/6]
			list = append(list, spelling{text: text, base64: true})
		}
	}
	return list
}

// maxEscapes is how often a text may have been escaped, with characters in escapes.
const (
	maxEscapes = 2
	escapes    = `%\&`
)

// in returns s with the secrets replaced.
func (list secrets) in(s string) string {
	var found []span
	text, at := s, []int(nil)
	for i := 0; ; i++ {
		found = list.find(found, text, at, len(s))
		if i == maxEscapes || !strings.ContainsAny(text, escapes) {
			break
		}
		text, at = unescape(text, at)
	}
	if len(found) == 0 {
		return s
	}
	return redact(s, found)
}

// inModel returns a model's name without the secrets in their unchanged form. Short and exact
// texts stay, because they may be a part of the name by which a price is found.
func (list secrets) inModel(name string) string {
	for _, s := range list {
		if !s.exact && len(s.text) >= short {
			name = strings.ReplaceAll(name, s.text, "[redacted]")
		}
	}
	return name
}

// A span is a part of a text.
type span struct{ from, to int }

// find adds the places of secrets in a text. at[i] is the index in the original, of the given
// size, of byte i of the text; if at is nil, the text is the original.
func (list secrets) find(found []span, text string, at []int, size int) []span {
	inLower := ""
	for i := range list {
		if list[i].least > size {
			continue
		}
		for _, sp := range list[i].spelled() {
			in := text
			if sp.anyCase {
				if inLower == "" {
					inLower = lower(text)
				}
				in = inLower
			}
			found = sp.find(found, in, at)
		}
	}
	return found
}

func (sp spelling) find(found []span, text string, at []int) []span {
	for i := 0; ; {
		n := strings.Index(text[i:], sp.text)
		if n < 0 {
			return found
		}
		from, to := i+n, i+n+len(sp.text)
		i = to
		if sp.base64 {
			from, to = widen(text, from, to)
		}
		if at != nil {
			from, to = at[from], at[to]
		}
		found = append(found, span{from, to})
	}
}

// widen returns a part of a base64 text with the characters next to it and the padding.
func widen(text string, from, to int) (int, int) {
	if from > 0 && isBase64(text[from-1]) {
		from--
	}
	if to < len(text) && isBase64(text[to]) {
		to++
	}
	for to < len(text) && text[to] == '=' {
		to++
	}
	return from, to
}

func isBase64(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("+/-_", c) >= 0
}

// redact replaces parts of s. Parts that overlap or touch count as one.
func redact(s string, parts []span) string {
	slices.SortFunc(parts, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var b strings.Builder
	done := -1 // the end of the last part
	for _, p := range parts {
		if p.from > done {
			b.WriteString(s[max(done, 0):p.from])
			b.WriteString("[redacted]")
		}
		done = max(done, p.to)
	}
	b.WriteString(s[done:])
	return b.String()
}

// lower returns s with ASCII letters in lower case; no byte moves.
func lower(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// unescape decodes the escapes of addresses, JSON, programs and HTML once, and returns the
// origin of each byte.
func unescape(s string, from []int) (text string, at []int) {
	b := make([]byte, 0, len(s))
	at = make([]int, 0, len(s)+1)
	origin := func(i int) int {
		if from == nil {
			return i
		}
		return from[i]
	}
	for i := 0; i < len(s); {
		r, n := escaped(s[i:])
		before := len(b)
		switch {
		case n == 0:
			b, n = append(b, s[i]), 1
		case s[i] == '%', s[i:i+2] == `\x`: // a byte of UTF-8, perhaps
			b = append(b, byte(r))
		default:
			b = utf8.AppendRune(b, r)
		}
		for range len(b) - before {
			at = append(at, origin(i))
		}
		i += n
	}
	return string(b), append(at, origin(len(s)))
}

// escaped decodes the escape at the beginning of s, of n bytes. If there is no escape, n is 0.
func escaped(s string) (r rune, n int) {
	switch {
	case len(s) < 2:
		return 0, 0
	case s[0] == '%':
		return number(s, 1, 2, 16)
	case s[0] == '\\':
		switch s[1] {
		case 'u':
			return number(s, 2, 4, 16)
		case 'x':
			return number(s, 2, 2, 16)
		}
		if strings.IndexByte("\\\"'/`", s[1]) >= 0 {
			return rune(s[1]), 2
		}
	case s[0] == '&':
		return entity(s)
	}
	return 0, 0
}

// number reads a number of so many digits at a position.
func number(s string, at, digits, base int) (rune, int) {
	if len(s) < at+digits {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[at:at+digits], base, 32)
	if err != nil {
		return 0, 0
	}
	return rune(n), at + digits
}

// entities are the characters that have a name in every form of HTML.
var entities = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// entity decodes an HTML character reference.
func entity(s string) (rune, int) {
	const longest = 10
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 2 {
		return 0, 0
	}
	name := s[1:end]
	if name[0] != '#' {
		r, ok := entities[name]
		if !ok {
			return 0, 0
		}
		return r, end + 1
	}
	at, base := 2, 10
	if len(name) > 1 && name[1]|0x20 == 'x' {
		at, base = 3, 16
	}
	r, n := number(s, at, end-at, base)
	if n == 0 {
		return 0, 0
	}
	return r, end + 1
}
