package schema

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// Why encoding/json does not decode a value, in words for the model. A panic's own words
// may hold anything; the model learns only that it was.
var (
	errUnfit    = errors.New("the value does not fit")
	errPanicked = errors.New("the value is not understood")
)

// unmarshal has encoding/json decode one value.
func unmarshal(text string, into any) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	if !json.Valid([]byte(text)) {
		return errUnfit
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// refusals returns where and why encoding/json refused arguments, nothing if it did not.
func refusals(args string, into any, err error) []Problem {
	if err == nil {
		return nil
	}
	if v, _, perr := jsontree.Parse([]byte(args)); perr == nil {
		if found := newGoType(reflect.TypeOf(into)).refuses(v, ""); len(found) > 0 {
			return sortFindings(found)
		}
	}
	return []Problem{{Keyword: "decode", Message: "cannot be read: " + errorText(err)}}
}

// refuses finds the values that the type does not decode, each with its path.
func (g *goType) refuses(v any, path string) (found []finding) {
	g = g.reached()
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		for _, f := range g.fields {
			if e, given := v[f.name]; given {
				found = append(found, f.refuses(e, below(path, f.name))...)
			}
		}
		if g.fields == nil && g.elem != nil {
			for key, e := range v {
				found = append(found, g.elem.refuses(e, below(path, key))...)
			}
		}
		if g.fields != nil || len(found) > 0 {
			return found
		}
	case []any:
		if g.elem != nil {
			for i, e := range v {
				found = append(found, g.elem.refuses(e, below(path, strconv.Itoa(i)))...)
			}
			return found
		}
	}
	if text := decodeError(g.Type, jsontree.Append(nil, v)); text != "" {
		return refusal(path, "cannot be read: "+text)
	}
	return nil
}

// refuses is that of the field's type, but for a value that stands in a string.
func (f goField) refuses(v any, path string) []finding {
	if !f.quoted {
		return f.goType.refuses(v, path)
	}
	t := f.reached().Type
	if text, _ := v.(string); decodeError(t, []byte(text)) != "" {
		return refusal(path, "must be a string that holds "+article(t.Kind().String()))
	}
	return nil
}

func refusal(path, text string) []finding {
	return []finding{{Problem: Problem{path, "decode", text}}}
}

// below returns the path of a member or an item. A path is shown cut, and so
// it stops growing there: the names in it may be as long as the arguments.
func below(path, step string) string {
	if len(path) > maxPointer {
		return path
	}
	return path + "/" + jsontree.EscapePointer(step[:min(len(step), maxPointer+1)])
}

// decodeError returns why data does not decode into a t, "" if it does.
func decodeError(t reflect.Type, data []byte) string {
	return errorText(unmarshal(string(data), reflect.New(t).Interface()))
}

// errorText is what a model may read of a decoding error: a type's own words
// are for it, those of encoding/json are about Go.
func errorText(err error) string {
	switch err.(type) {
	case nil:
		return ""
	case *json.UnmarshalTypeError, *json.SyntaxError, *json.InvalidUnmarshalError:
		return errUnfit.Error()
	}
	return cut(printable(err.Error()), maxLine)
}

func readsItself(t reflect.Type) bool {
	return implements(t, jsonReadType) || implements(t, textReadType)
}
