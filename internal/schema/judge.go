package schema

import (
	"errors"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// A judge decides about arguments that are not plainly right. It makes a tree
// of them, puts right what needs no guessing, and asks the validator about the
// rest.
type judge struct {
	validator *validator
	plan      *plan
	cost      *cost
	shape     *shape // nil where the schema names all that can be set
	plain     bool   // what fits does so with its defaults filled in, too
}

// newJudge makes the judge of a document whose validator is compiled.
func newJudge(v *validator, s *shape) *judge {
	return &judge{validator: v, plan: newPlan(v.doc, v), cost: newCost(v.doc), shape: s}
}

// lateJudge makes the judge of a document that says nothing but what an
// outline can say, and is known to be in order.
func lateJudge(checked *checking, s *shape) *judge {
	nowhere := func(string) string { return "" }
	if v, errs := compile(checked, nowhere); len(errs) == 0 {
		j := newJudge(v, s)
		v.compiler = nil // all is compiled
		j.plain = s == nil
		return j
	}
	return &judge{validator: &validator{doc: checked.doc}} // refuses everything
}

// decide does what Check promises, for arguments of at most MaxArgs bytes.
func (j *judge) decide(raw string) (args string, fixes []string, problems []Problem) {
	f := &fixer{left: MaxArgs, budget: budget{maxSteps}}
	v, err := f.parse(raw)
	if err != nil {
		return "", nil, []Problem{notJSON(err)}
	}
	v = f.fix(j.plan, v)
	if !f.affords(j.cost, v) {
		return "", f.names(), []Problem{tooMuch}
	}
	if findings := j.findings(v); len(findings) > 0 {
		return "", f.names(), sortFindings(findings)
	}
	if v, err = j.fill(f, v); err != nil {
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

func (j *judge) findings(v any) []finding {
	findings := describe(j.validator.failures(v), v)
	return append(findings, j.shape.findings(v, "")...)
}

// fill returns arguments that fit with the defaults of what is missing, or as
// they are if they would not fit then: a default must not change what a call
// means.
func (j *judge) fill(f *fixer, v any) (any, error) {
	filler := &fixer{left: f.left, budget: budget{maxSteps}, filling: true}
	filled := v
	if !j.plain {
		filled = clone(v)
	}
	filled = filler.fix(j.plan, filled)
	switch {
	case !filler.changed:
		return v, nil
	case !filler.affords(j.cost, filled):
		return nil, errTooMuch
	case !j.plain && len(j.findings(filled)) > 0:
		return v, nil
	}
	f.changed = true
	return filled, nil
}

var errTooMuch = errors.New("too much")
