package schema

import (
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/schema/schematree"
)

type inner struct {
	A string `json:"a"`
}

type (
	status string
	skus   []string
	matrix [][]int
	lists  []lists
	trie   map[string]trie
)

type embeddedA struct {
	ID   string `json:"id"`
	Same string
	Deep int
}

type embeddedB struct {
	Same string
	Deep int
}

type node struct {
	V    int     `json:"v"`
	Next *node   `json:"next,omitempty" jsonschema_description:"the next one"`
	All  []node  `json:"all,omitempty"`
	Or   *node   `json:"or,omitempty" jsonschema:"nullable"`
	By   trie    `json:"by,omitempty"`
	Deep []lists `json:"deep,omitempty"`
}

// props reflects T and returns its schema, cut to the properties where it is
// an object with nothing else of interest.
func props[T any](t *testing.T) string {
	t.Helper()
	text := string(mustReflect[T](t).JSON())
	text = strings.TrimPrefix(text, `{"type":"object","properties":`)
	return strings.TrimSuffix(text, `,"additionalProperties":false}`)
}

func TestReflect(t *testing.T) {
	const recursive = `{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/node","description":"the next one"},"all":{"type":"array","items":{"$ref":"#/$defs/node"}},"or":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"by":{"type":"object","additionalProperties":{"$ref":"#/$defs/trie"}},"deep":{"type":"array","items":{"type":"array","items":{"$ref":"#/$defs/lists"}}}},"required":["v"],"additionalProperties":false`
	for _, c := range []struct{ what, got, want string }{
		{"no fields", string(mustReflect[struct{}](t).JSON()), `{"type":"object","properties":{},"additionalProperties":false}`},
		{"what is required", props[struct {
			A string  `json:"a"`
			B *string `json:"b"`
			C string  `json:"c,omitempty"`
			D inner   `json:"d,omitzero"`
			E string  `json:"e,omitempty" jsonschema:"required"`
			F string
			G string `json:"-"`
			//lint:ignore SA5008 Go has read this as the name "-" from the start
			H string `json:"-,"`
			I string `json:"i" jsonschema:"-"`
			j string //lint:ignore U1000 not exported, so not a field
		}](t), `{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"},` +
			`"d":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},` +
			`"e":{"type":"string"},"F":{"type":"string"},"-":{"type":"string"}},"required":["a","b","e","F","-"]`},
		{"integers", props[struct {
			A int8    `json:"a,omitempty"`
			B uint16  `json:"b,omitempty"`
			C int32   `json:"c,omitempty"`
			D int64   `json:"d,omitempty"`
			E uint64  `json:"e,omitempty"`
			F []uint8 `json:"f,omitempty"`
			G [2]int8 `json:"g,omitempty"`
			H int8    `json:"h,omitempty" jsonschema:"minimum=1"`
		}](t), `{"a":{"type":"integer","minimum":-128,"maximum":127},"b":{"type":"integer","minimum":0,"maximum":65535},` +
			`"c":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"d":{"type":"integer"},"e":{"type":"integer","minimum":0},` +
			`"f":{"type":"string","contentEncoding":"base64"},"g":{"type":"array","items":{"type":"integer","minimum":-128,"maximum":127},"maxItems":2,"minItems":2},` +
			`"h":{"type":"integer","minimum":1,"maximum":127}}`},
		{"types of the standard library", props[struct {
			A time.Time       `json:"a,omitzero"`
			B json.Number     `json:"b,omitempty"`
			C *big.Int        `json:"c,omitempty"`
			D json.RawMessage `json:"d,omitempty"`
			E any             `json:"e,omitempty"`
			F net.IP          `json:"f,omitempty"`
			G netip.Addr      `json:"g,omitzero"`
			H slog.Level      `json:"h,omitempty"`
			I float32         `json:"i,omitempty"`
			J big.Float       `json:"j,omitzero"`
		}](t), `{"a":{"type":"string","format":"date-time"},"b":{"type":"number"},"c":{"type":"integer"},"d":{},"e":{},` +
			`"f":{"type":"string"},"g":{"type":"string"},"h":{"type":"string"},"i":{"type":"number"},"j":{"type":"string"}}`},
		{"maps", props[struct {
			A map[string]int        `json:"a,omitempty"`
			B map[int]inner         `json:"b,omitempty"`
			C map[uint8][]string    `json:"c,omitempty"`
			D map[string]any        `json:"d,omitempty"`
			F []map[int]map[int]any `json:"f,omitempty"`
		}](t), `{"a":{"type":"object","additionalProperties":{"type":"integer"}},` +
			`"b":{"type":"object","additionalProperties":false,"patternProperties":{"^(0|-?[1-9][0-9]*)$":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}},` +
			`"c":{"type":"object","additionalProperties":false,"patternProperties":{"^(0|[1-9][0-9]*)$":{"type":"array","items":{"type":"string"}}}},` +
			`"d":{"type":"object"},` +
			`"f":{"type":"array","items":{"type":"object","additionalProperties":false,"patternProperties":{"^(0|-?[1-9][0-9]*)$":{"type":"object","additionalProperties":false,"patternProperties":{"^(0|-?[1-9][0-9]*)$":{}}}}}}}`},
		{"tags", props[struct {
			A status `json:"a" jsonschema:"enum=x,enum=y,title=T" jsonschema_description:"one, or the other"`
			B skus   `json:"b,omitempty" jsonschema:"minItems=1,enum=p,enum=q,example=p"`
			C int    `json:"c,omitempty" jsonschema:"enum=1,enum=2,default=2"`
			D []bool `json:"d,omitempty" jsonschema:"default=true,default=false"`
			E string `json:"e,omitempty" jsonschema:"pattern=^<[a-z]{1\\,3}&$" jsonschema_extras:"x-unit=kg"`
			F matrix `json:"f,omitempty" jsonschema_description:"rows"`
			G int    `json:"g,string,omitempty" jsonschema:"default=5"`
			H any    `json:"h,omitempty" jsonschema:"type=object" jsonschema_description:"free form"`
		}](t), `{"a":{"type":"string","title":"T","description":"one, or the other","enum":["x","y"]},` +
			`"b":{"type":"array","items":{"type":"string","enum":["p","q"],"examples":["p"]},"minItems":1},` +
			`"c":{"type":"integer","enum":[1,2],"default":2},"d":{"type":"array","items":{"type":"boolean"},"default":[true,false]},` +
			`"e":{"type":"string","pattern":"^<[a-z]{1,3}&$","x-unit":"kg"},"f":{"type":"array","description":"rows","items":{"type":"array","items":{"type":"integer"}}},` +
			`"g":{"type":"string","default":"5","pattern":"^-?(0|[1-9][0-9]*)$"},"h":{"type":"object","description":"free form"}},"required":["a"]`},
		{"nullable", props[struct {
			A *string  `json:"a" jsonschema:"nullable"`
			B *status  `json:"b" jsonschema:"nullable,enum=x" jsonschema_description:"d"`
			C *inner   `json:"c" jsonschema:"nullable"`
			D []string `json:"d" jsonschema:"nullable,minItems=1"`
		}](t), `{"a":{"type":["string","null"]},"b":{"type":["string","null"],"description":"d","enum":["x",null]},` +
			`"c":{"type":["object","null"],"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},` +
			`"d":{"type":["array","null"],"items":{"type":"string"},"minItems":1}},"required":["a","b","c","d"]`},
		{"embedding", props[struct {
			ID int `json:"id"`
			embeddedA
			*EmbeddedC
			Inner inner `json:"inner,omitzero"`
			embeddedB
		}](t), `{"id":{"type":"integer"},"c":{"type":"string"},"inner":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}},"required":["id","c"]`},
		{"generics", props[struct {
			A page[inner]        `json:"a,omitzero"`
			B page[reflect.Kind] `json:"b,omitzero"`
		}](t), `{"a":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}}},"required":["items"],"additionalProperties":false},` +
			`"b":{"type":"object","properties":{"items":{"type":"array","items":{"type":"integer","minimum":0}}},"required":["items"],"additionalProperties":false}}`},
		{"recursion", string(mustReflect[node](t).JSON()), recursive + `,"$defs":{"node":` + recursive + `},"trie":{"type":"object","additionalProperties":{"$ref":"#/$defs/trie"}},"lists":{"type":"array","items":{"$ref":"#/$defs/lists"}}}}`},
		{"own schemas", props[struct {
			A cents    `json:"a,omitempty" jsonschema:"default=12.50"`
			B cents    `json:"b" jsonschema_description:"the second"`
			C borrowed `json:"c" jsonschema_description:"a tree"`
			D extended `json:"d"`
			E decimal  `json:"e"`
			F *colour  `json:"f,omitempty" jsonschema:"enum=red,enum=green,default=red"`
		}](t), `{"a":{"type":"string","description":"an amount such as 12.50","default":"12.50","pattern":"^[0-9]+\\.[0-9]{2}$"},"b":{"type":"string","description":"the second","pattern":"^[0-9]+\\.[0-9]{2}$"},` +
			`"c":{"type":"object","description":"a tree","properties":{"tree":{"$ref":"#/$defs/borrowed_tree"}},"required":["tree"],"additionalProperties":false},` +
			`"d":{"type":"object","description":"extended","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false},"e":{"type":"string"},` +
			`"f":{"type":"string","enum":["red","green"],"default":"red"}},"required":["b","c","d","e"],"additionalProperties":false,` +
			`"$defs":{"borrowed_tree":{"type":"object","properties":{"leaf":{"type":"string"},"sub":{"type":"array","items":{"$ref":"#/$defs/borrowed_tree"}}},"required":["leaf"],"additionalProperties":false}}}`},
	} {
		if c.got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.what, c.got, c.want)
		}
	}
}

