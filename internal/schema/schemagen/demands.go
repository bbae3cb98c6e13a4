package schemagen

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// demands are schemas that one value must fit, all of them: what is left once
// references are followed and one of each set of alternatives is chosen.
type demands []map[string]any

// Keywords that may let a draft miss, since they look at a value as a whole or
// choose between schemas.
var entangling = []string{
	"allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependentRequired", "patternProperties",
	"propertyNames", "minProperties", "maxProperties", "unevaluatedProperties", "unevaluatedItems",
	"contains", "uniqueItems", "contentEncoding",
}

// entangled reports whether a draft must be checked at once. Elsewhere it is
// enough to check the whole in the end.
func entangled(schemas []any) bool {
	if len(schemas) != 1 {
		return true
	}
	s, _ := schemas[0].(map[string]any)
	_, ref := s["$ref"]
	_, format := s["format"]
	return ref && len(s) > 1 || format || slices.ContainsFunc(entangling, func(k string) bool { return s[k] != nil })
}

// maxDemands ends alternatives that lead back to themselves.
const maxDemands = 300

var errTooMany = errors.New("the alternatives have no end")

func (m *maker) demands(schemas []any, depth int) (demands, error) {
	var out demands
	var add func(s any) error
	add = func(s any) error {
		if s == false {
			return errNothing
		}
		o, ok := s.(map[string]any)
		if !ok {
			return nil
		}
		if out = append(out, o); len(out) > maxDemands {
			return errTooMany
		}
		for _, also := range m.implied(o, depth) {
			if err := add(also); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range schemas {
		if err := add(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// implied returns the schemas that a value must fit because it is to fit o.
func (m *maker) implied(o map[string]any, depth int) []any {
	var also []any
	if ref, ok := o["$ref"].(string); ok {
		also = append(also, m.gen.definition(ref))
	}
	if list, ok := o["allOf"].([]any); ok {
		also = append(also, list...)
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if list, ok := o[keyword].([]any); ok && len(list) > 0 {
			also = append(also, m.branch(list, depth))
		}
	}
	if cond, ok := o["if"]; ok {
		if then, has := o["then"]; m.chance(1, 2) {
			if also = append(also, cond); has {
				also = append(also, then)
			}
		} else if otherwise, has := o["else"]; has {
			also = append(also, otherwise)
		}
	}
	dependent := object(o, "dependentSchemas")
	for _, key := range sortedKeys(dependent) {
		if m.optional == all || m.optional == some && m.chance(1, 2) {
			also = append(also, dependent[key], map[string]any{"required": []any{key}})
		} else if !slices.Contains(texts(o["required"]), key) {
			also = append(also, map[string]any{"properties": map[string]any{key: false}})
		} else {
			also = append(also, dependent[key])
		}
	}
	return also
}

// branch chooses one of several alternatives; where a value is to stay small,
// mostly the one that ends soonest.
func (m *maker) branch(list []any, depth int) any {
	at := m.rand.IntN(len(list))
	if m.small(depth) && m.chance(3, 4) || m.gen.height(list[at]) >= endless {
		for i, s := range list {
			if m.gen.height(s) < m.gen.height(list[at]) {
				at = i
			}
		}
	}
	return list[at]
}

// definition returns what a reference points to.
func (g *Generator) definition(ref string) any {
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok {
		return object(g.root, "$defs")[name]
	}
	return nil
}

// kinds are JSON's types, the simplest first.
var kinds = []string{"null", "boolean", "integer", "number", "string", "array", "object"}

// Keywords that say what type their author had in mind where "type" is absent.
var hints = map[string][]string{
	"number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	"string": {"minLength", "maxLength", "pattern", "format", "contentEncoding"},
	"array":  {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"},
	"object": {"properties", "required", "additionalProperties", "patternProperties", "propertyNames",
		"minProperties", "maxProperties", "dependentRequired", "unevaluatedProperties"},
}

// kind chooses the type of the value; it is "" where the schemas exclude each
// other.
func (m *maker) kind(ds demands, depth int) string {
	allowed, named := kinds, false
	for _, d := range ds {
		if types := typesOf(d); types != nil {
			named = true
			allowed = slices.DeleteFunc(slices.Clone(allowed), func(k string) bool {
				return !slices.Contains(types, k) && !(k == "integer" && slices.Contains(types, "number"))
			})
		}
	}
	if !named {
		allowed = hinted(ds)
	}
	if slices.Contains(allowed, "number") { // integers are among them
		allowed = slices.DeleteFunc(slices.Clone(allowed), func(k string) bool { return k == "integer" })
	}
	if len(allowed) == 0 {
		return ""
	}
	if m.small(depth) {
		return allowed[0]
	}
	return allowed[m.rand.IntN(len(allowed))]
}

func hinted(ds demands) []string {
	var list []string
	for _, k := range kinds {
		for _, d := range ds {
			if slices.ContainsFunc(hints[k], func(keyword string) bool { return d[keyword] != nil }) {
				list = append(list, k)
				break
			}
		}
	}
	if list == nil {
		return kinds
	}
	return list
}

func typesOf(s map[string]any) []string {
	if t, ok := s["type"].(string); ok {
		return []string{t}
	}
	return texts(s["type"])
}

// endless is the height of what no finite value fits.
const endless = math.MaxInt32

// measureHeights finds how deep the smallest value of each definition is. It
// begins with endless ones, and each round finds those that end.
func (g *Generator) measureHeights() {
	g.heights = map[string]int{}
	defs := object(g.root, "$defs")
	for name := range defs {
		g.heights["#/$defs/"+name] = endless
	}
	for changed := true; changed; {
		changed = false
		for name, s := range defs {
			ref := "#/$defs/" + name
			if h := g.height(s); h < g.heights[ref] {
				g.heights[ref], changed = h, true
			}
		}
	}
}

// height is how deep the smallest value that fits s is.
func (g *Generator) height(s any) int {
	if s == false {
		return endless
	}
	o, ok := s.(map[string]any)
	if !ok || o["enum"] != nil {
		return 0
	}
	if _, ok := o["const"]; ok {
		return 0
	}
	h := 0
	if ref, ok := o["$ref"].(string); ok {
		h = max(h, g.heights[ref])
	}
	for _, sub := range list(o, "allOf") {
		h = max(h, g.height(sub))
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if branches := list(o, keyword); len(branches) > 0 {
			least := endless
			for _, sub := range branches {
				least = min(least, g.height(sub))
			}
			h = max(h, least)
		}
	}
	return max(h, g.ownHeight(o))
}

// ownHeight is what the members and items that must be there come to, where o
// leaves no simpler type.
func (g *Generator) ownHeight(o map[string]any) int {
	least := endless
	for _, t := range typesOf(o) {
		h := 0
		switch t {
		case "object":
			for _, key := range texts(o["required"]) {
				if p, ok := object(o, "properties")[key]; ok {
					h = max(h, g.height(p))
				}
			}
			h++
		case "array":
			n, _ := count(o, "minItems")
			prefix := list(o, "prefixItems")
			for i := range min(n, len(prefix)) {
				h = max(h, g.height(prefix[i]))
			}
			if n > len(prefix) {
				h = max(h, g.height(o["items"]))
			}
			h++
		}
		least = min(least, h)
	}
	if least == endless && len(typesOf(o)) == 0 {
		return 0
	}
	return min(least, endless)
}

// What a keyword holds, in the form that it must have to mean anything.

func object(o map[string]any, keyword string) map[string]any {
	m, _ := o[keyword].(map[string]any)
	return m
}

func list(o map[string]any, keyword string) []any {
	l, _ := o[keyword].([]any)
	return l
}

func texts(v any) []string {
	l, _ := v.([]any)
	var out []string
	for _, e := range l {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// count reads a keyword such as minItems.
func count(o map[string]any, keyword string) (n int, ok bool) {
	number, ok := o[keyword].(json.Number)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(number), 64)
	if err != nil || f > math.MaxInt32 {
		return math.MaxInt32, true
	}
	return int(f), true
}

// least and most are the tightest bounds that a keyword sets.

func (ds demands) least(keyword string) int {
	n := 0
	for _, d := range ds {
		if v, ok := count(d, keyword); ok {
			n = max(n, v)
		}
	}
	return n
}

func (ds demands) most(keyword string) int {
	n := math.MaxInt32
	for _, d := range ds {
		if v, ok := count(d, keyword); ok {
			n = min(n, v)
		}
	}
	return n
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
