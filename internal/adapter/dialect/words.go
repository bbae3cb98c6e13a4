package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// maxWords keeps a long pattern or list from filling a prompt, in bytes.
const maxWords = 300

// phrases describe keywords to a model.
var phrases = map[string]string{
	"minimum":          "at least %s",
	"maximum":          "at most %s",
	"exclusiveMinimum": "more than %s",
	"exclusiveMaximum": "less than %s",
	"multipleOf":       "a multiple of %s",
	"minLength":        "at least %s characters",
	"maxLength":        "at most %s characters",
	"pattern":          "matches %s",
	"minItems":         "at least %s items",
	"maxItems":         "at most %s items",
	"minProperties":    "at least %s properties",
	"maxProperties":    "at most %s properties",
	"format":           "format %s",
	"default":          "default %s",
	"contains":         "one item fits %s",
	"minContains":      "at least %s such items",
	"maxContains":      "at most %s such items",
	"propertyNames":    "names fit %s",
	"not":              "not %s",
	"allOf":            "fits all of %s",
	"oneOf":            "fits exactly one of %s",
	"anyOf":            "fits one of %s",
	"const":            "must be %s",
	"enum":             "one of %s",
	"if":               "if it fits %s",
	"then":             "then it fits %s",
	"else":             "else it fits %s",
	"prefixItems":      "items in this order: %s",
	"contentEncoding":  "encoded as %s",
	"contentMediaType": "of type %s",
}

// annotations are keywords that constrain nothing; they are dropped.
var annotations = []string{"$schema", "$id", "$anchor", "$comment", "title", "examples", "deprecated", "readOnly", "writeOnly"}

// Words describes a keyword to a model. It returns "" if the keyword constrains nothing.
func Words(keyword string, v any) string {
	switch {
	case keyword == "additionalProperties" && v == false:
		return "" // without the keyword, the properties that are named are all
	case keyword == "additionalProperties" && v != true:
		return "any names, with values of the form " + text(v)
	case keyword == "uniqueItems" && v == true:
		return "no item twice"
	case phrases[keyword] != "":
		if s, ok := v.(string); ok {
			return fmt.Sprintf(phrases[keyword], cut(s))
		}
		return fmt.Sprintf(phrases[keyword], text(v))
	case slices.Contains(annotations, keyword) || v == true || v == false:
		return ""
	}
	return keyword + ": " + text(v)
}

// Annotate adds words to a description.
func Annotate(description string, words ...string) string {
	if len(words) == 0 {
		return description
	}
	added := "(" + strings.Join(words, "; ") + ")"
	if description == "" {
		return added
	}
	return description + " " + added
}

// text returns a value as JSON, shortened.
func text(v any) string { return cut(string(schematree.Append(nil, v))) }

// list returns a list of values as JSON without brackets.
func list(values []any) string {
	var said []string
	for _, v := range values {
		said = append(said, string(schematree.Append(nil, v)))
	}
	return cut(strings.Join(said, ", "))
}

func cut(s string) string {
	if len(s) <= maxWords {
		return s
	}
	return strings.ToValidUTF8(s[:maxWords], "") + "…"
}
