package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
)

func FuzzCheck(f *testing.F) {
	types := []reflect.Type{
		reflect.TypeFor[orderArgs](),
		reflect.TypeFor[node](),
		reflect.TypeFor[struct {
			Opt  openOptions    `json:"opt"`
			M    map[int]uint8  `json:"m,omitempty"`
			When *time.Time     `json:"when,omitempty"`
			C    colour         `json:"c,omitzero"`
			Any  any            `json:"any,omitempty"`
			N    *int64         `json:"n" jsonschema:"nullable"`
			Big  *big.Int       `json:"big,omitempty"`
			F    float32        `json:"f,omitempty"`
			Blob []byte         `json:"blob,omitempty"`
			L    []int16        `json:"l,omitempty" jsonschema:"default=1,uniqueItems=true"`
			Map  map[string]any `json:"map,omitempty"`
		}](),
	}
	var schemas []*Schema
	for _, t := range types {
		s, err := Reflect(t)
		if err != nil {
			f.Fatal(err)
		}
		schemas = append(schemas, s)
	}
	foreign, err := Parse(json.RawMessage(`{"type":"object","properties":{"shape":{"oneOf":[{"type":"object","properties":{"k":{"const":1}},"required":["k"]},{"type":"array","contains":{"type":"integer"}},{"type":"null"}]},
		"x":{"allOf":[{"type":"integer"},{"minimum":1}],"default":2},"deep":{"type":"object","propertyNames":{"pattern":"^[a-z]"},"patternProperties":{"^a":{"type":"integer"}},"unevaluatedProperties":false},"self":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}`))
	if err != nil {
		f.Fatal(err)
	}
	schemas = append(schemas, foreign)
	for i, raw := range []string{
		`{"order_id":"O","quantity":2.0,"address":"{\"city\":\"C\"}","reason":null}`,
		`{"v":1e2,"next":{"v":2},"or":null,"by":{"a":{"b":{}}},"deep":[[[]]]}`,
		`{"opt":{"path":"safe","nested":{"root":"/"},"pair":[1,2]},"m":{"-1":255},"when":"2026-01-31T15:04:05Z","c":"red","any":[1.50,null],"n":null,"big":1e30,"f":1e-50,"blob":"AA==","l":[1,2],"map":{"a":9007199254740993}}`,
		`{"shape":{"k":1},"x":3.0,"deep":{"a":1,"b":"\ud83d"},"self":{"self":null}}`,
		``, `null`, `"{}"`, `{"a":1}{}`, `{"v":1e999999}`, "\xff",
	} {
		f.Add(uint8(i), raw)
	}
	f.Fuzz(func(t *testing.T, pick uint8, raw string) {
		s := schemas[int(pick)%len(schemas)]
		args, fixes, problems := s.Check(raw)
		again, _, samePlease := s.Check(raw)
		if args != again || !slices.Equal(problems, samePlease) {
			t.Fatalf("not the same twice: %q %v\n%q %v", args, problems, again, samePlease)
		}
		if len(problems) > 0 {
			text := Render("t", problems)
			if args != "" || len(text) > maxText || !utf8.ValidString(text) {
				t.Fatalf("%q: %q", args, text)
			}
			return
		}
		if _, _, err := jsontree.Parse([]byte(args)); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		if args2, fixes2, problems := s.Check(args); args2 != args || len(fixes2)+len(problems) > 0 {
			t.Fatalf("a second check changes %s (%v)\nto %s (%v, %v)", args, fixes, args2, fixes2, problems)
		}
		if s.typ == nil {
			return
		}
		got := reflect.New(s.typ.Type)
		refused := s.Decode(args, got.Interface())
		if len(refused) > 0 {
			if !s.MayRefuse() {
				t.Fatalf("%s: %v", args, refused)
			}
			return
		}
		d := json.NewDecoder(strings.NewReader(args))
		d.UseNumber()
		d.DisallowUnknownFields()
		want := reflect.New(s.typ.Type)
		if err := d.Decode(want.Interface()); err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Fatalf("%s: %v\n got %+v\nwant %+v", args, err, got, want)
		}
	})
}

func FuzzReflect(f *testing.F) {
	f.Add([]byte{3, 0, 1, 0, 1, 2, 0, 7, 5, 9, 3})
	f.Add([]byte{2, 23, 20, 1, 5, 2, 21, 19, 6, 0, 24, 4, 3, 1, 7})
	f.Add([]byte{6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25})
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &maker{data: data}
		typ := m.structType(0)
		s, err := Reflect(typ)
		if err != nil {
			return // an error is an answer; a panic would not be
		}
		sample := m.value(typ, 0)
		b, err := json.Marshal(sample.Addr().Interface())
		if err != nil {
			t.Skip(err)
		}
		args, _, problems := s.Check(string(b))
		got := reflect.New(typ)
		if problems = append(problems, s.Decode(args, got.Interface())...); len(problems) > 0 {
			t.Fatalf("%s\n%s\nrefuses what the type itself writes: %s\n%v", typ, s.JSON(), b, problems)
		}
		back, err := json.Marshal(got.Interface())
		if err != nil || string(back) != string(b) {
			t.Fatalf("%s\n%s became\n%s (%v)", typ, b, back, err)
		}
	})
}

// A maker makes types, and values of them, from the bytes of a fuzzer.
type maker struct{ data []byte }

func (m *maker) pick(n int) int {
	if len(m.data) == 0 {
		return 0
	}
	b := m.data[0]
	m.data = m.data[1:]
	return int(b) % n
}

