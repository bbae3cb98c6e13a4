package pattern

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A class is one that is being read.
type class struct {
	set   []rune
	plain bool // RE2 reads it as ECMA 262 does
}

func (c *class) add(low, high rune) { c.set = append(c.set, low, high) }

// class translates a class of characters.
func (t *translator) class() error {
	start := t.pos
	t.pos++
	negated := strings.HasPrefix(t.in[t.pos:], "^")
	if negated {
		t.pos++
	}
	c := &class{plain: true}
	if strings.HasPrefix(t.in[t.pos:], "]") {
		if !closesLater(t.in[t.pos+1:]) {
			t.pos++
			if negated {
				t.atom(anything)
			} else {
				t.atom(nothing)
			}
			return nil
		}
		c.add(']', ']')
		t.pos++
	}
	for {
		switch rest := t.in[t.pos:]; {
		case rest == "":
			return errors.New("it is no regular expression: a class does not end")
		case rest[0] == ']':
			t.pos++
			t.atom(c.written(t.in[start:t.pos], negated))
			return nil
		}
		if err := t.item(c); err != nil {
			return err
		}
	}
}

// closesLater reports whether a ] that stands first in a class is one of its
// characters, as it is in dialects other than ECMA 262: there another one ends
// the class, which the flag u allows nowhere else.
func closesLater(rest string) bool {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case ']':
			return true
		case '[':
			return false
		}
	}
	return false
}

func (c *class) written(text string, negated bool) string {
	switch {
	case c.plain:
		return text
	case len(c.set) == 0 && negated:
		return anything
	case len(c.set) == 0:
		return nothing
	case negated:
		return "[^" + written(c.set) + "]"
	}
	return "[" + written(c.set) + "]"
}

var posixClass = regexp.MustCompile(`^\[:\^?[a-z]+:\]`)

// item reads a character of a class, a range of them, or a set.
func (t *translator) item(c *class) error {
	rest := t.in[t.pos:]
	if name := posixClass.FindString(rest); name != "" {
		if set := rangesOf("[" + name + "]"); set != nil {
			c.set = append(c.set, set...)
			t.pos += len(name)
			return nil
		}
	}
	low, err := t.member(c)
	if err != nil || low.set != nil {
		c.set = append(c.set, low.set...)
		return err
	}
	rest = t.in[t.pos:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		c.add(low.char, low.char)
		return nil
	}
	t.pos++
	high, err := t.member(c)
	switch {
	case err != nil:
		return err
	case high.set != nil: // a - before a set is a character
		c.add(low.char, low.char)
		c.add('-', '-')
		c.set = append(c.set, high.set...)
		c.plain = false
	case high.char < low.char:
		return errors.New("it is no regular expression: a range of characters ends before it begins")
	default:
		c.add(low.char, high.char)
	}
	return nil
}

// member reads one character of a class, or an escape.
func (t *translator) member(c *class) (escaped, error) {
	rest := t.in[t.pos:]
	if rest[0] != '\\' {
		char, n := utf8.DecodeRuneInString(rest)
		t.pos += n
		if char == '[' { // RE2 would look for a POSIX class
			c.plain = false
		}
		return escaped{char: char}, nil
	}
	if strings.HasPrefix(rest, `\b`) {
		t.pos += 2
		c.plain = false
		return escaped{char: '\b'}, nil
	}
	e, err := t.readEscape()
	c.plain = c.plain && e.re2 == rest[:len(rest)-len(t.in)+t.pos]
	return e, err
}
