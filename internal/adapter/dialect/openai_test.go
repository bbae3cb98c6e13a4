package dialect

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema"
)

func TestOpenAI(t *testing.T) {
	for in, want := range map[string]string{
		`{"type":"object"}`: `{"type":"object","properties":{}}`,
		`{"type":"object","properties":{"b":{"pattern":"a\\/b","x-order":1},"a":true}}`:           "",
		`{"type":"object","properties":{"a":{"type":"array"}}}`:                                   `{"type":"object","properties":{"a":{"type":"array","items":{}}}}`,
		`{"type":"object","properties":{"a":{"type":["array","null"],"prefixItems":[{}]}}}`:       `{"type":"object","properties":{"a":{"type":["array","null"],"prefixItems":[{}],"items":{}}}}`,
		`{"type":"object","properties":{"a":{"type":"array","items":true}}}`:                      `{"type":"object","properties":{"a":{"type":"array","items":{}}}}`,
		`{"type":"object","properties":{"a":{"type":"array","items":false}}}`:                     `{"type":"object","properties":{"a":{"type":"array","items":{"not":{}}}}}`,
		`{"type":"object","properties":{"a":{"type":"string","enum":["a",null]}}}`:                `{"type":"object","properties":{"a":{"type":"string","enum":["a"]}}}`,
		`{"type":"object","properties":{"a":{"type":["string","null"],"enum":["a",null]}}}`:       "",
		`{"type":"object","properties":{"a":{"type":"integer","enum":[1.0,1.5,1e2,1e-2,1e300]}}}`: `{"type":"object","properties":{"a":{"type":"integer","enum":[1.0,1e2,1e300]}}}`,
	} {
		if want == "" {
			want = in
		}
		got, err := OpenAI(json.RawMessage(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

// odd are schemas with a property a of an uncommon kind, and values of it that
// each of them takes.
var odd = map[string][]string{
	`{"enum":["a",1,null,true]}`:                              {`"a"`, `1`, `null`, `true`},
	`{"enum":[{"x":1},[2]]}`:                                  {`{"x":1}`, `[2]`},
	`{"type":["string","integer"],"enum":["a",1]}`:            {`"a"`, `1`},
	`{"type":["string","null"],"enum":["a",null]}`:            {`"a"`, `null`},
	`{"const":null}`:                                          {`null`},
	`{"type":"null"}`:                                         {`null`},
	`{"properties":{"x":{"type":"string"}},"required":["x"]}`: {`{"x":"y"}`, `7`},
	`true`:                           {`1`, `{"x":[]}`},
	`{"type":"array"}`:               {`[]`, `[1,"a"]`},
	`{"type":"array","items":false}`: {`[]`},
	`{"type":"array","prefixItems":[{"type":"string"},true],"items":false}`:                                                                              {`["a"]`, `["a",1]`, `[]`},
	`{"type":"array","prefixItems":[{"type":"string"}],"unevaluatedItems":{"type":"integer"}}`:                                                           {`["a",1,2]`},
	`{"type":"array","contains":{"type":"integer"},"minContains":2,"maxContains":3}`:                                                                     {`[1,2,"a"]`},
	`{"type":"object","additionalProperties":{"type":"integer"}}`:                                                                                        {`{"x":1}`},
	`{"type":"object","properties":{"x":{},"y":{}},"dependentRequired":{"x":["y"]}}`:                                                                     {`{"x":1,"y":2}`, `{}`},
	`{"type":"object","dependentSchemas":{"x":{"properties":{"y":{"type":"integer"}}}}}`:                                                                 {`{"x":1,"y":2}`, `{"y":"a"}`},
	`{"type":"object","properties":{"k":{"type":"string"}},"if":{"properties":{"k":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}`: {`{"k":"a","x":1}`, `{"k":"b","y":1}`},
	`{"type":"object","patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}`:                                                       {`{"x1":1}`, `{}`},
	`{"type":"object","propertyNames":{"maxLength":2},"minProperties":1,"maxProperties":2}`:                                                              {`{"xy":1}`},
	`{"type":"object","allOf":[{"properties":{"x":{"type":"integer"}}}],"unevaluatedProperties":false}`:                                                  {`{"x":1}`, `{}`},
	`{"type":"string","contentEncoding":"base64","contentMediaType":"application/json","contentSchema":{"type":"object"}}`:                               {`"e30="`},
	`{"not":{"type":"string"}}`:                                                                  {`1`, `null`},
	`{"type":"object","not":{"required":["x"]}}`:                                                 {`{}`, `{"y":1}`},
	`{"oneOf":[{"type":"integer"},{"type":"number","minimum":5}]}`:                               {`1`, `5.5`},
	`{"anyOf":[{"type":"string"},{"type":"array","items":{"anyOf":[{"type":"integer"},true]}}]}`: {`"a"`, `[1,"b"]`},
	`{"type":"string","anyOf":[{"pattern":"^a"},{"maxLength":1}]}`:                               {`"abc"`, `"b"`},
	`{"type":"integer","multipleOf":3,"exclusiveMinimum":1,"exclusiveMaximum":9007199254740993}`: {`3`, `9007199254740990`},
	`{"type":["object","array","string","number","boolean","null"]}`:                             {`{"x":1}`, `[1]`, `"a"`, `1.5`, `true`, `null`},
}

// TestOddSchemas checks the dialects of unusual schemas against the rules of their APIs, and
// against values of the schema, which they all accept.
func TestOddSchemas(t *testing.T) {
	dialects := map[string]func(json.RawMessage) ([]byte, error){
		"openai": OpenAI, "openai strict": OpenAIStrict, "anthropic strict": AnthropicStrict, "gemini": Gemini.Convert, "gemini openapi": openAPIAsJSONSchema,
	}
	for a, values := range odd {
		own := obj(`"a":`+a, `"a"`)
		for name, convert := range dialects {
			b, err := convert(json.RawMessage(own))
			if err != nil {
				if name == "openai strict" || name == "anthropic strict" {
					continue // it says that it cannot
				}
				t.Fatalf("%s: %s: %v", name, a, err)
			}
			if name == "openai" || name == "openai strict" {
				tree, _, err := jsontree.Parse(b)
				if err != nil {
					t.Fatal(err)
				}
				if mistake := apiserver.OpenAISchema(tree.(map[string]any)); mistake != "" {
					t.Errorf("%s: %s\nis refused: %s", name, b, mistake)
				}
			}
			takes, err := schema.Parse(b)
			if err != nil {
				t.Errorf("%s: %s: %v", name, b, err)
				continue
			}
			for _, v := range values {
				if _, _, problems := takes.Check(`{"a":` + v + `}`); len(problems) > 0 {
					t.Errorf("%s: %s\nrefuses %s: %v", name, b, v, problems)
				}
			}
		}
	}
}
