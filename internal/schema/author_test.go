package schema

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// An author makes schemas as people and programs write them: one in draft
// 2020-12, which says what is meant, and the same in another spelling. What the
// spelling ignores is added to that at random.
type author struct {
	*rand.Rand
	draft    draft // that is declared
	defs     map[string]any
	negative bool // a value that fits may be refused for it, so that all must be checked
	anchors  bool // references are by name
	prefix   string
}

type object = map[string]any

func newAuthor(seed uint64) *author {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 15)), defs: object{}}
	a.draft = []draft{undeclared, undeclared, undeclared, 4, 6, 7, 7, 2019, 2020}[a.IntN(9)]
	a.anchors = a.IntN(4) == 0
	a.prefix = "#/$defs/"
	if a.draft.before(2019) || a.draft != 2020 && a.IntN(2) == 0 {
		a.prefix = "#/definitions/"
	}
	return a
}

func (a *author) one(of ...any) any { return of[a.IntN(len(of))] }

func (a *author) text(of ...string) string { return of[a.IntN(len(of))] }

func (a *author) chance(percent int) bool { return a.IntN(100) < percent }

// knows reports whether the draft has a keyword.
func (a *author) knows(keyword string) bool {
	return a.draft == undeclared || a.draft >= since[keyword]
}

// document makes a schema: what it means, and as it is spelt.
func (a *author) document() (means, spelt object) {
	for i := range a.IntN(3) {
		a.negative = true
		a.defs[fmt.Sprint("D", i)] = a.schema(2)
		a.negative = false
	}
	means = a.objectSchema(0)
	means["type"] = "object"
	spelt = a.spell(means).(object)
	if len(a.defs) > 0 {
		defs := object{}
		for name, d := range a.defs {
			defs[name] = a.spell(d)
			if def, isObject := defs[name].(object); isObject && a.anchors {
				switch {
				case a.draft == 4:
					def["id"] = "#" + name
				case a.draft.before(2019):
					def["$id"] = "#" + name
				default:
					def["$anchor"] = name
				}
			}
		}
		means["$defs"] = a.defs
		spelt[strings.Trim(a.prefix, "#/")] = defs
	}
	switch a.draft {
	case undeclared:
		if a.chance(30) {
			delete(spelt, "type")
			delete(means, "type")
		}
	case 2019, 2020:
		spelt["$schema"] = "https://json-schema.org/" + nameOf(a.draft) + "/schema"
	default:
		spelt["$schema"] = "http://json-schema.org/" + nameOf(a.draft) + "/schema#"
	}
	return means, spelt
}

func nameOf(d draft) string {
	for name, other := range draftNames {
		if other == d {
			return name
		}
	}
	return ""
}

var authorNames = []string{"a", "b", "id", "type", "x-y", "$ref", "größe", "a/b", "required"}

// schema makes what is meant.
func (a *author) schema(depth int) any {
	if a.chance(4) && a.draft != 4 {
		return a.chance(80)
	}
	kinds := []func(int) object{a.stringSchema, a.numberSchema, a.boolSchema, a.enumSchema}
	if depth < 4 {
		kinds = append(kinds, a.objectSchema, a.objectSchema, a.arraySchema, a.combined, a.reference)
	}
	o := kinds[a.IntN(len(kinds))](depth)
	if t, ok := o["type"].(string); ok && a.chance(15) {
		o["type"] = []any{t, "null"}
		if list, ok := o["enum"].([]any); ok {
			o["enum"] = append(slices.Clone(list), nil)
		}
	}
	return o
}

var authorPatterns = []struct{ ecma, re2 string }{
	{`^\u00e4+$`, `^ä+$`}, {`^[a-z]+\/?$`, `^[a-z]+/?$`}, {`^\S*$`, `^[^\s\x{a0}\x{feff}]*$`}, {`^.{0,3}$`, `^[^\n\r]{0,3}$`},
	{`^(?<n>a|b)*$`, `^(a|b)*$`}, {`[\d\-]`, `[0-9-]`}, {`^a{0,1100}$`, `^a*$`}, {"a", "a"}, {`\p{Script=Greek}`, `\p{Greek}`},
}

