package schema

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// This file alone knows who the vendor is. Its words never leave it:
// they differ from run to run, and hold URLs and whatever the model wrote.

const schemaURL = "tool:///schema"

// A vendor checks values against a document that the tree does not cover.
type vendor struct {
	nodes    map[string]*treeNode // by their paths
	root     *jsonschema.Schema
	compiler *jsonschema.Compiler // until everything is compiled
}

// newVendor compiles a document, and says where it is no JSON Schema.
func newVendor(t *schemaTree, at func(string) string) (v *vendor, errs []error) {
	defer func() {
		if recover() != nil {
			errs = []error{fmt.Errorf("%s: the schema cannot be compiled", at(""))}
		}
	}()
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat, c.AssertContent = true, true
	c.Formats["date-time"] = func(v any) bool {
		s, ok := v.(string)
		return !ok || isDateTime(s)
	}
	c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errors.New("nothing is ever loaded") }
	if err := c.AddResource(schemaURL, bytes.NewReader(schematree.Append(nil, t.root().schema))); err != nil {
		return nil, []error{fmt.Errorf("%s: the schema cannot be read", at(""))}
	}
	root, err := c.Compile(schemaURL)
	if err == nil {
		return &vendor{nodes: t.byPath, root: root, compiler: c}, nil
	}
	if wrong, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		for _, pointer := range wrongPlaces(wrong) {
			errs = append(errs, fmt.Errorf("%s: this is not what JSON Schema (draft 2020-12) allows there", at(pointer)))
		}
		return nil, errs
	}
	if _, ok := errors.AsType[jsonschema.InfiniteLoopError](err); ok {
		return nil, []error{fmt.Errorf("%s: a reference leads back to itself with nothing in between", at(""))}
	}
	return nil, []error{fmt.Errorf("%s: the schema cannot be compiled", at(""))}
}

// wrongPlaces returns where a schema breaks the rules for schemas.
func wrongPlaces(err *jsonschema.ValidationError) []string {
	if len(err.Causes) == 0 {
		return []string{pointerOf(err.InstanceLocation)}
	}
	var places []string
	for _, c := range err.Causes {
		places = append(places, wrongPlaces(c)...)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// failures returns what is wrong with a value, the first hundred things.
func (v *vendor) failures(value any) []failure { return v.run(v.root, value) }

// failuresAt checks a value against the subschema at a pointer; beside an enum
// without that: it checks one of its values, and to compare each of thousands with
// all the others takes seconds. Only for use while the schema is being built.
func (v *vendor) failuresAt(pointer string, value any, besideEnum bool) []failure {
	steps := strings.Split(pointer, "/")
	for i, s := range steps {
		steps[i] = url.PathEscape(s)
	}
	sub, err := v.compiler.Compile(schemaURL + "#" + strings.Join(steps, "/"))
	if err != nil {
		return []failure{{node: anyValue}}
	}
	if besideEnum {
		beside := *sub
		beside.Enum = nil
		sub = &beside
	}
	return v.run(sub, value)
}

func (v *vendor) run(s *jsonschema.Schema, value any) (found []failure) {
	defer func() {
		if recover() != nil {
			found = []failure{{node: anyValue}} // never seen behind the parser, and no reason to go down
		}
	}()
	err := s.Validate(value)
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []failure{{node: anyValue}}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range wrong.Causes { // wrong itself only says where the schema begins
		all = append(all, v.leaves(cause)...)
	}
	// There may be as many as the arguments have bytes.
	slices.SortFunc(all, func(a, b *jsonschema.ValidationError) int {
		return cmp.Or(strings.Compare(a.InstanceLocation, b.InstanceLocation), strings.Compare(a.AbsoluteKeywordLocation, b.AbsoluteKeywordLocation))
	})
	for _, leaf := range all[:min(len(all), maxKept)] {
		f := v.failure(leaf)
		f.value, _ = schematree.Lookup(value, f.instance)
		found = append(found, f)
	}
	return found
}

// leaves returns the errors to report: where several schemas were tried, those
// of the one that came closest.
func (v *vendor) leaves(err *jsonschema.ValidationError) []*jsonschema.ValidationError {
	one := []*jsonschema.ValidationError{err}
	if len(err.Causes) == 0 {
		return one
	}
	if err.Message != "" {
		switch _, keyword := cutLast(err.AbsoluteKeywordLocation); keyword {
		case "minContains":
			return one
		case "anyOf", "oneOf":
			if best := v.closest(err); best != nil {
				return best
			}
			return one
		}
	}
	var all []*jsonschema.ValidationError
	for _, c := range err.Causes {
		all = append(all, v.leaves(c)...)
	}
	return all
}

// closest picks the branch that the value was most likely meant for: one whose
// const or only enum value, which tell branches apart, it has; of these the
// one that it fails deepest inside. Branches of another type altogether do not
// count; nil if there are no others.
func (v *vendor) closest(union *jsonschema.ValidationError) (best []*jsonschema.ValidationError) {
	bestRank := -1
	whole := pointerOf(union.InstanceLocation)
	for _, b := range union.Causes {
		found := v.leaves(b)
		rank, other := 1000, false
		depth := 0
		for _, leaf := range found {
			f := v.failure(leaf)
			depth = max(depth, strings.Count(f.instance, "/"))
			if f.keyword == "const" || f.keyword == "enum" && len(f.node.schema.Array("enum")) == 1 {
				rank = 0
			}
			other = other || f.keyword == "type" && f.instance == whole
		}
		if rank += depth; !other && rank > bestRank {
			best, bestRank = found, rank
		}
	}
	return best
}

// failure finds the keyword of a leaf in our own document.
func (v *vendor) failure(leaf *jsonschema.ValidationError) failure {
	f := failure{instance: pointerOf(leaf.InstanceLocation)}
	_, location, _ := strings.Cut(leaf.AbsoluteKeywordLocation, "#")
	for location = pointerOf(location); f.node == nil; {
		location, f.keyword = cutLast(location)
		f.node = v.nodes[location]
	}
	return f
}

// pointerOf undoes the URL escapes in the vendor's locations.
func pointerOf(location string) string {
	steps := strings.Split(location, "/")
	for i, s := range steps {
		if plain, err := url.PathUnescape(s); err == nil {
			steps[i] = plain
		}
	}
	return strings.Join(steps, "/")
}

func cutLast(location string) (before, last string) {
	i := strings.LastIndexByte(location, '/')
	return location[:max(i, 0)], location[i+1:]
}
