package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/schematree"
)

// MaxArgs is how long the arguments of one call may be, in bytes: enough for a
// text of a megabyte and what stands around it, and what can be parsed in a
// fraction of a second, whatever it holds.
const MaxArgs = 5 << 18

// What Check put right, in the order in which it reports it. Defaults that it
// filled in are not among them: they are no mistake.
const (
	FixEmpty     = "empty"        // no text, or null, stands for {}
	FixUnwrapped = "unwrapped"    // an object came as a JSON string
	FixNull      = "null_dropped" // an optional property was null
	FixIntegral  = "integral"     // an integer was written as 2.0, 1e3 or -0
	FixSurrogate = "surrogate"    // half of a surrogate pair became U+FFFD
)

var fixOrder = []string{FixEmpty, FixUnwrapped, FixNull, FixIntegral, FixSurrogate}

// Check reads the arguments that a model wrote. It returns the effective
// arguments, which are what was checked and what is to be decoded: raw itself,
// or another text where defaults were filled in or something was put right
// (fixes names what). Where there are problems, args is "". They are sorted by
// path and keyword, and the same for the same raw. Arguments that would take
// more than a fraction of a second to check are a problem too, of keyword size.
//
// Check of the effective arguments returns them unchanged.
func (s *Schema) Check(raw string) (args string, fixes []string, problems []Problem) {
	if len(raw) > MaxArgs {
		return "", nil, []Problem{{Keyword: "size", Message: fmt.Sprintf("the arguments are %d bytes long, and at most %d are allowed", len(raw), MaxArgs)}}
	}
	if args, ok := s.outline.accept(raw); ok {
		return args, nil, nil
	}
	return s.judge().decide(raw)
}

var tooMuch = Problem{Keyword: "size", Message: "the arguments are too large or too deeply nested to be checked"}

func notJSON(err error) Problem {
	p := Problem{Keyword: "json", Message: "not valid JSON: " + err.Error()}
	if e, ok := errors.AsType[*jsontree.Error](err); ok {
		p.Path = cut(e.Path, maxPointer)
		p.Message = fmt.Sprintf("not valid JSON: %s at byte %d", e.Msg, e.Offset)
	}
	return p
}

// stepsPerFix is what it costs to put one value right, as the budget counts.
const stepsPerFix = 3

// A fixer puts right what needs no guessing, in place.
type fixer struct {
	fixes   map[string]bool
	changed bool
	filling bool // in defaults, where all else was put right
	within  bool // a string that was unwrapped; not twice
	left    int  // bytes that may still be filled in
	budget  budget
	open    map[*schematree.Object]bool // whose defaults are being filled in; nil if none is known to hold itself
}

func (f *fixer) note(fix string) {
	if f.filling { // the default is at fault, not the model
		f.changed = true
		return
	}
	if f.fixes == nil {
		f.fixes = map[string]bool{}
	}
	f.fixes[fix], f.changed = true, true
}

func (f *fixer) names() []string {
	var list []string
	for _, fix := range fixOrder {
		if f.fixes[fix] {
			list = append(list, fix)
		}
	}
	return list
}

// parse reads the text of the arguments. Models without arguments to give
// send nothing at all, or null.
func (f *fixer) parse(raw string) (any, error) {
	if text := strings.Trim(raw, " \t\r\n"); text == "" || text == "null" {
		f.note(FixEmpty)
		return map[string]any{}, nil
	}
	v, replaced, err := jsontree.Parse([]byte(raw))
	if err == nil && replaced {
		f.note(FixSurrogate)
	}
	return v, err
}

