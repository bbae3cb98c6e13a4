package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// says is a finding about the value, or about its name.
func (f failure) says(text string) []finding {
	if f.node.isName {
		text = "its name " + text
	}
	return []finding{{Problem: Problem{f.instance, f.keyword, text}}}
}

// limit is the value of the keyword, as it is shown.
func (f failure) limit() string {
	return cut(string(schematree.Append(nil, f.node.schema.Values[f.keyword])), maxName)
}

// saying is for a keyword about which a text says all, with its value for %s.
func saying(text string) func(failure) []finding {
	return func(f failure) []finding { return f.says(strings.Replace(text, "%s", f.limit(), 1)) }
}

// counting is for a keyword whose value is a number of things.
func counting(text, one, several string) func(failure) []finding {
	return func(f failure) []finding {
		if f.limit() == "1" {
			return saying(strings.Replace(text, "%s", "%s "+one, 1))(f)
		}
		return saying(strings.Replace(text, "%s", "%s "+several, 1))(f)
	}
}

func (f failure) wrongType() []finding {
	return f.says("must be " + wanted(f.node.schema.Types()) + ", got " + given(f.value))
}

func (f failure) notInEnum() []finding {
	return f.says("must be " + oneOf(f.node.schema.Array("enum")))
}

func (f failure) mismatch() []finding {
	return f.says("must match the pattern " + cut(printable(f.node.pattern), maxLine))
}

func (f failure) notOfFormat() []finding {
	format := f.node.schema.Text("format")
	return f.says("must be a valid " + cut(printable(format), maxName) + formatExample[format])
}

func (f failure) notEncoded() []finding {
	return f.says("must be encoded as " + cut(printable(f.node.schema.Text("contentEncoding")), maxName))
}

func (f failure) missing() []finding {
	members, _ := f.value.(map[string]any)
	names := slices.DeleteFunc(f.node.schema.Texts("required"), func(name string) bool {
		_, given := members[name]
		return given
	})
	slices.Sort(names)
	var findings []finding
	for _, name := range names[:min(len(names), maxKept)] {
		findings = append(findings, f.says("missing required property "+quoteCut(name))...)
	}
	return findings
}

func (f failure) dependent() []finding {
	members, _ := f.value.(map[string]any)
	needs := f.node.schema.Object("dependentRequired")
	var findings []finding
	for _, key := range needs.Names() {
		_, given := members[key]
		for _, name := range needs.Texts(key) {
			if _, ok := members[name]; given && !ok {
				findings = append(findings, f.says(fmt.Sprintf("missing property %s, which is required beside %s", quoteCut(name), quoteCut(key)))...)
			}
		}
	}
	return findings
}

// unknown names the properties that the schema lacks.
func (f failure) unknown() []finding {
	members, _ := f.value.(map[string]any)
	known := f.node.schema.Object("properties")
	patterns := f.node.schema.Patterns()
	var names []string
	for name := range members {
		if !known.Has(name) && !matchesAny(patterns, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var findings []finding
	for _, name := range names[:min(len(names), maxKept)] {
		findings = append(findings, finding{Problem{f.instance, f.keyword, "unknown property " + quoteCut(name)}, name, known.Names()})
	}
	return findings
}

func matchesAny(patterns []*regexp.Regexp, name string) bool {
	return slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(name) })
}

// noBranch is for a value that fits none of the branches. It names their types if the
// value has another one.
func (f failure) noBranch() []finding {
	branches := f.node.schema.Array(f.keyword)
	if !wrongType(branches, f.value) {
		return f.says("must match one of the forms in the schema")
	}
	var types []string
	for _, b := range branches {
		types = append(types, b.(*schematree.Object).Types()...)
	}
	return f.says("must be " + wanted(slices.Compact(types)) + ", got " + given(f.value))
}

func (f failure) notOneBranch() []finding {
	if wrongType(f.node.schema.Array(f.keyword), f.value) {
		return f.noBranch()
	}
	return f.says("must match exactly one of the forms in the schema")
}

// wrongType reports whether every branch names types, and none is the value's.
func wrongType(branches []any, value any) bool {
	kind := kindOf(value)
	for _, b := range branches {
		o, ok := b.(*schematree.Object)
		if !ok || o.Types() == nil {
			return false
		}
		for _, t := range o.Types() {
			if t == kind || t == "integer" && kind == "number" {
				return false
			}
		}
	}
	return true
}

var formatExample = map[string]string{
	"date-time": " such as 2026-01-31T15:04:05Z",
	"date":      " such as 2026-01-31",
	"time":      " such as 15:04:05Z",
	"duration":  " such as PT1H30M",
}

// oneOf lists the allowed values, as many as fit a line.
func oneOf(values []any) string {
	if len(values) == 1 {
		return cut(string(schematree.Append(nil, values[0])), maxLine)
	}
	text := "one of "
	for i, v := range values {
		if i > 0 {
			text += ", "
		}
		if text += string(schematree.Append(nil, v)); len(text) > 2*maxLine {
			break
		}
	}
	return cut(text, maxLine)
}

// given says what a model sent. A number is shown, since what is wrong with it
// may be its fraction.
func given(v any) string {
	if n, ok := v.(json.Number); ok {
		return "the number " + cut(string(n), maxName/2)
	}
	return article(kindOf(v))
}

func wanted(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = article(t)
	}
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

func article(noun string) string {
	switch {
	case noun == "null":
		return noun
	case noun != "" && strings.Contains("aeio", noun[:1]):
		return "an " + noun
	}
	return "a " + noun
}
