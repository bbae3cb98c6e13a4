//go:build !race

// The tests of this file have one goroutine and take long: the race detector would make them ten
// times slower, and see nothing.

package schemagen_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/internal/schema/schemagen"
)

const seeds = 200

func generator(t testing.TB, raw string) *schemagen.Generator {
	t.Helper()
	g, err := schemagen.New(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestValuesFit(t *testing.T) {
	for name, raw := range schemas {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := schema.Parse(json.RawMessage(raw))
			if err != nil {
				t.Fatal(err)
			}
			g := generator(t, raw)
			for seed := range uint64(seeds) {
				v, err := g.Value(seed)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if _, fixes, problems := s.Check(v); len(problems)+len(fixes) > 0 {
					t.Fatalf("seed %d: %s\n%v %v", seed, v, problems, fixes)
				}
			}
		})
	}
}

// The same seed gives the same bytes, also if other goroutines ask at once. Other seeds give
// other bytes.
func TestValuesRepeat(t *testing.T) {
	t.Parallel()
	raw := schemas["every type"]
	g := generator(t, raw)
	want := make([]string, seeds)
	for seed := range want {
		want[seed], _ = g.Value(uint64(seed))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			other := generator(t, raw)
			for seed := range want {
				for _, g := range []*schemagen.Generator{g, other} {
					if got, err := g.Value(uint64(seed)); err != nil || got != want[seed] {
						t.Errorf("seed %d: %s, %v; before: %s", seed, got, err, want[seed])
					}
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(want)
	if n := len(slices.Compact(want)); n < seeds*9/10 {
		t.Errorf("%d seeds give %d values alone", seeds, n)
	}
}

func TestOptionalMembers(t *testing.T) {
	g := generator(t, `{"properties":{"a":{"type":"integer"},"b":{"type":"integer"},"c":{"type":"integer"}},"required":["b"]}`)
	counts := map[int]bool{}
	for seed := range uint64(seeds) {
		text, err := g.Value(seed)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]json.Number
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		switch seed % 3 {
		case 1:
			if len(v) != 3 {
				t.Errorf("seed %d leaves something out: %s", seed, text)
			}
		case 2:
			if len(v) != 1 {
				t.Errorf("seed %d gives more than it must: %s", seed, text)
			}
		default:
			counts[len(v)] = true
		}
	}
	if len(counts) != 3 {
		t.Errorf("the other seeds give members in these numbers alone: %v", counts)
	}
}

// The values include the ends of an allowed range, and values between them.
func TestValuesVary(t *testing.T) {
	t.Parallel()
	for raw, wants := range map[string][]string{
		`{"type":"integer","minimum":-3,"maximum":900}`:            {"-3", "0", "900", "17"},
		`{"type":"integer"}`:                                       {"0", "-9007199254740993", "9223372036854775807"},
		`{"type":"number","minimum":0,"maximum":0.5}`:              {"0", "0.5", "0.25"},
		`{"type":"string"}`:                                        {`""`, `"日本語"`, `"Ada"`},
		`{"type":"string","examples":["ORD-7"]}`:                   {`"ORD-7"`, `""`},
		`{"type":"integer","default":7}`:                           {"7", "0"},
		`{"type":"boolean"}`:                                       {"true", "false"},
		`{"type":"array","items":{"const":1},"maxItems":3}`:        {"[]", "[1]", "[1,1,1]"},
		`{"type":["null","boolean"]}`:                              {"null", "true"},
		`{"anyOf":[{"const":"a"},{"const":"b"}]}`:                  {`"a"`, `"b"`},
		`{"type":"object","additionalProperties":{"const":1}}`:     {"{}", `{"k7":1}`},
		`{"type":"string","pattern":"^[ab]?(x|y)$","maxLength":2}`: {`"x"`, `"ax"`, `"by"`},
	} {
		g := generator(t, `{"properties":{"v":`+raw+`},"required":["v"]}`)
		seen := map[string]bool{}
		for seed := range uint64(2000) {
			text, err := g.Value(seed)
			if err != nil {
				t.Fatal(err)
			}
			seen[strings.TrimSuffix(strings.TrimPrefix(text, `{"v":`), "}")] = true
		}
		for _, want := range wants {
			if !seen[want] {
				t.Errorf("%s: %s never comes up among %d others", raw, want, len(seen))
			}
		}
	}
}

func TestNoValue(t *testing.T) {
	for raw, want := range map[string]string{
		`{"properties":{"a":{"type":"integer","minimum":5,"maximum":3}},"required":["a"]}`:                                                                    `/a: no value was found that fits the schema {"maximum":3,"minimum":5,"type":"integer"}`,
		`{"properties":{"a":{"type":"object","properties":{"b/c":{"type":"string","pattern":"a^b"}},"required":["b/c"]}},"required":["a"]}`:                   "/a/b~1c: no value",
		`{"properties":{"a":{"allOf":[{"type":"string"},{"type":"integer"}]}},"required":["a"]}`:                                                              "/a: no value",
		`{"properties":{"l":{"type":"array","items":false,"minItems":1}},"required":["l"]}`:                                                                   "/l/0: no value",
		`{"properties":{"l":{"type":"array","items":{"type":"boolean"},"uniqueItems":true,"minItems":3}},"required":["l"]}`:                                   "/l/2: no value",
		`{"properties":{"n":{"$ref":"#/$defs/N"}},"required":["n"],"$defs":{"N":{"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"required":["n"]}}}`: "the schema is nested too deeply",
		`{"properties":{"l":{"type":"array","minItems":1000000,"items":{"type":"integer"}}},"required":["l"]}`:                                                "/l/",
		`{"properties":{"a":{"type":"string","minLength":9,"maxLength":3}},"required":["a"]}`:                                                                 "/a: no value",
		`{"properties":{"a":{"type":"string","minLength":1000000,"pattern":"^(((a?)*)*)*b$"}},"required":["a"]}`:                                              "",
		`{"not":{}}`: "the value as a whole: ",
		`{"type":"object","minProperties":2,"maxProperties":1}`:                                                                                       "the value as a whole: ",
		`{"properties":{"a":{"type":"string","minLength":100000000}},"required":["a"]}`:                                                               "/a: no value",
		`{"properties":{"é":{"enum":["` + strings.Repeat("é", 300) + `"],"type":"string","maxLength":300,"not":{"type":"string"}}},"required":["é"]}`: "", // refused at once
	} {
		g, err := schemagen.New(json.RawMessage(raw))
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", raw, err)
			}
			continue
		}
		v, err := g.Value(1)
		if err == nil || v != "" || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%s\n got %s, %v\nwant %s", raw, v, err, want)
		}
	}
}

