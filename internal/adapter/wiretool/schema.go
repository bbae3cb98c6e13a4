package wiretool

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/schematree"
	"github.com/funcall/funcall/provider"
)

// newSchema returns the schema that is sent for a tool, or nothing if the tool's own is sent.
// It may accept more than the tool's own, never less.
func (a *API) newSchema(t *provider.Tool) ([]byte, error) {
	root := parse(t.Schema)
	if root == nil {
		return []byte{}, nil // the adapter returns the error
	}
	odd, err := a.oddNames(root)
	if err != nil {
		return nil, err
	}
	wrapper := a.wrapper(root)
	if !odd && wrapper == "" && root.Has("type") {
		return []byte{}, nil
	}
	if odd {
		if a.hard(root) {
			walk(root, widen)
		}
		walk(root, a.rename)
	}
	if !root.Has("type") && wrapper == "" {
		root.Set("type", "object")
	}
	if wrapper != "" {
		root = wrap(root, wrapper)
	}
	return schematree.Append(nil, root), nil
}

// parse returns the root of a schema, or nil if it is not a readable object.
func parse(schema []byte) *schematree.Object {
	tree, err := schematree.Parse(schema)
	if err != nil || schematree.Measure(tree) != nil {
		return nil
	}
	root, _ := tree.(*schematree.Object)
	return root
}

// walk calls visit for o and every schema below it, innermost first. It skips contentSchema:
// the content of a string is not part of the arguments.
func walk(o *schematree.Object, visit func(*schematree.Object)) {
	for at, v := range o.Subschemas() {
		if sub, ok := v.(*schematree.Object); ok && at.Keyword != "contentSchema" {
			walk(sub, visit)
		}
	}
	visit(o)
}

// names yields the property names that occur in a schema itself, not below it.
func names(o *schematree.Object) iter.Seq[string] {
	return func(yield func(string) bool) {
		dependent := o.Object("dependentRequired")
		lists := [][]string{o.Object("properties").Names(), o.Texts("required"), dependent.Names(), o.Object("dependentSchemas").Names()}
		for _, name := range dependent.Names() {
			lists = append(lists, dependent.Texts(name))
		}
		for _, list := range lists {
			for _, name := range list {
				if !yield(name) {
					return
				}
			}
		}
	}
}

// oddNames reports whether the API does not accept some property name. It returns an error if
// two names are sent as one.
func (a *API) oddNames(root *schematree.Object) (odd bool, err error) {
	if a.properties == nil {
		return false, nil
	}
	owners := map[string]string{}
	walk(root, func(o *schematree.Object) {
		for name := range names(o) {
			sent := a.properties.Name(name)
			odd = odd || sent != name
			if owner, ok := owners[sent]; ok && owner != name && err == nil {
				err = fmt.Errorf("properties %q and %q are both sent as %q; rename one", owner, name, sent)
			}
			owners[sent] = name
		}
	})
	return odd, err
}

// rename replaces the property names of a schema with those on the wire.
func (a *API) rename(o *schematree.Object) {
	renamed := func(list []any) []any {
		made := slices.Clone(list)
		for i, v := range made {
			if name, ok := v.(string); ok {
				made[i] = a.properties.Name(name)
			}
		}
		return made
	}
	for keyword, v := range o.All() {
		switch keyword {
		case "required":
			if list, ok := v.([]any); ok {
				o.Values[keyword] = renamed(list)
			}
		case "properties", "dependentRequired", "dependentSchemas":
			m, ok := v.(*schematree.Object)
			if !ok {
				continue
			}
			made := schematree.NewObject()
			for name, v := range m.All() {
				if list, ok := v.([]any); ok {
					v = renamed(list)
				}
				if keyword == "properties" && !a.properties.Takes(name) {
					v = annotate(v, ownName(name))
				}
				made.Set(a.properties.Name(name), v)
			}
			o.Values[keyword] = made
		case "$ref":
			if ref, ok := v.(string); ok {
				o.Values[keyword] = a.reference(ref)
			}
		}
	}
}

