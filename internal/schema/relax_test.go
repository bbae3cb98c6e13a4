package schema

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// hole stands for a pattern in the schemas that a relaxer makes.
const hole = "@@"

// A relaxer makes schemas with a pattern at any place, and values for them.
type relaxer struct{ *rand.Rand }

func (r relaxer) schema(depth int) object {
	o := object{}
	if depth > 2 || r.IntN(8) == 0 {
		return []object{{"type": "string", "pattern": hole}, {"type": "integer"}, {"pattern": hole}, {"$ref": "#/$defs/d"}, {"type": "string"}}[r.IntN(5)]
	}
	below := func() object { return r.schema(depth + 1) }
	for range 1 + r.IntN(3) {
		switch r.IntN(16) {
		case 0:
			o["properties"] = object{"a": below(), "b": below()}
		case 1:
			o["patternProperties"] = object{hole: below(), "^b": below()}
		case 2:
			o["not"] = below()
		case 3:
			o["if"], o["then"], o["else"] = below(), below(), below()
		case 4:
			o["oneOf"] = []any{below(), below()}
		case 5:
			o["anyOf"] = []any{below(), below()}
		case 6:
			o["allOf"] = []any{below(), below()}
		case 7:
			o["contains"], o["minContains"], o["maxContains"] = below(), r.IntN(2), 1+r.IntN(2)
		case 8:
			o["dependentSchemas"] = object{"a": below()}
		case 9:
			o["unevaluatedProperties"] = false
		case 10:
			o["unevaluatedItems"] = false
		case 11:
			o["additionalProperties"] = below()
		case 12:
			o["propertyNames"] = object{"pattern": hole}
		case 13:
			o["items"], o["prefixItems"] = below(), []any{below()}
		case 14:
			o["additionalProperties"], o["properties"] = false, object{"a": below()}
		case 15:
			o["type"] = []string{"object", "array", "string"}[r.IntN(3)]
		}
	}
	return o
}

func (r relaxer) document() string {
	root := object{}
	for len(root) == 0 || root["$ref"] != nil {
		root = r.schema(0)
	}
	root["type"], root["$defs"] = "object", object{"d": r.schema(2)}
	text, _ := json.Marshal(root)
	return string(text)
}

func (r relaxer) members(depth int) object {
	m := object{}
	for _, key := range []string{"a", "b", "c"} {
		if r.IntN(2) == 0 {
			m[key] = r.value(depth + 1)
		}
	}
	return m
}

func (r relaxer) value(depth int) any {
	switch n := r.IntN(6); {
	case n < 2 && depth < 3:
		return r.members(depth)
	case n == 2 && depth < 3:
		list := []any{}
		for range r.IntN(3) {
			list = append(list, r.value(depth+1))
		}
		return list
	case n == 3:
		return 1
	}
	return []string{"a", "b", "xyz"}[r.IntN(3)]
}

// TestWhatIsNotCheckedRefusesNothing has schemas with a look-ahead. What would be
// valid if another pattern stood in its place, whichever, is accepted; and what is
// not checked is listed.
func TestWhatIsNotCheckedRefusesNothing(t *testing.T) {
	const ahead = "(?=x)"
	refused := 0
	for seed := range uint64(400) {
		r := relaxer{rand.New(rand.NewPCG(seed, 3))}
		document := r.document()
		with := func(pattern string) *Schema {
			s, err := Parse(json.RawMessage(strings.ReplaceAll(document, hole, pattern)))
			if err != nil && !strings.Contains(err.Error(), "leads back to itself") {
				t.Fatalf("%s: %v", document, err)
			}
			return s
		}
		loose := with(ahead)
		if loose == nil {
			continue
		}
		strict := []*Schema{with(""), with("[]"), with("^a"), with("z$")}
		if strings.Contains(string(loose.JSON()), ahead) != (loose.Unchecked() != nil) {
			t.Errorf("%s: unchecked are %q", loose.JSON(), loose.Unchecked())
		}
		shown, err := schematree.Parse(loose.JSON())
		if err != nil {
			t.Fatal(err)
		}
		for _, pointer := range loose.Unchecked() {
			if v, _ := schematree.Lookup(shown, pointer); v == nil {
				t.Errorf("%s: %q leads nowhere", loose.JSON(), pointer)
			}
		}
		for range 20 {
			args, _ := json.Marshal(r.members(0))
			_, _, problems := loose.Check(string(args))
			if len(problems) == 0 {
				continue
			}
			refused++
			for i, s := range strict {
				if s == nil {
					continue
				}
				if _, _, others := s.Check(string(args)); len(others) == 0 {
					t.Fatalf("%s\nrefuses %s: %v\nThe pattern %d would take it.", loose.JSON(), args, problems, i)
				}
			}
		}
	}
	if refused < 200 {
		t.Errorf("%d values are refused: this tests little", refused)
	}
}

func TestUncheckedFarFromWhatItWidens(t *testing.T) {
	for _, c := range []struct{ schema, args, unchecked string }{
		{`{"type":"object","properties":{"labels":{"type":"object","patternProperties":{"^(?!_)":{"type":"string"}}},"t":{"oneOf":[{"properties":{"id":{}},"unevaluatedProperties":false},{"properties":{"id":{},"x":{}},"required":["x"],"unevaluatedProperties":false}]}}}`,
			`{"t":{"id":1,"x":2}}`, `[/properties/labels/patternProperties/^(?!_) /properties/t/oneOf /properties/t/oneOf/0/unevaluatedProperties /properties/t/oneOf/1/unevaluatedProperties]`},
		{`{"type":"object","properties":{},"not":{"properties":{"a":{}},"required":["a"],"unevaluatedProperties":false},"patternProperties":{"^(?!x)":{}}}`,
			`{"a":1,"b":2}`, `[/not /not/unevaluatedProperties /patternProperties/^(?!x)]`},
		// An if that is left out makes unevaluatedProperties known to be loose, and that the not around it.
		{`{"type":"object","properties":{},"if":{"propertyNames":{"pattern":"(?=a)"}},"not":{"properties":{"a":{}},"unevaluatedProperties":false}}`,
			`{"a":1,"b":2}`, `[/if /if/propertyNames/pattern /not /not/unevaluatedProperties]`},
		// The branches that oneOf leaves behind still say which properties are known.
		{`{"type":"object","properties":{},"anyOf":[{}],"oneOf":[{"properties":{"a":{"pattern":"(?=a)"}},"required":["a"]}],"unevaluatedProperties":false}`,
			`{"a":"a"}`, `[/oneOf /oneOf/0/properties/a/pattern]`},
	} {
		s := mustParse(t, c.schema)
		if got := check(s, c.args); got != c.args {
			t.Errorf("%s: %s is taken for %s", c.schema, c.args, got)
		}
		if got := fmt.Sprint(s.Unchecked()); got != c.unchecked {
			t.Errorf("%s: unchecked are %s, want %s", c.schema, got, c.unchecked)
		}
	}
	s := mustParse(t, `{"type":"object","properties":{},"anyOf":[{}],"oneOf":[{"properties":{"a":{"pattern":"(?=a)"}},"required":["a"]}],"unevaluatedProperties":false}`)
	if got := check(s, `{"a":"a","b":1}`); !strings.Contains(got, "b") || got == `{"a":"a","b":1}` {
		t.Errorf("an unknown property is accepted: %s", got)
	}
}
