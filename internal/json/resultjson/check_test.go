package resultjson_test

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/json/resultjson"
)

type hooked struct {
	Items []struct {
		Sku  string
		Done chan int `json:"done"`
	}
	*inner
	Next *hooked
}

type inner struct{ Then func() }

type self struct{ F func() }

func (*self) MarshalText() ([]byte, error) { return nil, nil }

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		of   reflect.Type
		want []string // the beginnings of the lines
	}{
		{reflect.TypeFor[chan int](), []string{"Out: chan int has no JSON form"}},
		{reflect.TypeFor[[]func()](), []string{"Out[]: func() has no JSON form"}},
		{reflect.TypeFor[*complex64](), []string{"complex64: complex64 has no JSON form"}},
		{reflect.TypeFor[map[string][2]complex128](), []string{"Out[][]: complex128 has no JSON form"}},
		{reflect.TypeFor[map[bool]chan int](), []string{"Out: the keys of map[bool]chan int cannot be keys", "Out[]: chan int has no JSON form"}},
		{reflect.TypeFor[map[struct{ A int }]int](), []string{"Out: the keys of map["}},
		{reflect.TypeFor[*hooked](), []string{"hooked.Items[].Done: chan int has no JSON form", "hooked.inner.Then: func() has no JSON form"}},
		{reflect.TypeFor[struct{ A, B chan int }](), []string{"Out.A: chan int has no JSON form", "Out.B: chan int has no JSON form"}},

		{reflect.TypeFor[any](), nil},
		{reflect.TypeFor[io.Reader](), nil},
		{reflect.TypeFor[[]node](), nil},
		{reflect.TypeFor[self](), nil},
		{reflect.TypeFor[map[key]time.Time](), nil},
		{reflect.TypeFor[map[label]map[uint8]json.RawMessage](), nil},
		{reflect.TypeFor[struct {
			A chan int `json:"-"`
			b func()
			self
		}](), nil},
	} {
		var got []string
		if err := resultjson.Check(c.of, "Out"); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%v:\n got %q\nwant %q", c.of, got, c.want)
		}
	}
}

// Check accepts what encoding/json can write, and refuses what it cannot.
func TestCheckAgreesWithTheEncoder(t *testing.T) {
	for _, v := range []any{
		map[string]any{"a": 1}, map[key]int{{}: 1}, map[label]int{"a": 1}, map[*key]int{nil: 1}, map[uintptr]int{1: 1}, &self{}, hooked{}, uintptr(1),
		map[float64]int{1: 1}, map[bool]int{true: 1}, make(chan int), func() {}, complex(1, 1), struct{ inner }{}, map[any]int{"a": 1},
	} {
		_, wrong := json.Marshal(v)
		if _, isHooked := v.(hooked); isHooked { // nil and empty, as it is
			wrong = &json.UnsupportedTypeError{}
		}
		if err := resultjson.Check(reflect.TypeOf(v), "Out"); (err == nil) != (wrong == nil) {
			t.Errorf("%T: %v; json.Marshal: %v", v, err, wrong)
		}
	}
}