// annotate adds words to the description of a schema.
func annotate(v any, words string) any {
	if v == true {
		v = schematree.NewObject()
	}
	if o, ok := v.(*schematree.Object); ok {
		o.Set("description", dialect.Annotate(o.Text("description"), words))
	}
	return v
}

// reference returns a reference with the property names on the wire.
func (a *API) reference(ref string) string {
	if !strings.HasPrefix(ref, "#/") {
		return ref
	}
	steps := schematree.SplitPointer(schematree.Fragment(ref))
	for i := 1; i < len(steps); i++ {
		if steps[i-1] == "properties" || steps[i-1] == "dependentSchemas" {
			steps[i] = a.properties.Name(steps[i])
		}
		steps[i] = jsontree.EscapePointer(steps[i])
	}
	return "#/" + strings.Join(steps, "/")
}

// hard reports whether the schema constrains names or whole objects in ways that renaming does
// not cover: with renamed properties it would refuse valid arguments.
func (a *API) hard(root *schematree.Object) bool {
	found := false
	walk(root, func(o *schematree.Object) {
		found = found || o.Has("patternProperties") || o.Has("propertyNames") ||
			a.oddValue(o.Values["const"]) || a.oddValue(o.Values["enum"])
	})
	return found
}

// oddValue reports whether a value holds an object with a name that the API does not accept.
func (a *API) oddValue(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, a.oddValue)
	case *schematree.Object:
		for name, e := range v.All() {
			if !a.properties.Takes(name) || a.oddValue(e) {
				return true
			}
		}
	}
	return false
}

// wideners are the keywords that widen removes: those that constrain names or whole objects,
// and those that accept less when a schema below them accepts more.
var wideners = []string{"patternProperties", "propertyNames", "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
	"const", "enum", "not", "if", "then", "else", "contains", "minContains", "maxContains"}

// widen moves keywords that renaming does not cover into the description.
func widen(o *schematree.Object) {
	for _, keyword := range wideners {
		v, ok := o.Values[keyword]
		if !ok {
			continue
		}
		o.Delete(keyword)
		if words := dialect.Words(keyword, v); words != "" {
			annotate(o, words)
		}
	}
	if forms, ok := o.Values["oneOf"]; ok {
		o.Delete("oneOf")
		if o.Has("anyOf") {
			annotate(o, dialect.Words("oneOf", forms))
		} else {
			o.Set("anyOf", forms)
		}
	}
}

// wrapper returns the name of the property that holds the arguments on the wire, or "" if they
// are sent unwrapped.
func (a *API) wrapper(root *schematree.Object) string {
	typ, typed := root.Values["type"]
	if !slices.ContainsFunc(a.root, root.Has) && !root.Has("$ref") && (!typed || typ == "object") {
		return ""
	}
	name := "input"
	taken := map[string]bool{}
	walk(root, func(o *schematree.Object) {
		for _, n := range o.Object("properties").Names() {
			taken[n] = true
		}
	})
	for taken[name] {
		name += "_"
	}
	return name
}

// wrap returns the schema of an object with the arguments in one property. Definitions stay at
// the root, where references expect them.
func wrap(root *schematree.Object, wrapper string) *schematree.Object {
	inside := "#/properties/" + wrapper
	walk(root, func(o *schematree.Object) {
		if ref := o.Text("$ref"); ref == "#" || strings.HasPrefix(ref, "#/") && !strings.HasPrefix(ref, "#/$defs/") {
			o.Values["$ref"] = inside + ref[1:]
		}
	})
	properties := schematree.NewObject()
	properties.Set(wrapper, root)
	out := schematree.NewObject()
	out.Set("type", "object")
	out.Set("properties", properties)
	out.Set("required", []any{wrapper})
	out.Set("additionalProperties", false)
	if defs, ok := root.Values["$defs"]; ok {
		root.Delete("$defs")
		out.Set("$defs", defs)
	}
	return out
}
