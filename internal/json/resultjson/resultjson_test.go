package resultjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/internal/json/resultjson"
)

// written returns v as a tool's result is written.
func written(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return resultjson.Fill(string(text), v)
}

type base struct{ Tags []string }

type Base struct{ Notes map[string]string }

type (
	owned  struct{ List []int }
	texted struct{ List []int }
	behind struct{ List []int }
	bytes8 []byte
	key    struct{ A, B int }
	label  string
	number int8
)

func (owned) MarshalJSON() ([]byte, error)   { return []byte(`{"list":null}`), nil }
func (texted) MarshalText() ([]byte, error)  { return []byte("null"), nil }
func (*behind) MarshalJSON() ([]byte, error) { return []byte(`{"list":null}`), nil }
func (number) String() string                { return "a number" }
func (k key) MarshalText() ([]byte, error)   { return fmt.Appendf(nil, "%d/%d", k.A, k.B), nil }

type list []list

type node struct {
	Kids []*node
	Next *node `json:",omitempty"`
}

type always struct{ Set []string }

func (a always) IsZero() bool { return a.Set == nil }

func TestFill(t *testing.T) {
	var none []string
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"a slice", none, `[]`},
		{"a map", map[string]int(nil), `{}`},
		{"a named slice", list(nil), `[]`},
		{"bytes", []byte(nil), `""`},
		{"named bytes", bytes8(nil), `""`},
		{"a pointer to a slice", &none, `[]`},
		{"a nil pointer to a slice", (*[]string)(nil), `null`},
		{"nothing", nil, `null`},
		{"fields", struct {
			A []int          `json:"a"`
			B map[string]int `json:"b"`
			C *int           `json:"c"`
			D any            `json:"d"`
			E any            `json:"e"`
		}{E: none}, `{"a":[],"b":{},"c":null,"d":null,"e":[]}`},
		{"fields that are left out", struct {
			A []int  `json:"a,omitempty"`
			B []int  `json:"b,omitzero"`
			C always `json:"c,omitzero"`
			D []int  `json:"-"`
			E []int  `json:"e"`
		}{}, `{"e":[]}`},
		{"embedded structs", struct {
			base
			*Base
		}{Base: &Base{}}, `{"Tags":[],"Notes":{}}`},
		{"an embedded pointer to what is not exported", struct{ *base }{&base{}}, `{"Tags":[]}`},
		{"an embedded nil pointer", struct {
			*base
			A []int
		}{}, `{"A":[]}`},
		{"a field that hides another", struct {
			base
			Tags *int
		}{}, `{"Tags":null}`},
		{"elements", []any{none, map[string][]int{"a": nil}, [2][]int{}, nil}, `[[],{"a":[]},[[],[]],null]`},
		{"keys", []any{
			map[number]any{-3: none}, map[uint]any{3: none}, map[key][]int{{1, 2}: nil}, map[*key][]int{nil: nil}, map[label][]int{"a": nil},
		}, `[{"-3":[]},{"3":[]},{"1/2":[]},{"":[]},{"a":[]}]`},
		{"types that write themselves", []any{owned{}, texted{}, &behind{}, json.RawMessage(nil), json.Number("1"), time.Time{}},
			`[{"list":null},"null",{"list":null},null,1,"0001-01-01T00:00:00Z"]`},
		{"recursive types", node{Kids: []*node{nil, {}}, Next: &node{}}, `{"Kids":[null,{"Kids":[]}],"Next":{"Kids":[]}}`},
		{"recursive slices", list{nil, {nil}}, `[[],[[]]]`},
		{"texts that say null", []any{"null", none, `{"a":null}`}, `["null",[],"{\"a\":null}"]`},
	} {
		if got := written(t, c.v); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Names are found as they are written, by whichever version of Go.
func TestFillFindsOddNames(t *testing.T) {
	maps := []any{map[string][]int{"\xff<\u2028\"\xff\x00": nil, "a": {}}}
	for _, v := range []any{map[float64][]int{1.5: nil, -2: nil}, map[any][]int{"a": nil, 7: nil, key{1, 2}: nil}} {
		if _, err := json.Marshal(v); err == nil { // not in Go 1.26
			maps = append(maps, v)
		}
	}
	for _, v := range maps {
		if got := written(t, v); strings.Contains(got, "null") {
			t.Error(got)
		}
	}
}

// The text itself comes back if there is nothing to do, and nothing is allocated.
func TestFillWithoutNullsAllocatesNothing(t *testing.T) {
	type plain struct {
		ID   int
		Name *string
		At   time.Time
	}
	type holding struct{ List []int }
	for _, v := range []any{plain{}, []plain{}, holding{[]int{}}, "null"} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		resultjson.Fill(text, v) // the plan is made once
		if n := testing.AllocsPerRun(100, func() {
			if got := resultjson.Fill(text, v); got != text {
				t.Errorf("%T: %s was written anew", v, text)
			}
		}); n > 0 {
			t.Errorf("%T: %v allocations", v, n)
		}
	}
}

