package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// strictKeywords are the keywords that strict mode enforces (OpenAI, guide "Structured
// Outputs", supported schemas).
var strictKeywords = []string{"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
	"description", "title", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"minItems", "maxItems", "$ref", "$defs", "default", "format"}

// strictFormats are the formats that strict mode knows.
var strictFormats = []string{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}

// What strict mode takes of one schema.
const (
	maxStrictProperties = 5000
	maxStrictDepth      = 10
	maxStrictEnum       = 1000
	maxStrictText       = 120_000
)

// OpenAIStrict returns the schema for OpenAI's strict mode, which the model cannot break.
// Strict mode requires every property, so an optional property is sent as one that may be
// null; the check of arguments treats null as missing there. It returns an error if strict
// mode would lose a part of the schema: then send the schema without it.
func OpenAIStrict(schema json.RawMessage) ([]byte, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	if root.Text("type") != "object" {
		return nil, errors.New("the root is not an object")
	}
	s := &strict{defs: root.Object("$defs")}
	out, err := s.convert(root, "", 1)
	if err != nil {
		return nil, err
	}
	if s.properties > maxStrictProperties || s.text > maxStrictText {
		return nil, errors.New("more properties, or longer names, than strict mode allows")
	}
	return schematree.Append(nil, out), nil
}

type strict struct {
	defs             *schematree.Object
	properties, text int
	unions           int // how many enclosing anyOf have several alternatives
}

func (s *strict) convert(v any, path string, depth int) (*schematree.Object, error) {
	o, ok := v.(*schematree.Object)
	switch {
	case !ok || len(o.Names()) == 0:
		return nil, fmt.Errorf("%s allows any value", at(path))
	case depth > maxStrictDepth:
		return nil, fmt.Errorf("%s is nested more than %d levels deep", at(path), maxStrictDepth)
	}
	for _, keyword := range o.Names() {
		if !slices.Contains(strictKeywords, keyword) {
			return nil, fmt.Errorf("%s uses %q", at(path), keyword)
		}
	}
	if f := o.Text("format"); f != "" && !slices.Contains(strictFormats, f) {
		return nil, fmt.Errorf("%s has the format %q", at(path), f)
	}
	if !o.Has("type") && !o.Has("anyOf") && !o.Has("$ref") && !o.Has("enum") && !o.Has("const") {
		return nil, fmt.Errorf("%s has no type", at(path))
	}
	if slices.Contains(o.Types(), "array") && !o.Has("items") {
		return nil, fmt.Errorf("%s has no items", at(path))
	}
	if len(o.Array("enum")) > maxStrictEnum {
		return nil, fmt.Errorf("%s has more than %d values", at(path), maxStrictEnum)
	}
	if o.Has("$ref") { // no other keyword may be next to it
		if s.defs.Object(strings.TrimPrefix(o.Text("$ref"), "#/$defs/")) == nil {
			return nil, fmt.Errorf("%s refers to unknown %q", at(path), o.Text("$ref"))
		}
		out := schematree.NewObject()
		out.Set("$ref", o.Values["$ref"])
		return out, nil
	}
	out := schematree.NewObject()
	if !o.Has("type") && !o.Has("anyOf") {
		typ, ok := typeOf(o)
		if !ok {
			return nil, fmt.Errorf("%s has objects or arrays in enum or const", at(path))
		}
		out.Set("type", typ)
	}
	for keyword, v := range o.All() {
		switch keyword {
		case "properties", "required": // together, below
		case "default":
			describe(out, []string{Words(keyword, v)})
		case "description": // keep the words of a default set before
			had := out.Text("description")
			out.Set("description", v)
			if had != "" {
				out.Set("description", fmt.Sprint(v, " ", had))
			}
		case "items":
			item, err := s.convert(v, path+"/items", depth+1)
			if err != nil {
				return nil, err
			}
			out.Set(keyword, item)
		case "anyOf":
			if depth == 1 {
				return nil, errors.New("the root has anyOf")
			}
			forms, _ := v.([]any)
			several := 0
			if choices(forms) > 1 {
				several = 1
			}
			s.unions += several
			var made []any
			for i, f := range forms {
				form, err := s.convert(f, fmt.Sprintf("%s/anyOf/%d", path, i), depth)
				if err != nil {
					return nil, err
				}
				made = append(made, form)
			}
			s.unions -= several
			out.Set(keyword, made)
		case "$defs":
			defs, _ := v.(*schematree.Object)
			made := schematree.NewObject()
			for name, d := range defs.All() {
				def, err := s.convert(d, "/$defs/"+name, 2)
				if err != nil {
					return nil, err
				}
				made.Set(name, def)
			}
			out.Set(keyword, made)
		default:
			out.Set(keyword, v)
		}
		if text, _ := v.([]any); keyword == "enum" {
			s.text += len(schematree.Append(nil, text))
		}
	}
	if slices.Contains(o.Types(), "object") {
		return out, s.object(out, o, path, depth)
	}
	return out, nil
}

