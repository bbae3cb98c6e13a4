package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The shapes in which servers publish their tools, in words of our own: what
// converters of validation libraries write, what people write by hand, and what
// other description languages become.
var shapes = []struct {
	name, schema string
	fits, not    []string // calls; what is behind a => is what the tool is given
	unchecked    []string
}{
	// Converters from TypeScript.
	{"strict object of draft 7",
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"path":{"type":"string"},"head":{"type":"number"}},"required":["path"],"additionalProperties":false}`,
		[]string{`{"path":"a"}`, `{"path":"a","head":1.5}`}, []string{`{}`, `{"path":"a","tail":1}`}, nil},
	{"a definition by name at the root",
		`{"$ref":"#/definitions/Args","definitions":{"Args":{"type":"object","properties":{"q":{"type":"string"}},"required":["q"],"additionalProperties":false}},"$schema":"http://json-schema.org/draft-07/schema#"}`,
		[]string{`{"q":"a"}`}, []string{`{}`, `{"q":"a","x":1}`}, nil},
	{"tuple with a rest",
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"range":{"type":"array","minItems":2,"items":[{"type":"number"},{"type":"number"}],"additionalItems":{"type":"string"}}}}`,
		[]string{`{"range":[1,2]}`, `{"range":[1,2,"a"]}`}, []string{`{"range":[1]}`, `{"range":[1,"a"]}`, `{"range":[1,2,3]}`}, nil},
	{"closed tuple",
		`{"type":"object","properties":{"pair":{"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}}}`,
		[]string{`{"pair":["a",1]}`}, []string{`{"pair":["a",1,2]}`, `{"pair":[1]}`}, nil},
	{"nullable enum, as OpenAPI 3.0 has it",
		`{"type":"object","properties":{"sort":{"type":"string","enum":["asc","desc"],"nullable":true}},"required":["sort"]}`,
		[]string{`{"sort":null}`, `{"sort":"asc"}`}, []string{`{}`, `{"sort":"up"}`}, nil},
	{"e-mail by a pattern with look-ahead",
		`{"type":"object","properties":{"to":{"type":"string","format":"email","pattern":"^(?!\\.)(?!.*\\.\\.)[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+$"},"n":{"type":"integer"}},"required":["to"]}`,
		[]string{`{"to":"a@b"}`, `{"to":"anything"}`}, []string{`{"to":1}`, `{"to":"a@b","n":"1"}`}, []string{"/properties/to/pattern"}},
	{"discriminated union",
		`{"type":"object","properties":{"op":{"anyOf":[{"type":"object","properties":{"kind":{"type":"string","const":"get"},"id":{"type":"string"}},"required":["kind","id"],"additionalProperties":false},{"type":"object","properties":{"kind":{"type":"string","const":"list"}},"required":["kind"],"additionalProperties":false}]}},"required":["op"]}`,
		[]string{`{"op":{"kind":"list"}}`, `{"op":{"kind":"get","id":"a"}}`}, []string{`{"op":{"kind":"get"}}`, `{"op":{"kind":"put"}}`}, nil},
	{"one of two forms, one with a back reference",
		`{"type":"object","properties":{"v":{"oneOf":[{"type":"string","pattern":"^(.)\\1$"},{"type":"string","maxLength":2},{"type":"integer"}]}}}`,
		[]string{`{"v":"aa"}`, `{"v":1}`, `{"v":"a"}`}, []string{`{"v":true}`}, []string{"/properties/v/oneOf", "/properties/v/oneOf/0/pattern"}},
	{"record", `{"type":"object","properties":{"env":{"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"type":"string"}}}}`,
		[]string{`{"env":{"A":"1"}}`}, []string{`{"env":{"A":1}}`}, nil},
	{"literal union", `{"type":"object","properties":{"size":{"anyOf":[{"const":"s","type":"string"},{"const":"m","type":"string"}]}}}`,
		[]string{`{"size":"s"}`}, []string{`{"size":"l"}`}, nil},
	{"a default for what is required", `{"type":"object","properties":{"limit":{"type":"number","default":10},"page":{"type":"number","default":1}},"required":["limit"]}`,
		[]string{`{"limit":5}=>{"limit":5,"page":1}`}, []string{`{}`, `{"limit":null}`}, nil},
	{"largest safe integers as bounds", `{"type":"object","properties":{"n":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}}}`,
		[]string{`{"n":9007199254740991}`}, []string{`{"n":9007199254740992}`}, nil},

	// Converters from Python.
	{"optional by anyOf with null",
		`{"title":"fetchArguments","type":"object","properties":{"url":{"title":"Url","type":"string","format":"uri"},"max":{"anyOf":[{"type":"integer"},{"type":"null"}],"default":null,"title":"Max"}},"required":["url"]}`,
		[]string{`{"url":"a b"}=>{"max":null,"url":"a b"}`, `{"url":"x","max":3}`}, []string{`{"url":"x","max":"3"}`}, nil},
	{"null as the default of a string", `{"type":"object","properties":{"cursor":{"type":"string","default":null}}}`,
		[]string{`{}`, `{"cursor":"a"}`, `{"cursor":null}=>{}`}, []string{`{"cursor":1}`}, nil},
	{"definition, all of one",
		`{"$defs":{"Color":{"enum":["red","blue"],"title":"Color","type":"string"}},"type":"object","properties":{"color":{"allOf":[{"$ref":"#/$defs/Color"}],"default":"red"}}}`,
		[]string{`{}=>{"color":"red"}`, `{"color":"blue"}`}, []string{`{"color":"green"}`}, nil},
	{"definition, with a default beside the reference",
		`{"$defs":{"Mode":{"enum":["fast","slow"],"type":"string"}},"type":"object","properties":{"mode":{"$ref":"#/$defs/Mode","default":"fast","description":"How"}}}`,
		[]string{`{}=>{"mode":"fast"}`, `{"mode":"slow"}`}, []string{`{"mode":"x"}`}, nil},
	{"recursive model",
		`{"$defs":{"Node":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/Node"},"default":[]}},"required":["name"]}},"type":"object","properties":{"root":{"$ref":"#/$defs/Node"}},"required":["root"]}`,
		[]string{`{"root":{"name":"a","children":[{"name":"b"}]}}=>{"root":{"children":[{"children":[],"name":"b"}],"name":"a"}}`}, []string{`{"root":{"children":[]}}`}, nil},
	{"fixed tuple of 2020-12",
		`{"type":"object","properties":{"p":{"type":"array","prefixItems":[{"type":"number"},{"type":"number"}],"minItems":2,"maxItems":2}}}`,
		[]string{`{"p":[1,2]}`}, []string{`{"p":[1,2,3]}`, `{"p":[1]}`, `{"p":["a",2]}`}, nil},
	{"default outside of the enum", `{"type":"object","properties":{"unit":{"type":"string","enum":["km","mi"],"default":"m"}}}`,
		[]string{`{}`, `{"unit":"km"}`}, []string{`{"unit":"m"}`}, nil},
	{"default of another type", `{"type":"object","properties":{"count":{"type":"integer","default":"10"}}}`,
		[]string{`{}`, `{"count":3}`}, []string{`{"count":"10"}`}, nil},
	{"empty object as the default of a model", `{"type":"object","properties":{"opts":{"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"default":{}}}}`,
		[]string{`{}`, `{"opts":{"id":"a"}}`}, []string{`{"opts":{}}`}, nil},
	{"examples of other types", `{"type":"object","properties":{"when":{"type":"string","format":"date-time","examples":["soon",5]}}}`,
		[]string{`{"when":"soon"}`}, []string{`{"when":5}`}, nil},
	{"an enum of several types", `{"type":"object","properties":{"level":{"enum":[1,"high",null,true]}}}`,
		[]string{`{"level":1}`, `{"level":"high"}`, `{"level":null}`, `{"level":true}`}, []string{`{"level":2}`, `{"level":"1"}`}, nil},
	{"an enum with values of another type", `{"type":"object","properties":{"level":{"type":"string","enum":["low",2,null,"low"]}}}`,
		[]string{`{"level":"low"}`, `{"level":null}=>{}`}, []string{`{"level":2}`}, nil},

	// Written by hand, for draft 4.
	{"exclusive bounds of draft 4",
		`{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","properties":{"ratio":{"type":"number","minimum":0,"exclusiveMinimum":true,"maximum":1,"exclusiveMaximum":false}}}`,
		[]string{`{"ratio":1}`, `{"ratio":0.1}`}, []string{`{"ratio":0}`, `{"ratio":1.1}`}, nil},
	{"dependencies, of names and of a schema",
		`{"type":"object","properties":{"card":{"type":"string"},"cvc":{"type":"string"},"gift":{"type":"boolean"}},"dependencies":{"card":["cvc"],"gift":{"required":["card"]}}}`,
		[]string{`{}`, `{"card":"1","cvc":"2"}`, `{"card":"1","cvc":"2","gift":true}`}, []string{`{"card":"1"}`, `{"gift":true}`}, nil},
	{"what stands beside a reference of draft 7 means nothing",
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"$ref":"#/definitions/S","maxLength":1}},"definitions":{"S":{"type":"string"}}}`,
		[]string{`{"a":"abc"}`}, []string{`{"a":1}`}, nil},
	{"what stands beside a reference holds where no draft is declared",
		`{"type":"object","properties":{"a":{"$ref":"#/definitions/S","maxLength":1}},"definitions":{"S":{"type":"string"}}}`,
		[]string{`{"a":"a"}`}, []string{`{"a":"abc"}`, `{"a":1}`}, nil},
	{"a keyword that the declared draft lacks",
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{}},"unevaluatedProperties":false,"dependentRequired":{"a":["b"]}}`,
		[]string{`{"a":1,"z":2}`}, []string{`[]`}, nil},
	{"ids as anchors, of draft 4",
		`{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","properties":{"a":{"$ref":"#s"}},"definitions":{"s":{"id":"#s","type":"string"}}}`,
		[]string{`{"a":"x"}`}, []string{`{"a":1}`}, nil},
	{"anchors of 2019-09, and a reference to the root",
		`{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"type":"object","properties":{"a":{"$ref":"#s"},"sub":{"$recursiveRef":"#"}},"additionalProperties":false,"$defs":{"s":{"$anchor":"s","type":"string"}}}`,
		[]string{`{"sub":{"sub":{"a":"x"}}}`}, []string{`{"sub":{"b":1}}`, `{"sub":{"a":1}}`}, nil},
	{"dynamic anchor of 2020-12",
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","$dynamicAnchor":"node","type":"object","properties":{"sub":{"$dynamicRef":"#node"}},"additionalProperties":false}`,
		[]string{`{"sub":{"sub":{}}}`}, []string{`{"sub":{"b":1}}`}, nil},
	{"a bundle, with ids that are addresses",
		`{"$id":"https://example.com/tool","type":"object","properties":{"a":{"$ref":"https://example.com/tool#/$defs/A"},"b":{"$ref":"item"},"c":{"$ref":"item#/$defs/X"}},"$defs":{"A":{"type":"string"},"I":{"$id":"item","type":"integer","$defs":{"X":{"type":"boolean"}}}}}`,
		[]string{`{"a":"x","b":1,"c":true}`}, []string{`{"a":1}`, `{"b":"x"}`, `{"c":1}`}, nil},

	// Converters from OpenAPI and Swagger.
	{"components that references lead to",
		`{"type":"object","properties":{"pet":{"$ref":"#/components/schemas/Pet"}},"components":{"schemas":{"Pet":{"type":"object","properties":{"name":{"type":"string"},"kind":{"$ref":"#/components/schemas/Kind"}},"required":["name"]},"Kind":{"type":"string","enum":["cat","dog"],"nullable":true}}}}`,
		[]string{`{"pet":{"name":"a","kind":null}}`, `{"pet":{"name":"a","kind":"cat"}}`}, []string{`{"pet":{"name":"a","kind":"cow"}}`, `{"pet":{}}`}, nil},
	{"a reference to no keyword's place", `{"type":"object","properties":{"a":{"$ref":"#/properties/b/shared/x"},"b":{"shared":{"x":{"type":"STRING","items":{"$ref":"#/properties/b/shared/x"}}}},"c":{"$ref":"#/x%20y/0"}},"x y":[{"type":"int"}]}`,
		[]string{`{"a":"x","b":[],"c":1}`}, []string{`{"a":1}`, `{"c":"x"}`}, nil},
	{"a reference to what is no schema", `{"type":"object","properties":{"a":{"$ref":"#/properties"},"b":{"type":"string"}},"additionalProperties":false}`,
		[]string{`{"a":1,"b":"x"}`}, []string{`{"b":1}`, `{"c":1}`}, nil},
	{"nullable beside a reference", `{"type":"object","properties":{"a":{"$ref":"#/$defs/S","nullable":true}},"required":["a"],"$defs":{"S":{"type":"string"}}}`,
		[]string{`{"a":null}`, `{"a":"x"}`}, []string{`{"a":1}`, `{}`}, nil},
	{"nullable beside all of one", `{"type":"object","properties":{"a":{"allOf":[{"type":"string"}],"nullable":true,"description":"d"}},"required":["a"]}`,
		[]string{`{"a":null}`, `{"a":"x"}`}, []string{`{"a":1}`}, nil},
	{"required inside of the properties", `{"type":"object","properties":{"id":{"type":"string","required":true},"note":{"type":"string","required":false}}}`,
		[]string{`{"id":"a"}`, `{"id":"a","note":"b"}`}, []string{`{}`, `{"note":"b"}`}, nil},
	{"required in both places", `{"type":"object","required":["b"],"properties":{"o":{"type":"object","properties":{"ocr":{"type":"boolean","required":true}}},"b":{"type":"string","required":true}}}`,
		[]string{`{"b":"x"}`, `{"b":"x","o":{"ocr":true}}`}, []string{`{"b":"x","o":{}}`, `{}`}, nil},
	{"example, discriminator, xml",
		`{"type":"object","properties":{"id":{"type":"integer","format":"int64","example":"7"},"tag":{"type":"string","example":"a","xml":{"name":"t"}}},"discriminator":{"propertyName":"tag"}}`,
		[]string{`{"id":7,"tag":"b"}`}, []string{`{"id":"7"}`}, nil},
	{"types in capitals", `{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true},"l":{"type":"ARRAY","items":{"type":"NUMBER"}}},"required":["a"]}`,
		[]string{`{"a":null,"l":[1.5]}`}, []string{`{"a":1}`, `{"a":"x","l":["y"]}`}, nil},

	// Written by programs that have no empty object, or no types.
	{"lists for empty objects", `{"type":"object","properties":[],"required":[]}`, []string{`{}`, `{"a":1}`}, []string{`[]`}, nil},
	{"a list for a property of any form", `{"type":"object","properties":{"a":[],"b":null,"o":{"type":"object","properties":[],"additionalProperties":[]}}}`,
		[]string{`{"a":1,"b":"x","o":{"z":1}}`}, []string{`{"o":1}`}, nil},
	{"null for what is not there", `{"type":"object","properties":null,"required":null,"additionalProperties":null,"description":null,"$defs":null,"enum":null}`,
		[]string{`{}`, `{"a":1}`}, []string{`"x"`}, nil},
	{"nothing at all", `{}`, []string{`{}`, `{"a":1}`}, []string{`3`}, nil},
	{"no type at the root", `{"properties":{"a":{"type":"string"}},"required":["a"]}`, []string{`{"a":"x"}`}, []string{`{}`}, nil},
	{"an object or null at the root", `{"type":["object","null"],"properties":{"a":{"type":"string"}}}`, []string{`{"a":"x"}`, `null=>{}`}, []string{`{"a":1}`}, nil},
	{"booleans for schemas", `{"type":"object","properties":{"refresh":true,"never":false}}`, []string{`{"refresh":[1]}`}, []string{`{"never":1}`}, nil},
	{"any, and types of programming languages", `{"type":"object","properties":{"a":{"type":"any"},"f":{"type":"float"},"i":{"type":"int"},"b":{"type":"bool"},"d":{"type":"dict"},"l":{"type":["str","list"]}}}`,
		[]string{`{"a":[],"f":1.5,"i":2,"b":true,"d":{},"l":"x"}`, `{"a":null,"l":[]}`}, []string{`{"f":"1"}`, `{"i":1.5}`, `{"b":1}`, `{"l":1}`}, nil},
	{"whole bounds written with a fraction", `{"type":"object","properties":{"s":{"type":"string","minLength":2.0,"maxLength":3.0},"l":{"type":"array","maxItems":1e0}},"maxProperties":2.0}`,
		[]string{`{"s":"abc","l":[1]}`}, []string{`{"s":"a"}`, `{"s":"abcd"}`, `{"l":[1,2]}`, `{"a":1,"b":2,"c":3}`}, nil},
	{"numbers and booleans in quotes", `{"type":"object","properties":{"n":{"type":"integer","minimum":"1","maximum":"9.5","required":"true"},"s":{"type":"string","maxLength":"3"}},"additionalProperties":"false"}`,
		[]string{`{"n":1,"s":"abc"}`}, []string{`{"n":0}`, `{"n":10}`, `{"n":1,"s":"abcd"}`, `{"s":"a"}`, `{"n":1,"z":1}`}, nil},
	{"bounds that no text reaches", `{"type":"object","properties":{"s":{"type":"string","maxLength":9223372036854775807},"l":{"type":"array","maxItems":18446744073709551615,"contains":{},"maxContains":1e300}},"maxProperties":9223372036854775808}`,
		[]string{`{"s":"a","l":[1,2]}`}, []string{`{"s":1}`, `{"l":[]}`}, nil},
	{"texts of another type", `{"type":"object","description":["a","b"],"properties":{"a":{"type":"string","title":5,"deprecated":"yes","format":null,"readOnly":"no"}}}`,
		[]string{`{"a":"x"}`}, []string{`{"a":1}`}, nil},
	{"an enum without values", `{"type":"object","properties":{"list":{"type":"string","enum":[]},"a":{"type":"string"}}}`, []string{`{}`, `{"a":"x"}`}, []string{`{"list":"x"}`}, nil},
	{"a name for itself, and whatever else", `{"type":"object","id":"search","strict":true,"examples":{"a":1},"properties":{"id":{"type":"string","ui:widget":"x","options":["a"]}}}`,
		[]string{`{"id":"a"}`}, []string{`{"id":1}`}, nil},
	{"base64 and media types annotate", `{"type":"object","properties":{"f":{"type":"string","contentEncoding":"base64","contentMediaType":"image/png"},"j":{"type":"string","contentMediaType":"application/json","contentSchema":{"type":"object"}}}}`,
		[]string{`{"f":"???","j":"{"}`}, []string{`{"f":1}`}, nil},
	{"names by a pattern that cannot be checked",
		`{"type":"object","patternProperties":{"^(?!x-)":{"type":"string"},"^x-":{"type":"integer"}},"additionalProperties":false}`,
		[]string{`{"a":"b","x-a":1}`, `{"a":1}`}, []string{`{"x-a":"b"}`}, []string{"/patternProperties/^(?!x-)", "/additionalProperties"}},
	{"not what cannot be checked", `{"type":"object","properties":{"a":{"type":"string","not":{"pattern":"(?=x)"}},"b":{"if":{"pattern":"(?=x)"},"then":{"maxLength":1},"else":{"minLength":3}}}}`,
		[]string{`{"a":"x","b":"ab"}`}, []string{`{"a":1}`}, []string{"/properties/a/not", "/properties/a/not/pattern", "/properties/b/if", "/properties/b/if/pattern"}},
	{"few of what cannot be checked", `{"type":"object","properties":{"a":{"type":"array","contains":{"type":"string","pattern":"(?=x)"},"minContains":1,"maxContains":1}}}`,
		[]string{`{"a":["x","y"]}`}, []string{`{"a":[1]}`}, []string{"/properties/a/contains/pattern", "/properties/a/maxContains"}},
	{"a default that would change what a call means", `{"type":"object","properties":{"id":{"type":"string"},"all":{"type":"boolean","default":false},"n":{"type":"integer","default":1}},"oneOf":[{"required":["id"]},{"required":["all"]}]}`,
		[]string{`{"id":"a"}`, `{"all":true}=>{"all":true,"n":1}`}, []string{`{}`, `{"id":"a","all":true}`}, nil},
}

func TestShapesOfToolsThatServersPublish(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse(json.RawMessage(c.schema))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Unchecked(); fmt.Sprint(got) != fmt.Sprint(c.unchecked) {
				t.Errorf("unchecked are %q, not %q", got, c.unchecked)
			}
			if again, err := Parse(s.JSON()); err != nil || string(again.JSON()) != string(s.JSON()) {
				t.Errorf("read again, %s becomes %v", s.JSON(), err)
			}
			for _, call := range c.fits {
				raw, want, given := strings.Cut(call, "=>")
				if !given {
					want = raw
				}
				args, _, problems := s.Check(raw)
				if args != want {
					t.Errorf("%s is handed on as %s %v\nby %s", call, args, problems, s.JSON())
				}
				agrees(t, s, raw)
			}
			for _, call := range c.not {
				if args, _, problems := s.Check(call); len(problems) == 0 {
					t.Errorf("%s is taken, as %s\nby %s", call, args, s.JSON())
				}
			}
		})
	}
}
