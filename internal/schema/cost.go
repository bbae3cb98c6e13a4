package schema

import (
	"encoding/json"
	"regexp/syntax"
	"strconv"
	"strings"
)

// maxSteps bounds the work of one check. A step stands for a tenth of a
// microsecond at the most.
const maxSteps = 2_000_000

// What a check costs at the most, in steps. The vendor builds an error at each
// place that fails, and its errors are what costs most.
const (
	stepsPerVisit  = 25   // of one value by one schema, where the vendor checks
	stepsPerNode   = 10   // of one value by one schema, where the tree alone checks
	stepsPerMember = 3    // of an object or array, whose members the vendor notes at each visit
	stepsPerRegex  = 1000 // for each byte of a value that is a regular expression itself
)

// What a place costs, for values within the limits of a reading.
const (
	// stepsPerStep is what a member or an item costs beside its value, with its path.
	stepsPerStep = 2*stepsPerMember + maxReadKey/64 + maxReadDepth*(1+maxReadKey)/256
	// stepsPerPlace is all that a visit costs, where the vendor checks, but for
	// comparisons, names, calculations, and the length of strings.
	stepsPerPlace = 250
)

// A cost is what it takes to check a value against one schema, without those
// inside it.
type cost struct {
	visit int // of any value
	steps int // of a value within the limits of a reading, with the way to it

	vendor       bool // checks: its errors repeat the path for each schema around
	names        int  // that are looked up in an object
	comparisons  int  // with the values of enum and const
	arithmetic   int  // keywords that calculate with a number
	unit         int  // to calculate with the number of multipleOf
	instructions int  // that run over each byte of a string
	regex        bool
	unique       bool
}

// finish sums up the cost of a schema at a path, which the tree alone checks or the
// vendor.
func (c *cost) finish(path string, vendor bool) {
	if c.vendor = vendor; vendor {
		c.visit = stepsPerVisit + 2*c.names + len(path)/256
		c.steps = stepsPerPlace + 2*c.names + 3*c.comparisons
		return
	}
	c.visit = stepsPerNode + c.names/2
	c.steps = stepsPerStep + stepsPerFix + c.visit + 3*c.comparisons
}

// calculations is what the keywords cost that calculate with a number.
func (c *cost) calculations(n json.Number) int {
	if c.arithmetic == 0 {
		return 0
	}
	return (1+c.arithmetic)*calculation(n) + c.unit
}

// instructions counts those of a pattern's program. Matching takes at most
// one of each for each byte.
func instructions(pattern string) int {
	if pattern == "" {
		return 0
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0 // the schema is refused for it
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}

// matching is what it costs to match n bytes: an instruction takes a twentieth
// of a step.
func matching(instructions, n int) int { return instructions * (n + 1) / 20 }

// A budget is what is left of the steps of one check. It is asked before a value
// is checked, and goes where the vendor would go: once that runs, it cannot be
// stopped.
type budget struct{ left int }

// A place is where in the arguments, and in the schema, a value is looked at.
type place struct {
	path  int // length in bytes, which every error repeats
	depth int // how many schemas are around
	union int // how many of them are branches
}

func (p place) inside(step int) place {
	p.path += 1 + step
	p.depth++
	return p
}

func (b *budget) spend(n *treeNode, v any, at place) {
	if n == anyValue || b.left <= 0 {
		return
	}
	c := &n.cost
	if c.vendor {
		b.left -= (c.visit + 2*at.depth + at.path*(at.depth+8)/256) * (1 + at.union)
	} else {
		b.left -= c.visit + at.path/256
	}
	if c.comparisons > 0 {
		b.left -= c.comparisons * weight(v) / 8
	}
	switch v := v.(type) {
	case json.Number:
		b.left -= c.calculations(v)
	case string:
		b.left -= len(v)/64 + matching(c.instructions, len(v))
		if c.regex {
			b.left -= stepsPerRegex * len(v)
		}
	case map[string]any:
		b.spendMembers(n, v, at)
	case []any:
		b.spendItems(n, v, at)
	}
	below := at
	below.depth++
	for _, s := range n.also {
		if below.union = at.union; s.branch {
			below.union++
		}
		b.spend(s.node, v, below)
	}
}

func (b *budget) spendMembers(n *treeNode, m map[string]any, at place) {
	for key, e := range m {
		if b.left -= stepsPerMember + len(key)/64; b.left <= 0 {
			return
		}
		below := at.inside(len(key))
		// Names are matched here, by the vendor, and to name what it refuses.
		b.member(n, key, 3, func(sub *treeNode) { b.spend(sub, e, below) })
		if n.members != nil {
			b.spend(n.members, e, below)
		}
		if n.names != nil {
			b.spend(n.names, key, below)
		}
	}
}

// member visits the nodes of a member's value. Its name is matched so many times by each
// pattern, as long as the budget lasts.
func (b *budget) member(n *treeNode, key string, times int, visit func(*treeNode)) {
	i := n.find(key, 0)
	known := i >= 0
	for _, p := range n.patterns {
		if b.left -= times * matching(p.instructions, len(key)); b.left <= 0 {
			return
		}
		if p.matches(key) {
			known = true
			visit(p.node)
		}
	}
	if i >= 0 {
		visit(n.props[i].node)
	} else if !known {
		visit(n.rest)
	}
}

func (b *budget) spendItems(n *treeNode, items []any, at place) {
	if b.left -= stepsPerMember * len(items); b.left <= 0 {
		return
	}
	if n.cost.unique {
		b.spendUnique(items)
	}
	if len(n.prefix) == 0 && n.items == anyValue && n.everyone == nil {
		return
	}
	for i, e := range items {
		below := at.inside(len(strconv.Itoa(i)))
		b.spend(n.item(i), e, below)
		for _, s := range n.everyone {
			b.spend(s, e, below)
		}
		if b.left <= 0 {
			return
		}
	}
}

// spendUnique counts on the worst: arrays and objects can be written so that
// all of them have one hash, and each is compared with every other.
func (b *budget) spendUnique(items []any) {
	total, nested := 0, 0
	for _, e := range items {
		total += weight(e)
		switch e.(type) {
		case map[string]any, []any:
			nested++
		}
	}
	b.left -= 2*total + nested*total/64
}

// weight is what it costs to compare v with another value.
func weight(v any) int {
	switch v := v.(type) {
	case json.Number:
		return 2 * calculation(v)
	case []any:
		sum := 2
		for _, e := range v {
			sum += weight(e)
		}
		return sum
	case map[string]any:
		sum := 2
		for k, e := range v {
			sum += 2 + len(k)/64 + weight(e)
		}
		return sum
	case string:
		return 2 + len(v)/64
	}
	return 2
}

// calculation is what it costs to calculate with a number exactly: that grows
// with its digits, and an exponent stands for as many.
func calculation(n json.Number) int {
	digits := len(n)
	if i := strings.IndexAny(string(n), "eE"); i >= 0 {
		e, _ := strconv.Atoi(string(n[i+1:]))
		digits += max(e, -e)
	}
	return 4 + digits/8
}
