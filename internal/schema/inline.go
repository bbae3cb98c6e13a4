package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

const defsPrefix = "#/$defs/"

// inline returns a copy of doc in which every reference is replaced by what it
// points to. Only a definition that leads back to itself stays one, under
// $defs. The size is bounded, because a few doubling references make a tree
// without end. The targets are those of references that are known already; it
// looks for others in the document.
func inline(doc *schematree.Object, targets map[string]*schematree.Object) (*schematree.Object, error) {
	in := &inliner{doc: doc, targets: targets, names: map[string]string{}, taken: map[string]bool{}, recursive: map[string]bool{}, used: map[string][]string{}, defs: schematree.NewObject()}
	out := in.root()
	for len(in.todo) > 0 && in.err == nil {
		ref := in.todo[0]
		in.todo = in.todo[1:]
		in.defs.Set(in.names[ref], in.expand(in.target(ref)))
	}
	if in.err != nil {
		return nil, in.err
	}
	if len(in.defs.Keys) > 0 {
		out.Set("$defs", in.defs)
	}
	return out, nil
}

// root expands the document itself. If that is a reference to a recursive
// definition, one round of it is unrolled: providers want an object there.
func (in *inliner) root() *schematree.Object {
	ref := in.doc.Text("$ref")
	if ref == "" || in.target(ref) == nil || !in.loops(ref) {
		return in.expand(in.doc)
	}
	return in.beside(in.doc, in.copy(in.target(ref)))
}

type inliner struct {
	doc       *schematree.Object
	targets   map[string]*schematree.Object
	names     map[string]string // of the definitions that stay, by reference
	taken     map[string]bool   // names
	recursive map[string]bool   // by reference, as far as it is known
	used      map[string][]string
	todo      []string
	defs      *schematree.Object
	nodes     int
	err       error
}

// constrains reports whether a keyword demands something of a value.
func constrains(keyword string) bool {
	switch keyword {
	case "$ref":
		return true
	case "$defs", "definitions", "contentSchema":
		return false
	}
	return isKeyword(keyword) || keywords[keyword].wrong != nil
}

func (in *inliner) expand(o *schematree.Object) *schematree.Object {
	ref, ok := o.Values["$ref"].(string)
	if !ok {
		return in.copy(o)
	}
	target := in.target(ref)
	if in.err != nil {
		return schematree.NewObject()
	}
	if in.loops(ref) {
		if _, named := in.names[ref]; !named {
			steps := append([]string{"Root"}, schematree.SplitPointer(schematree.Fragment(ref))...)
			in.names[ref] = freeName(steps[len(steps)-1], func(name string) bool { return in.taken[name] })
			in.taken[in.names[ref]] = true
			in.todo = append(in.todo, ref)
		}
		out := in.copy(o)
		out.Set("$ref", defsPrefix+in.names[ref])
		return out
	}
	return in.beside(o, in.expand(target))
}

// beside joins what stands beside the reference in o with what it points to.
// Annotations win over those there, and constraints hold as well.
func (in *inliner) beside(o, target *schematree.Object) *schematree.Object {
	beside := in.copy(o)
	beside.Delete("$ref")
	for key, v := range beside.All() {
		if constrains(key) && !joins(target, key, v) {
			// Side by side the one would change the other.
			beside.Set("allOf", append(slices.Clone(beside.Array("allOf")), target))
			return beside
		}
	}
	for key, v := range beside.All() {
		target.Set(key, v)
	}
	return target
}

// joins reports whether a constraint means the same beside those of o.
func joins(o *schematree.Object, key string, v any) bool {
	if o.Has(key) {
		return string(schematree.Append(nil, o.Values[key])) == string(schematree.Append(nil, v))
	}
	return keywords[key].wrong != nil && !isKeyword(key) && !o.Has("$ref") && key != "minContains" && key != "maxContains"
}

// copy copies o, expanding the schemas below it.
func (in *inliner) copy(o *schematree.Object) *schematree.Object {
	out := copyShallow(o)
	out.Delete("$defs")
	out.Delete("definitions")
	for at, v := range out.Subschemas() {
		if in.nodes++; in.nodes > schematree.MaxNodes && in.err == nil {
			in.err = fmt.Errorf("the schema holds more than %d values once its references are resolved", schematree.MaxNodes)
		}
		if in.err != nil {
			break
		}
		if sub, ok := v.(*schematree.Object); ok {
			at.Replace(in.expand(sub))
		}
	}
	return out
}

