package schema

import (
	"regexp"
	"slices"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A plan says what is put right in arguments before they are checked. It is a
// tree beside the schema, with loops where that is recursive; nil where there
// is nothing to do.
type plan struct {
	props    map[string]*plan
	named    map[string]bool // every property that the schema names
	optional map[string]bool // properties whose null means that they are absent
	defaults []defaultValue
	patterns []patternPlan
	rest     *plan // of other properties
	prefix   []*plan
	items    *plan
	also     []*plan // of the same value: references, allOf, the one branch that is not null
	integer  bool
	object   bool // an object and nothing else
}

type defaultValue struct {
	key    string
	value  any
	size   int // in bytes of JSON
	schema *schematree.Object
}

type patternPlan struct {
	pattern      *regexp.Regexp
	instructions int
	plan         *plan
}

type planner struct {
	doc  *schematree.Object
	v    *validator
	refs map[string]*plan
}

func newPlan(doc *schematree.Object, v *validator) *plan {
	p := &planner{doc: doc, v: v, refs: map[string]*plan{}}
	return p.plan(doc, "")
}

func (p *planner) plan(o *schematree.Object, path string) *plan {
	out := &plan{}
	types := o.Types()
	out.integer = slices.Contains(types, "integer") && !slices.Contains(types, "number")
	out.object = slices.Contains(types, "object") && !slices.Contains(types, "string")
	if ref := o.Text("$ref"); ref != "" {
		out.also = append(out.also, p.ref(ref))
	}
	required := o.Texts("required")
	for at, sub := range o.Subschemas() {
		s, ok := sub.(*schematree.Object)
		if !ok || at.Keyword == "$defs" {
			continue
		}
		subPath := path + at.Path()
		switch at.Keyword {
		case "properties":
			if out.named == nil {
				out.named = map[string]bool{}
			}
			out.named[at.Key] = true
			if q := p.plan(s, subPath); q != nil {
				if out.props == nil {
					out.props = map[string]*plan{}
				}
				out.props[at.Key] = q
			}
			if slices.Contains(required, at.Key) {
				continue
			}
			if !p.takesNull(s, subPath) {
				if out.optional == nil {
					out.optional = map[string]bool{}
				}
				out.optional[at.Key] = true
			}
			if d, ok := s.Values["default"]; ok {
				out.defaults = append(out.defaults, defaultValue{at.Key, schematree.Plain(d), len(at.Key) + len(schematree.Append(nil, d)), s})
			}
		case "patternProperties":
			if q := p.plan(s, subPath); q != nil {
				out.patterns = append(out.patterns, patternPlan{regexp.MustCompile(at.Key), instructions(at.Key), q})
			}
		case "additionalProperties":
			out.rest = p.plan(s, subPath)
		case "items":
			out.items = p.plan(s, subPath)
		case "prefixItems":
			out.prefix = append(out.prefix, p.plan(s, subPath))
		case "allOf":
			out.also = append(out.also, p.plan(s, subPath))
		case "anyOf", "oneOf":
			if only := onlyBranch(o.Array(at.Keyword)); only == s {
				out.also = append(out.also, p.plan(s, subPath))
			}
		}
	}
	out.also = slices.DeleteFunc(out.also, func(q *plan) bool { return q == nil })
	if out.idle() {
		return nil
	}
	return out
}

func (p *plan) idle() bool {
	return !p.integer && !p.object && p.props == nil && p.optional == nil && p.defaults == nil && p.patterns == nil &&
		p.rest == nil && p.items == nil && len(p.also) == 0 && !slices.ContainsFunc(p.prefix, func(q *plan) bool { return q != nil })
}

// ref returns the plan of a definition, which may still be in the making.
func (p *planner) ref(ref string) *plan {
	if q, ok := p.refs[ref]; ok {
		return q
	}
	target, _ := schematree.Lookup(p.doc, schematree.Fragment(ref))
	o, ok := target.(*schematree.Object)
	if !ok {
		return nil
	}
	q := &plan{}
	p.refs[ref] = q
	if made := p.plan(o, schematree.Fragment(ref)); made != nil {
		*q = *made
	}
	return q
}

// onlyBranch returns the branch beside null, if there is one.
func onlyBranch(branches []any) *schematree.Object {
	var only *schematree.Object
	for _, b := range branches {
		o, ok := b.(*schematree.Object)
		if ok && len(o.Types()) == 1 && o.Types()[0] == "null" {
			continue
		}
		if only != nil || !ok {
			return nil
		}
		only = o
	}
	return only
}

func (p *planner) takesNull(o *schematree.Object, path string) bool {
	if types := o.Types(); types != nil && !slices.Contains(types, "null") {
		return false
	}
	return len(p.v.failuresAt(path, nil)) == 0
}