// EmbeddedC is exported, because encoding/json cannot fill a pointer to a
// struct that is not.
type EmbeddedC struct {
	C string `json:"c"`
}

func TestReflectRefuses(t *testing.T) {
	type badEmbed struct {
		*embeddedA
	}
	type caseFold struct {
		A string `json:"name"`
		B string `json:"Name"`
	}
	type OrderQuery struct {
		//lint:ignore SA5008 a name that Go 1.26 and Go 1.27 read differently is the point
		Name  string `json:"bad\"name"`
		Items []struct {
			Sku string `json:"sku" jsonschema:"pattern=(?=x)"`
			Qty int8   `json:"qty,omitempty" jsonschema:"default=300"`
			Fn  func()
		} `json:"items"`
		Ch      chan int
		Cx      complex128
		Ptr     uintptr
		Err     error
		Reader  *io.Reader
		Wait    time.Duration
		Link    url.URL
		Mute    mute
		Panicky panicky
		Nothing nothing
		Alias   alias
		Keys    map[float64]string
		TextKey map[netip.Addr]int
		LowKey  map[lower]int
		Text    string     `jsonschema:"description=first, second"`
		Pattern string     `jsonschema:"pattern=^[0-9]{4,6}$"`
		Typo    string     `jsonschema:"minLenght=3"`
		Effect  int        `jsonschema:"minLength=3"`
		Number  int        `jsonschema:"default=many"`
		Enum    int        `jsonschema:"enum=1,enum=x"`
		Flags   []int      `json:",omitempty" jsonschema:"default=x"`
		Flag    bool       `json:",omitempty" jsonschema:"default=yes"`
		Low     uint8      `jsonschema:"minimum=-1"`
		Type    int        `jsonschema:"type=string"`
		Default string     `json:",omitempty" jsonschema:"enum=a,default=b"`
		Example string     `jsonschema:"maxLength=1,example=ab"`
		Colour  colour     `json:",omitzero" jsonschema:"default=blue"`
		Colours []colour   `jsonschema:"enum=red,enum=blue"`
		When    string     `json:",omitempty" jsonschema:"format=date,default=today"`
		Ref     inner      `jsonschema:"minLength=1"`
		Day     time.Time  `jsonschema:"format=date"`
		InText  string     `json:",string"`
		Quoted  int        `json:",string,omitempty" jsonschema:"default=x"`
		QNull   bool       `json:",string,omitempty" jsonschema:"default=null"`
		QEnum   *int       `json:",string" jsonschema:"enum=1,enum=null"`
		QForm   int        `json:",string" jsonschema:"pattern=^[a-z0-9]+$"`
		QSelf   slog.Level `json:",string"`
		Extras  string     `jsonschema_extras:"x=1,2"`
		Needed  string     `json:"needed" jsonschema:"default=a"`
		Long    []string   `jsonschema:"minItems=9223372036854775808"`
		Wide    []string   `jsonschema:"maxItems=18446744073709551615"`
		Bad     badEmbed
		Case    caseFold
		Map     map[string][]func()
	}
	_, err := Reflect(reflect.TypeFor[OrderQuery]())
	if err == nil {
		t.Fatal("accepted")
	}
	got := map[string]string{}
	for _, line := range strings.Split(err.Error(), "\n") {
		path, text, _ := strings.Cut(line, ": ")
		if got[path] != "" {
			t.Errorf("two errors for %s: %s", path, line)
		}
		got[path] = text
	}
	want := map[string]string{
		"Name":          `the name "bad\"name" in its json tag is read differently by different versions of Go`,
		"Items[].Sku":   `the pattern "(?=x)" cannot be checked: RE2 has no look-around`,
		"Items[].Qty":   `the default 300 does not fit its own schema: must be at most 127`,
		"Items[].Fn":    `func() has no JSON form; exclude the field with json:"-"`,
		"Ch":            `chan int has no JSON form`,
		"Cx":            `complex128 has no JSON form`,
		"Ptr":           `uintptr has no JSON form`,
		"Err":           `error is an interface, and nothing says which type to decode into`,
		"Reader":        `io.Reader is an interface`,
		"Wait":          `time.Duration is a number of nanoseconds in JSON, which models get wrong: use`,
		"Link":          `url.URL cannot be decoded from JSON: use a string and url.Parse`,
		"Mute":          `schema.mute has an UnmarshalJSON method, so that its fields do not say what JSON it reads: give it a method JSONSchema()`,
		"Panicky":       `schema.panicky.JSONSchema panicked: no`,
		"Nothing":       `schema.nothing.JSONSchema returned nil`,
		"Alias":         `schema.alias has a JSONSchemaAlias`,
		"Keys":          `the keys of map[float64]string cannot be JSON object keys`,
		"TextKey":       `the keys of map[netip.Addr]int read themselves from text, so that two keys which differ in JSON may be one in Go`,
		"LowKey":        `the keys of map[schema.lower]int read themselves from text`,
		"Text":          `the jsonschema tag is cut at a comma: " second" stands alone; write a comma inside a value as \\,`,
		"Pattern":       `the jsonschema tag is cut at a comma: "6}$" stands alone`,
		"Typo":          `the jsonschema tag sets "minLenght", which is no keyword`,
		"Effect":        `the jsonschema tag's minLength=3 has no effect on int`,
		"Number":        `the jsonschema tag's default=many has no effect on int`,
		"Enum":          `the jsonschema tag's values for enum are not all of int`,
		"Flags":         `the jsonschema tag's default=x is no integer`,
		"Flag":          `the jsonschema tag's default=yes has no effect on bool`,
		"Low":           `the jsonschema tag's minimum=-1 does not fit a uint8, which ends at 0 and 255`,
		"Type":          `the jsonschema tag sets type=string, but the type follows from the Go type`,
		"Default":       `the default "b" does not fit its own schema: must be "a"`,
		"Example":       `the example "ab" does not fit its own schema: must be at most 1 character long`,
		"Colour":        `schema.colour cannot be decoded from its own default "blue": blue is no colour`,
		"Colours":       `schema.colour cannot be decoded from its own enum value "blue": blue is no colour`,
		"When":          `the default "today" does not fit its own schema: must be a valid date`,
		"Ref":           `the jsonschema tag's minLength=1 has no effect on schema.inner (struct)`,
		"Day":           `the jsonschema tag sets format=date, but time.Time reads a date-time and nothing else`,
		"InText":        `the option "string" of the json tag would want a string inside a string: drop it`,
		"Quoted":        `int cannot be decoded from its own default "x": the value does not fit`,
		"QNull":         `the default "null" does not fit its own schema: must be one of "true", "false"`,
		"QEnum":         `the enum has the value "null", which encoding/json reads as no value at all: leave it out`,
		"QForm":         `the pattern "^[a-z0-9]+$" takes "null", which encoding/json reads as no value at all: write one that does not`,
		"QSelf":         `the option "string" of the json tag does not go together with a type that reads itself: drop it`,
		"Extras":        `the jsonschema_extras tag is cut at a comma: "2" stands alone`,
		"Needed":        `the field is required and has a default, which would never be used: add omitempty to its json tag, or drop the default`,
		"Long":          `minItems 9223372036854775808 is out of reach: arguments are at most 1310720 bytes long`,
		"Wide":          `maxItems 18446744073709551615 is out of reach`,
		"Bad.embeddedA": `encoding/json cannot fill an embedded pointer to an unexported struct: embed schema.embeddedA by value`,
		"Case.B":        `its JSON name "Name" differs from "name" (A) by case alone`,
		"Map[][]":       `func() has no JSON form`,
	}
	for path, text := range want {
		if !strings.HasPrefix(got["OrderQuery."+path], text) {
			t.Errorf("%s\n got %s\nwant %s", path, got["OrderQuery."+path], text)
		}
		delete(got, "OrderQuery."+path)
	}
	for path, text := range got {
		t.Errorf("not expected: %s: %s", path, text)
	}
}

