package schema

import (
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// maxSteps bounds the work of one check. A step stands for a tenth of a
// microsecond at the most.
const maxSteps = 2_000_000

// What a check costs at the most, in steps. The validator builds an error at
// each place that fails, and its errors are what costs most.
const (
	stepsPerVisit  = 25   // of one value by one schema
	stepsPerMember = 3    // of an object or array, whose members the validator notes at each visit
	stepsPerRegex  = 1000 // for each byte of a value that is a regular expression itself
)

// A cost says what the validator does with a value: it is a tree beside the
// schema, with loops where that is recursive.
type cost struct {
	visit       int // of any value
	comparisons int // with the values of enum and const
	arithmetic  int // keywords that calculate with a number
	pattern     int // instructions that run over each byte of a string
	regex       bool
	unique      bool

	same     []*cost // of the same value again: $ref, allOf and their like
	branches []*cost // of the same value, by anyOf or oneOf: their errors are compared to find the closest
	props    map[string]*cost
	patterns []patternCost
	rest     *cost // of members that props and patterns do not name
	members  *cost // of every member
	names    *cost // of every member's name
	prefix   []*cost
	items    *cost
	everyone []*cost // of every item
}

type patternCost struct {
	pattern      *regexp.Regexp
	instructions int
	cost         *cost
}

type costing struct {
	doc  *schematree.Object
	refs map[string]*cost
}

func newCost(doc *schematree.Object) *cost {
	c := &costing{doc: doc, refs: map[string]*cost{}}
	return c.of(doc, "")
}

func (c *costing) of(o *schematree.Object, path string) *cost {
	out := &cost{}
	names := len(o.Array("required")) + len(o.Object("properties").Names())
	for _, needed := range o.Object("dependentRequired").All() {
		list, _ := needed.([]any)
		names += 1 + len(list)
	}
	out.visit = stepsPerVisit + 2*names + len(path)/256
	out.comparisons = len(o.Array("enum"))
	if o.Has("const") {
		out.comparisons++
	}
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		if o.Has(keyword) {
			out.arithmetic++
		}
	}
	if slices.Contains(o.Types(), "integer") {
		out.arithmetic++
	}
	out.pattern = instructions(o.Text("pattern"))
	out.regex = o.Text("format") == "regex"
	out.unique = o.Values["uniqueItems"] == true
	if ref := o.Text("$ref"); ref != "" {
		out.same = append(out.same, c.ref(ref))
	}
	for at, sub := range o.Subschemas() {
		s, ok := sub.(*schematree.Object)
		if !ok {
			if sub != false {
				continue
			}
			s = schematree.NewObject() // to refuse costs a visit too
		}
		c.add(out, at, s, path+at.Path())
	}
	return out
}

func (c *costing) add(out *cost, at schematree.Spot, s *schematree.Object, path string) {
	switch at.Keyword {
	case "allOf", "dependentSchemas", "if", "then", "else", "not":
		out.same = append(out.same, c.of(s, path))
	case "anyOf", "oneOf":
		out.branches = append(out.branches, c.of(s, path))
	case "properties":
		if out.props == nil {
			out.props = map[string]*cost{}
		}
		out.props[at.Key] = c.of(s, path)
	case "patternProperties":
		out.patterns = append(out.patterns, patternCost{regexp.MustCompile(at.Key), instructions(at.Key), c.of(s, path)})
	case "additionalProperties":
		out.rest = c.of(s, path)
	case "unevaluatedProperties":
		out.members = c.of(s, path)
	case "propertyNames":
		out.names = c.of(s, path)
	case "prefixItems":
		out.prefix = append(out.prefix, c.of(s, path))
	case "items":
		out.items = c.of(s, path)
	case "contains", "unevaluatedItems":
		out.everyone = append(out.everyone, c.of(s, path))
	}
}

// ref returns the cost of a definition, which may still be in the making.
func (c *costing) ref(ref string) *cost {
	if q, ok := c.refs[ref]; ok {
		return q
	}
	q := &cost{}
	c.refs[ref] = q
	if target, _ := schematree.Lookup(c.doc, schematree.Fragment(ref)); target != nil {
		if o, ok := target.(*schematree.Object); ok {
			*q = *c.of(o, schematree.Fragment(ref))
		}
	}
	return q
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

// A budget is what is left of the steps of one check. It is asked before the
// validator runs, and goes where that would go: once it runs, the validator
// cannot be stopped.
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

func (b *budget) spend(c *cost, v any, at place) {
	if c == nil || b.left <= 0 {
		return
	}
	b.left -= (c.visit + 2*at.depth + at.path*(at.depth+8)/256) * (1 + at.union)
	if c.comparisons > 0 {
		b.left -= c.comparisons * weight(v) / 8
	}
	switch v := v.(type) {
	case json.Number:
		if c.arithmetic > 0 {
			b.left -= (1 + c.arithmetic) * calculation(v)
		}
	case string:
		b.left -= len(v)/64 + matching(c.pattern, len(v))
		if c.regex {
			b.left -= stepsPerRegex * len(v)
		}
	case map[string]any:
		b.spendMembers(c, v, at)
	case []any:
		b.spendItems(c, v, at)
	}
	below := at
	below.depth++
	for _, s := range c.same {
		b.spend(s, v, below)
	}
	below.union++
	for _, s := range c.branches {
		b.spend(s, v, below)
	}
}

func (b *budget) spendMembers(c *cost, m map[string]any, at place) {
	for key, e := range m {
		if b.left -= stepsPerMember + len(key)/64; b.left <= 0 {
			return
		}
		below := at.inside(len(key))
		sub, known := c.props[key]
		b.spend(sub, e, below)
		for _, p := range c.patterns {
			// Here, by the validator, and to name what it refuses.
			if b.left -= 3 * matching(p.instructions, len(key)); b.left <= 0 {
				return
			}
			if p.pattern.MatchString(key) {
				known = true
				b.spend(p.cost, e, below)
			}
		}
		if !known {
			b.spend(c.rest, e, below)
		}
		b.spend(c.members, e, below)
		if c.names != nil {
			b.spend(c.names, key, below)
		}
	}
}

func (b *budget) spendItems(c *cost, items []any, at place) {
	if b.left -= stepsPerMember * len(items); b.left <= 0 {
		return
	}
	if c.unique {
		b.spendUnique(items)
	}
	if len(c.prefix) == 0 && c.items == nil && c.everyone == nil {
		return
	}
	for i, e := range items {
		below := at.inside(len(strconv.Itoa(i)))
		if i < len(c.prefix) {
			b.spend(c.prefix[i], e, below)
		} else {
			b.spend(c.items, e, below)
		}
		for _, s := range c.everyone {
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
