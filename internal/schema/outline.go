package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// An outline accepts arguments that are plainly right, in place and without a
// tree. It knows the keywords that nearly all tools get along with, and needs
// no leniency. What it does not accept is not refused by that: it is for the
// judge to say. So an outline may be narrower than the schema it stands for,
// and is never wider.
type outline struct {
	kinds  kinds   // of values that it accepts: none where it does not know the schema
	values *values // what enum or const leaves, nil for anything
	steps  int     // what the judge spends on any value, at the most

	limits []limit // of numbers

	minLength, maxLength int // of strings, in characters
	pattern              *regexp.Regexp
	instructions         int // of the pattern
	dateTime             bool

	minItems, maxItems int
	items              *outline

	props     []property
	rest      *outline // of other members, nil where there must be none
	required  uint64   // props that must be there, as bits
	defaulted uint64   // props that are filled in where they are missing
}

// A property is one that the schema names.
type property struct {
	name    string
	outline *outline
	fill    string // its default as it is written; "" where there is none or the judge must fill it in
	steps   int    // what the judge spends on that
}

// A limit is one end of the numbers that are allowed.
type limit struct {
	at   number
	side int  // 1 where numbers must lie above, -1 below
	open bool // the end itself does not count
}

func (l limit) allows(d number) bool {
	c := l.side * d.compare(l.at)
	return c > 0 || c == 0 && !l.open
}

type kinds uint8

const (
	kindObject kinds = 1 << iota
	kindArray
	kindString
	kindNumber
	kindInteger
	kindBool
	kindNull
	allKinds kinds = 1<<iota - 1
)

var kindsByType = map[string]kinds{
	"object": kindObject, "array": kindArray, "string": kindString, "number": kindNumber | kindInteger,
	"integer": kindInteger, "boolean": kindBool, "null": kindNull,
}

const (
	unbounded = int(^uint(0) >> 1)
	maxProps  = 64 // as many as an outline has bits for
)

// Arguments within these limits cost the judge a bounded number of steps for
// each value, wherever that stands.
const (
	maxReadDepth    = 16
	maxDefaultDepth = 4 // of a default; it stands inside something
	maxReadKey      = 64
	stepsPerPlace   = 250 // all that a visit costs but for comparisons, names, and the length of strings
)

// anything is the outline of a schema that says nothing.
var anything = func() *outline {
	out := &outline{kinds: allKinds, steps: stepsPerPlace, maxLength: unbounded, maxItems: unbounded}
	out.items, out.rest = out, out
	return out
}()

// A drafter makes outlines.
type drafter struct {
	outlines map[*schematree.Object]*outline
	complete bool // they say all that the document says
}

// outline makes that of o, and of the schemas below it as far as it knows the
// keywords that these stand under. The shape is that of the Go type.
func (d *drafter) outline(o *schematree.Object, s *shape) *outline {
	out := new(outline)
	*out = *anything
	out.steps += 2 * (len(o.Object("properties").Names()) + len(o.Array("required")))
	known := true
	for keyword, v := range o.All() {
		known = d.add(out, keyword, v, s) && known
	}
	known = known && out.require(o)
	s.narrow(out)
	for i := range out.props {
		d.fillIn(out, i, o.Object("properties").Object(out.props[i].name))
	}
	if !known {
		d.complete = false
		out.kinds = 0
	}
	d.outlines[o] = out
	return out
}

// add takes one keyword into account; it returns false for one that outlines
// do not know, or whose value is not as it should be.
func (d *drafter) add(out *outline, keyword string, v any, s *shape) (ok bool) {
	switch keyword {
	case "title", "description", "$comment":
		_, ok = v.(string)
	case "deprecated", "readOnly", "writeOnly":
		_, ok = v.(bool)
	case "examples":
		_, ok = v.([]any)
	case "default":
		ok = true
	case "$defs": // nothing here refers to them, or it would not be known
		d.complete = false
		ok = true
	case "required":
		ok = isNames(v)
	case "type":
		out.kinds, ok = kindsOf(v)
	case "const":
		ok = out.allow([]any{v})
	case "enum":
		list, _ := v.([]any)
		ok = out.allow(list)
	case "minimum":
		ok = out.limit(v, limit{side: 1})
	case "exclusiveMinimum":
		ok = out.limit(v, limit{side: 1, open: true})
	case "maximum":
		ok = out.limit(v, limit{side: -1})
	case "exclusiveMaximum":
		ok = out.limit(v, limit{side: -1, open: true})
	case "minLength":
		out.minLength, ok = count(v)
	case "maxLength":
		out.maxLength, ok = count(v)
	case "minItems":
		out.minItems, ok = count(v)
	case "maxItems":
		out.maxItems, ok = count(v)
	case "pattern":
		ok = out.match(v)
	case "format":
		out.dateTime = v == "date-time"
		ok = out.dateTime
	case "items":
		out.items, ok = d.below(v, s.element())
	case "additionalProperties":
		if v == false {
			out.rest = nil
			return true
		}
		out.rest, ok = d.below(v, s.element())
	case "properties":
		ok = d.properties(out, v, s)
	}
	return ok
}

