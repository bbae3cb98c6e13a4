package schema

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/schematree"
)

// A keyword is what this package knows of a keyword of JSON Schema.
type keyword struct {
	// holds is the JSON type of its value, or a size; "" if several are allowed.
	holds string
	// compile adds the keyword to a node. It returns false if the vendor has to
	// check it, because the tree cannot, or because v is not as it should be. It is
	// nil if neither the tree nor the cost of a check depends on the keyword.
	compile func(t *schemaTree, n *treeNode, keyword string, v any) bool
	// wrong says what is wrong with a value that the keyword refuses. It is nil if
	// the keyword constrains nothing, or only by the schemas that it holds.
	wrong func(f failure) []finding
}

// allows reports whether v is of the type that the keyword holds.
func (k keyword) allows(v any) bool {
	return k.holds == "" || k.holds == kindOf(v) || k.holds == aSize && kindOf(v) == "number"
}

// aSize is what a keyword holds that is a number of things.
const aSize = "size"

// keywords is the table of all keywords that this package checks or reads.
var keywords map[string]keyword

func init() { // the functions compile what stands below them by the same table
	unevaluated := saying("is not part of the schema: leave it out")
	tooFew := saying("does not hold enough items of the kind that it must contain")
	keywords = map[string]keyword{
		"title": {"string", note, nil}, "description": {"string", note, nil}, "$comment": {"string", note, nil},
		"deprecated": {"boolean", note, nil}, "readOnly": {"boolean", note, nil}, "writeOnly": {"boolean", note, nil},
		"default": {"", note, nil}, "examples": {"array", note, nil},
		"contentMediaType": {"string", nil, nil}, "contentSchema": {"", nil, nil},
		"$defs": {"object", compileEach(nil), nil},

		"type":  {"", compileKinds, failure.wrongType},
		"enum":  {"array", compileEnum, failure.notInEnum},
		"const": {"", compileConst, saying("must be %s")},

		"minimum":          {"number", compileLimit(1, false), saying("must be at least %s")},
		"exclusiveMinimum": {"number", compileLimit(1, true), saying("must be greater than %s")},
		"maximum":          {"number", compileLimit(-1, false), saying("must be at most %s")},
		"exclusiveMaximum": {"number", compileLimit(-1, true), saying("must be less than %s")},
		"multipleOf":       {"number", compileMultipleOf, saying("must be a multiple of %s")},

		"minLength":       {aSize, compileSize(kindString, false), counting("must be at least %s long", "character", "characters")},
		"maxLength":       {aSize, compileSize(kindString, true), counting("must be at most %s long", "character", "characters")},
		"pattern":         {"string", compilePattern, failure.mismatch},
		"format":          {"string", compileFormat, failure.notOfFormat},
		"contentEncoding": {"string", compileEncoding, failure.notEncoded},

		"items":            {"", compileItems, nil},
		"minItems":         {aSize, compileSize(kindArray, false), counting("must have at least %s", "item", "items")},
		"maxItems":         {aSize, compileSize(kindArray, true), counting("must have at most %s", "item", "items")},
		"uniqueItems":      {"boolean", compileUnique, saying("must not hold the same item twice")},
		"prefixItems":      {"array", compileEach(addPrefix), nil},
		"contains":         {"", compileEach(addEveryone), tooFew},
		"minContains":      {aSize, nil, tooFew},
		"maxContains":      {aSize, nil, counting("holds more than %s of the kind that it must contain", "item", "items")},
		"unevaluatedItems": {"", compileEach(addEveryone), unevaluated},

		"properties":            {"object", compileProperties, nil},
		"required":              {"array", compileRequired, failure.missing},
		"additionalProperties":  {"", compileRest, failure.unknown},
		"patternProperties":     {"object", compileEach(addPattern), nil},
		"propertyNames":         {"", compileEach(func(n, sub *treeNode, _ string) { n.names = sub }), nil},
		"minProperties":         {aSize, nil, counting("must have at least %s", "property", "properties")},
		"maxProperties":         {aSize, nil, counting("must have at most %s", "property", "properties")},
		"dependentRequired":     {"object", compileDependent, failure.dependent},
		"unevaluatedProperties": {"", compileEach(func(n, sub *treeNode, _ string) { n.members = sub }), unevaluated},

		"allOf":            {"array", compileEach(addAll), nil},
		"anyOf":            {"array", compileBranches, failure.noBranch},
		"oneOf":            {"array", compileBranches, failure.notOneBranch},
		"dependentSchemas": {"object", compileEach(addSame), nil},
		"if":               {"", compileEach(addSame), nil},
		"then":             {"", compileEach(addSame), nil},
		"else":             {"", compileEach(addSame), nil},
		"not":              {"", compileEach(addSame), saying("has a form that is not allowed")},
	}
}

