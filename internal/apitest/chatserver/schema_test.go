package chatserver

import (
	"strings"
	"testing"
)

func TestRefusesSchemas(t *testing.T) {
	for schema, want := range map[string]string{
		`{"type":"object","properties":{},"anyOf":[{}]}`:                              "at the top level",
		`{"type":"object","properties":{},"not":{}}`:                                  "at the top level",
		`{"type":"object"}`:                                                           "object schema missing properties",
		`{"type":"object","properties":{"a":{"type":"array"}}}`:                       "array schema missing items",
		`{"type":"object","properties":{"a":{"type":"string","enum":["a",1]}}}`:       "enum value 1 does not validate against",
		`{"type":"object","properties":{"a":{"anyOf":[{"type":"null","enum":[1]}]}}}`: "does not validate against",
		`{"type":"object","properties":{"a":[]}}`:                                     "is not of type 'object', 'boolean'",
	} {
		in := body(user, `,"tools":[`+strings.Replace(tool, `{"type":"object","properties":{}}`, schema, 1)+`]`)
		if _, err := check([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %q", schema, err, want)
		}
	}
}
