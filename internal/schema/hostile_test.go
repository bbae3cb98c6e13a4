//go:build !race

// The tests of this file have one goroutine and take long: the race detector would make them ten
// times slower, and see nothing.

package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/testkit/effort"
)

// Each of these would take many times as long as it may, in proportion to the
// square of its size or worse, if it were read without care.
func TestHostileSchemasCostLittle(t *testing.T) {
	effort.Cost(t)
	const n = 1500
	list := func(f func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = f(i)
		}
		return strings.Join(parts, ",")
	}
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		what, schema string
		unchecked    bool
	}{
		{"anchors below a long id", `{"$id":"https://example.com/` + long + `","$defs":{` + list(func(i int) string { return fmt.Sprintf(`"d%d":{"$anchor":"a%d"}`, i, i) }) + `}}`, false},
		{"references below a long id", `{"$id":"https://example.com/` + long + `","$defs":{` + list(func(i int) string { return fmt.Sprintf(`"d%d":{"$ref":"x%d"}`, i, i) }) + `}}`, false},
		{"ids that grow", strings.Repeat(`{"$id":"`+long[:9000]+`/","not":`, 14) + `{}` + strings.Repeat("}", 14), false},
		{"keywords that say nothing", `{` + list(func(i int) string { return fmt.Sprintf(`"k%d":null`, i) }) + `}`, false},
		{"one pattern in many spellings", `{"patternProperties":{` + list(func(i int) string {
			return fmt.Sprintf(`"%s":{}`, strings.NewReplacer("0", "/", "1", `\\/`).Replace(fmt.Sprintf("%012b", i)))
		}) + `}}`, false},
		{"long repetitions", `{"properties":{` + list(func(i int) string { return fmt.Sprintf(`"p%d":{"pattern":"x{2500}"}`, i) }) + `}}`, true},
		{"repetitions written out many times over", `{"properties":{"a":{"pattern":"` + strings.Repeat("(a{1000}){7000}", n) + `"}}}`, true},
		{"nested repetitions", `{"properties":{` + list(func(i int) string {
			return fmt.Sprintf(`"p%d":{"pattern":"((a{1000}){1000}){7}"},"q%d":{"pattern":"%d((a{1000}){1000}){7}"}`, i, i, i)
		}) + `}}`, true},
		{"a pattern with many large classes", `{"properties":{"a":{"pattern":"` + strings.Repeat(`[\\p{Alphabetic}]`, 4*n) + `"},"b":{"pattern":"` + strings.Repeat(`[\\p{L}]`, 4*n) + `"}}}`, true},
		{"many patterns with large classes", `{"properties":{` + list(func(i int) string {
			return fmt.Sprintf(`"p%d":{"pattern":"[%d%s]"}`, i, i, strings.Repeat(`\\p{L}`, 20))
		}) + `}}`, true},
		{"values that are no texts", `{"properties":{"a":{"type":"string","enum":[` + list(func(i int) string { return fmt.Sprint(i, `,"x"`) }) + `]}}}`, false},
		{"defaults that do not fit", `{"properties":{` + list(func(i int) string { return fmt.Sprintf(`"p%d":{"type":"string","default":%d}`, i, i) }) + `}}`, false},
		{"defaults that hold all of each other", `{"properties":{"a":{"$ref":"#/$defs/d"}},"$defs":{"d":{"properties":{` + list(func(i int) string { return fmt.Sprintf(`"p%d":{"$ref":"#/$defs/d","default":{}}`, i) }) + `}}}}`, false},
		{"definitions that refer in a row to one that is not checked", `{"properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{` + strings.ReplaceAll(list(func(i int) string {
			if i == n-1 {
				return fmt.Sprintf(`"d%d":{"pattern":"(?=x)","items":{"$ref":"#/$defs/d0"}}`, i)
			}
			return fmt.Sprintf(`"d%d":{"items":{"$ref":"#/$defs/d%d"}}`, i, i+1)
		}), " ", "") + `}}`, true},
	} {
		s, err := Parse(json.RawMessage(c.schema))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if got := s.Unchecked() != nil; got != c.unchecked {
			t.Errorf("%s: unchecked are %.200q", c.what, s.Unchecked())
		}
		if got := check(s, `{}`); got != `{}` {
			t.Errorf("%s: {} is taken for %.200s", c.what, got)
		}
	}
}