// note is for a keyword that constrains nothing.
func note(*schemaTree, *treeNode, string, any) bool { return true }

func compileKinds(_ *schemaTree, n *treeNode, _ string, v any) bool {
	names, _ := v.([]any)
	if name, one := v.(string); one {
		names = []any{name}
	}
	n.kinds = 0
	for i, v := range names {
		name, _ := v.(string)
		k := kindsByType[name]
		if k == 0 || slices.Contains(names[:i], v) {
			return false
		}
		n.kinds |= k
		if k == kindInteger {
			n.cost.arithmetic++
		}
	}
	return n.kinds != 0
}

func compileEnum(_ *schemaTree, n *treeNode, keyword string, v any) bool {
	list := v.([]any)
	n.cost.comparisons += len(list)
	if n.values != nil || len(list) == 0 {
		return false
	}
	n.values = newValues(keyword, list)
	return n.values != nil
}

func compileConst(t *schemaTree, n *treeNode, keyword string, v any) bool {
	return compileEnum(t, n, keyword, []any{v})
}

// compileLimit is for one end of the numbers that are allowed: they lie above
// it where side is 1, below where it is -1. An open end does not count itself.
func compileLimit(side int, open bool) func(*schemaTree, *treeNode, string, any) bool {
	return func(_ *schemaTree, n *treeNode, keyword string, v any) bool {
		n.cost.arithmetic++
		end := newNumber(v.(json.Number))
		n.numbers = append(n.numbers, test[number]{keyword, func(d number) bool {
			c := side * d.compare(end)
			return c > 0 || c == 0 && !open
		}})
		return true
	}
}

func compileMultipleOf(_ *schemaTree, n *treeNode, keyword string, v any) bool {
	n.cost.arithmetic++
	n.cost.unit += calculation(v.(json.Number))
	unit := rat(v.(json.Number))
	n.numbers = append(n.numbers, test[number]{keyword, func(d number) bool {
		return new(big.Rat).Quo(rat(d.literal()), unit).IsInt()
	}})
	return unit.Sign() > 0
}

func compileSize(kind kinds, most bool) func(*schemaTree, *treeNode, string, any) bool {
	return func(_ *schemaTree, n *treeNode, keyword string, v any) bool {
		bound, ok := count(v)
		s := size{keyword, kind, bound, unbounded}
		if most {
			s.least, s.most = 0, bound
		}
		n.sizes = append(n.sizes, s)
		return ok
	}
}

func count(v any) (n int, ok bool) {
	n, err := strconv.Atoi(string(v.(json.Number)))
	return n, err == nil && n >= 0
}

func compilePattern(t *schemaTree, n *treeNode, keyword string, v any) bool {
	text := v.(string)
	re, err := regexp.Compile(text)
	if err != nil {
		return false
	}
	n.cost.instructions, n.pattern = instructions(text), cmp.Or(t.patterns[text], text)
	n.texts = append(n.texts, test[string]{keyword, re.MatchString})
	return true
}

func compileFormat(_ *schemaTree, n *treeNode, keyword string, v any) bool {
	n.cost.regex = v == "regex"
	n.texts = append(n.texts, test[string]{keyword, isDateTime})
	return v == "date-time"
}

// isDateTime accepts what time.Time decodes, no more.
func isDateTime(s string) bool { return new(time.Time).UnmarshalText([]byte(s)) == nil }