func TestReflectRefusesRoots(t *testing.T) {
	for _, c := range []struct {
		t    reflect.Type
		want string
	}{
		{nil, "there is no type"},
		{reflect.TypeFor[map[string]any](), "struct: a tool's input must be a struct, not a map: for arguments that have no Go type make a raw tool"},
		{reflect.TypeFor[[]string](), "must be a struct, not a slice"},
		{reflect.TypeFor[string](), "must be a struct, not a string"},
		{reflect.TypeFor[any](), "must be a struct, not an interface"},
		{reflect.TypeFor[func()](), "must be a struct, not a func"},
		{reflect.TypeFor[time.Time](), "must be an object, and time.Time is read from a single value"},
		{reflect.TypeFor[cents](), `the schema's "type" must be "object"`},
		{reflect.TypeFor[mute](), "has an UnmarshalJSON method"},
		{reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[string](), Tag: `json:"n"`},
			{Name: "B", Type: reflect.TypeFor[string](), Tag: `json:"n"`},
		}), `struct.B: its JSON name "n" is also that of A, so that encoding/json drops both`},
		{reflect.TypeFor[doubling](), "more than 10000 values once its references are resolved"},
	} {
		if _, err := Reflect(c.t); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v\n got %v\nwant %s", c.t, err, c.want)
		}
	}
}