var fuzzTypes = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[[]byte](), reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage](),
	reflect.TypeFor[json.Number](), reflect.TypeFor[*big.Int](), reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[colour](),
	reflect.TypeFor[status](), reflect.TypeFor[skus](), reflect.TypeFor[node](), reflect.TypeFor[EmbeddedC](), reflect.TypeFor[decimal](),
	reflect.TypeFor[error](), reflect.TypeFor[func()](), reflect.TypeFor[time.Duration](), reflect.TypeFor[mute](),
}

var (
	fuzzNames = []string{"a", "b", "A", "c", "-", "x y", "é", "$ref", "properties", "a/b", "a~b", "a%2Fb", "a%b", "#", "?", "anyOf", "default", ""}
	fuzzTags  = []string{"", "nullable", "description=a", "description=a, b", "minLength=1", "maxItems=9", "minimum=0", "minimum=x",
		"default=true", "default=1", "default=x", "enum=x", "pattern=(", "format=other", "type=string"}
)

func (m *maker) typ(depth int) reflect.Type {
	if depth < 3 {
		switch m.pick(12) {
		case 1:
			return reflect.PointerTo(m.typ(depth + 1))
		case 2:
			return reflect.SliceOf(m.typ(depth + 1))
		case 3:
			return reflect.ArrayOf(m.pick(3), m.typ(depth+1))
		case 4:
			keys := []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[int8](), reflect.TypeFor[uint](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[bool]()}
			return reflect.MapOf(keys[m.pick(len(keys))], m.typ(depth+1))
		case 5:
			return m.structType(depth + 1)
		}
	}
	return fuzzTypes[m.pick(len(fuzzTypes))]
}

func (m *maker) structType(depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range m.pick(7) {
		f := reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.typ(depth)}
		name := fuzzNames[m.pick(len(fuzzNames))]
		option := []string{"", ",omitempty", ",omitzero", ",string"}[m.pick(4)]
		f.Tag = reflect.StructTag(fmt.Sprintf("json:%q jsonschema:%q", name+option, fuzzTags[m.pick(len(fuzzTags))]))
		fields = append(fields, f)
	}
	if m.pick(4) == 1 {
		fields = append(fields, reflect.StructField{Name: "EmbeddedC", Type: reflect.TypeFor[EmbeddedC](), Anonymous: true})
	}
	return reflect.StructOf(fields)
}

// value returns a value that a schema with our tags accepts: nothing in it is
// nil or empty.
func (m *maker) value(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch p := v.Addr().Interface().(type) {
	case *any:
		*p = "any"
		return v
	case *json.RawMessage:
		*p = json.RawMessage(`{"raw":[1]}`)
		return v
	case *json.Number:
		*p = "1"
		return v
	case *big.Int:
		p.SetString("123456789012345678901234567890", 10)
		return v
	case *time.Time:
		*p = time.Date(2026, 1, 31, 1, 2, 3, 4, time.UTC)
		return v
	case *netip.Addr:
		*p = netip.MustParseAddr("::1")
		return v
	case *colour:
		p.name = "red"
		return v
	case *decimal:
		p.s = "x"
		return v
	case *node:
		*p = node{V: 1, Next: &node{}}
		return v
	}
	switch t.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(m.value(t.Elem(), depth+1).Addr())
	case reflect.Slice:
		v.Set(reflect.Append(v, m.value(t.Elem(), depth+1)))
	case reflect.Array:
		for i := range t.Len() {
			v.Index(i).Set(m.value(t.Elem(), depth+1))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(m.value(t.Key(), depth+1), m.value(t.Elem(), depth+1))
	case reflect.Struct:
		for i := range t.NumField() {
			v.Field(i).Set(m.value(t.Field(i).Type, depth+1))
		}
	}
	return v
}

// A schema from elsewhere, and arguments for it from a model: neither is to be
// trusted.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}]}}}`,
		`{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"n":{"$ref":"#/$defs/N"},"d":{"default":{"x":1}}}}}}`,
		`{"$ref":"#/$defs/N","$defs":{"N":{"properties":{"n":{"$ref":"#/$defs/N"}}}}}`,
		`{"properties":{"a%b/~":{"enum":[1,"x"]},"":{"const":null}},"patternProperties":{"^x":{"type":["integer","null"]}},"required":["a"]}`,
		`{"if":{"required":["a"]},"then":{"minProperties":2},"else":false,"dependentSchemas":{"a":{"not":{}}},"propertyNames":{"format":"date"}}`,
		`{"properties":{"l":{"prefixItems":[{"type":"integer"}],"items":false,"contains":{},"unevaluatedItems":false,"contentSchema":{}}}}`,
	} {
		f.Add(s, `{"a":null,"n":{"n":{}},"l":[1.0,2],"x1":2.0}`)
	}
	f.Fuzz(func(t *testing.T, schema, raw string) {
		s, err := Parse(json.RawMessage(schema))
		if err != nil {
			if strings.Contains(err.Error(), schemaURL) {
				t.Fatalf("the validator's own words: %v", err)
			}
			return
		}
		if again, err := Parse(s.JSON()); err != nil {
			t.Fatalf("%s\nbecame %s\nwhich is refused: %v", schema, s.JSON(), err)
		} else if string(again.JSON()) != string(s.JSON()) {
			t.Fatalf("%s\nis not stable: %s", s.JSON(), again.JSON())
		}
		args, _, problems := s.Check(raw)
		if len(problems) > 0 {
			return
		}
		if args2, fixes, problems := s.Check(args); args2 != args || len(fixes)+len(problems) > 0 {
			t.Fatalf("%s\na second check changes %s\nto %s (%v, %v)", s.JSON(), args, args2, fixes, problems)
		}
	})
}
