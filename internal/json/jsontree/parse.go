// Package jsontree parses JSON strictly: what two decoders could read in two
// ways (repeated keys, broken UTF-8, trailing data) is an error. No single
// value can be made expensive for the code that handles the tree: nesting, and
// the digits and exponents of numbers, are bounded. How many values there
// are is not: their sum is for the caller to bound, by the length of the text.
package jsontree

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a tree may hold at most. Numbers are bounded because arithmetic on an
// exact 1e999999 takes seconds, and depth because recursion does.
const (
	MaxDepth    = 64
	maxLiteral  = 400
	maxExponent = 400
)

// An Error says where a text stops being acceptable JSON, and why.
type Error struct {
	Offset int    // in bytes
	Path   string // JSON Pointer of the value that was being read
	Msg    string
}

func (e *Error) Error() string {
	if e.Path != "" {
		return fmt.Sprintf("%s at byte %d (in %s)", e.Msg, e.Offset, e.Path)
	}
	return fmt.Sprintf("%s at byte %d", e.Msg, e.Offset)
}

// Parse reads one JSON value: map[string]any, []any, string, json.Number, bool
// or nil. Half of a surrogate pair (\ud83d alone) has no UTF-8 form; it becomes
// U+FFFD, as encoding/json has it, and replaced reports that.
func Parse(data []byte) (value any, replaced bool, err error) {
	p := parser{data: data}
	p.space()
	value, err = p.value()
	if err != nil {
		return nil, false, err
	}
	p.space()
	if p.pos < len(p.data) {
		return nil, false, p.fail("there is more text after the JSON value")
	}
	return value, p.replaced, nil
}

type parser struct {
	data     []byte
	pos      int
	path     []string
	replaced bool
}

func (p *parser) fail(format string, args ...any) error {
	var path strings.Builder
	for _, k := range p.path {
		path.WriteByte('/')
		path.WriteString(EscapePointer(k))
	}
	return &Error{Offset: p.pos, Path: path.String(), Msg: fmt.Sprintf(format, args...)}
}

// EscapePointer escapes one step of a JSON Pointer (RFC 6901).
func EscapePointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value() (any, error) {
	if p.pos == len(p.data) {
		return nil, p.fail("the JSON ends too early")
	}
	switch c := p.data[p.pos]; {
	case (c == '{' || c == '[') && len(p.path) == MaxDepth:
		p.path = p.path[:1] // 64 steps are enough
		return nil, p.fail("the JSON is nested more than %d levels deep", MaxDepth)
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	}
	return nil, p.unexpected("a JSON value")
}

func (p *parser) unexpected(want string) error {
	if p.pos == len(p.data) {
		return p.fail("the JSON ends too early: %s is missing", want)
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return p.fail("%q where %s should be", r, want)
}

func (p *parser) word(w string) error {
	if !strings.HasPrefix(string(p.data[p.pos:min(len(p.data), p.pos+len(w))]), w) {
		return p.unexpected("a JSON value")
	}
	p.pos += len(w)
	return nil
}

// enter and leave keep the path of the value that is being read.
func (p *parser) enter(key string) { p.path = append(p.path, key) }

func (p *parser) leave() { p.path = p.path[:len(p.path)-1] }

func (p *parser) object() (any, error) {
	p.pos++
	m := make(map[string]any)
	if p.space(); p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		return m, nil
	}
	for {
		p.space()
		if p.pos == len(p.data) || p.data[p.pos] != '"' {
			return nil, p.unexpected("a key in double quotes")
		}
		start := p.pos
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if _, twice := m[key]; twice {
			p.pos = start
			return nil, p.fail("the key %q stands twice in one object", cut(key))
		}
		p.space()
		if p.pos == len(p.data) || p.data[p.pos] != ':' {
			return nil, p.unexpected("a colon")
		}
		p.pos++
		p.space()
		p.enter(key)
		if m[key], err = p.value(); err != nil {
			return nil, err
		}
		p.leave()
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
		case p.pos < len(p.data) && p.data[p.pos] == '}':
			p.pos++
			return m, nil
		default:
			return nil, p.unexpected("a comma or }")
		}
	}
}

func (p *parser) array() (any, error) {
	p.pos++
	a := []any{}
	if p.space(); p.pos < len(p.data) && p.data[p.pos] == ']' {
		p.pos++
		return a, nil
	}
	for {
		p.space()
		p.enter(strconv.Itoa(len(a)))
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.leave()
		a = append(a, v)
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
		case p.pos < len(p.data) && p.data[p.pos] == ']':
			p.pos++
			return a, nil
		default:
			return nil, p.unexpected("a comma or ]")
		}
	}
}