// What is nested too deeply, and what another goroutine changed meanwhile, comes back
// as it was.
func TestFillKeepsWhatItCannotFollow(t *testing.T) {
	deep := list(nil)
	for range 600 {
		deep = list{deep}
	}
	if got := written(t, deep); !strings.Contains(got, "null") {
		t.Error("600 levels were read")
	}
	for text, v := range map[string]any{
		`{"A":null,"B":null}`: []int(nil),
		`[null,null,null]`:    [][]int{nil},
		`null`:                struct{ A []int }{},
		`"null"`:              map[string]int(nil),
		`{"a":null}`:          map[string]any{"b": nil},
	} {
		got := resultjson.Fill(text, v)
		if want := strings.Replace(text, "[null", "[[]", 1); got != want {
			t.Errorf("%s as a %T became %s", text, v, got)
		}
	}
}

// Everything is what a random value is made of.
type Everything struct {
	Embedded
	*Behind
	Texts  []string
	Bytes  []byte                `json:"bytes"`
	Raw    []json.Number         `json:"raw,omitempty"`
	ByName map[string][]int      `json:"by_name"`
	ByID   map[int32]map[key]any `json:"by_id,omitempty"`
	Pair   [2]map[string]bool
	Deeper *Everything
	Many   []Everything `json:"many"`
	Any    any
	Own    []owned
	Zero   []int `json:",omitzero"`
}

type (
	Embedded struct{ Inner map[string]*[]int }
	Behind   struct{ List [][]string }
)

// random fills v with random values, nil ones among them.
func random(r *rand.Rand, v reflect.Value, depth int) {
	none := depth > 3 || r.IntN(3) == 0
	switch v.Kind() {
	case reflect.Slice:
		if !none {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		}
		for i := range v.Len() {
			random(r, v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			random(r, v.Index(i), depth+1)
		}
	case reflect.Map:
		if none {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			random(r, k, depth+1)
			random(r, e, depth+1)
			v.SetMapIndex(k, e)
		}
	case reflect.Pointer:
		if !none {
			v.Set(reflect.New(v.Type().Elem()))
			random(r, v.Elem(), depth+1)
		}
	case reflect.Interface:
		kinds := []any{[]any(nil), map[string]any(nil), []any{nil, []any(nil)}, map[string]any{"a": map[string]any(nil)}, "null", nil, true}
		if e := kinds[r.IntN(len(kinds))]; e != nil {
			v.Set(reflect.ValueOf(e))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			random(r, v.Field(i), depth+1)
		}
	case reflect.String:
		v.SetString([]string{"", "null", "a\"<\u2028", "é"}[r.IntN(4)])
		if v.Type() == reflect.TypeFor[json.Number]() {
			v.SetString("1e3")
		}
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(r.IntN(5)) - 2)
	case reflect.Uint8, reflect.Bool:
	default:
		panic(v.Type())
	}
}

// filled sets every nil slice and map in v that encoding/json would write.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			filled(e)
			v.SetMapIndex(k, e)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			filled(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			e := reflect.New(v.Elem().Type()).Elem()
			e.Set(v.Elem())
			filled(e)
			v.Set(e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Name != "Zero" && v.Type() != reflect.TypeFor[owned]() {
				filled(v.Field(i))
			}
		}
	}
}

// The JSON of a value is that of the same value without nil slices and maps, and
// decodes into the value but for these. The value stays as it was.
func FuzzFill(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		make := func() *Everything {
			v := new(Everything)
			random(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(v).Elem(), 0)
			return v
		}
		v, same := make(), make()
		got := written(t, v)
		if d := cmp.Diff(same, v); d != "" {
			t.Fatalf("the value was changed:\n%s", d)
		}
		filled(reflect.ValueOf(same).Elem())
		if want, err := json.Marshal(same); err != nil || !bytes.Equal(want, []byte(got)) {
			t.Fatalf("got %s\nwant %s (%v)", got, want, err)
		}
		var plain, back any
		text, _ := json.Marshal(v)
		if json.Unmarshal(text, &plain) != nil || json.Unmarshal([]byte(got), &back) != nil {
			t.Fatalf("%s does not decode", got)
		}
	})
}

// Decoded into its own type, the JSON gives the same value but for what is nil.
func TestFillKeepsTheValue(t *testing.T) {
	type Value struct {
		Embedded
		*Behind
		Texts []string
		Maps  map[string]map[int][]bool
		Kids  []*Value
		Pair  [2][]byte
	}
	for seed := range uint64(500) {
		v, back := new(Value), new(Value)
		random(rand.New(rand.NewPCG(seed, 2)), reflect.ValueOf(v).Elem(), 0)
		got := written(t, v)
		if err := json.Unmarshal([]byte(got), back); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if d := cmp.Diff(v, back, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("seed %d, %s:\n%s", seed, got, d)
		}
	}
}