// copyShallow copies o and what holds its subschemas, but not these.
func copyShallow(o *schematree.Object) *schematree.Object {
	out := &schematree.Object{Keys: slices.Clone(o.Keys), Values: maps.Clone(o.Values)}
	for key, v := range out.Values {
		if list, ok := v.([]any); ok && slices.Contains(schematree.SchemaList, key) {
			out.Values[key] = slices.Clone(list)
		}
		if m, ok := v.(*schematree.Object); ok && slices.Contains(schematree.SchemaMap, key) {
			out.Values[key] = &schematree.Object{Keys: slices.Clone(m.Keys), Values: maps.Clone(m.Values)}
		}
	}
	return out
}

// target finds what a reference points to; in.err says if that is nothing.
func (in *inliner) target(ref string) *schematree.Object {
	if o := in.targets[ref]; o != nil {
		return o
	}
	if !strings.HasPrefix(ref, "#") {
		in.err = fmt.Errorf("the reference %s leads out of the schema, and nothing is ever loaded: copy what it points to into $defs", quoteCut(ref))
		return nil
	}
	if o := schemaAt(in.doc, schematree.Fragment(ref)); o != nil && (ref == "#" || strings.HasPrefix(ref, "#/")) {
		return o
	}
	in.err = fmt.Errorf("the reference %s points to nothing: it must be #, a JSON Pointer such as #/$defs/Name, or an anchor", quoteCut(ref))
	return nil
}

// loops reports whether what ref points to leads back to ref.
func (in *inliner) loops(ref string) bool {
	if known, ok := in.recursive[ref]; ok {
		return known
	}
	seen := map[string]bool{}
	var reaches func(from string) bool
	reaches = func(from string) bool {
		for _, to := range in.uses(from) {
			if to == ref {
				return true
			}
			if !seen[to] {
				seen[to] = true
				if reaches(to) {
					return true
				}
			}
		}
		return false
	}
	in.recursive[ref] = reaches(ref)
	return in.recursive[ref]
}

// uses returns the references in what ref points to.
func (in *inliner) uses(ref string) []string {
	if refs, ok := in.used[ref]; ok {
		return refs
	}
	var refs []string
	if o := in.target(ref); o != nil {
		walkUsed(o, func(to string) { refs = append(refs, to) })
	}
	in.used[ref] = refs
	return refs
}

// walkUsed calls visit with the references in o, but not in the definitions
// that merely stand there.
func walkUsed(o *schematree.Object, visit func(ref string)) {
	if ref, ok := o.Values["$ref"].(string); ok {
		visit(ref)
	}
	for at, sub := range o.Objects() {
		if at.Keyword != "$defs" && at.Keyword != "definitions" {
			walkUsed(sub, visit)
		}
	}
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// freeName returns a name as a reference can hold it, with a number if it is taken.
func freeName(name string, taken func(name string) bool) string {
	name = strings.Trim(notInNames.ReplaceAllString(name, "_"), "_")
	free := name
	for n := 2; free == "" || taken(free); n++ {
		free = name + strconv.Itoa(n)
	}
	return free
}

// foldNullable turns oneOf [T, null], which strict modes refuse, into a type
// that includes null, or into anyOf where T has no type of its own.
func foldNullable(o *schematree.Object) {
	branches := o.Array("oneOf")
	if len(branches) != 2 {
		return
	}
	null, ok1 := branches[1].(*schematree.Object)
	inner, ok2 := branches[0].(*schematree.Object)
	if !ok1 || !ok2 || len(null.Keys) != 1 || null.Text("type") != "null" {
		return
	}
	kind, simple := inner.Values["type"].(string)
	for key := range inner.All() {
		if len(o.Keys) > 1 && o.Has(key) || key == "$ref" || key == "const" || slices.Contains(schematree.SchemaList, key) {
			simple = false
		}
	}
	o.Delete("oneOf")
	if !simple {
		o.Set("anyOf", branches)
		return
	}
	for key, v := range inner.All() {
		o.Set(key, v)
	}
	o.Set("type", []any{kind, "null"})
	if values := inner.Array("enum"); values != nil {
		o.Set("enum", append(slices.Clone(values), nil))
	}
}
