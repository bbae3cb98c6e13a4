// Package pattern writes the regular expressions of JSON Schema, which are those
// of ECMA 262, in the syntax of package regexp (RE2), without loss.
//
// A text is read as ECMA 262 reads it with the flag u: characters are code
// points. What only other dialects have (\A, \z, \Z, \Q…\E, \101, (?i), POSIX
// classes) is read as these mean it. RE2 has no look-around and no back references, so such
// patterns have no translation.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Why a pattern has no translation.
var (
	errLookAround = errors.New("RE2 has no look-around")
	errReference  = errors.New("RE2 has no back references")
	errTooLarge   = errors.New("its repetitions or classes are too large")
)

// Bounds of what a pattern is written out to. Matching costs in proportion to
// the instructions, for each byte of a text.
const (
	maxRepeat       = 1000 // of RE2, nested repetitions multiplied
	maxText         = 64 << 10
	maxInstructions = 6000
	maxRanges       = 128 << 10 // of characters, in the classes that have a name
)

// RE2 translates a pattern. The error says why that is impossible. A pattern that
// means the same in both is returned as it is.
func RE2(text string) (string, error) {
	re2, _, err := Translate(text)
	return re2, err
}

// Translate is RE2, and returns what the pattern costs, in instructions: those of
// its translation or, if it has none, what the search for one was worth.
func Translate(text string) (re2 string, cost int, err error) {
	t := &translator{in: text, groups: strings.Count(text, "("), levels: []level{{}}}
	for t.pos < len(t.in) && err == nil {
		if err = t.next(); err == nil && t.tooLarge() {
			err = errTooLarge
		}
	}
	spent := (len(t.out) + t.ranges) / workPerInstruction
	if err != nil {
		return "", spent, err
	}
	out := string(t.out)
	re, err := syntax.Parse(out, syntax.Perl)
	if err != nil {
		return "", spent, fmt.Errorf("it is no regular expression: %w", err)
	}
	n := size(re)
	if t.unrolled && n > maxInstructions {
		return "", spent, errTooLarge
	}
	return out, n + t.ranges/workPerInstruction, nil
}

// workPerInstruction is how many bytes, or ranges of characters, are written and
// parsed in the time that it takes to compile an instruction.
const workPerInstruction = 8

// tooLarge reports whether the translation so far is larger than it may be.
func (t *translator) tooLarge() bool {
	return len(t.out) > maxText+len(t.in) || t.ranges > maxRanges
}

