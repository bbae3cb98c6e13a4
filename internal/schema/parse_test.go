package schema

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/schema/schematree"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{}`, `{"type":"object","properties":{}}`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://example.com/x","type":"object","properties":{"b":{"type":"string"},"a":true,"n":false},"additionalProperties":false}`,
			`{"type":"object","properties":{"b":{"type":"string"},"a":{},"n":{"not":{}}},"additionalProperties":false}`},
		{`{"type":"object","properties":{"a":{"$ref":"#/definitions/A"},"b":{"$ref":"#/properties/a"}},"definitions":{"A":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`},
		{`{"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"mine"},"b":{"$ref":"#/$defs/A","maxLength":3}},"$defs":{"A":{"type":"string","description":"its"},"unused":{}}}`,
			`{"type":"object","properties":{"a":{"type":"string","description":"mine"},"b":{"type":"string","description":"its","maxLength":3}}}`},
		{`{"type":"object","properties":{"b":{"$ref":"#/$defs/A","maxLength":3}},"$defs":{"A":{"type":"string","maxLength":5}}}`,
			`{"type":"object","properties":{"b":{"maxLength":3,"allOf":[{"type":"string","maxLength":5}]}}}`},
		{`{"type":"object","dependencies":{"a":["b","b"],"b":{"required":["c"]},"c":"d","e":true},"dependentRequired":{"a":["z"]},"properties":{}}`,
			`{"type":"object","dependentRequired":{"a":["z","b"],"c":["d"]},"properties":{},"dependentSchemas":{"b":{"required":["c"]},"e":{}}}`},
		{`{"type":"object","properties":{"t":{"items":[{"type":"string"},true],"additionalItems":{"type":"null"}},"u":{"items":{},"additionalItems":false},"v":{"items":[],"additionalItems":false}}}`,
			`{"type":"object","properties":{"t":{"prefixItems":[{"type":"string"},{}],"items":{"type":"null"}},"u":{"items":{}},"v":{"items":{"not":{}}}}}`},
		{`{"type":"object","properties":{"n":{"minimum":1,"exclusiveMinimum":true,"maximum":9.0,"exclusiveMaximum":false},"m":{"exclusiveMaximum":true},"s":{"maxLength":3.0,"minLength":1e1,"maxItems":1e300}}}`,
			`{"type":"object","properties":{"n":{"exclusiveMinimum":1,"maximum":9.0},"m":{},"s":{"maxLength":3,"minLength":10}}}`},
		{`{"type":"object","properties":{"a":{"type":"string","required":true},"b":{"required":false},"c":{"required":true}},"required":["c","c"]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{},"c":{}},"required":["c","a"]}`},
		{`{"type":["object","null"],"nullable":true,"properties":{"a":{"type":"STRING","nullable":true,"enum":["x","x",1]},"b":{"const":1,"nullable":true,"title":"t"},"c":{"anyOf":[{"type":"float"}],"nullable":true},"d":{"nullable":true},"e":{"type":["any","string"]}}}`,
			`{"type":"object","properties":{"a":{"type":["string","null"],"enum":["x",null]},"b":{"title":"t","anyOf":[{"const":1},{"type":"null"}]},"c":{"anyOf":[{"type":"number"},{"type":"null"}]},"d":{},"e":{}}}`},
		{`{"type":"object","properties":{"a":{"type":"integer","default":"1","examples":[1,"x",2],"example":9},"b":{"type":"string","examples":[1],"enum":[],"not":{"const":1}},"c":{"type":"string","example":"e","default":null,"format":"odd"}}}`,
			`{"type":"object","properties":{"a":{"type":"integer","examples":[1,2]},"b":{"type":"string","not":{"const":1},"allOf":[{"not":{}}]},"c":{"type":"string","format":"odd","examples":["e"]}}}`},
		{`{"$schema":"http://json-schema.org/draft-06/schema#","properties":{"a":{"if":{},"then":false,"const":1},"b":{"$ref":"#/properties/a","title":"t","minimum":5,"nullable":true}},"unevaluatedProperties":false,"x-note":1}`,
			`{"properties":{"a":{"const":1},"b":{"title":"t","anyOf":[{"const":1},{"type":"null"}]}},"type":"object"}`},
		{`{"type":"object","properties":{"next":{"$ref":"#"}}}`,
			`{"type":"object","properties":{"next":{"$ref":"#/$defs/Root"}},"$defs":{"Root":{"type":"object","properties":{"next":{"$ref":"#/$defs/Root"}}}}}`},
		{`{"$ref":"#/$defs/a%20b~1c","$defs":{"a b/c":{"type":"object","properties":{"x":{"$ref":"#/$defs/a%20b~1c"}}}}}`,
			`{"type":"object","properties":{"x":{"$ref":"#/$defs/a_b_c"}},"$defs":{"a_b_c":{"type":"object","properties":{"x":{"$ref":"#/$defs/a_b_c"}}}}}`},
	} {
		s, err := Parse(json.RawMessage(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		} else if got := string(s.JSON()); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(secret, []byte(`{"const":"hunter2"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{``, "the schema is not JSON that can be trusted: the JSON ends too early"},
		{`[]`, "the schema must be a JSON object such as"},
		{`true`, "the schema must be a JSON object such as"},
		{`{"type":"object","type":"string"}`, `the key "type" stands twice`},
		{`{"type":"string"}`, `schema: the arguments of a tool are an object: the schema's "type" must be "object"`},
		{`{"type":"object","properties":{"a":{"$ref":"file://` + secret + `"}}}`, "leads out of the schema, and nothing is ever loaded"},
		{`{"type":"object","properties":{"a":{"$ref":"https://example.com/x.json"}}}`, "leads out of the schema, and nothing is ever loaded"},
		{`{"type":"object","properties":{"a":{"$ref":"other.json#/a"}}}`, "leads out of the schema, and nothing is ever loaded"},
		{`{"type":"object","properties":{"a":{"$ref":"#/$defs/B"}}}`, `the reference "#/$defs/B" points to nothing`},
		{`{"type":"object","properties":{"a":{"$ref":"#named"}}}`, `points to nothing`},
		{`{"type":"object","properties":{"a":{"$ref":1}}}`, `schema/properties/a: "$ref" must be a string`},
		{`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#/$defs/A"}}}`, "a reference leads back to itself with nothing in between"},
		{`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}]}}}`, "a reference leads back to itself with nothing in between"},
		{`{"type":"object","properties":{"a":{"type":"strnig"}}}`, `schema/properties/a/type: this is not what JSON Schema (draft 2020-12) allows there`},
		{`{"type":"object","properties":{"a":{"minLength":-1}}}`, `schema/properties/a/minLength: this is not what`},
		{`{"type":"object","properties":{"a":5}}`, `schema/properties/a: this is not what`},
		{`{"type":"object","properties":{"a":{"$dynamicRef":"#x"}}}`, `the reference "#x" points to nothing`},
		{`{"type":"object","properties":{"a":{"$dynamicRef":"#x"},"b":{"$id":"b.json","$dynamicAnchor":"x"}}}`, `schema/properties/a: "$dynamicRef" depends on where it is used, which is not supported: write "$ref"`},
		{`{"type":"object","$ref":"#","$recursiveRef":"#"}`, `schema: "$recursiveRef" depends on where it is used`},
		{`{"$schema":"http://json-schema.org/draft-03/schema#","properties":{"a":{"divisibleBy":2}}}`, `schema/properties/a: "divisibleBy" of draft 3 is not supported: write "multipleOf"`},
		{`{"properties":{"a":{"type":"array","minItems":9223372036854775808}}}`, `schema/properties/a: minItems 9223372036854775808 is out of reach: arguments are at most 1310720 bytes long`},
		{`{"properties":{"a":{"minLength":1e30}}}`, `schema/properties/a: minLength 1000000000000000000000000000000 is out of reach`},
		{`{"properties":{"a":{"minLength":1.5}}}`, `schema/properties/a/minLength: this is not what JSON Schema`},
		{`{"properties":{"a":{"required":"yes"}}}`, `schema/properties/a/required: this is not what JSON Schema`},
		{`{"properties":{"a":{"type":"file"}}}`, `schema/properties/a/type: this is not what JSON Schema`},
		{`{"properties":{"a":{"type":[["x"],["x"]]}}}`, `schema/properties/a/type`},
		{`{"properties":{"a":"string"}}`, `schema/properties/a: this is not what JSON Schema`},
		{`{"type":"object","required":["a"],"properties":{},"additionalProperties":false}`, `schema: "a" is required, but there is no such property`},
		{`{"type":"object","description":"` + strings.Repeat("x", schematree.MaxBytes) + `"}`, "more than 262144"},
		{`{"type":"object","properties":{` + nested(20) + `}}`, "nested more than 32 levels deep"},
		{`{"type":"object","enum":[` + strings.Repeat("1,", schematree.MaxNodes) + `1]}`, "more than 10000 values"},
		{doublingRefs(60, `"anyOf"`), "more than 10000 values once its references are resolved"},
		{`{"type":"object","properties":{"a":{"minimum":1e999999}}}`, "the number's exponent is out of range"},
	} {
		_, err := Parse(json.RawMessage(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s\n got %.300v\nwant %s", c.in, err, c.want)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "tool://") || len(err.Error()) > 2000 {
			t.Errorf("%.200s: it says too much: %.300v", c.in, err)
		}
	}
}

func nested(n int) string {
	if n == 0 {
		return `"x":{}`
	}
	return `"x":{"properties":{` + nested(n-1) + `}}`
}

// doublingRefs is a schema of n definitions, each of which refers twice to the
// next: 2^n branches.
func doublingRefs(n int, keyword string) string {
	var defs []string
	for i := range n {
		defs = append(defs, fmt.Sprintf(`"D%d":{%s:[{"$ref":"#/$defs/D%d"},{"$ref":"#/$defs/D%d"}]}`, i, keyword, i+1, i+1))
	}
	defs = append(defs, fmt.Sprintf(`"D%d":{"type":"string"}`, n))
	return `{"type":"object","properties":{"a":{"$ref":"#/$defs/D0"}},"$defs":{` + strings.Join(defs, ",") + `}}`
}

// Where a definition leads back to itself by two ways at once, each level of
// the arguments doubles the work.
func TestRecursionThatDoublesIsBounded(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"$defs":{"N":{"anyOf":[
		{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"required":["x"]},
		{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"required":["y"]},
		{"type":"integer"}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := check(s, `{"a":{"x":1,"a":{"y":2,"a":3}}}`); got != `{"a":{"x":1,"a":{"y":2,"a":3}}}` {
		t.Errorf("a shallow one: %s", got)
	}
	deep := strings.Repeat(`{"a":`, 60) + `1` + strings.Repeat(`}`, 60)
	if got := check(s, deep); got != `invalid arguments for "t": the arguments are too large or too deeply nested to be checked` {
		t.Errorf("a deep one: %.300s", got)
	}
}

func TestRawToolsDecodeExactly(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"type":"object","properties":{"n":{"type":"integer"},"o":{"type":"object"}},"required":["n"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.MayRefuse() {
		t.Error("there is nothing to decode into that could refuse")
	}
	args, fixes, problems := s.Check(`{"n":9007199254740993.0,"o":"{\"x\":1}","more":true}`)
	var got any
	if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 {
		t.Fatal(problems)
	}
	if want := `{"more":true,"n":9007199254740993,"o":{"x":1}}`; args != want || fmt.Sprint(fixes) != "[unwrapped integral]" {
		t.Errorf("got %s %v", args, fixes)
	}
	if n := got.(map[string]any)["n"]; n != json.Number("9007199254740993") {
		t.Errorf("n = %#v", n)
	}
}

// TestSpellingsOfEveryDraft has what the declared draft does not know, and can mean
// only one thing; and a keyword that came after it, which means nothing.
func TestSpellingsOfEveryDraft(t *testing.T) {
	const latest, seven = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",`, `{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",`
	for _, c := range []struct {
		schema, args string
		fits         bool
	}{
		{latest + `"properties":{"a":{},"b":{}},"dependencies":{"a":["b"]}}`, `{"a":1}`, false},
		{latest + `"properties":{"a":{"items":[{"type":"string"}],"additionalItems":false}}}`, `{"a":["x",1]}`, false},
		{latest + `"properties":{"a":{"minimum":1,"exclusiveMinimum":true}}}`, `{"a":1}`, false},
		{seven + `"properties":{"a":{"type":"string","nullable":true}},"required":["a"]}`, `{"a":null}`, true},
		{seven + `"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, `{"a":1}`, true},
	} {
		if got := check(mustParse(t, c.schema), c.args); (got == c.args) != c.fits {
			t.Errorf("%s: %s is taken for %s", c.schema, c.args, got)
		}
	}
}

// TestEmptyListsForEmptySchemas has the [] of PHP where {} is no schema that says
// nothing.
func TestEmptyListsForEmptySchemas(t *testing.T) {
	for _, schema := range []string{`{"not":[]}`, `{"contains":[]}`, `{"if":[],"then":{"type":"string"}}`} {
		s := mustParse(t, `{"type":"object","properties":{"a":`+schema+`}}`)
		if got := check(s, `{"a":[]}`); !strings.Contains(got, "/a: ") {
			t.Errorf("%s: got %s, of %s", schema, got, s.JSON())
		}
	}
}

// TestWhatIsListedAsUnchecked has one of each kind that the docs name.
func TestWhatIsListedAsUnchecked(t *testing.T) {
	for _, pattern := range []string{`^(?!a)`, `(?<=a)b`, `(a)\1`, `\p{Emoji}`, `^.{1,10000}$`, `[\p{L}]{1,1000}[\p{L}]{5001}`, `[a-`, strings.Repeat("(", 5000)} {
		quoted, err := json.Marshal(pattern)
		if err != nil {
			t.Fatal(err)
		}
		s := mustParse(t, `{"type":"object","properties":{"a":{"pattern":`+string(quoted)+`},"b":{"pattern":"^b$"}}}`)
		if got := s.Unchecked(); !slices.Equal(got, []string{"/properties/a/pattern"}) {
			t.Errorf("%.40s: unchecked are %q", pattern, got)
		}
		if got := check(s, `{"a":"x","b":"x"}`); !strings.Contains(got, "/b: ") || strings.Contains(got, "/a: ") {
			t.Errorf("%.40s: got %s", pattern, got)
		}
	}
}

func mustParse(tb testing.TB, text string) *Schema {
	tb.Helper()
	s, err := Parse(json.RawMessage(text))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// fill joins units made by f until n bytes are reached.
func fill(n int, f func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f(i))
	}
	return b.String()
}