// doubling is small as a Go type, and 2^14 objects as a tree.
type (
	two[T any] struct {
		A T `json:"a"`
		B T `json:"b"`
	}
	four[T any]     struct{ X two[two[T]] }
	sixteen[T any]  struct{ X four[four[T]] }
	twoFive6[T any] struct{ X sixteen[sixteen[T]] }
	doubling        struct{ X twoFive6[sixteen[two[int]]] }
)

func TestFieldsAreThoseOfEncodingJSON(t *testing.T) {
	type shadow struct {
		embeddedA
		ID   int    `json:"id"`
		Deep string `json:"Same"`
	}
	type tagged struct {
		S string `json:"Same"`
	}
	type tagWins struct {
		One struct{ X int } `json:"one"`
		embeddedA
		tagged
	}
	for _, sample := range []any{shadow{}, tagWins{}, struct {
		embeddedA
		embeddedB
	}{}, struct {
		*EmbeddedC
		E string `json:"öäü-1"`
	}{EmbeddedC: &EmbeddedC{}}, node{}} {
		b, err := json.Marshal(sample)
		if err != nil {
			t.Fatal(err)
		}
		v, err := schematree.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		fields, problems := fieldsOf(reflect.TypeOf(sample))
		var names []string
		for _, f := range fields {
			if !f.optional {
				names = append(names, f.name)
			}
		}
		if want := v.(*schematree.Object).Keys; !reflect.DeepEqual(names, want) || len(problems) > 0 {
			t.Errorf("%T: %q, encoding/json writes %q (%v)", sample, names, want, problems)
		}
	}
}

func TestTypesOfOneNameStayApart(t *testing.T) {
	one := reflect.TypeFor[node]()
	type node struct {
		Text string  `json:"text"`
		Sub  []*node `json:"sub,omitempty"`
	}
	s, err := Reflect(reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: one, Tag: `json:"a"`},
		{Name: "B", Type: reflect.TypeFor[node](), Tag: `json:"b"`},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"a":{"$ref":"#/$defs/node"}`, `"node":{"type":"object","properties":{"v":`,
		`"b":{"$ref":"#/$defs/node2"}`, `"node2":{"type":"object","properties":{"text":{"type":"string"}`} {
		if !strings.Contains(string(s.JSON()), want) {
			t.Errorf("%s is not in %s", want, s.JSON())
		}
	}
}

func TestTheSameBytesEveryTime(t *testing.T) {
	first := string(mustReflect[orderArgs](t).JSON())
	for range 200 {
		if again := string(mustReflect[orderArgs](t).JSON()); again != first {
			t.Fatalf("%s\n%s", first, again)
		}
	}
	if s, err := Reflect(reflect.TypeFor[*orderArgs]()); err != nil || string(s.JSON()) != first {
		t.Errorf("a pointer to the type: %v", err)
	}
}
