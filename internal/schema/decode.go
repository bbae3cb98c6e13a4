package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// A goType is what decoding knows of the type that a schema was made from.
type goType struct {
	root      reflect.Type
	exact     bool // an any inside: its numbers must keep their digits
	mayRefuse bool
}

// Decode reads arguments that Check returned into a zero value of the
// reflected type. Numbers in fields of type any arrive as json.Number, with
// all their digits. What a type's own UnmarshalJSON or UnmarshalText refuses,
// or panics on, is a problem with the path of the value.
func (s *Schema) Decode(args []byte, into any) []Problem {
	err := s.unmarshal(args, into)
	if err == nil {
		return nil
	}
	if v, _, perr := jsontree.Parse(args); perr == nil {
		r := refuser{fields: map[reflect.Type][]field{}}
		if r.find(reflect.TypeOf(into), v, ""); len(r.found) > 0 {
			return sortFindings(r.found)
		}
	}
	return []Problem{{Keyword: "decode", Message: "cannot be read: " + errorText(err)}}
}

func (s *Schema) unmarshal(args []byte, into any) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	if s.typ != nil && !s.typ.exact {
		return json.Unmarshal(args, into)
	}
	d := json.NewDecoder(bytes.NewReader(args))
	d.UseNumber()
	return d.Decode(into)
}

type decodeErr string

func (e decodeErr) Error() string { return string(e) }

// A panic's own words may hold anything; the model learns only that it was.
const errPanicked = decodeErr("the value is not understood")

// A refuser finds the values that a type does not decode, each with its path.
type refuser struct {
	fields map[reflect.Type][]field
	found  []finding
}

func (r *refuser) find(t reflect.Type, v any, path string) {
	t = reachable(t)
	if v == nil {
		return
	}
	if !readsItself(t) {
		before := len(r.found)
		switch v := v.(type) {
		case map[string]any:
			switch t.Kind() {
			case reflect.Struct:
				r.findInStruct(t, v, path)
				return
			case reflect.Map:
				for key, e := range v {
					r.find(t.Elem(), e, below(path, key))
				}
				if len(r.found) > before {
					return
				}
			}
		case []any:
			if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
				for i, e := range v {
					r.find(t.Elem(), e, below(path, strconv.Itoa(i)))
				}
				return
			}
		}
	}
	if text := decodeError(t, jsontree.Append(nil, v)); text != "" {
		r.refuse(path, "cannot be read: "+text)
	}
}

func (r *refuser) findInStruct(t reflect.Type, members map[string]any, path string) {
	fields, known := r.fields[t]
	if !known {
		fields, _ = fieldsOf(t)
		r.fields[t] = fields
	}
	for _, f := range fields {
		v, given := members[f.name]
		switch {
		case !given:
		case !f.quoted:
			r.find(f.Type, v, below(path, f.name))
		default:
			text, _ := v.(string)
			if t := reachable(f.Type); decodeError(t, []byte(text)) != "" {
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
		return "the value does not fit"
	}
	return cut(printable(err.Error()), maxLine)
}

func readsItself(t reflect.Type) bool {
	return implements(t, jsonReadType) || implements(t, textReadType)
}

// A shape is what encoding/json can set in a type. It is asked where the
// schema is not closed (a type brought its own): encoding/json takes Path for
// path, and drops what it does not know; here both are refused.
type shape struct {
	fields map[string]*shape // of a struct; nil otherwise
	names  []string          // of the fields, in order
	elem   *shape            // of a list or map
	length int               // of an array, which drops what is beyond; else -1
}

func shapeOf(t reflect.Type, known map[reflect.Type]*shape) *shape {
	t = reachable(t)
	if s, ok := known[t]; ok {
		return s
	}
	if readsItself(t) {
		return nil
	}
	s := &shape{length: -1}
	known[t] = s
	switch t.Kind() {
	case reflect.Struct:
		s.fields = map[string]*shape{}
		fields, _ := fieldsOf(t)
		for _, f := range fields {
			s.fields[f.name] = shapeOf(f.Type, known)
			s.names = append(s.names, f.name)
		}
	case reflect.Array:
		s.length = t.Len()
		s.elem = shapeOf(t.Elem(), known)
	case reflect.Slice, reflect.Map:
		s.elem = shapeOf(t.Elem(), known)
	}
	return s
}

// member returns the shape of a member; ok is false where it cannot be set.
func (s *shape) member(name string) (sub *shape, ok bool) {
	if s == nil || s.fields == nil {
		return s.element(), true
	}
	sub, ok = s.fields[name]
	return sub, ok
}

func (s *shape) element() *shape {
	if s == nil {
		return nil
	}
	return s.elem
}

// narrow keeps out what findings would find where a schema says nothing.
func (s *shape) narrow(n *treeNode) {
	if s == nil {
		return
	}
	n.closed = s.fields != nil || s.elem != nil && n.rest == anyValue
	n.itemless = s.elem != nil && n.items == anyValue
	if s.length >= 0 {
		n.most = s.length
	}
}

func (s *shape) findings(v any, path string) []finding {
	if s == nil {
		return nil
	}
	var findings []finding
	switch v := v.(type) {
	case map[string]any:
		var unknown []string
		for key, e := range v {
			sub := s.elem
			if s.fields != nil {
				var ok bool
				if sub, ok = s.fields[key]; !ok {
					unknown = append(unknown, key)
					continue
				}
			}
			if sub != nil {
				findings = append(findings, sub.findings(e, below(path, key))...)
			}
		}
		findings = append(findings, unknownProperties(path, unknown, s.names)...)
	case []any:
		if s.length >= 0 && len(v) > s.length {
			findings = append(findings, finding{Problem: Problem{path, "maxItems", fmt.Sprintf("must have at most %d items", s.length)}})
		}
		if s.elem != nil {
			for i, e := range v {
				findings = append(findings, s.elem.findings(e, below(path, strconv.Itoa(i)))...)
			}
		}
	}
	return findings
}
