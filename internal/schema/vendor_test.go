package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// saysTheSame fails where the vendor decides otherwise than the tree.
func saysTheSame(t *testing.T, s *Schema, raw, args string, fixes []string, problems []Problem) {
	t.Helper()
	if s.vendor != nil {
		return
	}
	oracle := *s
	oracle.vendor = vendorOf(t, s)
	args2, fixes2, problems2 := oracle.decide(raw)
	same := slices.Equal(problems, problems2)
	if emptyName.MatchString(raw) { // the vendor does not say where
		same = (problems == nil) == (problems2 == nil)
	}
	if args != args2 || !slices.Equal(fixes, fixes2) || !same {
		t.Fatalf("%s\n%s\nthe tree says %q %v %v\nthe vendor   %q %v %v", s.JSON(), raw, args, fixes, problems, args2, fixes2, problems2)
	}
}

var emptyName = regexp.MustCompile(`""\s*:`)

var vendors sync.Map // by the roots of their schemas

// vendorOf compiles a schema that is covered by its tree for the vendor.
func vendorOf(t *testing.T, s *Schema) *vendor {
	t.Helper()
	if v, ok := vendors.Load(s.root); ok {
		return v.(*vendor)
	}
	all := &schemaTree{nodes: []*treeNode{s.root}, byPath: map[string]*treeNode{}}
	for i := 0; i < len(all.nodes); i++ {
		n := all.nodes[i]
		all.byPath[n.path] = n
		for _, p := range n.props {
			all.nodes = append(all.nodes, p.node)
		}
		for _, sub := range []*treeNode{n.items, n.rest} {
			if sub != anyValue && sub != noValue {
				all.nodes = append(all.nodes, sub)
			}
		}
	}
	v, errs := newVendor(all, func(at string) string { return at })
	if len(errs) > 0 {
		t.Fatalf("%s\nis covered, and the vendor refuses it: %v", s.JSON(), errs)
	}
	vendors.Store(s.root, v)
	return v
}

// everyKeyword has every keyword that the tree knows and a Go type can have.
type everyKeyword struct {
	Text   string             `json:"text,omitempty" jsonschema:"minLength=2,maxLength=3,pattern=^[a-z]*$,enum=ab,enum=abc"`
	Number float64            `json:"number,omitempty" jsonschema:"minimum=-1,maximum=1e2,multipleOf=0.25"`
	Open   float64            `json:"open,omitempty" jsonschema:"exclusiveMinimum=25e-1,exclusiveMaximum=3"`
	Level  int8               `json:"level,omitempty" jsonschema:"enum=1,enum=2,enum=30"`
	When   time.Time          `json:"when,omitzero"`
	Blob   []byte             `json:"blob,omitempty"`
	List   []int              `json:"list,omitempty" jsonschema:"minItems=1,maxItems=3"`
	Map    map[string]float32 `json:"map,omitempty"`
	Null   *bool              `json:"null,omitempty" jsonschema:"nullable"`
	Any    any                `json:"any,omitempty"`
	Inner  *struct {
		A string `json:"a/b"`
		B uint64 `json:"x y"`
	} `json:"inner,omitempty"`
}

func TestTreeAndVendorSayTheSame(t *testing.T) {
	s := mustReflect[everyKeyword](t)
	if s.vendor != nil {
		t.Fatal("not covered by the tree")
	}
	long := strings.Repeat("k/~%", 100)
	explained := 0
	for _, raw := range []string{
		`{"text":"a"}`, `{"text":"ABCD"}`, `{"text":"ab"}`, `{"text":1}`, `{"text":null}`, `{"text":["ab"]}`,
		`{"number":-1.25}`, `{"number":1e2}`, `{"number":1.0001e2}`, `{"number":0.1}`, `{"number":1e-300}`, `{"number":-5e300}`, `{"number":"1"}`, `{"number":25e-2}`,
		`{"open":2.5}`, `{"open":2500e-3}`, `{"open":2.500001}`, `{"open":3}`, `{"open":4}`,
		`{"level":1}`, `{"level":3e1}`, `{"level":3}`, `{"level":1.5}`, `{"level":300}`, `{"level":true}`, `{"level":{}}`,
		`{"when":"2026-01-31T15:04:05Z"}`, `{"when":"2026-02-31T15:04:05Z"}`, `{"when":5}`,
		`{"blob":"AA=="}`, `{"blob":"AA="}`, `{"blob":"A A="}`, `{"blob":[]}`, `{"blob":"AA==\n"}`,
		`{"list":[]}`, `{"list":[1,2,3,4]}`, `{"list":[1,"2",1.5,9223372036854775808]}`, `{"list":{}}`,
		`{"map":{"a":1e39,"b":"1","` + long + `":null}}`, `{"map":{"a":3.5e38}}`, `{"null":null}`, `{"null":0}`,
		`{"inner":{}}`, `{"inner":{"a/b":1,"x y":-1,"A/b":2,"z":3}}`, `{"inner":"{\"a/b\":\"x\"}"}`, `{"inner":[{"a/b":"x"}]}`,
		`{"Text":"ab","zzz":1,"` + long + `":2,"":3}`, `[]`, `1`, `"x"`, `{"any":[{"text":1}]}`,
		`{"list":[` + strings.Repeat(`"",`, 3000) + `""]}`,
		`{"map":{` + fill(3000, func(i int) string { return fmt.Sprintf(`"k%d":""`, i) }) + `}}`,
		`{` + fill(3000, func(i int) string { return fmt.Sprintf(`"k%d":""`, i) }) + `}`,
	} {
		agrees(t, s, raw)
		if _, _, problems := s.Check(raw); len(problems) > 0 {
			explained++
		}
	}
	if explained < 30 {
		t.Errorf("%d explained", explained)
	}
}
