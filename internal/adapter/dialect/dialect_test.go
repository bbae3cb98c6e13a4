package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/internal/schema/schemagen"
)

func obj(properties, required string) string {
	return `{"type":"object","properties":{` + properties + `},"required":[` + required + `],"additionalProperties":false}`
}

// TestConvert has the form of each keyword in each dialect.
func TestConvert(t *testing.T) {
	for _, c := range []struct{ name, in, gemini, openAPI string }{
		{"order and digits", obj(`"z":{"type":"integer","maximum":9007199254740993},"a":{"type":"string"}`, `"z"`),
			obj(`"z":{"type":"integer","maximum":9007199254740993},"a":{"type":"string"}`, `"z"`),
			`{"type":"object","properties":{"z":{"type":"integer","maximum":9007199254740993},"a":{"type":"string"}},"required":["z"]}`},
		{"lengths", `{"type":"string","description":"A code","minLength":2,"maxLength":64,"pattern":"^a"}`,
			`{"type":"string","description":"A code (at least 2 characters; at most 64 characters; matches ^a)"}`,
			`{"type":"string","description":"A code","minLength":2,"maxLength":64,"pattern":"^a"}`},
		{"bounds", `{"type":"number","exclusiveMinimum":0,"multipleOf":0.01}`,
			`{"type":"number","description":"(more than 0; a multiple of 0.01)"}`,
			`{"type":"number","description":"(more than 0; a multiple of 0.01)"}`},
		{"default", `{"type":"boolean","default":true}`, `{"type":"boolean","description":"(default true)"}`, `{"type":"boolean","default":true}`},
		{"const", `{"const":"a"}`, `{"enum":["a"]}`, `{"enum":["a"],"type":"string"}`},
		{"enum of numbers", `{"type":"integer","enum":[1,2]}`, `{"type":"integer","enum":[1,2]}`, `{"type":"integer","description":"(one of 1, 2)"}`},
		{"enum of anything", `{"enum":[null,true]}`, `{"description":"(one of null, true)"}`, `{"description":"(one of null, true)"}`},
		{"null", `{"type":["string","null"]}`, `{"type":["string","null"]}`, `{"type":"string","nullable":true}`},
		{"two types", `{"type":["string","integer"]}`, `{"type":["string","integer"]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`},
		{"two types and forms", `{"type":["string","integer"],"anyOf":[{"type":"string"},{"type":"integer","minimum":1}]}`,
			`{"type":["string","integer"],"anyOf":[{"type":"string"},{"type":"integer","minimum":1}]}`, `{"anyOf":[{"type":"string"},{"type":"integer","minimum":1}]}`},
		{"oneOf", `{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`},
		{"allOf", `{"type":"string","allOf":[{"minLength":1}]}`, `{"type":"string","description":"(fits all of [{\"minLength\":1}])"}`, `{"type":"string","description":"(fits all of [{\"minLength\":1}])"}`},
		{"a map", `{"type":"object","additionalProperties":{"type":"integer"}}`, `{"type":"object","additionalProperties":{"type":"integer"}}`,
			`{"type":"object"}`},
		{"a map below the root", obj(`"m":{"type":"object","additionalProperties":{"type":"integer"}}`, ``), obj(`"m":{"type":"object","additionalProperties":{"type":"integer"}}`, ``),
			`{"type":"object","properties":{"m":{"description":"(any names, with values of the form {\"type\":\"integer\"}) (an object)"}},"required":[]}`},
		{"items of any kind", `{"type":["array","string"]}`, `{"type":["array","string"]}`, `{"anyOf":[{"type":"array","items":{}},{"type":"string"}]}`},
		{"an enum of several types", `{"enum":["a",1,null]}`, `{"description":"(one of \"a\", 1, null)"}`, `{"description":"(one of \"a\", 1, null)"}`},
		{"enum values of another type", `{"type":"string","enum":["a",1,null]}`, `{"type":"string","enum":["a"]}`, `{"type":"string","enum":["a"]}`},
		{"no enum value of the type", `{"type":["integer","null"],"enum":["a",1.5]}`, `{"type":["integer","null"],"description":"(one of [\"a\",1.5])"}`, `{"type":"integer","description":"(one of [\"a\",1.5])","nullable":true}`},
		{"a constant of another type", `{"type":"string","const":1}`, `{"type":"string","description":"(must be 1)"}`, `{"type":"string","description":"(must be 1)"}`},
		{"unique items", `{"type":"array","items":{"type":"string","format":"uri"},"uniqueItems":true,"maxItems":3}`,
			`{"type":"array","items":{"type":"string","description":"(format uri)"},"maxItems":3,"description":"(no item twice)"}`,
			`{"type":"array","items":{"type":"string","description":"(format uri)"},"maxItems":3,"description":"(no item twice)"}`},
		{"anything", obj(`"a":{},"b":true`, ``), obj(`"a":{},"b":{}`, ``), `{"type":"object","properties":{"a":{},"b":{}},"required":[]}`},
		{"no properties", obj(``, ``), obj(``, ``), `{"type":"object"}`},
		{"names by a pattern", `{"type":"object","properties":{"a":{"type":"string"}},"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}`,
			`{"type":"object","properties":{"a":{"type":"string"}},"description":"(patternProperties: {\"^x\":{\"type\":\"string\"}})"}`,
			`{"type":"object","properties":{"a":{"type":"string"}},"description":"(patternProperties: {\"^x\":{\"type\":\"string\"}})"}`},
		{"items in an order", `{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}`,
			`{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}`,
			`{"type":"array","description":"(items in this order: [{\"type\":\"string\"}]; items: {\"type\":\"integer\"})","items":{}}`},
		{"a required name without a property", `{"type":"object","properties":{"a":{"type":"string"}},"required":["a","b"]}`,
			`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"description":"(must have \"b\")"}`,
			`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"description":"(must have \"b\")"}`},
		{"annotations", `{"$schema":"x","title":"T","type":"string","examples":["a"],"deprecated":true}`, `{"title":"T","type":"string"}`, `{"type":"string"}`},
		{"a form that contains itself", `{"type":"object","properties":{"next":{"$ref":"#/$defs/node","description":"The next"}},"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}`,
			`{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}`,
			`{"type":"object","properties":{"next":{"type":"object","properties":{"next":{"description":"the same form again (node) (an object)"}},"description":"The next"}}}`},
		{"a form that always contains itself", `{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},"required":["n"],"$defs":{"n":{"type":"object","properties":{"a":{"type":"string"},"all":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["a","all"]}}}`,
			`{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},"required":["n"],"$defs":{"n":{"type":"object","properties":{"a":{"type":"string"},"all":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["a"],"description":"(must have \"all\")"}}}`,
			`{"type":"object","properties":{"n":{"type":"object","properties":{"a":{"type":"string"},"all":{"type":"array","items":{"description":"the same form again (n) (an object)"}}},"required":["a","all"]}},"required":["n"]}`},
		{"a keyword of tomorrow", `{"type":"string","sorted":"up"}`, `{"type":"string","description":"(sorted: \"up\")"}`, `{"type":"string","description":"(sorted: \"up\")"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for d, want := range map[*Dialect]string{Gemini: c.gemini, GeminiOpenAPI: c.openAPI} {
				got, err := d.Convert(json.RawMessage(c.in))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(got)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestOpenAIStrict(t *testing.T) {
	const node = `{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"required":[],"additionalProperties":false}`
	for _, c := range []struct{ name, in, want, why string }{
		{"all required", obj(`"b":{"type":"string"},"a":{"type":"integer"}`, `"a","b"`), `{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["b","a"],"additionalProperties":false}`, ""},
		{"no properties", obj(``, ``), `{"type":"object","properties":{},"required":[],"additionalProperties":false}`, ""},
		{"optional", obj(`"a":{"type":"string","description":"A"}`, ``), `{"type":"object","properties":{"a":{"type":["string","null"],"description":"A"}},"required":["a"],"additionalProperties":false}`, ""},
		{"optional, with a default", obj(`"a":{"type":"boolean","default":true,"description":"A"}`, ``), `{"type":"object","properties":{"a":{"type":["boolean","null"],"description":"A (default true)"}},"required":["a"],"additionalProperties":false}`, ""},
		{"optional enum", obj(`"a":{"type":"string","enum":["x","y"]}`, ``), `{"type":"object","properties":{"a":{"type":["string","null"],"enum":["x","y",null]}},"required":["a"],"additionalProperties":false}`, ""},
		{"optional const", obj(`"a":{"const":"x"}`, ``), `{"type":"object","properties":{"a":{"anyOf":[{"type":"string","const":"x"},{"type":"null"}]}},"required":["a"],"additionalProperties":false}`, ""},
		{"optional forms", obj(`"a":{"anyOf":[{"type":"string"},{"type":"integer"}],"description":"A"}`, ``), `{"type":"object","properties":{"a":{"description":"A","anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}},"required":["a"],"additionalProperties":false}`, ""},
		{"optional reference", `{"type":"object","properties":{"n":{"$ref":"#/$defs/node","description":"gone"}},"required":[],"additionalProperties":false,"$defs":{"node":` + node + `}}`,
			`{"type":"object","properties":{"n":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["n"],"additionalProperties":false,"$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}}}`, ""},
		{"nested", obj(`"a":{"type":"array","items":`+obj(`"b":{"type":"string"}`, ``)+`}`, `"a"`),
			`{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"type":["string","null"]}},"required":["b"],"additionalProperties":false}}},"required":["a"],"additionalProperties":false}`, ""},

		{"may be missing or null", obj(`"a":{"type":["string","null"]}`, ``), "", "/a is optional and may be null"},
		{"a map", obj(`"a":{"type":"object","additionalProperties":{"type":"string"}}`, `"a"`), "", "/a allows additional properties"},
		{"open", `{"type":"object","properties":{}}`, "", "the root allows additional properties"},
		{"anything", obj(`"a":{}`, `"a"`), "", "/a allows any value"},
		{"no type", obj(`"a":{"description":"A"}`, `"a"`), "", "/a has no type"},
		{"an enum of several types", obj(`"a":{"enum":["x",1,1.5,2,null]}`, `"a"`), `{"type":"object","properties":{"a":{"type":["string","integer","number","null"],"enum":["x",1,1.5,2,null]}},"required":["a"],"additionalProperties":false}`, ""},
		{"an enum of objects", obj(`"a":{"enum":[{"x":1}]}`, `"a"`), "", "/a has objects or arrays"},
		{"a list of anything", obj(`"a":{"type":"array"}`, `"a"`), "", "/a has no items"},
		{"a length", obj(`"a":{"type":"string","maxLength":3}`, `"a"`), "", `/a uses "maxLength"`},
		{"a format", obj(`"a":{"type":"string","format":"uri"}`, `"a"`), "", `/a has the format "uri"`},
		{"optional within one of several forms", obj(`"a":{"anyOf":[`+obj(`"b":{"type":"string"}`, ``)+`,{"type":"string"}]}`, `"a"`), "", "/a/anyOf/0/b is optional within anyOf"},
		{"forms at the root", `{"type":"object","anyOf":[{"type":"object"}]}`, "", "the root has anyOf"},
		{"no object", `{"type":"string"}`, "", "the root is not an object"},
		{"no JSON", `{`, "", "not JSON"},
		{"a required one that is missing", obj(`"a":{"type":"string"}`, `"a","b"`), "", `requires "b"`},
		{"deep", strings.Repeat(`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":`, 12) + `{"type":"string"}` + strings.Repeat("}}", 12), "", "more than 10 levels"},
		{"a long list", obj(`"a":{"type":"integer","enum":[`+strings.TrimSuffix(strings.Repeat("1,", 1001), ",")+`]}`, `"a"`), "", "more than 1000 values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := OpenAIStrict(json.RawMessage(c.in))
			if c.why != "" {
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Errorf("%s, %v; want %s", got, err, c.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnthropicStrict(t *testing.T) {
	got, err := AnthropicStrict(json.RawMessage(obj(`"n":{"type":"integer","minimum":1,"description":"How many"},"s":{"const":"x"}`, `"n"`)))
	if want := obj(`"n":{"type":"integer","description":"How many (at least 1)"},"s":{"enum":["x"]}`, `"n"`); err != nil || string(got) != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	for in, why := range map[string]string{
		`{"type":"object","additionalProperties":{"type":"string"}}`:                     "allows additional properties",
		`{"type":"object","additionalProperties":false,"$defs":{"a":{"type":"string"}}}`: "recursive",
		obj(`"a":{"allOf":[{"type":"string"}]}`, ``):                                     `uses "allOf"`,
		obj(`"a":{}`, ``):   "/properties/a allows any value",
		obj(`"a":true`, ``): "/properties/a has a boolean schema",
		obj(`"a":{"type":"array","items":false}`, ``):                                          "/properties/a/items has a boolean schema",
		obj(`"a":{"anyOf":[{"type":"string"},true]}`, ``):                                      "/properties/a/anyOf/1 has a boolean schema",
		obj(strings.TrimSuffix(many(25, `"p%d":{"type":"string"},`), ","), ``):                 "25 optional properties",
		obj(strings.TrimSuffix(many(17, `"p%d":{"type":["string","null"]},`), ","), names(17)): "17 unions",
		`[`: "not JSON",
	} {
		if got, err := AnthropicStrict(json.RawMessage(in)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v\nwant %s", got, err, why)
		}
	}
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func names(n int) string { return strings.TrimSuffix(many(n, `"p%d",`), ",") }

type line struct {
	SKU string `json:"sku"`
	Qty int8   `json:"qty,omitempty" jsonschema:"default=1"`
}

type node struct {
	Name     string  `json:"name"`
	Children []*node `json:"children,omitempty"`
	Next     *node   `json:"next,omitempty"`
}

// types are arguments as tools have them, by whether strict mode takes them.
var types = map[reflect.Type]bool{
	reflect.TypeFor[struct {
		ID    string   `json:"id"`
		Track bool     `json:"track,omitempty" jsonschema:"default=true"`
		Why   string   `json:"why,omitempty" jsonschema:"enum=a,enum=b"`
		Lines []line   `json:"lines,omitempty"`
		One   *line    `json:"one,omitempty"`
		Tags  []string `json:"tags"`
		Price float64  `json:"price,omitempty" jsonschema:"minimum=0"`
	}](): true,
	reflect.TypeFor[node](): true,
	reflect.TypeFor[struct {
		When time.Time `json:"when,omitzero"`
	}](): true,
	reflect.TypeFor[struct {
		Meta map[string]string `json:"meta,omitempty"`
		Name string            `json:"name" jsonschema:"minLength=1,maxLength=9"`
	}](): false,
}

// TestStrictLosesNothing generates values of the strict form and of the schema itself: each is
// valid for the other, with null for what is missing.
func TestStrictLosesNothing(t *testing.T) {
	for typ, takes := range types {
		s, err := schema.Reflect(typ)
		if err != nil {
			t.Fatal(err)
		}
		strict, err := OpenAIStrict(s.JSON())
		if (err == nil) != takes {
			t.Errorf("%v: %v", typ, err)
		}
		if err != nil {
			continue
		}
		gen, err := schemagen.New(strict)
		if err != nil {
			t.Fatalf("%s: %v", strict, err)
		}
		for seed := range uint64(60) {
			value, err := gen.Value(seed + 1)
			if err != nil {
				t.Fatal(err)
			}
			got, _, problems := s.Check(value)
			if len(problems) > 0 {
				t.Fatalf("%s\nis refused: %v", value, problems)
			}
			// What is null may as well be missing.
			missing := reflect.New(typ)
			var tree any
			if err := json.Unmarshal([]byte(value), &tree); err != nil {
				t.Fatal(err)
			}
			without, err := json.Marshal(dropNulls(tree))
			if err != nil {
				t.Fatal(err)
			}
			same, _, problems := s.Check(string(without))
			if len(problems) > 0 {
				t.Fatalf("%s\nis refused: %v", without, problems)
			}
			given := reflect.New(typ)
			if p := append(s.Decode(string(got), given.Interface()), s.Decode(string(same), missing.Interface())...); len(p) > 0 {
				t.Fatal(p)
			}
			if !reflect.DeepEqual(given.Interface(), missing.Interface()) {
				t.Fatalf("%s\nand %s\nare %+v and %+v", value, without, given.Elem(), missing.Elem())
			}
		}
	}
}

func dropNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
				continue
			}
			v[k] = dropNulls(e)
		}
	case []any:
		for i, e := range v {
			v[i] = dropNulls(e)
		}
	}
	return v
}

// openAPIAsJSONSchema is the subset of OpenAPI with its one word of its own in the
// words of JSON Schema.
func openAPIAsJSONSchema(s json.RawMessage) ([]byte, error) {
	b, err := GeminiOpenAPI.Convert(s)
	if err != nil {
		return nil, err
	}
	var tree any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(nullableAsType(tree))
}

func nullableAsType(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = nullableAsType(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = nullableAsType(v[key])
		}
		if v["nullable"] == true {
			delete(v, "nullable")
			return map[string]any{"anyOf": []any{v, map[string]any{"type": "null"}}}
		}
	}
	return v
}

// TestNeverNarrower generates values of a schema: the other dialects accept them all.
func TestNeverNarrower(t *testing.T) {
	for typ := range types {
		s, err := schema.Reflect(typ)
		if err != nil {
			t.Fatal(err)
		}
		gen, err := schemagen.New(s.JSON())
		if err != nil {
			t.Fatal(err)
		}
		wide := []func(json.RawMessage) ([]byte, error){Gemini.Convert, AnthropicStrict, openAPIAsJSONSchema}
		for i, convert := range wide {
			b, err := convert(s.JSON())
			if err != nil && i == 1 {
				continue // it says that it cannot
			}
			if err != nil {
				t.Fatal(err)
			}
			other, err := schema.Parse(b)
			if err != nil {
				t.Fatalf("%s: %v", b, err)
			}
			for seed := range uint64(60) {
				value, err := gen.Value(seed + 1)
				if err != nil {
					t.Fatal(err)
				}
				if _, _, problems := other.Check(value); len(problems) > 0 {
					t.Fatalf("%s\nrefuses %s: %v", b, value, problems)
				}
			}
		}
	}
}

// FuzzConvert has arbitrary schemas, as servers of tools may send them.
func FuzzConvert(f *testing.F) {
	f.Add(obj(`"a":{"type":["string","null"],"enum":["x"]},"b":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}`, `"a"`))
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/b"},"c":{"$ref":"#/$defs/b"}}},"b":{"anyOf":[{"$ref":"#/$defs/a"},{"const":1}]}}}`)
	f.Add(`{"items":[true,false],"oneOf":7,"properties":[],"$defs":1,"required":{},"enum":{},"type":9,"additionalProperties":{"not":{}}}`)
	f.Fuzz(func(t *testing.T, in string) {
		for _, convert := range []func(json.RawMessage) ([]byte, error){Gemini.Convert, GeminiOpenAPI.Convert, OpenAI, OpenAIStrict, AnthropicStrict} {
			out, err := convert(json.RawMessage(in))
			if err != nil {
				continue
			}
			again, _ := convert(json.RawMessage(in))
			if !json.Valid(out) || string(again) != string(out) || len(out) > 64<<20 {
				t.Fatalf("%d bytes: %.200s", len(out), out)
			}
		}
	})
}