func TestBadSchema(t *testing.T) {
	for _, raw := range []string{``, `[]`, `{"type":"string"}`, `{"$ref":"https://example.com/schema"}`, `{"properties":{"a":{"type":"file"}}}`} {
		if _, err := schemagen.New(json.RawMessage(raw)); err == nil {
			t.Errorf("%q is accepted", raw)
		}
	}
}

// Whatever the schema, a value fits it or there is an error, soon.
func FuzzValue(f *testing.F) {
	for _, raw := range schemas {
		f.Add(raw, uint64(1))
	}
	f.Fuzz(func(t *testing.T, raw string, seed uint64) {
		if len(raw) > 5000 {
			return
		}
		s, err := schema.Parse(json.RawMessage(raw))
		if err != nil {
			return
		}
		g := generator(t, raw)
		v, err := g.Value(seed)
		if err != nil {
			return
		}
		if _, _, problems := s.Check(v); len(problems) > 0 {
			t.Fatalf("%s\nof %s: %v", v, raw, problems)
		}
		if again, err := g.Value(seed); err != nil || again != v {
			t.Fatalf("not the same twice: %s, %s, %v", v, again, err)
		}
	})
}

func BenchmarkValue(b *testing.B) {
	for _, name := range []string{"nested", "oneOf, tagged", "an expression"} {
		b.Run(name, func(b *testing.B) {
			g := generator(b, schemas[name])
			for seed := range uint64(b.N) {
				if _, err := g.Value(seed); err != nil {
					b.Fatal(fmt.Errorf("seed %d: %w", seed, err))
				}
			}
		})
	}
}
