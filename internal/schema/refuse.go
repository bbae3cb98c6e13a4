package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// refusals returns why encoding/json refused arguments.
func refusals(args string, into any, err error) []Problem {
	if v, _, perr := jsontree.Parse([]byte(args)); perr == nil {
		var r refuser
		if r.find(newGoType(reflect.TypeOf(into)), v, ""); len(r.found) > 0 {
			return sortFindings(r.found)
		}
	}
	return []Problem{{Keyword: "decode", Message: "cannot be read: " + errorText(err)}}
}

type decodeErr string

func (e decodeErr) Error() string { return string(e) }

const (
	errUnfit = decodeErr("the value does not fit")
	// A panic's own words may hold anything; the model learns only that it was.
	errPanicked = decodeErr("the value is not understood")
)

// A refuser finds the values that a type does not decode, each with its path.
type refuser struct{ found []finding }

func (r *refuser) find(g *goType, v any, path string) {
	if g = g.reached(); v == nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		switch {
		case g.fields != nil:
			r.findInStruct(g, v, path)
			return
		case g.elem != nil:
			before := len(r.found)
			for key, e := range v {
				r.find(g.elem, e, below(path, key))
			}
			if len(r.found) > before {
				return
			}
		}
	case []any:
		if g.elem != nil {
			for i, e := range v {
				r.find(g.elem, e, below(path, strconv.Itoa(i)))
			}
			return
		}
	}
	if text := decodeError(g.Type, jsontree.Append(nil, v)); text != "" {
		r.refuse(path, "cannot be read: "+text)
	}
}

func (r *refuser) findInStruct(g *goType, members map[string]any, path string) {
	for _, f := range g.fields {
		v, given := members[f.name]
		switch {
		case !given:
		case !f.quoted:
			r.find(f.goType, v, below(path, f.name))
		default:
			text, _ := v.(string)
			if t := f.reached().Type; decodeError(t, []byte(text)) != "" {
				r.refuse(below(path, f.name), fmt.Sprintf("must be a string that holds %s", article(t.Kind().String())))
			}
		}
	}
}

func (r *refuser) refuse(path, text string) {
	r.found = append(r.found, finding{Problem: Problem{path, "decode", text}})
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
func decodeError(t reflect.Type, data []byte) (text string) {
	defer func() {
		if recover() != nil {
			text = errPanicked.Error()
		}
	}()
	if err := json.Unmarshal(data, reflect.New(t).Interface()); err != nil {
		return errorText(err)
	}
	return ""
}

// errorText is what a model may read of a decoding error: a type's own words
// are for it, those of encoding/json are about Go.
func errorText(err error) string {
	switch err.(type) {
	case *json.UnmarshalTypeError, *json.SyntaxError, *json.InvalidUnmarshalError:
		return errUnfit.Error()
	}
	return cut(printable(err.Error()), maxLine)
}

func readsItself(t reflect.Type) bool {
	return implements(t, jsonReadType) || implements(t, textReadType)
}
