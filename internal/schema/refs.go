package schema

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A resolver finds what the references of a document point to: by a JSON
// Pointer, by an anchor, or by the id of a schema inside. It runs before
// keywords are translated, as that moves what pointers lead to.
type resolver struct {
	doc       *schematree.Object
	draft     draft
	resources map[string]string             // pointers, by the URI of the schema
	anchors   map[string]string             // pointers, by URI and name
	targets   map[string]*schematree.Object // by the reference as it is written anew
	several   bool                          // schemas inside have ids of their own
	seen      map[*schematree.Object]bool   // schemas whose references are rewritten
	todo      []located                     // what references lead to, to be seen
	strays    []located                     // schemas that references alone lead to, such as /components/schemas/Pet
	errs      []error
}

// resolve rewrites the references of a document to JSON Pointers from its root,
// and returns what each of them points to. One that points to nothing stays as
// it is: it is a mistake only if it is used.
func resolve(doc *schematree.Object, d draft, at func(string) string) (*resolver, []error) {
	r := &resolver{
		doc: doc, draft: d, resources: map[string]string{"": ""}, anchors: map[string]string{},
		targets: map[string]*schematree.Object{}, seen: map[*schematree.Object]bool{},
	}
	r.index(doc, "", "")
	r.rewrite(doc, "", "", at)
	for len(r.todo) > 0 {
		next := r.todo[0]
		if r.todo = r.todo[1:]; r.seen[next.schema] {
			continue
		}
		// It may be no schema where it stands, but a list of properties.
		next.schema = schematree.Copy(next.schema).(*schematree.Object)
		r.targets["#"+next.path] = next.schema
		r.strays = append(r.strays, next)
		r.rewrite(next.schema, next.path, next.base, at)
	}
	return r, r.errs
}

// A located is a schema, where it stands, and the base of references there.
type located struct {
	schema     *schematree.Object
	path, base string
}

// idOf returns the id of a schema. In older drafts nothing beside a reference
// counts.
func (r *resolver) idOf(o *schematree.Object) string {
	if o.Has("$ref") && r.draft.before(2019) {
		return ""
	}
	if r.draft.before(6) {
		return o.Text("id")
	}
	if id := o.Text("$id"); id != "" || r.draft != undeclared {
		return id
	}
	return o.Text("id")
}

// within returns the base of references inside o.
func (r *resolver) within(base string, o *schematree.Object) string {
	id := r.idOf(o)
	if id == "" || id[0] == '#' {
		return base
	}
	if uri, _, _ := strings.Cut(join(base, id), "#"); len(uri) <= maxURI {
		return uri
	}
	return base
}

// maxURI is how long an id can be that counts: it is noted with each anchor.
const maxURI = 1000

func join(base, ref string) string {
	if len(ref) > maxURI {
		return ref
	}
	b, err1 := url.Parse(base)
	u, err2 := url.Parse(ref)
	if err1 != nil || err2 != nil {
		return ref
	}
	return b.ResolveReference(u).String()
}

// index notes the ids and anchors below o.
func (r *resolver) index(o *schematree.Object, path, base string) {
	if inside := r.within(base, o); inside != base || path == "" {
		base = inside
		r.several = r.several || path != ""
		if _, taken := r.resources[base]; !taken {
			r.resources[base] = path
		}
	}
	anchor := func(name string) {
		key := base + "#" + name
		if _, taken := r.anchors[key]; name != "" && !taken {
			r.anchors[key] = path
		}
	}
	for _, keyword := range []string{"$id", "id"} {
		if name, isAnchor := strings.CutPrefix(o.Text(keyword), "#"); isAnchor {
			anchor(name)
		}
	}
	anchor(o.Text("$anchor"))
	anchor(o.Text("$dynamicAnchor"))
	for at, sub := range o.Objects() {
		r.index(sub, path+at.Path(), base)
	}
}

// rewrite rewrites the references below o.
func (r *resolver) rewrite(o *schematree.Object, path, base string, at func(string) string) {
	if r.seen[o] {
		return
	}
	r.seen[o] = true
	base = r.within(base, o)
	for _, keyword := range []string{"$dynamicRef", "$recursiveRef", "$ref"} {
		v, ok := o.Values[keyword]
		if !ok {
			continue
		}
		ref, isString := v.(string)
		if v == nil {
			o.Delete(keyword)
			continue
		}
		if !isString {
			r.errs = append(r.errs, fmt.Errorf("%s: %q must be a string", at(path), keyword))
			continue
		}
		if keyword != "$ref" {
			// In a document that is one resource, the scope is the same from everywhere.
			if o.Has("$ref") || r.several {
				r.errs = append(r.errs, fmt.Errorf(`%s: %q depends on where it is used, which is not supported: write "$ref"`, at(path), keyword))
				continue
			}
			o.Rename(keyword, "$ref")
		}
		r.point(o, ref, base)
	}
	for spot, sub := range o.Objects() {
		r.rewrite(sub, path+spot.Path(), base, at)
	}
}

// point rewrites one reference.
func (r *resolver) point(o *schematree.Object, ref, base string) {
	pointer, ok := r.find(ref, base)
	if !ok {
		return
	}
	canonical := "#" + pointer
	o.Set("$ref", canonical)
	if r.targets[canonical] != nil {
		return
	}
	target := schemaAt(r.doc, pointer)
	if target == nil {
		o.Set("$ref", ref)
		return
	}
	r.targets[canonical] = target
	r.todo = append(r.todo, located{target, pointer, base})
}

// find returns the JSON Pointer, from the root, that a reference stands for.
func (r *resolver) find(ref, base string) (pointer string, ok bool) {
	uri := base
	fragment, local := strings.CutPrefix(ref, "#")
	if !local {
		uri, fragment, _ = strings.Cut(join(base, ref), "#")
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	start, known := r.resources[uri]
	switch {
	case !known:
		return "", false
	case fragment != "" && !strings.HasPrefix(fragment, "/"):
		pointer, ok = r.anchors[uri+"#"+fragment]
		return pointer, ok
	}
	if _, ok := schematree.Lookup(r.doc, start+fragment); !ok && start != "" {
		start = "" // many write what is true of the document, below an id, too
	}
	return start + fragment, true
}

// schemaAt returns the schema at a pointer, or nil if the pointer leads to no schema.
func schemaAt(doc *schematree.Object, pointer string) *schematree.Object {
	v, _ := schematree.Lookup(doc, pointer)
	switch v := v.(type) {
	case *schematree.Object:
		return v
	case bool:
		return spelledOut(v)
	}
	return nil
}

// spelledOut is a boolean schema as an object.
func spelledOut(all bool) *schematree.Object {
	o := schematree.NewObject()
	if !all {
		o.Set("not", schematree.NewObject())
	}
	return o
}

// isKeyword reports whether schemas stand under a key of a schema.
func isKeyword(key string) bool {
	return slices.Contains(schematree.OneSchema, key) || slices.Contains(schematree.SchemaList, key) || slices.Contains(schematree.SchemaMap, key)
}
