package schema

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A field is one that encoding/json would set: embedded structs are flattened,
// and of several fields with one JSON name the rules of Go have chosen one.
type field struct {
	reflect.StructField
	name     string // in JSON
	path     string // in Go, from the struct that it was asked for
	tagged   bool   // the name comes from a tag
	optional bool   // omitempty or omitzero
	quoted   bool   // ",string": the value stands in a JSON string
	hidden   bool   // jsonschema:"-": not shown to models
	index    []int
}

// A JSONField is a field of a struct as encoding/json sees it.
type JSONField struct {
	Name  string // in JSON
	Path  string // in Go, such as .Base.ID
	Index []int  // as in reflect.Value.FieldByIndex
	Type  reflect.Type
}

// JSONFields lists the fields of a struct that encoding/json writes, in their order.
func JSONFields(t reflect.Type) []JSONField {
	fields, _ := fieldsOf(t)
	list := make([]JSONField, len(fields))
	for i, f := range fields {
		list[i] = JSONField{f.name, f.path, f.index, f.Type}
	}
	return list
}

// fieldsOf lists the fields of a struct in the order of their declaration. The
// problems name fields that encoding/json would drop or fail on.
func fieldsOf(t reflect.Type) (fields []field, problems []error) {
	type level struct {
		t     reflect.Type
		path  string
		index []int
	}
	var count, nextCount map[reflect.Type]int
	visited := map[reflect.Type]bool{}
	for next := []level{{t: t}}; len(next) > 0; {
		current := next
		next, count, nextCount = nil, nextCount, map[reflect.Type]int{}
		for _, l := range current {
			if visited[l.t] {
				continue
			}
			visited[l.t] = true
			for i := range l.t.NumField() {
				f, embedded, ok := newField(l.t.Field(i))
				if !ok {
					continue
				}
				f.index = append(slices.Clone(l.index), i)
				f.path = l.path + "." + f.Name
				if name := jsonName(f.StructField); name != "" && !validName(name) {
					problems = append(problems, fmt.Errorf("%s: the name %q in its json tag is read differently by different versions of Go: take letters, digits and _", f.path, name))
				}
				if !embedded {
					fields = append(fields, f)
					if count[l.t] > 1 {
						fields = append(fields, f) // embedded twice at one depth: neither counts
					}
					continue
				}
				if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
					problems = append(problems, fmt.Errorf("%s: encoding/json cannot fill an embedded pointer to an unexported struct: embed %s by value", f.path, f.Type.Elem()))
				}
				target := deref(f.Type)
				if nextCount[target]++; nextCount[target] == 1 {
					next = append(next, level{target, f.path, f.index})
				}
			}
		}
	}
	fields, twice := dominant(fields)
	problems = append(problems, twice...)
	for i, f := range fields {
		for _, g := range fields[:i] {
			if strings.EqualFold(f.name, g.name) {
				problems = append(problems, fmt.Errorf("%s: its JSON name %q differs from %q (%s) by case alone: rename one of them", f.path, f.name, g.name, strings.TrimPrefix(g.path, ".")))
			}
		}
	}
	return fields, problems
}

// newField reads one struct field; ok is false where encoding/json skips it.
func newField(sf reflect.StructField) (f field, embedded, ok bool) {
	target := sf.Type
	if target.Name() == "" {
		target = deref(target)
	}
	if !sf.IsExported() && (!sf.Anonymous || target.Kind() != reflect.Struct) {
		return field{}, false, false
	}
	tag := sf.Tag.Get("json")
	if tag == "-" {
		return field{}, false, false
	}
	_, options, _ := strings.Cut(tag, ",")
	name := jsonName(sf)
	f = field{StructField: sf, name: cmp.Or(name, sf.Name), tagged: name != ""}
	f.hidden = strings.HasPrefix(sf.Tag.Get("jsonschema")+",", "-,")
	for o := range strings.SplitSeq(options, ",") {
		switch o {
		case "omitempty", "omitzero":
			f.optional = true
		case "string":
			f.quoted = isSimple(target)
		}
	}
	return f, sf.Anonymous && name == "" && target.Kind() == reflect.Struct, true
}

// dominant picks one field for each JSON name, as encoding/json does: the
// least deep, of these the one with a tag, and none where that leaves several.
// Two in one struct are a mistake.
func dominant(fields []field) (kept []field, problems []error) {
	byName := map[string][]field{}
	for _, f := range fields {
		byName[f.name] = append(byName[f.name], f)
	}
	for _, same := range byName {
		slices.SortStableFunc(same, func(a, b field) int {
			if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
				return c
			}
			if a.tagged {
				return -1
			}
			return 1
		})
		if len(same) == 1 || len(same[0].index) < len(same[1].index) || same[0].tagged && !same[1].tagged {
			kept = append(kept, same[0])
		} else if len(same[0].index) == 1 {
			problems = append(problems, fmt.Errorf("%s: its JSON name %q is also that of %s, so that encoding/json drops both: rename one of them", same[1].path, same[1].name, strings.TrimPrefix(same[0].path, ".")))
		}
	}
	slices.SortStableFunc(kept, func(a, b field) int { return slices.Compare(a.index, b.index) })
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return kept, problems
}

// jsonName is the name in a field's json tag, "" for none.
func jsonName(sf reflect.StructField) string {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	return name
}

// validName reports whether encoding/json has always taken such a name from a
// tag.
func validName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
