package schema

import (
	"errors"
	"maps"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A defaultCheck finds defaults that hold themselves, as that of a recursive type
// whose child has the default {}. They could be filled in without end.
type defaultCheck struct {
	seen    map[*plan]bool
	steps   int // that all of them take
	endless []defaultValue
}

// maxDefaultSteps is what filling in one default may cost.
const maxDefaultSteps = 100_000

// endlessDefaults returns the defaults of a plan that hold themselves, or take too
// many steps, in an order that depends on the schema alone. It fails if to look at
// all of them takes too long.
func endlessDefaults(root *plan) ([]defaultValue, error) {
	c := &defaultCheck{seen: map[*plan]bool{}}
	c.verify(root)
	if c.steps > maxSteps {
		return nil, errors.New("its defaults hold too many defaults of what is inside them: drop some of them")
	}
	return c.endless, nil
}

func (c *defaultCheck) verify(q *plan) {
	if q == nil || c.seen[q] {
		return
	}
	c.seen[q] = true
	for _, d := range q.defaults {
		if c.steps > maxSteps {
			return
		}
		f := &fixer{left: schematree.MaxBytes, budget: budget{maxDefaultSteps}, filling: true, open: map[*schematree.Object]bool{}}
		f.fillIn(q, d)
		if c.steps += maxDefaultSteps - f.budget.left; f.left < 0 || f.budget.left <= 0 {
			c.endless = append(c.endless, d)
		}
	}
	for _, sub := range q.below() {
		c.verify(sub)
	}
}

// below returns the plans inside p, in an order that depends on the schema alone.
func (p *plan) below() []*plan {
	all := slices.Concat(p.prefix, p.also, []*plan{p.rest, p.items})
	for _, key := range slices.Sorted(maps.Keys(p.props)) {
		all = append(all, p.props[key])
	}
	for _, q := range p.patterns {
		all = append(all, q.plan)
	}
	return all
}
