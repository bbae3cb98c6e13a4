package schema

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// Decode reads arguments that Check returned into a zero value of the
// reflected type. Numbers in fields of type any arrive as json.Number, with
// all their digits. What a type's own UnmarshalJSON or UnmarshalText refuses,
// or panics on, is a problem with the path of the value. Such a method may be
// called more than once for one call.
//
// The strings of short arguments are decoded as substrings of args.
func (s *Schema) Decode(args string, into any) []Problem {
	if s.typ != nil && s.typ.decode(args, into) {
		return nil
	}
	return refusals(args, into, unmarshal(args, into))
}

// decode decodes what is plainly right for the type. Where it returns false it
// leaves the zero value, and encoding/json decides.
func (g *goType) decode(args string, into any) (ok bool) {
	v := reflect.ValueOf(into).Elem()
	defer func() {
		if recover() != nil {
			ok = false
		}
		if !ok {
			v.SetZero()
		}
	}()
	to := v
	for to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	r := reading{text: args}
	r.space()
	if to.Type() != g.Type || r.peek() != '{' || !r.set(g, to) {
		return false
	}
	r.space()
	return r.pos == len(args)
}

// maxShared is up to how many bytes of arguments a decoded string may keep in
// memory.
const maxShared = 4 << 10

// kept returns a part of the text for a value that is kept.
func (r *reading) kept(part string) string {
	if len(r.text) > maxShared {
		return strings.Clone(part)
	}
	return part
}

// set reads a value into v, which is zero.
func (r *reading) set(g *goType, v reflect.Value) bool {
	c := r.peek()
	if c == 'n' && g.reads > readsRaw {
		return r.word("null") // which leaves zero
	}
	switch g.reads {
	case readsStruct:
		return c == '{' && r.enter() && r.setStruct(g, v)
	case readsMap:
		return c == '{' && r.enter() && r.setMap(g, v)
	case readsList:
		return c == '[' && r.enter() && r.setList(g, v)
	case readsPointer:
		p := reflect.New(g.elem.Type)
		v.Set(p)
		return r.set(g.elem, p.Elem())
	case readsAny, readsJSON, readsRaw:
		return r.setRaw(g, v)
	case readsString, readsText, readsBytes:
		return r.setText(g, v)
	case readsNumber:
		text, _, ok := r.number()
		return ok && r.setScalar(text, v)
	case readsBool:
		v.SetBool(c == 't')
		return r.word("true") || r.word("false")
	}
	return false
}

func (r *reading) setStruct(g *goType, v reflect.Value) bool {
	var given uint64
	next := 0 // most often the members come in the order of the fields
	for first := true; r.more(first, '}'); first = false {
		i := r.fieldKey(g, next)
		if i < 0 || given&(1<<i) != 0 {
			return false
		}
		given |= 1 << i
		next = i + 1
		if !r.setField(&g.fields[i], v) {
			return false
		}
	}
	return !r.bad
}

// fieldKey reads the key of a member, and returns the index of its field, or -1. It
// looks at next first.
func (r *reading) fieldKey(g *goType, next int) int {
	if next < len(g.fields) && strings.HasPrefix(r.text[r.pos:], g.fields[next].key) {
		r.pos += len(g.fields[next].key)
		r.space()
		return next
	}
	key, ok := r.key()
	for i := range g.fields {
		if ok && g.fields[i].name == key {
			return i
		}
	}
	return -1
}

// setField reads the value of a field of the struct v.
func (r *reading) setField(f *goField, v reflect.Value) bool {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer { // to an embedded struct
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if !f.quoted {
		return r.set(f.goType, v)
	}
	text, ok := r.unquoted()
	inner := reading{text: text}
	return ok && inner.set(f.goType, v) && inner.pos == len(text)
}

func (r *reading) setMap(g *goType, v reflect.Value) bool {
	v.Set(reflect.MakeMap(g.Type))
	key, elem := reflect.New(g.Key()).Elem(), reflect.New(g.elem.Type).Elem()
	for first := true; r.more(first, '}'); first = false {
		name, ok := r.key()
		if !ok || !r.setScalar(name, key) {
			return false
		}
		elem.SetZero()
		if !r.set(g.elem, elem) {
			return false
		}
		v.SetMapIndex(key, elem)
	}
	return !r.bad
}

// setList reads a slice, or an array, which is as long as it is.
func (r *reading) setList(g *goType, v reflect.Value) bool {
	n := 0
	for ; r.more(n == 0, ']'); n++ {
		if g.length < 0 {
			if n == v.Cap() {
				v.Grow(g.grow)
			}
			v.SetLen(n + 1)
		}
		if n == g.length || !r.set(g.elem, v.Index(n)) {
			return false
		}
	}
	if n == 0 && g.length < 0 {
		v.Set(reflect.MakeSlice(g.Type, 0, 0))
	}
	return !r.bad
}

// setRaw hands over the text of a value, or what stands in it.
func (r *reading) setRaw(g *goType, v reflect.Value) bool {
	start := r.pos
	if !r.skip() {
		return false
	}
	text := []byte(r.text[start:r.pos])
	switch g.reads {
	case readsRaw:
		v.SetBytes(text)
	case readsAny:
		x, _, err := jsontree.Parse(text)
		if err != nil {
			return false
		}
		v.Set(reflect.ValueOf(x))
	default:
		return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(text) == nil
	}
	return true
}

// setText reads a string.
func (r *reading) setText(g *goType, v reflect.Value) bool {
	text, escaped, ok := r.string()
	switch {
	case !ok:
		return false
	case escaped:
		text = unescape(text)
	case g.reads == readsString:
		text = r.kept(text)
	}
	switch g.reads {
	case readsText:
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil
	case readsBytes:
		b, err := base64.StdEncoding.DecodeString(text)
		v.SetBytes(b)
		return err == nil
	}
	v.SetString(text)
	return true
}

// setScalar sets v to what text says, if its type can hold that.
func (r *reading) setScalar(text string, v reflect.Value) bool {
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case v.CanFloat():
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(n)
		return err == nil
	}
	v.SetString(r.kept(text)) // a json.Number, or a key
	return true
}