func size(re *syntax.Regexp) int {
	below := 0
	for _, sub := range re.Sub {
		below += size(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpConcat:
		return below
	case syntax.OpCapture:
		return below + 2
	case syntax.OpAlternate:
		return below + len(re.Sub)
	case syntax.OpRepeat:
		return below*max(1, re.Min, re.Max) + max(1, re.Max-re.Min)
	}
	return below + 1
}

// Compile compiles the translation of a pattern.
func Compile(text string) (*regexp.Regexp, error) {
	re2, err := RE2(text)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(re2)
}

type translator struct {
	in       string
	pos      int
	groups   int // at the most
	out      []byte
	levels   []level // the groups that are open, and the whole
	unrolled bool    // a repetition is written out
	ranges   int     // in the classes so far that have a name
}

// A level is a group, or the whole.
type level struct {
	start   int  // of the group, in the output
	atom    int  // where the last thing that can be repeated begins, in the output
	repeats int  // the product of the nested repetitions in that, 1 for none
	most    int  // the largest such product in the group
	is      bool // there is such a thing
	dotAll  bool // the flag s holds
}

func (t *translator) level() *level { return &t.levels[len(t.levels)-1] }

// atom writes something that can be repeated.
func (t *translator) atom(text string) {
	l := t.level()
	l.atom, l.repeats, l.is = len(t.out), 1, true
	t.out = append(t.out, text...)
}

// next translates what stands next.
func (t *translator) next() error {
	rest := t.in[t.pos:]
	switch c := rest[0]; c {
	case '(':
		return t.open(rest)
	case ')':
		return t.close()
	case '|':
		t.pos++
		t.out = append(t.out, c)
		t.level().is = false
	case '.':
		t.pos++
		if t.level().dotAll {
			t.atom(".")
		} else {
			t.atom(`[^\n\r\x{2028}\x{2029}]`)
		}
	case '[':
		return t.class()
	case '\\':
		return t.escape()
	case '*', '+', '?':
		t.pos++
		t.out = append(t.out, c)
		t.lazy()
	case '{':
		if least, most, n := counts(rest); n > 0 {
			t.pos += n
			return t.repeat(least, most, rest[:n])
		}
		t.pos++
		t.atom(`\{`)
	case ']', '}':
		t.pos++
		t.atom(`\` + string(c))
	default:
		_, n := utf8.DecodeRuneInString(rest)
		t.pos += n
		t.atom(rest[:n])
	}
	return nil
}

// lazy copies the mark of a repetition that prefers less.
func (t *translator) lazy() {
	if strings.HasPrefix(t.in[t.pos:], "?") {
		t.pos++
		t.out = append(t.out, '?')
	}
}

var flags = regexp.MustCompile(`^\(\?([imsU]*(?:-[imsU]+)?)([:)])`)

// open reads the start of a group.
func (t *translator) open(rest string) error {
	begin := "("
	switch {
	case !strings.HasPrefix(rest, "(?"):
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		return errLookAround
	case strings.HasPrefix(rest, "(?P="):
		return errReference
	case strings.HasPrefix(rest, "(?<"), strings.HasPrefix(rest, "(?P<"):
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return errors.New("it is no regular expression: a group's name does not end")
		}
		t.pos += end + 1
		t.push("(")
		return nil
	default:
		m := flags.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("it is no regular expression: %q opens no group", rest[:min(len(rest), 3)])
		}
		set, cleared, _ := strings.Cut(m[1], "-")
		dotAll := (t.level().dotAll || strings.Contains(set, "s")) && !strings.Contains(cleared, "s")
		begin = m[0]
		t.pos += len(begin)
		if m[2] == ")" {
			t.out = append(t.out, begin...)
			t.level().is = false
		} else {
			t.push(begin)
		}
		t.level().dotAll = dotAll
		return nil
	}
	t.pos += len(begin)
	t.push(begin)
	return nil
}

func (t *translator) push(begin string) {
	t.levels = append(t.levels, level{start: len(t.out), dotAll: t.level().dotAll})
	t.out = append(t.out, begin...)
}

func (t *translator) close() error {
	if len(t.levels) == 1 {
		return errors.New("it is no regular expression: a ) closes no group")
	}
	group := *t.level()
	t.levels = t.levels[:len(t.levels)-1]
	t.pos++
	t.out = append(t.out, ')')
	l := t.level()
	l.atom, l.repeats, l.is = group.start, max(1, group.most), true
	l.most = max(l.most, l.repeats)
	return nil
}

var bounds = regexp.MustCompile(`^\{([0-9]+)(,?)([0-9]*)\}`)

// counts reads {3}, {3,} or {3,5}, n bytes; most is -1 for no bound. It returns
// n = 0 where that is not what stands there.
func counts(rest string) (least, most, n int) {
	m := bounds.FindStringSubmatch(rest)
	if m == nil {
		return 0, 0, 0
	}
	least = number(m[1])
	switch {
	case m[2] == "":
		most = least
	case m[3] == "":
		most = -1
	default:
		most = number(m[3])
	}
	return least, most, len(m[0])
}

// number reads digits; what is too large for an int is as good as maxText.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return maxText
	}
	return min(n, maxText)
}

// repeat writes a repetition of the last atom. RE2 takes a count of at most 1000,
// so a larger one is written as several.
func (t *translator) repeat(least, most int, text string) error {
	l := t.level()
	times := max(least, most)
	if !l.is || times*l.repeats <= maxRepeat {
		t.out = append(t.out, text...)
		t.lazy()
		l.repeats *= max(1, times)
		l.most = max(l.most, l.repeats)
		return nil
	}
	if most >= 0 && most < least {
		return errors.New("it is no regular expression: a repetition ends before it begins")
	}
	t.unrolled = true
	atom := string(t.out[l.atom:])
	at := maxRepeat / l.repeats
	if l.atom+len(atom)*(times/at+2) > maxText+len(t.in) {
		return errTooLarge
	}
	t.out = append(t.out[:l.atom], "(?:"...)
	for n := least; n > 0; n -= at {
		t.out = fmt.Appendf(t.out, "%s{%d}", atom, min(n, at))
	}
	if most < 0 {
		t.out = append(append(t.out, atom...), '*')
	}
	for n := most - least; n > 0; n -= at {
		t.out = fmt.Appendf(t.out, "%s{0,%d}", atom, min(n, at))
	}
	t.out = append(t.out, ')')
	if strings.HasPrefix(t.in[t.pos:], "?") { // behind the group it would make that optional, and what is preferred does not matter
		t.pos++
	}
	l.repeats = maxRepeat
	l.most = maxRepeat
	return nil
}
