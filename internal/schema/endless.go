package schema

import (
	"errors"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A defaultCheck finds defaults that hold themselves, as that of a recursive type
// whose child has the default {}. They could be filled in without end.
type defaultCheck struct {
	seen    map[*treeNode]bool
	steps   int // that all of them take
	endless []*property
}

// maxDefaultSteps is what filling in one default may cost.
const maxDefaultSteps = 100_000

// endlessDefaults returns the defaults below a node that hold themselves, or take too
// many steps, in an order that depends on the schema alone. It fails if to look at
// all of them takes too long.
func endlessDefaults(root *treeNode) ([]*property, error) {
	c := &defaultCheck{seen: map[*treeNode]bool{}}
	c.verify(root)
	if c.steps > maxSteps {
		return nil, errors.New("its defaults hold too many defaults of what is inside them: drop some of them")
	}
	return c.endless, nil
}

func (c *defaultCheck) verify(n *treeNode) {
	if !n.fixes || c.seen[n] {
		return
	}
	c.seen[n] = true
	for i := range n.props {
		p := &n.props[i]
		if c.steps > maxSteps {
			return
		}
		if p.value == "" {
			continue
		}
		f := &fixer{left: schematree.MaxBytes, budget: budget{maxDefaultSteps}, filling: true, open: map[*treeNode]bool{}}
		f.fillIn(p)
		if c.steps += maxDefaultSteps - f.budget.left; f.left < 0 || f.budget.left <= 0 {
			c.endless = append(c.endless, p)
		}
	}
	for _, sub := range n.toFix() {
		c.verify(sub)
	}
}
