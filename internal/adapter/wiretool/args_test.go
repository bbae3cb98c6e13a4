package wiretool

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/testkit/effort"
)

func TestArgs(t *testing.T) {
	const plain = `{"type":"object","properties":{"$top":{"type":"integer"},"map":{"type":"object","additionalProperties":{"type":"integer"}},"list":{"type":"array","items":{"type":"object","properties":{"$top":{}}}}}}`
	const forms = `{"type":"object","properties":{"$top":{}},"anyOf":[{"properties":{"a":{"properties":{"ids[]":{}}}}},{"properties":{"a":{"type":"string"}}}]}`
	const texts = `{"type":"object","properties":{"o":{"type":"object","properties":{"$top":{},"o":{"type":"object","properties":{"$top":{}}}}},"s":{"type":["object","string"],"properties":{"$top":{}}},"p":{"type":"object","properties":{"$top":{}}}}}`
	for _, c := range []struct{ name, schema, in, want string }{
		{"renamed", plain, `{"_top_qg7zrzaj":1}`, `{"$top":1}`},
		{"every other byte stays", plain, "{ \"_top_qg7zrzaj\" :\n1.50e+2,\"z\":\"\\u00e4\\/\",\t\"a\":[ -0 , null,true ] }", "{ \"$top\" :\n1.50e+2,\"z\":\"\\u00e4\\/\",\t\"a\":[ -0 , null,true ] }"},
		{"white space around", plain, " {\"_top_qg7zrzaj\":1}\n", " {\"$top\":1}\n"},
		{"escapes in the name", plain, `{"_top\u005fqg7zrzaj":"\"}"}`, `{"$top":"\"}"}`},
		{"in a list", plain, `{"list":[{"_top_qg7zrzaj":{}},[],{"x":{"_top_qg7zrzaj":1}}]}`, `{"list":[{"$top":{}},[],{"x":{"_top_qg7zrzaj":1}}]}`},
		{"the names in a map are data", plain, `{"map":{"_top_qg7zrzaj":1}}`, `{"map":{"_top_qg7zrzaj":1}}`},
		{"its own names", plain, `{"$top":1}`, `{"$top":1}`},
		{"both", plain, `{"$top":1,"_top_qg7zrzaj":2}`, `{"$top":1,"$top":2}`},
		{"nothing", plain, ``, ``},
		{"no JSON", plain, `{"_top_qg7zrzaj":1`, `{"_top_qg7zrzaj":1`},
		{"more than one value", plain, `{"_top_qg7zrzaj":1}{}`, `{"_top_qg7zrzaj":1}{}`},
		{"no object", plain, `["_top_qg7zrzaj"]`, `["_top_qg7zrzaj"]`},

		{"wrapped", forms, `{"input":{"_top_qg7zrzaj":1}}`, `{"$top":1}`},
		{"wrapped, with white space", forms, `{ "input" : { "_top_qg7zrzaj":1 } }`, `{ "$top":1 }`},
		{"not wrapped", forms, `{"_top_qg7zrzaj":1}`, `{"$top":1}`},
		{"in one of several forms", forms, `{"input":{"a":{"ids_n2e3l5g6":[]}}}`, `{"a":{"ids[]":[]}}`},
		{"wrapped, with something beside", forms, `{"input":{},"x":1}`, `{"input":{},"x":1}`},
		{"all of it as text", plain, ` "{\"_top_qg7zrzaj\":1,\"z\":\"\\u00e4\"}"`, ` "{\"$top\":1,\"z\":\"\\u00e4\"}"`},
		{"an object as text", texts, `{"o":"{\"_top_qg7zrzaj\":[1.0]}","s":"{\"_top_qg7zrzaj\":1}"}`, `{"o":"{\"$top\":[1.0]}","s":"{\"_top_qg7zrzaj\":1}"}`},
		{"text that is no object", texts, `{"o":"{\"_top_qg7zrzaj\":","p":"[{\"_top_qg7zrzaj\":1}]"}`, `{"o":"{\"_top_qg7zrzaj\":","p":"[{\"_top_qg7zrzaj\":1}]"}`},
		{"text in text", texts, `{"o":"{\"o\":\"{\\\"_top_qg7zrzaj\\\":1}\"}"}`, `{"o":"{\"o\":\"{\\\"_top_qg7zrzaj\\\":1}\"}"}`},
		{"all of it wrapped, as text", forms, `"{\"input\":{\"_top_qg7zrzaj\":1}}"`, `"{\"$top\":1}"`},
		{"all of it as text, not wrapped", forms, `"{\"_top_qg7zrzaj\":1}"`, `"{\"$top\":1}"`},
		{"wrapped as text, renamed", forms, `{"input":"{\"_top_qg7zrzaj\":1}"}`, `"{\"$top\":1}"`},
		{"wrapped as text", forms, `{"input":"{\"a\":1}"}`, `"{\"a\":1}"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Anthropic.newReader([]byte(c.schema)).args(c.in); got != c.want {
				t.Errorf("%s\nis read as\n%s, want\n%s", c.in, got, c.want)
			}
		})
	}
}

// TestArgsAreReadInBoundedTime has a schema with an unbounded number of places.
func TestArgsAreReadInBoundedTime(t *testing.T) {
	effort.Cost(t)
	forms := strings.TrimSuffix(strings.Repeat(`{"type":"object","properties":{"$a":{"$ref":"#/$defs/n"},"b":{"$ref":"#/$defs/n"}}},`, 1200), ",")
	r := Anthropic.newReader([]byte(`{"type":"object","properties":{"$a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"anyOf":[` + forms + `]}}}`))
	if r.places == nil {
		t.Fatal("no property is renamed")
	}
	name := Anthropic.properties.Name("$a")
	deep := strings.Repeat(`{"`+name+`":{"b":`, 150) + "1" + strings.Repeat("}}", 150)
	if got := r.args(deep); got != tooMany {
		t.Errorf("with names on the wire: %.200s", got)
	}
	if looked := maxLooks - r.places.left; looked < maxLooks/10 || looked > maxLooks+1<<12 {
		t.Errorf("%d schemas were looked at, of at most %d", looked, maxLooks)
	}
	wide := "{" + strings.Repeat(`"x":[{"`+name+`":1}],`, 100_000) + `"` + name + `":1}`
	if got := r.args(wide); !strings.HasSuffix(got, `"$a":1}`) || maxLooks-r.places.left > maxLooks/2 {
		t.Errorf("%d schemas were looked at: …%s", maxLooks-r.places.left, got[len(got)-20:])
	}
}

// TestLargeMaps has many free names, whose values have many properties each.
func TestLargeMaps(t *testing.T) {
	list := func(n int, format string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = strings.ReplaceAll(format, "#", strconv.Itoa(i))
		}
		return strings.Join(parts, ",")
	}
	for _, rows := range []string{`"additionalProperties":`, `"properties":{"x":{}},"patternProperties":{"^r":{}},"additionalProperties":`} {
		r := Anthropic.newReader([]byte(`{"type":"object","properties":{"rows":{"type":"object",` + rows + `{"type":"object","properties":{"$id":{"type":"string"},` + list(100, `"p#":{"type":"integer"}`) + `}}}}}`))
		row := func(name string) string { return `"r#":{` + list(100, `"p#":#`) + `,"` + name + `":"x"}` }
		in, want := `{"rows":{`+list(300, row(Anthropic.properties.Name("$id")))+`}}`, `{"rows":{`+list(300, row("$id"))+`}}`
		if got := r.args(in); got != want {
			t.Errorf("%s: the arguments are read as %.200s", rows, got)
		}
		if looked := maxLooks - r.places.left; looked > 20_000 {
			t.Errorf("%s: %d schemas were looked at", rows, looked)
		}
	}
}

// FuzzArgs has arbitrary arguments: JSON stays JSON, and other text is unchanged.
func FuzzArgs(f *testing.F) {
	f.Add(`{"input":{"_top_qg7zrzaj":[1,{"a":"\\"}]}}`)
	f.Add(` {"a\u0000":-1.0E+5 , "b" : [ ] , "c":{ } } `)
	f.Add(`"\ud800"`)
	f.Add("{\"\xff\":[[[]]]}")
	var readers []*reader
	for _, s := range odd {
		for api := range patterns {
			readers = append(readers, api.newReader([]byte(s)))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range readers {
			got := r.args(text)
			switch {
			case json.Valid([]byte(text)) && !json.Valid([]byte(got)):
				t.Fatalf("%q is read as %q", text, got)
			case !json.Valid([]byte(text)) && got != text:
				t.Fatalf("%q is read as %q", text, got)
			case got != r.args(text):
				t.Fatalf("%q is read in two ways", text)
			}
		}
	})
}
