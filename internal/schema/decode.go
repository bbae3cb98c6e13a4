package schema

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Decode reads arguments that Check returned into a zero value of the
// reflected type. Numbers in fields of type any arrive as json.Number, with
// all their digits. What a type's own UnmarshalJSON or UnmarshalText refuses,
// or panics on, is a problem with the path of the value.
//
// The strings of short arguments are decoded as substrings of args.
func (s *Schema) Decode(args string, into any) []Problem {
	if s.typ != nil && s.typ.decode(args, into) {
		return nil
	}
	if err := unmarshal(args, into); err != nil {
		return refusals(args, into, err)
	}
	return nil
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
	case readsSlice:
		return c == '[' && r.enter() && r.setSlice(g, v)
	case readsArray:
		return c == '[' && r.enter() && r.setArray(g, v)
	case readsPointer:
		p := reflect.New(g.elem.Type)
		v.Set(p)
		return r.set(g.elem, p.Elem())
	case readsAny:
		return r.setAny(v)
	case readsJSON, readsRaw:
		return r.setRaw(g, v)
	case readsString, readsText, readsBytes:
		return r.setText(g, v)
	case readsNumber, readsInt, readsUint, readsFloat:
		text, _, ok := r.number()
		return ok && r.setScalar(text, v)
	case readsBool:
		return r.setBool(v)
	}
	return false
}

// enter steps into an object or array.
func (r *reading) enter() bool {
	r.pos++
	r.depth++
	return r.depth <= maxReadDepth
}

// next goes to the next member or item, or leaves the object or array.
func (r *reading) next(first bool, end byte) (another, ok bool) {
	another, ok = r.more(first, end)
	if !another {
		r.depth--
	}
	return another, ok
}

func (r *reading) setStruct(g *goType, v reflect.Value) bool {
	var given uint64
	next := 0 // most often the members come in the order of the fields
	for first := true; ; first = false {
		another, ok := r.next(first, '}')
		if !another {
			return ok
		}
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
}

// fieldKey reads the key of a member, and returns the index of its field, or -1.
func (r *reading) fieldKey(g *goType, next int) int {
	if next < len(g.fields) && strings.HasPrefix(r.text[r.pos:], g.fields[next].key) {
		r.pos += len(g.fields[next].key)
		r.space()
		return next
	}
	if key, ok := r.key(); ok {
		return g.field(key, next)
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
	if f.quoted {
		return r.setQuoted(f.goType, v)
	}
	return r.set(f.goType, v)
}

// setQuoted reads a value that stands in a string.
func (r *reading) setQuoted(g *goType, v reflect.Value) bool {
	text, ok := r.unquoted()
	if !ok {
		return false
	}
	inner := reading{text: text}
	return inner.set(g, v) && inner.pos == len(text)
}

func (r *reading) setMap(g *goType, v reflect.Value) bool {
	v.Set(reflect.MakeMap(g.Type))
	key, elem := reflect.New(g.Key()).Elem(), reflect.New(g.elem.Type).Elem()
	for first := true; ; first = false {
		another, ok := r.next(first, '}')
		if !another {
			return ok
		}
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
}

func (r *reading) setSlice(g *goType, v reflect.Value) bool {
	for n := 0; ; n++ {
		another, ok := r.next(n == 0, ']')
		if !another {
			if n == 0 {
				v.Set(reflect.MakeSlice(g.Type, 0, 0))
			}
			return ok
		}
		if n == v.Cap() {
			v.Grow(g.grow)
		}
		v.SetLen(n + 1)
		if !r.set(g.elem, v.Index(n)) {
			return false
		}
	}
}

func (r *reading) setArray(g *goType, v reflect.Value) bool {
	for n := 0; ; n++ {
		another, ok := r.next(n == 0, ']')
		if !another {
			return ok
		}
		if n == g.length || !r.set(g.elem, v.Index(n)) {
			return false
		}
	}
}

// setRaw hands over the text of a value.
func (r *reading) setRaw(g *goType, v reflect.Value) bool {
	start := r.pos
	if !r.skip() {
		return false
	}
	text := []byte(r.text[start:r.pos])
	if g.reads == readsRaw {
		v.SetBytes(text)
		return true
	}
	return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(text) == nil
}

// setText reads a string.
func (r *reading) setText(g *goType, v reflect.Value) bool {
	text, ok := r.unquoted()
	if !ok {
		return false
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

func (r *reading) setBool(v reflect.Value) bool {
	if r.peek() == 't' {
		v.SetBool(true)
		return r.word("true")
	}
	return r.word("false")
}

// setScalar sets v to what text says, if its type can hold that.
func (r *reading) setScalar(text string, v reflect.Value) bool {
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || v.OverflowUint(n) {
			return false
		}
		v.SetUint(n)
	case v.CanFloat():
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return false
		}
		v.SetFloat(n)
	default: // a json.Number, or a key
		v.SetString(r.kept(text))
	}
	return true
}

func (r *reading) setAny(v reflect.Value) bool {
	x, ok := r.any()
	if ok && x != nil {
		v.Set(reflect.ValueOf(x))
	}
	return ok
}

// any reads any value, numbers as json.Number.
func (r *reading) any() (v any, ok bool) {
	switch r.peek() {
	case '{':
		return r.anyObject()
	case '[':
		return r.anyArray()
	case '"':
		return r.anyString()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	}
	text, _, ok := r.number()
	return json.Number(r.kept(text)), ok
}

func (r *reading) anyString() (v any, ok bool) {
	return r.unquoted()
}

func (r *reading) anyObject() (v any, ok bool) {
	if !r.enter() {
		return nil, false
	}
	m := map[string]any{}
	for first := true; ; first = false {
		another, ok := r.next(first, '}')
		if !another {
			return m, ok
		}
		key, ok := r.key()
		if !ok {
			return nil, false
		}
		if m[r.kept(key)], ok = r.any(); !ok {
			return nil, false
		}
	}
}

func (r *reading) anyArray() (v any, ok bool) {
	if !r.enter() {
		return nil, false
	}
	list := []any{}
	for {
		another, ok := r.next(len(list) == 0, ']')
		if !another {
			return list, ok
		}
		item, ok := r.any()
		if !ok {
			return nil, false
		}
		list = append(list, item)
	}
}

// skip passes over a value.
func (r *reading) skip() (ok bool) {
	switch c := r.peek(); c {
	case '{', '[':
		return r.enter() && r.skipInside(c)
	case '"':
		_, _, ok = r.string()
	case 't':
		ok = r.word("true")
	case 'f':
		ok = r.word("false")
	case 'n':
		ok = r.word("null")
	default:
		_, _, ok = r.number()
	}
	return ok
}

func (r *reading) skipInside(open byte) bool {
	for first := true; ; first = false {
		another, ok := r.next(first, open+2) // ASCII has } and ] there
		if !another {
			return ok
		}
		if open == '{' {
			if _, ok = r.key(); !ok {
				return false
			}
		}
		if !r.skip() {
			return false
		}
	}
}

// unquoted reads a string, and returns what it means.
func (r *reading) unquoted() (text string, ok bool) {
	text, escaped, ok := r.string()
	if escaped {
		return unescape(text), ok
	}
	return r.kept(text), ok
}

// unescape replaces the escapes of a string, which are valid.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			n, _ := strconv.ParseUint(s[:4], 16, 16)
			b.WriteString(string(rune(n)))
			s = s[4:]
			continue
		}
		b.WriteByte(c)
	}
}

// unmarshal has encoding/json decode arguments.
func unmarshal(args string, into any) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	d := json.NewDecoder(strings.NewReader(args))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errUnfit
	}
	return nil
}