// object makes every property of an object required.
func (s *strict) object(out, o *schematree.Object, path string, depth int) error {
	if o.Values["additionalProperties"] != false {
		return fmt.Errorf("%s allows additional properties", at(path))
	}
	made := schematree.NewObject()
	names := []any{}
	required := o.Texts("required")
	for name, p := range o.Object("properties").All() {
		sub, err := s.convert(p, path+"/"+name, depth+1)
		if err != nil {
			return err
		}
		if !slices.Contains(required, name) {
			if s.unions > 0 { // null would need the alternative to be known first
				return fmt.Errorf("%s is optional within anyOf", at(path+"/"+name))
			}
			if s.takesNull(p, 0) {
				return fmt.Errorf("%s is optional and may be null", at(path+"/"+name))
			}
			sub = orNull(sub)
		}
		s.properties++
		s.text += len(name)
		made.Set(name, sub)
		names = append(names, name)
	}
	for _, name := range required {
		if !made.Has(name) {
			return fmt.Errorf("%s requires %q, which is not one of its properties", at(path), name)
		}
	}
	out.Set("properties", made)
	out.Set("required", names)
	out.SortKeys([]string{"type", "description", "properties", "required", "additionalProperties"}, []string{"$defs"})
	return nil
}

// choices returns the number of alternatives other than null.
func choices(forms []any) int {
	n := 0
	for _, f := range forms {
		if o, ok := f.(*schematree.Object); !ok || o.Text("type") != "null" {
			n++
		}
	}
	return n
}

// takesNull reports whether the schema accepts null.
func (s *strict) takesNull(v any, depth int) bool {
	o, ok := v.(*schematree.Object)
	if !ok || o == nil || depth > maxStrictDepth {
		return true
	}
	if ref := o.Text("$ref"); ref != "" {
		return s.takesNull(s.defs.Object(strings.TrimPrefix(ref, "#/$defs/")), depth+1)
	}
	null := func(v any) bool { return v == nil }
	if o.Has("enum") || o.Has("const") {
		return slices.ContainsFunc(o.Array("enum"), null) || o.Has("const") && o.Values["const"] == nil
	}
	if o.Has("type") {
		return slices.Contains(o.Types(), "null")
	}
	return slices.ContainsFunc(o.Array("anyOf"), func(f any) bool { return s.takesNull(f, depth+1) })
}

// orNull returns a schema that also accepts null.
func orNull(o *schematree.Object) *schematree.Object {
	if len(o.Types()) == 1 && !o.Has("const") {
		o.Set("type", []any{o.Types()[0], "null"})
		if o.Has("enum") {
			o.Set("enum", append(slices.Clone(o.Array("enum")), nil))
		}
		return o
	}
	null := schematree.NewObject()
	null.Set("type", "null")
	out := schematree.NewObject()
	if d := o.Text("description"); d != "" {
		out.Set("description", d)
		o.Delete("description")
	}
	if len(o.Names()) == 1 && o.Has("anyOf") {
		out.Set("anyOf", append(slices.Clone(o.Array("anyOf")), null))
	} else {
		out.Set("anyOf", []any{o, null})
	}
	return out
}

func at(path string) string {
	if path == "" {
		return "the root"
	}
	return path
}