// fix returns v as the plan wants it.
func (f *fixer) fix(p *plan, v any) any {
	if p == nil || f.budget.left <= 0 {
		return v
	}
	f.budget.left -= stepsPerFix
	if text, ok := v.(string); ok && p.object {
		v = f.unwrap(p, text)
		return v
	}
	switch t := v.(type) {
	case json.Number:
		if p.integer {
			if n, ok := integral(t); ok {
				f.note(FixIntegral)
				f.left -= len(n)
				v = n
			}
		}
	case map[string]any:
		f.members(p, t)
	case []any:
		for i, e := range t {
			q := p.items
			if i < len(p.prefix) {
				q = p.prefix[i]
			}
			if q != nil {
				t[i] = f.fix(q, e)
			}
		}
	}
	for _, q := range p.also {
		v = f.fix(q, v)
	}
	return v
}

// unwrap reads an object that came as a JSON string, as small models write it.
func (f *fixer) unwrap(p *plan, text string) any {
	if f.within || !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return text
	}
	if f.budget.left -= len(text); f.budget.left <= 0 {
		return text
	}
	v, replaced, err := jsontree.Parse([]byte(text))
	if err != nil {
		return text
	}
	f.note(FixUnwrapped)
	if replaced {
		f.note(FixSurrogate)
	}
	f.within = true
	v = f.fix(p, v)
	f.within = false
	return v
}

func (f *fixer) members(p *plan, m map[string]any) {
	for key, v := range m {
		if f.budget.left -= stepsPerMember; f.budget.left <= 0 {
			return
		}
		if v == nil && p.optional[key] {
			delete(m, key)
			f.note(FixNull)
			continue
		}
		q, known := p.props[key]
		for _, by := range p.patterns {
			if f.budget.left -= matching(by.instructions, len(key)); f.budget.left <= 0 {
				return
			}
			if by.pattern.MatchString(key) {
				known = true
				v = f.fix(by.plan, v)
				m[key] = v
			}
		}
		if !known && !p.named[key] {
			q = p.rest
		}
		if q != nil {
			m[key] = f.fix(q, v)
		}
	}
	if !f.filling {
		return
	}
	for _, d := range p.defaults {
		if f.left < 0 || f.budget.left <= 0 {
			return
		}
		if _, given := m[d.key]; given {
			continue
		}
		m[d.key] = f.fillIn(p, d)
	}
}

// fillIn returns the value of a default, with the defaults inside it. If one holds
// itself, and the fixer looks for that, no bytes are left.
func (f *fixer) fillIn(p *plan, d defaultValue) any {
	if f.left -= d.size; f.open[d.schema] {
		f.left = -1
		return nil
	}
	if f.open != nil {
		f.open[d.schema] = true
		defer delete(f.open, d.schema)
	}
	f.changed = true
	return f.fix(p.props[d.key], clone(d.value))
}

// affords reports whether v can be checked within the budget.
func (f *fixer) affords(c *cost, v any) bool {
	if f.left >= 0 {
		f.budget.spend(c, v, place{})
	}
	return f.left >= 0 && f.budget.left > 0
}

// integral returns the literal of a whole number that is written as 2.0 or
// 1e3, which encoding/json would not read into an integer.
func integral(n json.Number) (json.Number, bool) {
	if n == "-0" {
		return "0", true
	}
	if !strings.ContainsAny(string(n), ".eE") {
		return n, false
	}
	text, negative := strings.CutPrefix(string(n), "-")
	exponent := 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(text[i+1:])
		text = text[:i]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0", true
	}
	zeros := exponent - len(fraction) // to be written behind the digits
	if zeros < 0 {
		kept := strings.TrimRight(digits, "0")
		if len(digits)-len(kept) < -zeros {
			return n, false
		}
		digits, zeros = digits[:len(digits)+zeros], 0
	}
	digits += strings.Repeat("0", zeros)
	if negative {
		digits = "-" + digits
	}
	return json.Number(digits), true
}

// whole returns the literal of a whole number without a fraction or an exponent.
func whole(n json.Number) (json.Number, bool) {
	if literal, ok := integral(n); ok {
		return literal, true
	}
	return n, n != "" && !strings.ContainsAny(string(n), ".eE")
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := maps.Clone(v)
		for k, e := range c {
			c[k] = clone(e)
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i, e := range c {
			c[i] = clone(e)
		}
		return c
	}
	return v
}
