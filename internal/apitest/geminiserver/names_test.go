package geminiserver

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusesNamesAndRoots(t *testing.T) {
	for function, want := range map[string]string{
		`{"name":"` + strings.Repeat("f", 65) + `"}`: "Invalid function name",
		`{"name":"2nd"}`: "Invalid function name",
		`{"name":"f","parametersJsonSchema":{"type":"object","anyOf":[]}}`:                     "no union",
		`{"name":"f","parametersJsonSchema":{"type":"object","properties":{"$top":{}}}}`:       "invalid property name",
		`{"name":"f","parameters":{"type":"object","properties":{"ids[]":{"type":"string"}}}}`: "invalid property name",
	} {
		in := body(user, `,"tools":[{"functionDeclarations":[`+function+`]}]`)
		if _, err := (protocol{}).Check(httptest.NewRequest("POST", path, nil), []byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, want %s", function, err, want)
		}
	}
}