func (p *parser) number() (any, error) {
	start := p.pos
	if p.data[p.pos] == '-' {
		p.pos++
	}
	whole, exponent := 1, 0 // the number is less than 10 to the power of their sum
	if p.pos < len(p.data) && p.data[p.pos] == '0' {
		p.pos++
	} else if whole = p.digits(); whole == 0 {
		return nil, p.unexpected("a digit")
	}
	if p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		if p.digits() == 0 {
			return nil, p.unexpected("a digit")
		}
	}
	if p.pos < len(p.data) && p.data[p.pos]|0x20 == 'e' {
		p.pos++
		negative := p.pos < len(p.data) && p.data[p.pos] == '-'
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		from := p.pos
		if p.digits() == 0 {
			return nil, p.unexpected("a digit")
		}
		e, err := strconv.Atoi(string(p.data[from:p.pos]))
		if err != nil || e > maxExponent {
			p.pos = start
			return nil, p.fail("the number's exponent is out of range")
		}
		if exponent = e; negative {
			exponent = -e
		}
	}
	n := p.pos - start
	if n > maxLiteral {
		p.pos = start
		return nil, p.fail("the number is longer than %d characters", maxLiteral)
	}
	lit := string(p.data[start:p.pos])
	if whole+exponent > 300 { // too close to the limit to tell without reading it
		if _, err := strconv.ParseFloat(lit, 64); err != nil {
			p.pos = start
			return nil, p.fail("the number is out of range")
		}
	}
	return json.Number(lit), nil
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.data) && '0' <= p.data[p.pos] && p.data[p.pos] <= '9' {
		p.pos++
	}
	return p.pos - start
}

func (p *parser) string() (string, error) {
	start := p.pos + 1
	for i := start; i < len(p.data); i++ {
		switch c := p.data[i]; {
		case c == '"':
			p.pos = i + 1
			return string(p.data[start:i]), nil
		case c == '\\' || c < 0x20 || c >= utf8.RuneSelf:
			return p.stringSlow(start, i)
		}
	}
	p.pos = len(p.data)
	return "", p.unexpected("a closing quote")
}

// stringSlow reads on from i, where the string stops being plain ASCII.
func (p *parser) stringSlow(start, i int) (string, error) {
	b := append(make([]byte, 0, i-start+32), p.data[start:i]...)
	for p.pos = i; p.pos < len(p.data); {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return string(b), nil
		case c < 0x20:
			return "", p.fail("a control character in a string must be escaped")
		case c == '\\':
			var err error
			if b, err = p.escape(b); err != nil {
				return "", err
			}
		case c < utf8.RuneSelf:
			b = append(b, c)
			p.pos++
		default:
			r, n := utf8.DecodeRune(p.data[p.pos:])
			if r == utf8.RuneError && n == 1 {
				return "", p.fail("the text is not valid UTF-8")
			}
			b = append(b, p.data[p.pos:p.pos+n]...)
			p.pos += n
		}
	}
	return "", p.unexpected("a closing quote")
}

func (p *parser) escape(b []byte) ([]byte, error) {
	if p.pos+1 == len(p.data) {
		p.pos++
		return nil, p.unexpected("an escape")
	}
	const short, means = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := p.data[p.pos+1]
	if i := strings.IndexByte(short, c); i >= 0 {
		p.pos += 2
		return append(b, means[i]), nil
	}
	if c != 'u' {
		return nil, p.fail("JSON has no escape \\%c", c)
	}
	r := p.hex4(p.pos + 2)
	if r < 0 {
		return nil, p.fail("\\u must be followed by four hex digits")
	}
	p.pos += 6
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
			low = p.hex4(p.pos + 2)
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			p.pos += 6
			return utf8.AppendRune(b, pair), nil
		}
		p.replaced = true
	}
	return utf8.AppendRune(b, r), nil // half a pair becomes U+FFFD here
}

func (p *parser) hex4(at int) rune {
	if at+4 > len(p.data) {
		return -1
	}
	v, err := strconv.ParseUint(string(p.data[at:at+4]), 16, 16)
	if err != nil || p.data[at] == '+' {
		return -1
	}
	return rune(v)
}

func cut(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
