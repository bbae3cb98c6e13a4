package wiretool

import (
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// places are where the values of some arguments stand in a schema. Only the
// names of properties are renamed there; the names in a free map are data.
type places struct {
	rule *Rule
	root *schematree.Object
	left int // how many more schemas may be looked at
}

// maxLooks bounds the work for one call: a schema with many forms that contain
// themselves has more places than it has schemas.
const maxLooks = 1 << 20

func newPlaces(rule *Rule, root *schematree.Object) *places {
	return &places{rule: rule, root: root}
}

// tooMany stands for arguments whose names would take too much work. The check
// refuses it, as it is no object: the names on the wire must not reach a handler.
const tooMany = `"the arguments hold too many objects to find their places in the schema"`

// rename returns the arguments with the properties' own names, or tooMany.
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

// A place is where a value stands: the schemas that may hold for it. Which of
// several forms a value has is not known, so all of them count. A nil place is
// in no schema.
type place struct {
	all     *places
	schemas []*schematree.Object
	names   map[string]string // own names by those on the wire, where they differ
	named   map[string]bool   // the properties that some schema names, by their own names
	below   map[string]*place // of those, as far as they are known
	rest    *place            // of all others
	shared  bool              // rest is known
	items   *place
	listed  bool // items is known
}

// place returns the place of a value for which those schemas hold, and with them
// the ones that they apply to the same value.
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

// inPlace are the keywords whose schemas hold for the same value.
var inPlace = []string{"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}

// takesObject reports whether a schema of the place takes an object and no string.
func (p *place) takesObject() bool {
	return p != nil && slices.ContainsFunc(p.schemas, func(o *schematree.Object) bool {
		types := o.Types()
		return slices.Contains(types, "object") && !slices.Contains(types, "string")
	})
}

// own returns the own name of the property that has this one on the wire.
func (p *place) own(name string) (string, bool) {
	if p == nil {
		return "", false
	}
	own, ok := p.names[name]
	return own, ok
}

// property returns the place of a property's value. All that no schema names have
// one place, as any pattern may hold for them.
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

// collect returns the schemas below those of the place that take part.
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
