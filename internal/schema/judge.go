package schema

import (
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/internal/schematree"
)

// A judge decides about arguments that are not plainly right. It makes a tree
// of them, puts right what needs no guessing, and asks the validator about the
// rest.
type judge struct {
	validator *validator
	plan      *plan
	cost      *cost
	shape     *shape // nil where the schema names all that can be set
}

// newJudge makes the judge of a document whose validator is compiled.
func newJudge(v *validator, s *shape) (*judge, error) {
	p, err := newPlan(v.doc, v)
	if err != nil {
		return nil, err
	}
	v.compiler = nil // all is compiled
	return &judge{validator: v, plan: p, cost: newCost(v.doc), shape: s}, nil
}

// lateJudge makes the judge of a document that says nothing but what an
// outline can say, and is known to be in order.
func lateJudge(doc *schematree.Object, s *shape) *judge {
	nowhere := func(string) string { return "" }
	if v, errs := compile(doc, nowhere); len(errs) == 0 {
		if j, err := newJudge(v, s); err == nil {
			return j
		}
	}
	return &judge{validator: &validator{doc: doc}} // refuses everything
}

// decide does what Check promises, for arguments of at most MaxArgs bytes.
func (j *judge) decide(raw string) (args string, fixes []string, problems []Problem) {
	f := &fixer{left: MaxArgs, budget: budget{maxSteps}}
	v, err := f.parse(raw)
	if err != nil {
		return "", nil, []Problem{notJSON(err)}
	}
	v = f.fix(j.plan, v)
	if f.left >= 0 {
		f.budget.spend(j.cost, v, place{})
	}
	if f.left < 0 || f.budget.left <= 0 {
		return "", f.names(), []Problem{tooMuch}
	}
	findings := describe(j.validator.failures(v), v)
	findings = append(findings, j.shape.findings(v, "")...)
	if len(findings) > 0 {
		return "", f.names(), sortFindings(findings)
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
