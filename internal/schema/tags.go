package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

const commaAdvice = `write a comma inside a value as \\, (a pattern's too), and texts into a jsonschema_description tag of their own`

// tagKeywords are what a jsonschema tag may set, each with the JSON Schema
// keyword that must be there afterwards; "" where none need be.
var tagKeywords = map[string]string{
	"title": "title", "description": "description", "format": "format", "default": "default",
	"enum": "enum", "example": "examples",
	"minLength": "minLength", "maxLength": "maxLength", "pattern": "pattern",
	"minimum": "minimum", "maximum": "maximum", "multipleOf": "multipleOf",
	"exclusiveMinimum": "exclusiveMinimum", "exclusiveMaximum": "exclusiveMaximum",
	"minItems": "minItems", "maxItems": "maxItems", "uniqueItems": "uniqueItems",
	"type": "", "anchor": "", "readOnly": "", "writeOnly": "",
	"oneof_required": "", "anyof_required": "", "oneof_type": "", "anyof_type": "", "oneof_ref": "", "anyof_ref": "",
}

// tagProblems checks that every item of a jsonschema tag has left its mark on
// the schema: a tag that is cut, misspelt or of no effect is dropped in silence
// otherwise.
func tagProblems(f field, prop *schematree.Object) []error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if own := reachable(f.Type); f.quoted && own.Kind() == reflect.String {
		fail(`the option "string" of the json tag would want a string inside a string: drop it`)
	} else if f.quoted && (readsItself(own) || implements(own, schemerType)) {
		fail(`the option "string" of the json tag does not go together with a type that reads itself: drop it`)
	}
	items := splitTag(f.Tag.Get("jsonschema"))
	for i, item := range items {
		key, value, ok := strings.Cut(item, "=")
		keyword, known := tagKeywords[key]
		switch {
		case item == "required" || item == "nullable":
		case !ok:
			fail(`the jsonschema tag is cut at a comma: %q stands alone; %s`, item, commaAdvice)
		case !known:
			fail(`the jsonschema tag sets %q, which is no keyword; if it is part of a value, %s`, key, commaAdvice)
		case strings.HasSuffix(key, "type") && reachable(f.Type).Kind() != reflect.Interface:
			fail(`the jsonschema tag sets %s=%s, but the type follows from the Go type: change that one`, key, value)
		case key == "format" && value != "date-time" && reachable(f.Type) == timeType:
			fail("the jsonschema tag sets format=%s, but time.Time reads a date-time and nothing else: use a string", value)
		case keyword == "" || settings(items[:i], key) > 0:
		default:
			want := settings(items, key)
			if got, has := marks(prop, keyword); !has {
				fail("the jsonschema tag's %s=%s has no effect on %s", key, value, shownType(f.Type))
			} else if got >= 0 && got != want {
				fail("the jsonschema tag's values for %s are not all of %s", key, shownType(f.Type))
			}
		}
	}
	for _, item := range splitTag(f.Tag.Get("jsonschema_extras")) {
		if item != "" && !strings.Contains(item, "=") {
			fail(`the jsonschema_extras tag is cut at a comma: %q stands alone; %s`, item, commaAdvice)
		}
	}
	return errs
}

// marks finds what a keyword has left on a property or its items: whether it
// is there, and for enum and examples how many values (-1 for others).
func marks(prop *schematree.Object, keyword string) (values int, has bool) {
	for _, o := range []*schematree.Object{prop, prop.Object("items")} {
		if o == nil || !o.Has(keyword) {
			continue
		}
		if keyword == "enum" || keyword == "examples" {
			return len(o.Array(keyword)), true
		}
		return -1, true
	}
	return 0, false
}

// fitDefault gives the default of a list the type of its items; invopop leaves
// strings.
func fitDefault(prop *schematree.Object) []error {
	items := prop.Object("items")
	if items == nil {
		return nil
	}
	var errs []error
	list := prop.Array("default")
	for i, v := range list {
		text, _ := v.(string)
		switch kind := items.Text("type"); {
		case kind == "string":
		case (kind == "integer" || kind == "number") && isNumber(text):
			list[i] = json.Number(text)
		case kind == "boolean" && (text == "true" || text == "false"):
			list[i] = text == "true"
		default:
			errs = append(errs, fmt.Errorf("the jsonschema tag's default=%s is no %s", text, kind))
		}
	}
	if len(errs) > 0 {
		prop.Set("default", []any{}) // so that the rest can be looked at
	}
	return errs
}

func isNumber(s string) bool {
	v, err := schematree.Parse([]byte(s))
	_, ok := v.(json.Number)
	return err == nil && ok
}

// boundProblems finds bounds that the Go type cannot hold.
func boundProblems(t reflect.Type, o *schematree.Object) []error {
	t = reachable(t)
	if (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && o.Object("items") != nil {
		return boundProblems(t.Elem(), o.Object("items"))
	}
	if !isInteger(t) || implements(t, schemerType) || implements(t, textReadType) {
		return nil
	}
	var errs []error
	low, high := limits(t)
	for _, key := range []string{"minimum", "maximum"} {
		if n, ok := o.Values[key].(json.Number); ok && n != low && n != high && (newNumber(n).compare(newNumber(low)) < 0 || newNumber(n).compare(newNumber(high)) > 0) {
			errs = append(errs, fmt.Errorf("the jsonschema tag's %s=%s does not fit %s, which ends at %s and %s", key, n, article(t.Kind().String()), low, high))
		}
	}
	return errs
}

// rat is exact; numbers that passed the parser are small enough for it.
func rat(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// decodeProblems finds values that the schema offers and the type's own
// methods refuse to read.
func decodeProblems(f field, prop *schematree.Object) []error {
	var errs []error
	try := func(t reflect.Type, keyword string, v any) {
		data := schematree.Append(nil, v)
		if f.quoted {
			text, _ := v.(string)
			data = []byte(text)
		} else if !readsItself(reachable(t)) {
			return // the schema knows
		}
		if text := decodeError(t, data); text != "" {
			errs = append(errs, fmt.Errorf("%s cannot be decoded from its own %s %s: %s", reachable(t), keyword, schematree.Append(nil, v), text))
		}
	}
	if prop.Has("default") {
		try(f.Type, "default", prop.Values["default"])
	}
	for _, v := range prop.Array("enum") {
		try(f.Type, "enum value", v)
	}
	if items := prop.Object("items"); items != nil && hasElem(reachable(f.Type)) {
		for _, v := range items.Array("enum") {
			try(reachable(f.Type).Elem(), "enum value", v)
		}
	}
	return errs
}

// reachable follows pointers.
func reachable(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func shownType(t reflect.Type) string {
	if t = reachable(t); t.Name() == "" || t.PkgPath() == "" {
		return t.String()
	}
	return fmt.Sprintf("%s (%s)", t, t.Kind())
}

// splitTag splits at commas that no backslash stands before, as invopop does.
func splitTag(tag string) []string {
	if tag == "" {
		return nil
	}
	var items []string
	for _, part := range strings.Split(tag, ",") {
		if n := len(items); n > 0 && strings.HasSuffix(items[n-1], `\`) {
			items[n-1] = strings.TrimSuffix(items[n-1], `\`) + "," + part
			continue
		}
		items = append(items, part)
	}
	return items
}

func hasItem(tag, item string) bool { return slices.Contains(splitTag(tag), item) }

// settings returns how many items set key.
func settings(items []string, key string) (n int) {
	for _, item := range items {
		if k, _, ok := strings.Cut(item, "="); ok && k == key {
			n++
		}
	}
	return n
}