func compileEncoding(_ *schemaTree, n *treeNode, keyword string, v any) bool {
	n.texts = append(n.texts, test[string]{keyword, isBase64})
	return v == "base64"
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

func compileItems(t *schemaTree, n *treeNode, keyword string, v any) (ok bool) {
	n.items, ok = t.below(n, keyword, v)
	return ok
}

func compileUnique(_ *schemaTree, n *treeNode, _ string, v any) bool {
	n.cost.unique = v == true
	return v == false
}

func compileProperties(t *schemaTree, n *treeNode, keyword string, v any) bool {
	props, ok := v.(*schematree.Object), true
	n.props = make([]property, 0, len(props.Keys))
	n.cost.names += len(props.Keys)
	for name, v := range props.All() {
		sub, isSchema := t.below(n, keyword+"/"+jsontree.EscapePointer(name), v)
		ok = ok && isSchema && len(name) <= maxReadKey
		n.props = append(n.props, property{name: name, node: sub})
	}
	if len(n.props) > fewProps {
		n.index = make(map[string]int, len(n.props))
		for i, p := range n.props {
			n.index[p.name] = i
		}
	}
	return ok && len(n.props) <= maxProps
}

func compileRequired(_ *schemaTree, n *treeNode, _ string, v any) bool {
	list, ok := v.([]any), true
	n.cost.names += len(list)
	seen := map[string]bool{}
	for _, v := range list {
		name, isString := v.(string)
		ok = ok && isString && !seen[name]
		seen[name] = true
	}
	return ok
}

func compileRest(t *schemaTree, n *treeNode, keyword string, v any) (ok bool) {
	n.rest, ok = t.below(n, keyword, v)
	return ok || v == false
}

func compileDependent(_ *schemaTree, n *treeNode, _ string, v any) bool {
	for _, needed := range v.(*schematree.Object).All() {
		list, _ := needed.([]any)
		n.cost.names += 1 + len(list)
	}
	return false
}

// compileEach is for schemas that the vendor checks: one, or several by key or
// index. Without add they only stand there.
func compileEach(add func(n, sub *treeNode, key string)) func(*schemaTree, *treeNode, string, any) bool {
	return func(t *schemaTree, n *treeNode, keyword string, v any) bool {
		holder := schematree.Object{Keys: []string{keyword}, Values: map[string]any{keyword: v}}
		for at, v := range holder.Subschemas() {
			if sub, _ := t.below(n, at.Path()[1:], v); add != nil {
				add(n, sub, at.Key)
			}
		}
		return add == nil
	}
}

func addSame(n, sub *treeNode, _ string) { n.also = append(n.also, sameValue{node: sub}) }

func addEveryone(n, sub *treeNode, _ string) { n.everyone = append(n.everyone, sub) }

func addPrefix(n, sub *treeNode, _ string) { n.prefix = append(n.prefix, sub) }

func addAll(n, sub *treeNode, _ string) { n.also = append(n.also, sameValue{node: sub, fixes: true}) }

func addPattern(n, sub *treeNode, pattern string) {
	if re, err := regexp.Compile(pattern); err == nil {
		n.patterns = append(n.patterns, patternNode{re.MatchString, instructions(pattern), sub})
	}
}

func compileBranches(t *schemaTree, n *treeNode, keyword string, v any) bool {
	branches := v.([]any)
	only := onlyBranch(branches)
	for i, b := range branches {
		sub, _ := t.below(n, keyword+"/"+strconv.Itoa(i), b)
		n.also = append(n.also, sameValue{node: sub, branch: true, fixes: only != nil && sub.schema == only})
	}
	return false
}

// onlyBranch returns the branch beside null, if there is one.
func onlyBranch(branches []any) *schematree.Object {
	var only *schematree.Object
	for _, b := range branches {
		o, ok := b.(*schematree.Object)
		if ok && len(o.Types()) == 1 && o.Types()[0] == "null" {
			continue
		}
		if only != nil || !ok {
			return nil
		}
		only = o
	}
	return only
}
