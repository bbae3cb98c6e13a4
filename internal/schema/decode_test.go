package schema

import (
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeTellsWhatATypeRefuses(t *testing.T) {
	type in struct {
		Colour  colour            `json:"colour,omitzero"`
		Ptr     **colour          `json:"ptr,omitempty"`
		List    []colour          `json:"list,omitempty"`
		Map     map[string]colour `json:"map,omitempty"`
		Amount  cents             `json:"amount,omitempty"`
		Quoted  int8              `json:"quoted,string,omitempty"`
		Numbers map[int8]int      `json:"numbers,omitempty"`
		Sub     struct {
			Colour colour `json:"a/b,omitzero"`
		} `json:"sub,omitzero"`
	}
	s := mustReflect[in](t)
	if !s.MayRefuse() {
		t.Error("MayRefuse is false")
	}
	for raw, want := range map[string]string{
		`{"colour":"blue"}`:  `/colour: cannot be read: blue is no colour`,
		`{"colour":"panic"}`: `/colour: cannot be read: the value is not understood`,
		`{"ptr":"blue"}`:     `/ptr: cannot be read: blue is no colour`,
		`{"list":["red","blue","pink"],"map":{"k":"blue"},"sub":{"a/b":"blue"}}`: " (4 problems):\n" +
			"- /list/1: cannot be read: blue is no colour\n- /list/2: cannot be read: pink is no colour\n" +
			"- /map/k: cannot be read: blue is no colour\n- /sub/a~1b: cannot be read: blue is no colour",
		`{"amount":"012.50"}`:     `/amount: cannot be read: an amount has no leading zero`,
		`{"quoted":"128"}`:        `/quoted: must be a string that holds an int8`,
		`{"numbers":{"1000":1}}`:  `/numbers: cannot be read: the value does not fit`,
		`{"colour":"a\nb\u2028"}`: `/colour: cannot be read: a\nb\u2028 is no colour`,
	} {
		args, _, problems := s.Check(raw)
		if len(problems) > 0 {
			t.Errorf("%s: Check says %v", raw, problems)
			continue
		}
		var into in
		problems = s.Decode(args, &into)
		got := strings.TrimPrefix(strings.TrimPrefix(Render("t", problems), `invalid arguments for "t"`), ": ")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
}

func TestDecodeReadsTheTypesThatReadThemselves(t *testing.T) {
	type in struct {
		When   time.Time      `json:"when"`
		Colour *colour        `json:"colour,omitempty" jsonschema:"default=red"`
		Amount cents          `json:"amount"`
		Big    *big.Int       `json:"big"`
		Quoted int            `json:"quoted,string"`
		Keys   map[int]string `json:"keys"`
		Blob   []byte         `json:"blob"`
		Tree   borrowed       `json:"tree"`
	}
	s := mustReflect[in](t)
	args, _, problems := s.Check(`{"when":"2026-01-31T15:04:05+02:00","amount":"12.50","big":1.2e21,"quoted":"7","keys":{"-1":"x"},"blob":"aGk=","tree":{"tree":{"leaf":"l","sub":[{"leaf":"m"}]}}}`)
	var got in
	if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 {
		t.Fatal(problems)
	}
	huge, _ := new(big.Int).SetString("1200000000000000000000", 10)
	want := in{
		When: time.Date(2026, 1, 31, 15, 4, 5, 0, time.FixedZone("", 7200)), Colour: &colour{"red"}, Amount: 1250, Big: huge, Quoted: 7,
		Keys: map[int]string{-1: "x"}, Blob: []byte("hi"), Tree: borrowed{tree{Leaf: "l", Sub: []tree{{Leaf: "m"}}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(colour{}), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMayRefuse(t *testing.T) {
	for _, c := range []struct {
		t    reflect.Type
		want bool
	}{
		{reflect.TypeFor[orderArgs](), false},
		{reflect.TypeFor[node](), false},
		{reflect.TypeFor[struct{ B []byte }](), false},
		{reflect.TypeFor[struct{ C []*colour }](), true},
		{reflect.TypeFor[struct{ M map[int]int }](), true},
		{reflect.TypeFor[struct {
			Q int `json:",string"`
		}](), true},
		{reflect.TypeFor[struct{ O openOptions }](), true},
	} {
		s, err := Reflect(c.t)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.MayRefuse(); got != c.want {
			t.Errorf("%s: %v", c.t, got)
		}
	}
}

// The names in a path may be as long as the arguments, and the values below
// them as many.
func TestDecodeCutsPathsAsTheyGrow(t *testing.T) {
	s := mustReflect[struct {
		M map[string][]colour `json:"m"`
	}](t)
	key := strings.Repeat("k", 100_000)
	var into struct {
		M map[string][]colour `json:"m"`
	}
	problems := s.Decode(`{"m":{"`+key+`":[`+strings.Repeat(`"blue",`, 500)+`"red"]}}`, &into)
	if want := "/m/" + key[:maxPointer-len("/m/…")] + "…"; len(problems) != 1 || problems[0].Path != want {
		t.Errorf("%d problems: %.300v", len(problems), problems)
	}
	path := ""
	for range 60 {
		path = below(path, key)
	}
	if len(path) > 3*maxPointer {
		t.Errorf("a path of %d bytes", len(path))
	}
}

// The strings of short arguments are parts of them. What is kept of long ones does not keep
// the rest.
func TestDecodeSharesShortArguments(t *testing.T) {
	type in struct {
		A, B, C string
		List    []string
	}
	s := mustReflect[in](t)
	const short = `{"A":"a","B":"b","C":"c","List":["d","e"]}`
	long := short + strings.Repeat(" ", maxShared)
	for args, want := range map[string]float64{
		short: 2, // the struct and the list
		long:  7, // and five strings
	} {
		allocs := testing.AllocsPerRun(100, func() {
			var into in
			if problems := s.Decode(args, &into); len(problems) > 0 || into.List[1] != "e" {
				t.Error(problems, into)
			}
		})
		if allocs != want {
			t.Errorf("%d bytes of arguments: %v allocations, want %v", len(args), allocs, want)
		}
	}
}
