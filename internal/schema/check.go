package schema

import (
	"errors"
	"fmt"

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
	if args, ok := s.accept(raw); ok {
		return args, nil, nil
	}
	return s.decide(raw)
}

// decide is Check of arguments that are not plainly right. It makes a tree of
// values, puts right what needs no guessing, and looks for problems.
func (s *Schema) decide(raw string) (args string, fixes []string, problems []Problem) {
	f := &fixer{left: MaxArgs, budget: budget{maxSteps}}
	v, err := f.parse(raw)
	if err != nil {
		return "", nil, []Problem{notJSON(err)}
	}
	v = f.fix(s.root, v)
	if !f.affords(s.root, v) {
		return "", f.names(), []Problem{tooMuch}
	}
	if findings := s.findings(v); len(findings) > 0 {
		return "", f.names(), sortFindings(findings)
	}
	v, ok := s.fill(f, v)
	if !ok {
		return "", f.names(), []Problem{tooMuch}
	}
	if !f.changed {
		return raw, nil, nil
	}
	text := jsontree.Append(make([]byte, 0, len(raw)+64), v)
	if len(text) > MaxArgs {
		return "", f.names(), []Problem{tooMuch}
	}
	if f.fixes[FixUnwrapped] { // it may be nested too deeply by now
		if _, _, err := jsontree.Parse(text); err != nil {
			return "", f.names(), []Problem{notJSON(err)}
		}
	}
	return string(text), f.names(), nil
}

// findings returns what is wrong with a value that costs no more than it may.
func (s *Schema) findings(v any) []finding {
	var failures []failure
	if s.vendor != nil {
		failures = s.vendor.failures(v)
	} else {
		failures = s.root.failures(v)
	}
	if s.shape != nil {
		failures = append(failures, s.shape.failures(v)...)
	}
	return describe(failures)
}

// fill returns arguments that fit with the defaults of what is missing, or as
// they are if they would not fit then: a default must not change what a call
// means. It fails if they cost too much then.
func (s *Schema) fill(f *fixer, v any) (_ any, ok bool) {
	filler := &fixer{left: f.left, budget: budget{maxSteps}, filling: true}
	plain := s.vendor == nil && s.shape == nil // what fits does so with its defaults, too
	filled := v
	if !plain {
		filled = schematree.Copy(v)
	}
	filled = filler.fix(s.root, filled)
	switch {
	case !filler.changed:
		return v, true
	case !filler.affords(s.root, filled):
		return nil, false
	case !plain && len(s.findings(filled)) > 0:
		return v, true
	}
	f.changed = true
	return filled, true
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
