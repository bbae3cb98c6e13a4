package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// An oracle is the validator itself, run on a schema as it is written, under the
// draft that it declares, with formats and encodings as annotations.
func newOracle(doc any, d draft) *jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.Draft = map[draft]*jsonschema.Draft{4: jsonschema.Draft4, 6: jsonschema.Draft6, 7: jsonschema.Draft7, 2019: jsonschema.Draft2019}[d]
	if c.Draft == nil {
		c.Draft = jsonschema.Draft2020
	}
	for _, format := range []string{"date-time", "email", "uuid", "uri"} {
		c.Formats[format] = func(any) bool { return true }
	}
	c.Decoders["base64"] = func(s string) ([]byte, error) { return []byte(s), nil }
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	if c.AddResource("mem:///doc", bytes.NewReader(text)) != nil {
		return nil
	}
	s, err := c.Compile("mem:///doc")
	if err != nil {
		return nil
	}
	return s
}

// meant is what a document means, for the oracle: without the marks of its
// author.
func meant(v any) any {
	switch v := v.(type) {
	case object:
		made := object{}
		for k, e := range v {
			if !strings.HasPrefix(k, "!") {
				made[k] = meant(e)
			}
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, e := range v {
			made[i] = meant(e)
		}
		return made
	}
	return v
}

// beyondOracle is what the validator reads otherwise, or not at all.
var beyondOracle = []string{`1e300`, `9223372036854775807`, `18446744073709551616`, `\\S`, `.{0,3}`, `(?`, `\\1`}

// A tally counts the outcomes of schemas and calls.
type tally struct {
	schemas, refused, spelt          int
	valid, invalid, coerced, partial int
}

// tryForeign makes a schema and calls of a seed, and fails where a call is not
// judged as the schema means it.
func tryForeign(t *testing.T, seed uint64, n *tally) {
	a := newAuthor(seed)
	means, spelt := a.document()
	text, err := json.Marshal(spelt)
	if err != nil {
		t.Fatal(err)
	}
	oracle := newOracle(meant(means), undeclared)
	if oracle == nil {
		return // a reference that only leads back to itself
	}
	n.schemas++
	s, err := Parse(text)
	if err != nil {
		n.refused++
		t.Logf("seed %d: %s: %v", seed, text, err)
		return
	}
	if again, err := Parse(s.JSON()); err != nil || !bytes.Equal(again.JSON(), s.JSON()) {
		t.Fatalf("seed %d: %s\nbecame %s\nand then %v", seed, text, s.JSON(), err)
	}
	var original *jsonschema.Schema
	if a.draft != undeclared && !slices.ContainsFunc(beyondOracle, func(part string) bool { return strings.Contains(string(text), part) }) {
		original = newOracle(spelt, a.draft)
	}
	if original != nil {
		n.spelt++
	}
	fits := func(o *jsonschema.Schema, raw string) bool {
		tree, _, err := jsontree.Parse([]byte(raw))
		return err == nil && o.Validate(tree) == nil
	}
	for range 12 {
		raw, err := json.Marshal(a.value(means, means, 0))
		if err != nil {
			t.Fatal(err)
		}
		if raw[0] != '{' {
			continue
		}
		want := fits(oracle, string(raw))
		if original != nil && fits(original, string(raw)) != want {
			t.Fatalf("seed %d: the generator is wrong\n%s\nmeans %v\nfor %s that is %v", seed, text, means, raw, want)
		}
		args, fixes, problems := s.Check(string(raw))
		switch {
		case want && len(problems) > 0:
			t.Fatalf("seed %d: a valid call is refused\n%s\nread as %s\n%s\n%v", seed, text, s.JSON(), raw, problems)
		case len(problems) > 0:
			n.invalid++
		case !want && len(fixes) == 0:
			t.Fatalf("seed %d: an invalid call is accepted\n%s\nread as %s\n%s\nas %s", seed, text, s.JSON(), raw, args)
		case !fits(oracle, args):
			t.Fatalf("seed %d: what is handed on does not fit\n%s\nread as %s\n%s\nas %s", seed, text, s.JSON(), raw, args)
		case len(fixes) > 0:
			n.coerced++
		default:
			n.valid++
		}
		if len(s.Unchecked()) > 0 {
			n.partial++
		}
		agrees(t, s, string(raw))
	}
}

func TestSchemasOfOthersMeanWhatTheySay(t *testing.T) {
	var n tally
	for seed := range uint64(1000) {
		tryForeign(t, seed, &n)
	}
	t.Logf("%+v", n)
	if n.refused*100 > n.schemas {
		t.Errorf("%d of %d schemas are refused", n.refused, n.schemas)
	}
	if n.spelt < n.schemas/3 || n.valid < n.schemas || n.invalid < n.schemas || n.coerced < 30 || n.partial < 100 {
		t.Errorf("the generator tests too little: %+v", n)
	}
}

func FuzzForeign(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed + 1_000_000)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { tryForeign(t, seed, new(tally)) })
}
