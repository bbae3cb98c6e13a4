package apiserver

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// Object is a JSON object as package jsontree has it.
type Object = map[string]any

// Number is a JSON number.
func Number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// A Kind is a set of JSON types.
type Kind string

// The kinds of values that fields have.
const (
	Text     Kind = "string"
	Boolean  Kind = "boolean"
	Num      Kind = "number"
	Integer  Kind = "integer"
	Array    Kind = "array"
	AnObject Kind = "object"
	Anything Kind = ""
)

// Has reports whether v is of the kind.
func (k Kind) Has(v any) bool {
	switch v := v.(type) {
	case string:
		return k == Text || k == Anything
	case bool:
		return k == Boolean || k == Anything
	case json.Number:
		return k == Num || k == Anything || k == Integer && !strings.ContainsAny(string(v), ".eE")
	case []any:
		return k == Array || k == Anything
	case Object:
		return k == AnObject || k == Anything
	}
	return k == Anything
}

// Parse reads a body, which must be an object without half surrogate pairs.
func Parse(body []byte) (Object, error) {
	v, replaced, err := jsontree.Parse(body)
	if err != nil {
		return nil, err
	}
	if replaced {
		return nil, errors.New("the body holds half of a surrogate pair")
	}
	o, ok := v.(Object)
	if !ok {
		return nil, errors.New("the body must be a JSON object")
	}
	return o, nil
}

// Fields looks for a field that is not known, or not of its kind, and returns
// its name and the kind that it should have.
func Fields(o Object, known map[string]Kind) (name string, want Kind, isKnown, ok bool) {
	for name, v := range o {
		want, isKnown := known[name]
		if !isKnown || !want.Has(v) {
			return name, want, isKnown, false
		}
	}
	return "", "", true, true
}
