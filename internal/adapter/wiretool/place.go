package wiretool

import (
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// places finds the places of a call's values in a schema. Only names of properties are
// replaced; names in a free map are data.
type places struct {
	rule *Rule
	root *schematree.Object
	left int // how many more schemas may be looked at
}

// maxLooks bounds the work for one call: a schema with recursive alternatives has more places
// than schemas.
const maxLooks = 1 << 20

func newPlaces(rule *Rule, root *schematree.Object) *places {
	return &places{rule: rule, root: root}
}

// tooMany replaces arguments whose translation would take too much work. It is not an object,
// so the check refuses it: a handler must not get names from the wire.
const tooMany = `"the arguments hold too many objects to find their places in the schema"`

// rename returns the arguments with the original property names, or tooMany.
func (ps *places) rename(data []byte) []byte {
	ps.left = maxLooks
	c := copier{in: data, out: make([]byte, 0, len(data))}
	c.value(ps.place([]*schematree.Object{ps.root}))
	c.space()
	if ps.left < 0 {
		return []byte(tooMany)
	}
	return c.out
}

// A place is the set of schemas that may apply to a value. With several alternatives it is
// unknown which one applies, so all count. A nil place has no schema.
type place struct {
	all     *places
	schemas []*schematree.Object
	names   map[string]string // original names by those on the wire, if they differ
	named   map[string]bool   // the properties that some schema names, by original name
	below   map[string]*place // the places of those, as far as they are known
	rest    *place            // the place of all others
	shared  bool              // rest is known
	items   *place
	listed  bool // items is known
}

// place returns the place of a value to which those schemas apply, and the schemas that these
// apply to the same value.
func (ps *places) place(schemas []*schematree.Object) *place {
	p := &place{all: ps, names: map[string]string{}, named: map[string]bool{}, below: map[string]*place{}}
	seen := map[*schematree.Object]bool{}
	var add func(v any)
	add = func(v any) {
		o, ok := v.(*schematree.Object)
		if ps.left--; !ok || seen[o] || ps.left < 0 {
			return
		}
		seen[o] = true
		p.schemas = append(p.schemas, o)
		for name := range names(o) {
			if ps.left--; !ps.rule.Takes(name) {
				p.names[ps.rule.Name(name)] = name
			}
		}
		for _, name := range o.Object("properties").Names() {
			p.named[name] = true
		}
		if ref := o.Text("$ref"); strings.HasPrefix(ref, "#") {
			target, _ := schematree.Lookup(ps.root, schematree.Fragment(ref))
			add(target)
		}
		for at, v := range o.Subschemas() {
			if slices.Contains(inPlace, at.Keyword) {
				add(v)
			}
		}
	}
	for _, o := range schemas {
		add(o)
	}
	if len(p.schemas) == 0 {
		return nil
	}
	return p
}

// inPlace are the keywords whose schemas apply to the same value.
var inPlace = []string{"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}

// takesObject reports whether a schema of the place accepts an object and no string.
func (p *place) takesObject() bool {
	return p != nil && slices.ContainsFunc(p.schemas, func(o *schematree.Object) bool {
		types := o.Types()
		return slices.Contains(types, "object") && !slices.Contains(types, "string")
	})
}

// own returns the original name of a property with this name on the wire.
func (p *place) own(name string) (string, bool) {
	if p == nil {
		return "", false
	}
	own, ok := p.names[name]
	return own, ok
}

// property returns the place of a property's value. Properties that no schema names share one
// place, because any pattern may apply to them.
func (p *place) property(name string) *place {
	if p == nil {
		return nil
	}
	if !p.named[name] {
		if !p.shared {
			p.shared = true
			p.rest = p.member(name)
		}
		return p.rest
	}
	sub, known := p.below[name]
	if !known {
		sub = p.member(name)
		p.below[name] = sub
	}
	return sub
}

func (p *place) member(name string) *place {
	return p.all.place(p.collect(func(o *schematree.Object, at schematree.Spot) bool {
		switch at.Keyword {
		case "properties":
			return at.Key == name
		case "additionalProperties", "unevaluatedProperties":
			return !o.Object("properties").Has(name)
		}
		return at.Keyword == "patternProperties"
	}))
}

// item returns the place of an array's elements, whatever their index.
func (p *place) item() *place {
	if p == nil {
		return nil
	}
	if !p.listed {
		p.listed = true
		p.items = p.all.place(p.collect(func(_ *schematree.Object, at schematree.Spot) bool {
			return slices.Contains([]string{"items", "prefixItems", "contains", "unevaluatedItems"}, at.Keyword)
		}))
	}
	return p.items
}

// collect returns the schemas below those of the place for which takes returns true.
func (p *place) collect(takes func(*schematree.Object, schematree.Spot) bool) []*schematree.Object {
	var list []*schematree.Object
	for _, o := range p.schemas {
		for at, v := range o.Subschemas() {
			if p.all.left--; p.all.left < 0 {
				return nil
			}
			if sub, ok := v.(*schematree.Object); ok && takes(o, at) {
				list = append(list, sub)
			}
		}
	}
	return list
}
