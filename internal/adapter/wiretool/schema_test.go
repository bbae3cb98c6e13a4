package wiretool

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/internal/schema/schemagen"
	"github.com/funcall/funcall/internal/schema/schematree"
	"github.com/funcall/funcall/provider"
)

// The names of these tests on the wire of an API that refuses them.
const (
	wireTop  = "_top_qg7zrzaj"
	wireIDs  = "ids_n2e3l5g6"
	wireSize = "gr__e_2nj2ezy3"
)

// TestSchema has schemas as they are sent. An empty one is the tool's own.
func TestSchema(t *testing.T) {
	for _, c := range []struct{ name, in, openAI, anthropic, gemini string }{
		{"plain", `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`, "", "", ""},
		{"renamed", `{"type":"object","properties":{"z":{},"$top":{"type":"integer","description":"How many."},"größe":true},"required":["$top","z"],"additionalProperties":false}`, "",
			`{"type":"object","properties":{"z":{},"` + wireTop + `":{"type":"integer","description":"How many. (its own name is \"$top\")"},"` + wireSize + `":{"description":"(its own name is \"größe\")"}},"required":["` + wireTop + `","z"],"additionalProperties":false}`,
			`{"type":"object","properties":{"z":{},"` + wireTop + `":{"type":"integer","description":"How many. (its own name is \"$top\")"},"` + wireSize + `":{"description":"(its own name is \"größe\")"}},"required":["` + wireTop + `","z"],"additionalProperties":false}`},
		{"a dot", `{"type":"object","properties":{"page.size":{"type":"integer"}}}`, "", "",
			`{"type":"object","properties":{"page_size_zr6rbua2":{"type":"integer","description":"(its own name is \"page.size\")"}}}`},
		{"at any depth", `{"type":"object","properties":{"a":{"type":"array","items":{"anyOf":[{"type":"object","properties":{"$top":{"type":"string"}},"required":["$top"]},{"$ref":"#/$defs/n"}]}}},"$defs":{"n":{"type":"object","dependentRequired":{"ids[]":["$top"]},"dependentSchemas":{"$top":{"required":["ids[]"]}}}}}`, "",
			`{"type":"object","properties":{"a":{"type":"array","items":{"anyOf":[{"type":"object","properties":{"` + wireTop + `":{"type":"string","description":"(its own name is \"$top\")"}},"required":["` + wireTop + `"]},{"$ref":"#/$defs/n"}]}}},"$defs":{"n":{"type":"object","dependentRequired":{"` + wireIDs + `":["` + wireTop + `"]},"dependentSchemas":{"` + wireTop + `":{"required":["` + wireIDs + `"]}}}}}`, "same"},
		{"forms at the root", `{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}],"$defs":{"n":{}}}`,
			`{"type":"object","properties":{"input":{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]}},"required":["input"],"additionalProperties":false,"$defs":{"n":{}}}`, "same", "same"},
		{"all of", `{"type":"object","allOf":[{"required":["a"]}]}`,
			`{"type":"object","properties":{"input":{"type":"object","allOf":[{"required":["a"]}]}},"required":["input"],"additionalProperties":false}`, "same", ""},
		{"not", `{"type":"object","not":{"required":["a"]}}`,
			`{"type":"object","properties":{"input":{"type":"object","not":{"required":["a"]}}},"required":["input"],"additionalProperties":false}`, "", ""},
		{"enum", `{"type":"object","enum":[{"a":1}]}`,
			`{"type":"object","properties":{"input":{"type":"object","enum":[{"a":1}]}},"required":["input"],"additionalProperties":false}`, "", ""},
		{"the wrapper's name is taken", `{"type":"object","oneOf":[{"properties":{"input":{}}},{"properties":{"input_":{}}}]}`,
			`{"type":"object","properties":{"input__":{"type":"object","oneOf":[{"properties":{"input":{}}},{"properties":{"input_":{}}}]}},"required":["input__"],"additionalProperties":false}`, "same", "same"},
		{"no object", `{"type":"string"}`, `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}`, "same", "same"},
		{"no type", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"type":"object"}`, "same", "same"},
		{"references to elsewhere", `{"type":"object","anyOf":[{"$ref":"#/properties/a"},{"$ref":"#"}],"properties":{"a":{}}}`,
			`{"type":"object","properties":{"input":{"type":"object","anyOf":[{"$ref":"#/properties/input/properties/a"},{"$ref":"#/properties/input"}],"properties":{"a":{}}}},"required":["input"],"additionalProperties":false}`, "same", "same"},
		{"references to what is renamed", `{"type":"object","properties":{"$top":{"type":"string"},"b":{"$ref":"#/properties/$top"}}}`, "",
			`{"type":"object","properties":{"` + wireTop + `":{"type":"string","description":"(its own name is \"$top\")"},"b":{"$ref":"#/properties/` + wireTop + `"}}}`, "same"},
		{"names by a pattern", `{"type":"object","properties":{"$top":{}},"patternProperties":{"^_":{"type":"integer"}},"additionalProperties":false}`, "",
			`{"type":"object","properties":{"` + wireTop + `":{"description":"(its own name is \"$top\")"}},"description":"(patternProperties: {\"^_\":{\"type\":\"integer\"}})"}`, "same"},
		{"no JSON", `{`, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := map[*API]string{OpenAI: c.openAI, Anthropic: c.anthropic, Gemini: c.gemini}
			if c.anthropic == "same" {
				want[Anthropic] = c.openAI
			}
			if c.gemini == "same" {
				want[Gemini] = want[Anthropic]
			}
			for api, want := range want {
				got, err := api.newSchema(&provider.Tool{Schema: json.RawMessage(c.in)})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(got)); diff != "" {
					t.Errorf("%s: %s", api.key, diff)
				}
			}
		})
	}
}

func TestSameNameOnTheWire(t *testing.T) {
	_, err := Anthropic.Tool(&provider.Tool{Name: "t", Schema: json.RawMessage(`{"type":"object","properties":{"$top":{},"` + wireTop + `":{}}}`)})
	if err == nil || !strings.Contains(err.Error(), `"$top" and "`+wireTop+`"`) {
		t.Error(err)
	}
}

// odd are schemas whose names some API refuses, or whose root does.
var odd = []string{
	`{"type":"object","properties":{"$top":{"type":"integer","minimum":1,"maximum":9},"ids[]":{"type":"array","items":{"type":"string","maxLength":3}},"ok":{"type":"boolean"}},"required":["$top"],"additionalProperties":false}`,
	`{"type":"object","properties":{"a":{"type":"object","properties":{"größe":{"type":"integer"},"b c":{"type":"array","items":{"type":"object","properties":{"$x":{"type":"boolean"}},"required":["$x"],"additionalProperties":false}}},"required":["größe","b c"],"additionalProperties":false}},"required":["a"],"additionalProperties":false}`,
	`{"type":"object","properties":{"$a":{"type":"string"},"$b":{"type":"string"}},"anyOf":[{"required":["$a"]},{"required":["$b"]}],"additionalProperties":false}`,
	`{"type":"object","properties":{"k":{"enum":["a","b"]},"$v":{"type":"integer"}},"required":["k","$v"],"additionalProperties":false,"oneOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"const":"b"}}}]}`,
	`{"type":"object","properties":{"$kids":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/n"}}},"required":["$kids"],"additionalProperties":false,"$defs":{"n":{"type":"object","properties":{"$name":{"type":"string"},"$kids":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/n"}}},"required":["$name"],"additionalProperties":false}}}`,
	`{"type":"object","properties":{"$a":{"type":"string"},"$b":{"type":"integer"}},"dependentRequired":{"$a":["$b"]},"additionalProperties":false}`,
	`{"type":"object","properties":{"$a":{"type":"object","enum":[{"$x":1},{"$x":2}]}},"required":["$a"],"additionalProperties":false}`,
	`{"type":"object","properties":{"$a":{"type":"string"}},"patternProperties":{"^_":{"type":"integer"}},"required":["$a"],"additionalProperties":false}`,
	`{"type":"object","properties":{"$a":{"type":"string"}},"propertyNames":{"pattern":"^\\$"},"required":["$a"]}`,
	`{"type":"object","properties":{"$a":{"type":"array","prefixItems":[{"type":"object","properties":{"$x":{"type":"string"}},"required":["$x"],"additionalProperties":false}],"items":{"type":"integer"},"minItems":1}},"required":["$a"],"additionalProperties":false}`,
	`{"type":"object","properties":{"$a":{"type":"integer"},"b":{"type":"integer"}},"if":{"required":["$a"]},"then":{"required":["b"]},"additionalProperties":false}`,
}

// sent returns a value of a schema as a model writes it on the wire.
func sent(a *API, root *schematree.Object, v any) any {
	declared := map[string]bool{}
	walk(root, func(o *schematree.Object) {
		for name := range names(o) {
			declared[name] = true
		}
	})
	var rename func(v any) any
	rename = func(v any) any {
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = rename(v[i])
			}
		case *schematree.Object:
			made := schematree.NewObject()
			for name, e := range v.All() {
				if declared[name] {
					name = a.properties.Name(name)
				}
				made.Set(name, rename(e))
			}
			return made
		}
		return v
	}
	if a.properties != nil {
		v = rename(v)
	}
	if w := a.wrapper(root); w != "" {
		o := schematree.NewObject()
		o.Set(w, v)
		return o
	}
	return v
}

// TestNeverNarrower generates arguments of a tool: the sent schema accepts them all, and they
// come back byte for byte.
func TestNeverNarrower(t *testing.T) {
	for _, own := range odd {
		gen, err := schemagen.New([]byte(own))
		if err != nil {
			t.Fatalf("%s: %v", own, err)
		}
		for api := range patterns {
			wire, err := api.newSchema(&provider.Tool{Schema: []byte(own)})
			if err != nil {
				t.Fatal(err)
			}
			if len(wire) == 0 {
				continue
			}
			takes, err := schema.Parse(wire)
			if err != nil {
				t.Fatalf("%s: %v", wire, err)
			}
			r := api.newReader([]byte(own))
			for seed := range uint64(50) {
				value, err := gen.Value(seed + 1)
				if err != nil {
					t.Fatal(err)
				}
				tree, err := schematree.Parse([]byte(value))
				if err != nil {
					t.Fatal(err)
				}
				written := string(schematree.Append(nil, sent(api, parse([]byte(own)), schematree.Copy(tree))))
				if _, _, problems := takes.Check(written); len(problems) > 0 {
					t.Fatalf("%s: %s\nrefuses %s: %v", api.key, wire, written, problems)
				}
				if got, want := r.args(written), string(schematree.Append(nil, tree)); got != want {
					t.Fatalf("%s: %s is read as\n%s, want\n%s", api.key, written, got, want)
				}
			}
		}
	}
}
