package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	nothing  = `[^\x00-\x{10FFFF}]`
	anything = `[\x00-\x{10FFFF}]`
	spaces   = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
)

// An escaped is what an escape stands for.
type escaped struct {
	char rune   // one character, -1 for none
	re2  string // the same in RE2, as it may also stand in a class; for a set of characters a class of its own
	set  []rune // a set of characters, in pairs of first and last
}

// escape translates an escape outside of classes.
func (t *translator) escape() error {
	rest := t.in[t.pos:]
	if len(rest) > 1 {
		switch c := rest[1]; c {
		case 'b', 'B', 'A', 'z', 'Z':
			t.pos += 2
			if c == 'Z' {
				c = 'z'
			}
			t.out = append(t.out, '\\', c)
			t.level().is = false
			return nil
		case 'Q':
			t.quoted()
			return nil
		}
	}
	e, err := t.readEscape()
	if err == nil {
		t.atom(e.re2)
	}
	return err
}

// readEscape reads one escape. It has the same form in a class and outside.
func (t *translator) readEscape() (escaped, error) {
	rest := t.in[t.pos:]
	if len(rest) < 2 {
		return escaped{}, errors.New(`it is no regular expression: it ends with \`)
	}
	char, n := utf8.DecodeRuneInString(rest[1:])
	text := rest[:1+n]
	t.pos += len(text)
	switch char {
	case 'd', 'D', 'w', 'W':
		return t.named(text)
	case 's':
		return t.named("[" + spaces + "]")
	case 'S':
		return t.named("[^" + spaces + "]")
	case 'p', 'P':
		return t.property(text)
	case 'n', 'r', 't', 'v', 'f', 'a':
		return escaped{char: rune("\n\r\t\v\f\a"[strings.IndexRune("nrtvfa", char)]), re2: text}, nil
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return t.octal()
	case '8', '9', 'k':
		return escaped{}, errReference
	case 'c':
		if t.pos < len(t.in) && unicode.IsLetter(rune(t.in[t.pos])) && t.in[t.pos] < utf8.RuneSelf {
			t.pos++
			return character(rune(t.in[t.pos-1] & 31)), nil
		}
	case 'x':
		if r, ok := t.hex(2); ok {
			return character(r), nil
		}
	case 'u':
		if r, ok := t.hex(4); ok {
			return character(t.pair(r)), nil
		}
	default:
		if !unicode.IsLetter(char) && !unicode.IsDigit(char) {
			if char >= utf8.RuneSelf {
				text = string(char)
			}
			return escaped{char: char, re2: text}, nil
		}
	}
	return escaped{}, fmt.Errorf("it is no regular expression: there is no escape %s", text)
}

// character is one character; half of a surrogate pair is in no text.
func character(r rune) escaped {
	if utf16.IsSurrogate(r) {
		return escaped{char: r, re2: nothing}
	}
	return escaped{char: r, re2: fmt.Sprintf(`\x{%x}`, r)}
}

var octals = regexp.MustCompile(`^[0-7]{1,3}`)

// octal reads \0, or an octal escape of RE2 such as \101, from its first digit. With
// the flag u, ECMA 262 has none: there the number refers to a group.
func (t *translator) octal() (escaped, error) {
	t.pos--
	digits := octals.FindString(t.in[t.pos:])
	if n, _ := strconv.Atoi(digits); digits[0] != '0' && (len(digits) == 1 || n <= t.groups) {
		return escaped{}, errReference
	}
	t.pos += len(digits)
	r, _ := strconv.ParseUint(digits, 8, 16)
	return character(rune(r)), nil
}

// quoted translates what stands between \Q and \E, or the end, of RE2.
func (t *translator) quoted() {
	text, _, ended := strings.Cut(t.in[t.pos+2:], `\E`)
	if t.pos += 2 + len(text); ended {
		t.pos += 2
	}
	for _, c := range text {
		t.atom(regexp.QuoteMeta(string(c)))
	}
}

// hex reads so many hex digits, or any number of them in braces.
func (t *translator) hex(digits int) (rune, bool) {
	rest := t.in[t.pos:]
	text, n := rest[:min(len(rest), digits)], digits
	if strings.HasPrefix(rest, "{") {
		end := strings.IndexByte(rest, '}')
		text, n = rest[1:max(1, end)], end+1
	}
	v, err := strconv.ParseUint(text, 16, 32)
	if err != nil || n > len(rest) || v > unicode.MaxRune || text[0] == '+' {
		return 0, false
	}
	t.pos += n
	return rune(v), true
}

// pair joins the halves of a surrogate pair, as in \ud83d\ude00.
func (t *translator) pair(high rune) rune {
	if !utf16.IsSurrogate(high) || !strings.HasPrefix(t.in[t.pos:], `\u`) {
		return high
	}
	start := t.pos
	t.pos += 2
	if low, ok := t.hex(4); ok {
		if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
			return r
		}
	}
	t.pos = start
	return high
}

// property reads what stands behind \p or \P.
func (t *translator) property(escape string) (escaped, error) {
	rest := t.in[t.pos:]
	name := rest[:min(len(rest), 1)]
	t.pos += len(name)
	if name == "{" {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return escaped{}, errors.New("it is no regular expression: a property's name does not end")
		}
		name = rest[1:end]
		t.pos += end
	}
	for _, kind := range []string{"General_Category=", "gc=", "Script=", "sc="} {
		name = strings.TrimPrefix(name, kind)
	}
	re2 := escape + "{" + name + "}"
	if _, err := syntax.Parse(re2, syntax.Perl); err != nil {
		tables := tablesOf(name)
		if tables == nil {
			return escaped{}, fmt.Errorf("RE2 knows no property %q of characters", name)
		}
		re2 = "[" + written(rangesOfTables(tables)) + "]"
		if escape == `\P` {
			re2 = "[^" + re2[1:]
		}
	}
	return t.named(re2)
}

// named returns a class that has a name, by its RE2. It fails if there are too many
// of them: a few bytes stand for hundreds of ranges.
func (t *translator) named(re2 string) (escaped, error) {
	set := rangesOf(re2)
	if t.ranges += len(set) / 2; t.tooLarge() {
		return escaped{}, errTooLarge
	}
	return escaped{-1, re2, set}, nil
}

// tablesOf returns the characters with a binary property.
func tablesOf(name string) []*unicode.RangeTable {
	switch name {
	case "Alphabetic", "Alpha":
		return []*unicode.RangeTable{unicode.L, unicode.Nl, unicode.Other_Alphabetic}
	case "Uppercase", "Upper":
		return []*unicode.RangeTable{unicode.Lu, unicode.Other_Uppercase}
	case "Lowercase", "Lower":
		return []*unicode.RangeTable{unicode.Ll, unicode.Other_Lowercase}
	}
	if table := unicode.Properties[name]; table != nil && !strings.HasPrefix(name, "Other_") {
		return []*unicode.RangeTable{table}
	}
	return nil
}

func rangesOfTables(tables []*unicode.RangeTable) []rune {
	var set []rune
	add := func(low, high, stride rune) {
		if stride == 1 {
			set = append(set, low, high)
			return
		}
		for r := low; r <= high; r += stride {
			set = append(set, r, r)
		}
	}
	for _, table := range tables {
		for _, r := range table.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range table.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return set
}

// rangesOf returns the characters that an RE2 of one class matches.
func rangesOf(re2 string) []rune {
	re, err := syntax.Parse(re2, syntax.Perl)
	if err != nil {
		return nil
	}
	switch re.Op {
	case syntax.OpCharClass:
		return re.Rune
	case syntax.OpLiteral:
		return []rune{re.Rune[0], re.Rune[0]}
	case syntax.OpAnyChar:
		return []rune{0, unicode.MaxRune}
	}
	return nil
}

// written writes a set of characters in the form that a class has.
func written(set []rune) string {
	var b strings.Builder
	for i := 0; i < len(set); i += 2 {
		if fmt.Fprintf(&b, `\x{%x}`, set[i]); set[i] < set[i+1] {
			fmt.Fprintf(&b, `-\x{%x}`, set[i+1])
		}
	}
	return b.String()
}
