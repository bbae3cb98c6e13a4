// Package schemagen makes values that a JSON Schema accepts: arguments for calls in tests, and
// structured outputs.
//
// It drafts a value from the schema's keywords and has package schema check the
// draft, as the arguments of a model are checked. So it need not understand
// every keyword, nor how several of them work together: what does not fit is
// drafted again, with other choices.
package schemagen

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema"
)

// A Generator makes values for one schema. It is safe for concurrent use.
type Generator struct {
	whole   *schema.Schema
	root    map[string]any
	hash    uint64
	heights map[string]int // of the definitions, by reference

	mu     sync.Mutex
	checks map[string]*schema.Schema // of parts of the schema, by their text
}

// New makes a generator for a schema of an object, as a tool has it. Its values
// have the formats that the schema names, as a Go type may need them. The error
// says why such a schema is refused.
func New(raw json.RawMessage) (*Generator, error) {
	s, err := schema.ParseReflected(raw)
	if err != nil {
		return nil, err
	}
	// Its references are inlined, but for those that lead back to themselves.
	tree, _, err := jsontree.Parse(s.JSON())
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	h.Write(s.JSON())
	g := &Generator{whole: s, root: tree.(map[string]any), hash: h.Sum64(), checks: map[string]*schema.Schema{}}
	g.measureHeights()
	return g, nil
}

const (
	tries       = 60     // of the whole value
	triesInside = 30     // of a part that may not fit at once
	maxDrafts   = 30_000 // of parts, in all
)

// Value returns the text of a value. The same schema and seed give the same
// text. Of optional members it holds all where the seed is 1, 4, 7 and so on,
// none where it is 2, 5, 8, and some where it is 3, 6, 9, as far as the schema
// lets it. The error names the place for which nothing was found.
func (g *Generator) Value(seed uint64) (string, error) {
	m := &maker{gen: g, left: maxDrafts}
	var wrong error
	for try := range uint64(tries) {
		m.rand = rand.New(rand.NewPCG(seed, g.hash+try))
		m.optional, m.size = optionals(try, seed), 0
		v, err := m.value([]any{g.root}, "", 0)
		if err == nil {
			text := string(jsontree.Append(nil, v))
			_, _, problems := g.whole.Check(text)
			if len(problems) == 0 {
				return text, nil
			}
			err = fmt.Errorf("%s: %s", named(problems[0].Path), problems[0].Message)
		}
		if wrong == nil { // the first is the one least bent by what was tried later
			wrong = err
		}
		if m.left <= 0 {
			break
		}
	}
	return "", wrong
}

// optional says which of the optional members a value is given.
type optional int

const (
	some optional = iota
	all
	none
)

// optionals is what the seed asks for. Where that does not work out, because
// members exclude each other or need each other, other choices are made.
func optionals(try, seed uint64) optional {
	switch {
	case try < tries/3:
		return optional(seed % 3)
	case try < 2*tries/3:
		return some
	}
	return none
}

// A maker makes one value.
type maker struct {
	gen      *Generator
	rand     *rand.Rand
	optional optional
	size     int // values in the draft so far
	left     int // drafts of parts that may still be made
}

// Beyond these a draft is kept as small as the schema allows, so that recursion
// comes to an end.
const (
	wideDepth = 5
	wideSize  = 100
	maxDepth  = 48
)

func (m *maker) small(depth int) bool { return depth > wideDepth || m.size > wideSize }

// chance is true n times out of of.
func (m *maker) chance(n, of int) bool { return m.rand.IntN(of) < n }

// value makes a value that fits all of the schemas. The path is the value's
// own, a JSON Pointer.
func (m *maker) value(schemas []any, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: the schema is nested too deeply here to find a value", named(path))
	}
	if !entangled(schemas) {
		return m.draft(schemas, path, depth)
	}
	var wrong error
	size := m.size
	for range triesInside {
		v, err := m.draft(schemas, path, depth)
		if err == nil && m.gen.fits(schemas, v) {
			return v, nil
		}
		if m.size = size; wrong == nil {
			wrong = err
		}
		if m.left <= 0 {
			break
		}
	}
	if wrong == nil {
		wrong = noValue(schemas, path)
	}
	return nil, wrong
}

func (m *maker) draft(schemas []any, path string, depth int) (any, error) {
	m.size++
	if m.left--; m.left <= 0 {
		return nil, fmt.Errorf("%s: no value was found within %d attempts", named(path), maxDrafts)
	}
	ds, err := m.demands(schemas, depth)
	if err != nil {
		return nil, noValue(schemas, path)
	}
	if v, ok := m.candidate(ds); ok {
		return v, nil
	}
	v, err := m.make(m.kind(ds, depth), ds, path, depth)
	if errors.Is(err, errNothing) {
		return nil, noValue(schemas, path)
	}
	return v, err
}

// errNothing means that no value fits a schema. The caller adds the place.
var errNothing = errors.New("nothing fits")

func (m *maker) make(kind string, ds demands, path string, depth int) (any, error) {
	switch kind {
	case "null":
		return nil, nil
	case "boolean":
		return m.chance(1, 2), nil
	case "integer":
		return m.number(ds, true)
	case "number":
		return m.number(ds, false)
	case "string":
		return m.text(ds)
	case "array":
		return m.array(ds, path, depth)
	case "object":
		return m.object(ds, path, depth)
	}
	return nil, errNothing // the types exclude each other
}

// candidate returns a value that the schema itself names.
func (m *maker) candidate(ds demands) (any, bool) {
	var fixed, examples []any
	for _, d := range ds {
		if c, ok := d["const"]; ok {
			return c, true
		}
		if list, ok := d["enum"].([]any); ok && (fixed == nil || len(list) < len(fixed)) {
			fixed = list
		}
		if list, ok := d["examples"].([]any); ok {
			examples = append(examples, list...)
		}
	}
	switch {
	case len(fixed) > 0:
		return fixed[m.rand.IntN(len(fixed))], true
	case len(examples) > 0 && m.chance(3, 4):
		return examples[m.rand.IntN(len(examples))], true
	}
	for _, d := range ds {
		if v, ok := d["default"]; ok && m.chance(1, 4) {
			return v, true
		}
	}
	return nil, false
}

// fits checks a value against a part of the schema.
func (g *Generator) fits(schemas []any, v any) bool {
	text := string(jsontree.Append(nil, map[string]any{"allOf": schemas}))
	g.mu.Lock()
	s, known := g.checks[text]
	if !known {
		whole := map[string]any{
			"type": "object", "properties": map[string]any{"v": map[string]any{"allOf": schemas}}, "required": []any{"v"},
		}
		if defs, ok := g.root["$defs"]; ok {
			whole["$defs"] = defs
		}
		s, _ = schema.ParseReflected(jsontree.Append(nil, whole))
		g.checks[text] = s
	}
	g.mu.Unlock()
	if s == nil { // it cannot stand alone; the whole is checked in the end
		return true
	}
	_, _, problems := s.Check(string(jsontree.Append(nil, map[string]any{"v": v})))
	return len(problems) == 0
}

func noValue(schemas []any, path string) error {
	const most = 160
	s := schemas[0]
	if len(schemas) > 1 {
		s = map[string]any{"allOf": schemas}
	}
	text := string(jsontree.Append(nil, s))
	if len(text) > most {
		text = string([]rune(text[:most])[:most/2]) + "…"
	}
	return fmt.Errorf("%s: no value was found that fits the schema %s", named(path), text)
}

// named is the place in the arguments, for a person.
func named(path string) string {
	if path == "" {
		return "the value as a whole"
	}
	return path
}