// below returns the outline of a schema inside another.
func (d *drafter) below(v any, s *shape) (*outline, bool) {
	switch v := v.(type) {
	case *schematree.Object:
		return d.outline(v, s), true
	case bool:
		return anything, v
	}
	return nil, false
}

func (d *drafter) properties(out *outline, v any, s *shape) bool {
	props, ok := v.(*schematree.Object)
	for name, v := range props.All() {
		sub, known := s.member(name)
		p, isSchema := d.below(v, sub)
		ok = ok && known && isSchema && len(name) <= maxReadKey
		out.props = append(out.props, property{name: name, outline: p})
	}
	return ok && len(out.props) <= maxProps
}

// require notes which properties are required; all of them must have names.
func (out *outline) require(o *schematree.Object) bool {
	for _, name := range o.Texts("required") {
		i := slices.IndexFunc(out.props, func(p property) bool { return p.name == name })
		if i < 0 {
			return false
		}
		out.required |= 1 << i
	}
	return true
}

// fillIn prepares the default of a property.
func (d *drafter) fillIn(out *outline, i int, prop *schematree.Object) {
	if !prop.Has("default") {
		return
	}
	out.defaulted |= 1 << i
	p := &out.props[i]
	text := string(schematree.Append(nil, prop.Values["default"]))
	r := reading{text: text, depth: maxReadDepth - maxDefaultDepth}
	if p.outline.accepts(&r) {
		p.fill = string((&reading{text: text}).appendFilled(nil, p.outline))
		p.steps = r.steps
	}
}

// accepts reports whether what a schema offers is plainly right, as it is.
func (d *drafter) accepts(f offer) bool {
	out := d.outlines[f.schema]
	if out == nil {
		return false
	}
	r := reading{text: string(schematree.Append(nil, f.value))}
	return out.accepts(&r) && !r.fill
}

func kindsOf(v any) (all kinds, ok bool) {
	names, _ := v.([]any)
	if name, one := v.(string); one {
		names = []any{name}
	}
	for i, v := range names {
		name, _ := v.(string)
		k := kindsByType[name]
		if k == 0 || slices.Contains(names[:i], v) {
			return 0, false
		}
		all |= k
	}
	return all, all != 0
}

func (out *outline) limit(v any, l limit) bool {
	n, _ := v.(json.Number)
	var ok bool
	l.at, ok = newNumber(n)
	out.limits = append(out.limits, l)
	return ok && n != ""
}

func (out *outline) match(v any) bool {
	text, ok := v.(string)
	if !ok {
		return false
	}
	re, err := regexp.Compile(text)
	out.pattern, out.instructions = re, instructions(text)
	return err == nil
}

func count(v any) (n int, ok bool) {
	number, _ := v.(json.Number)
	n, err := strconv.Atoi(string(number))
	return n, err == nil && n >= 0
}

func isNames(v any) bool {
	list, ok := v.([]any)
	seen := map[string]bool{}
	for _, v := range list {
		name, isString := v.(string)
		ok = ok && isString && !seen[name]
		seen[name] = true
	}
	return ok
}

// values are those of an enum, for looking one up among thousands.
type values struct {
	texts   map[string]bool
	numbers []number // sorted
	words   []string // true, false, null
	count   int
}

// allow leaves only the values of a list. Objects and arrays are for the judge.
func (out *outline) allow(list []any) bool {
	if out.values != nil || len(list) == 0 {
		return false
	}
	all := &values{texts: map[string]bool{}, count: len(list)}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			all.texts[v] = true
		case json.Number:
			d, ok := newNumber(v)
			if !ok {
				return false
			}
			all.numbers = append(all.numbers, d)
		case bool:
			all.words = append(all.words, strconv.FormatBool(v))
		case nil:
			all.words = append(all.words, "null")
		default:
			return false
		}
	}
	slices.SortFunc(all.numbers, number.compare)
	out.values = all
	out.steps += 3 * len(list)
	return true
}

func (all *values) hasNumber(d number) bool {
	_, ok := slices.BinarySearchFunc(all.numbers, d, number.compare)
	return ok
}