func (a *author) stringSchema(int) object {
	o := object{"type": "string"}
	if a.chance(25) {
		o["minLength"] = a.IntN(3)
	}
	if a.chance(25) {
		o["maxLength"] = 1 + a.IntN(4)
	}
	switch {
	case a.chance(30):
		p := authorPatterns[a.IntN(len(authorPatterns))]
		o["pattern"], o["!pattern"] = p.re2, p.ecma
	case a.chance(10) && !a.negative:
		o["!pattern"] = a.text(`^(?!b).*$`, `^(?=.*a)`, `(a)\1`)
	}
	return o
}

func (a *author) numberSchema(int) object {
	o := object{"type": a.one("number", "integer")}
	low := a.IntN(6) - 3
	if a.chance(40) {
		o[a.text("minimum", "exclusiveMinimum")] = low
	}
	if a.chance(40) {
		o[a.text("maximum", "exclusiveMaximum")] = low + a.IntN(5)
	}
	if a.chance(10) {
		o["multipleOf"] = a.one(2, 0.5)
	}
	return o
}

func (a *author) boolSchema(int) object { return object{"type": a.one("boolean", "boolean", "null")} }

func (a *author) enumSchema(int) object {
	switch {
	case a.chance(30) && a.knows("const"):
		return object{"const": a.one("a", 1, nil, true, []any{1})}
	case a.chance(40):
		return object{"enum": []any{"a", 2, a.one(nil, false, "b")}}
	}
	return object{"type": "string", "enum": []any{"a", "ab"}}
}

func (a *author) arraySchema(depth int) object {
	o := object{"type": "array"}
	if a.chance(40) {
		o["prefixItems"] = []any{a.schema(depth + 1), a.schema(depth + 1)}
	}
	if a.chance(60) {
		o["items"] = a.schema(depth + 1)
	}
	if a.chance(20) {
		o["minItems"] = a.IntN(3)
	}
	if a.chance(20) {
		o["maxItems"] = 1 + a.IntN(3)
	}
	if a.chance(15) {
		o["uniqueItems"] = true
	}
	if a.chance(10) && a.knows("contains") {
		defer a.turn()()
		o["contains"] = a.schema(depth + 2)
	}
	return o
}

// turn makes what follows negative, until the function that it returns is
// called.
func (a *author) turn() (back func()) {
	was := a.negative
	a.negative = true
	return func() { a.negative = was }
}

func (a *author) objectSchema(depth int) object {
	o, props := object{"type": "object"}, object{}
	var required []any
	for range a.IntN(4) {
		name := a.text(authorNames...)
		if _, twice := props[name]; twice {
			continue
		}
		props[name] = a.schema(depth + 1)
		if a.chance(40) {
			required = append(required, name)
		}
	}
	o["properties"] = props
	if required != nil {
		o["required"] = required
	}
	if a.chance(50) {
		o["additionalProperties"] = a.one(false, true, a.schema(depth+2))
		if a.draft == 4 && o["additionalProperties"] == nil {
			delete(o, "additionalProperties")
		}
	}
	if a.chance(10) {
		o["patternProperties"] = object{"^x": a.schema(depth + 2)}
	}
	if a.chance(12) {
		o["dependentRequired"] = object{"a": []any{"b"}}
	}
	if a.chance(8) {
		o["dependentSchemas"] = object{"b": a.objectSchema(depth + 3)}
	}
	if a.chance(8) {
		o["minProperties"] = 1
	}
	if a.chance(5) && depth > 0 && a.knows("if") {
		defer a.turn()()
		o["if"], o["then"] = object{"required": []any{"a"}}, object{"required": []any{"b"}}
	}
	return o
}

func (a *author) combined(depth int) object {
	var keyword string
	switch a.IntN(4) {
	case 0:
		keyword = "allOf"
	case 1:
		defer a.turn()()
		keyword = "oneOf"
	case 2:
		defer a.turn()()
		return object{"not": object{"type": a.one("string", "array", "null")}}
	default:
		keyword = "anyOf"
	}
	return object{keyword: []any{a.objectOf(depth + 1), a.objectOf(depth + 1)}}
}

func (a *author) objectOf(depth int) any {
	for {
		if o, ok := a.schema(depth).(object); ok {
			return o
		}
	}
}

func (a *author) reference(int) object {
	if len(a.defs) == 0 {
		return object{"$ref": "#"}
	}
	name := slices.Sorted(maps.Keys(a.defs))[a.IntN(len(a.defs))]
	o := object{"$ref": "#/$defs/" + name}
	if !a.draft.before(2019) && a.chance(30) {
		o["maxLength"] = 2
	}
	return o
}
