package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// each joins what f writes for 0 to n-1.
func each(n int, f func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = f(i)
	}
	return strings.Join(parts, ",")
}

// TestDefaultsThatHoldThemselves has many of them beside others, which must not
// depend on the order in which they are looked at.
func TestDefaultsThatHoldThemselves(t *testing.T) {
	schema := `{"type":"object","properties":{"tree":{"$ref":"#/$defs/n"},` +
		each(8, func(i int) string {
			return fmt.Sprintf(`"o%d":{"type":"object","properties":{"k":{"type":"integer","default":%d}}}`, i, i)
		}) + `},"$defs":{"n":{"type":"object","properties":{` +
		each(25, func(i int) string { return fmt.Sprintf(`"c%d":{"$ref":"#/$defs/n","default":{}}`, i) }) + `}}}}`
	first := mustParse(t, schema)
	if got := strings.Count(string(first.JSON()), `"default"`); got != 8 {
		t.Errorf("%d defaults are left, want 8: %s", got, first.JSON())
	}
	if got, want := check(first, `{"o7":{},"tree":{}}`), `{"o7":{"k":7},"tree":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for range 20 {
		if again := mustParse(t, schema); string(again.JSON()) != string(first.JSON()) {
			t.Fatalf("the schema is\n%s, and was\n%s", again.JSON(), first.JSON())
		}
	}
}

// TestDefaultsThatTakeTooLong has defaults that end, each of them soon enough.
func TestDefaultsThatTakeTooLong(t *testing.T) {
	list := func(item string) string {
		return `{"type":"array","items":{"type":"object","anyOf":[{}],"properties":{"l":` + item + `}},"default":[` + each(9, func(int) string { return "{}" }) + `]}`
	}
	schema := func(n int) json.RawMessage {
		return json.RawMessage(`{"type":"object","properties":{` + each(n, func(i int) string {
			return fmt.Sprintf(`"o%d":{"type":"object","properties":{"l":%s}}`, i, list(list(list(list(`{"default":1}`)))))
		}) + `}}`)
	}
	if s, err := Parse(schema(2)); err != nil || strings.Count(string(s.JSON()), `"default"`) != 10 {
		t.Errorf("%v %s", err, s.JSON())
	}
	if _, err := Parse(schema(100)); err == nil || !strings.Contains(err.Error(), "too many defaults") {
		t.Errorf("got %v", err)
	}
}
