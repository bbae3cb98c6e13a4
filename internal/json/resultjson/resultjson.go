// Package resultjson looks after the JSON that a model reads of a tool's result.
// encoding/json writes it; Check refuses types that it cannot write, and Fill puts
// [] and {} in the place of nil slices and maps.
package resultjson

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsonscan"
)

// Fill returns text, the JSON that encoding/json wrote of v, with [], {} and "" in
// the place of each null that stands for a nil slice, map or []byte. A model reads
// null as "unknown" or as a failure, and not as "none".
//
// A null that stands for a nil pointer or interface remains. So does what a type
// writes itself, by MarshalJSON or MarshalText. Fill reads v, and never changes or
// copies it: v may be shared, and hold locks. It returns text itself if nothing is to
// be done. JSON that is nested more than 500 deep is left as it is.
func Fill(text string, v any) string {
	if v == nil || !planOf(reflect.TypeOf(v)).holds || !strings.Contains(text, "null") {
		return text
	}
	var f filler
	f.scan.Reset([]byte(text))
	f.value(reflect.ValueOf(v))
	if f.scan.Err() != nil || len(f.gaps) == 0 {
		return text
	}
	var filled strings.Builder
	filled.Grow(len(text)) // a null is longer than what takes its place
	done := 0
	for _, g := range f.gaps {
		filled.WriteString(text[done:g.at])
		filled.WriteString(g.with)
		done = g.at + len("null")
	}
	filled.WriteString(text[done:])
	return filled.String()
}

// A filler walks through a value and its JSON side by side. Where the two do not go
// together, the JSON is passed over.
type filler struct {
	scan jsonscan.Scanner
	gaps []gap
}

// A gap is a null, and what is to be written there.
type gap struct {
	at   int
	with string
}

func (f *filler) value(v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() || marshals(v.Type()) {
			f.scan.Skip()
			return
		}
		v = v.Elem()
	}
	p := planOf(v.Type())
	switch {
	case !p.holds:
		f.scan.Skip()
	case p.empty != "" && v.IsNil():
		f.fill(p.empty)
	case v.Kind() == reflect.Struct:
		for key := range f.scan.Object() {
			if index := p.fields[string(key)]; index != nil {
				if field, err := v.FieldByIndexErr(index); err == nil {
					f.value(field)
				}
			}
		}
	case v.Kind() == reflect.Map:
		members := membersOf(v)
		for key := range f.scan.Object() {
			if member, ok := members[string(key)]; ok {
				f.value(member)
			}
		}
	default:
		for i := range f.scan.Array() {
			if i < v.Len() {
				f.value(v.Index(i))
			}
		}
	}
}

func (f *filler) fill(with string) {
	if f.scan.Kind() == 'n' {
		f.gaps = append(f.gaps, gap{f.scan.Mark(), with})
	}
	f.scan.Skip()
}

// membersOf returns the values of a map by their names in JSON.
func membersOf(m reflect.Value) map[string]reflect.Value {
	members := make(map[string]reflect.Value, m.Len())
	for key, v := range m.Seq2() {
		members[memberName(key)] = v
	}
	return members
}

// memberName returns the name that encoding/json gives to a key.
func memberName(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return validText(key.String())
	}
	if m, ok := key.Interface().(encoding.TextMarshaler); ok {
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return ""
		}
		b, _ := m.MarshalText() // there was no error when the text was written
		return validText(string(b))
	}
	switch {
	case key.Kind() == reflect.Interface:
		return memberName(key.Elem())
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10)
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10)
	case key.CanFloat(): // no key before Go 1.27
		return strconv.FormatFloat(key.Float(), 'g', -1, key.Type().Bits())
	}
	return ""
}

// validText returns s with U+FFFD for each byte that is no UTF-8.
func validText(s string) string { return string([]rune(s)) }
