package schema

import (
	"errors"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// maxDefaultSteps is what filling in one default may cost.
const maxDefaultSteps = 100_000

// endlessDefaults returns the defaults below a node that hold themselves, as that of a
// recursive type whose child has the default {}, or take too many steps, in an order that
// depends on the schema alone. It fails if to look at all of them takes too long.
func endlessDefaults(root *treeNode) (endless []*property, err error) {
	seen := map[*treeNode]bool{}
	steps := 0
	var verify func(n *treeNode)
	verify = func(n *treeNode) {
		if !n.fixes || seen[n] {
			return
		}
		seen[n] = true
		for i := range n.props {
			p := &n.props[i]
			if p.value == "" || steps > maxSteps {
				continue
			}
			f := &fixer{left: schematree.MaxBytes, budget: budget{maxDefaultSteps}, filling: true, open: map[*treeNode]bool{}}
			f.fillIn(p)
			if steps += maxDefaultSteps - f.budget.left; f.left < 0 || f.budget.left <= 0 {
				endless = append(endless, p)
			}
		}
		for _, sub := range n.toFix() {
			verify(sub)
		}
	}
	verify(root)
	if steps > maxSteps {
		return nil, errors.New("its defaults hold too many defaults of what is inside them: drop some of them")
	}
	return endless, nil
}
