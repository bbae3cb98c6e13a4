package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/schema/schematree"
	"github.com/funcall/funcall/internal/text/nearest"
)

// A Problem is one thing that is wrong with the arguments of a call.
type Problem struct {
	Path    string // JSON Pointer of the value, cut after 200 bytes; "" for the whole
	Keyword string // of JSON Schema, or "json", "size", "decode"
	Message string // one short line, in words of ours
}

// Bounds of the problems that the model reads, in bytes except the first.
const (
	maxShown   = 8
	maxLine    = 120
	maxPath    = 60
	maxText    = 1024
	maxName    = 40
	maxKept    = 100 // problems
	maxPointer = 200
	ellipsis   = "…"
	unknownKey = "additionalProperties"
)

// Render writes problems as a text for the model that called the tool; see [RenderUnder].
func Render(tool string, problems []Problem) string {
	return RenderUnder("invalid arguments for "+quoteCut(tool), problems)
}

// RenderUnder writes problems as a text for the model, behind a head: at most eight of
// them, 120 bytes each, one kilobyte in all.
func RenderUnder(head string, problems []Problem) string {
	if len(problems) == 1 {
		return head + ": " + problems[0].line()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d problems):", head, len(problems))
	const more = "\n- and %d more"
	for i, p := range problems {
		line := p.line()
		if i == maxShown || b.Len()+len("\n- ")+len(line)+len(more)+4 > maxText {
			fmt.Fprintf(&b, more, len(problems)-i)
			break
		}
		b.WriteString("\n- ")
		b.WriteString(line)
	}
	return b.String()
}

func (p Problem) line() string {
	if p.Path == "" {
		return cut(p.Message, maxLine)
	}
	return cut(cut(printable(p.Path), maxPath)+": "+p.Message, maxLine)
}

// A finding is a problem, and for an unknown property what its name may have
// been meant to be. That takes long to find out: only what is shown gets it.
type finding struct {
	Problem
	name  string
	known []string
}

// sortFindings makes problems of findings, in order, each once, and keeps a
// sensible number.
func sortFindings(findings []finding) []Problem {
	for i := range findings {
		findings[i].Path = cut(findings[i].Path, maxPointer)
	}
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Keyword, b.Keyword),
			strings.Compare(a.Message, b.Message), strings.Compare(a.name, b.name))
	})
	findings = slices.CompactFunc(findings, func(a, b finding) bool { return a.Problem == b.Problem })
	problems := make([]Problem, min(len(findings), maxKept))
	for i := range problems {
		problems[i] = findings[i].Problem
		if i < maxShown {
			if near := nearest.Name(findings[i].name, findings[i].known); near != "" {
				problems[i].Message += " (did you mean " + quoteCut(near) + "?)"
			}
		}
	}
	return problems
}

// describe says in our words what is wrong with the tree v.
func describe(failures []failure, v any) []finding {
	var findings []finding
	for _, f := range failures {
		value, _ := schematree.Lookup(v, f.instance)
		before := len(findings)
		if f.keyword == "additionalProperties" {
			findings = append(findings, f.unknown(value)...)
		} else {
			for _, p := range f.describe(value) {
				findings = append(findings, finding{Problem: p})
			}
		}
		if len(findings) == before {
			// The validator leaves empty names out of its locations, so that
			// this may be the wrong value: one that has nothing wrong.
			findings = append(findings, finding{Problem: Problem{f.instance, f.keyword, "does not fit the schema"}})
		}
	}
	return findings
}

func (f failure) describe(value any) []Problem {
	one := func(format string, args ...any) []Problem {
		text := fmt.Sprintf(format, args...)
		if f.name {
			text = "its name " + text
		}
		return []Problem{{f.instance, f.keyword, text}}
	}
	limit := func() string { return cut(string(schematree.Append(nil, f.schema.Values[f.keyword])), maxName) }
	count := func(noun string) string {
		if limit() == "1" {
			return "1 " + noun
		}
		if noun == "property" {
			return limit() + " properties"
		}
		return limit() + " " + noun + "s"
	}
	switch f.keyword {
	case "type":
		return one("must be %s, got %s", wanted(f.schema.Types()), given(value))
	case "enum":
		return one("must be %s", oneOf(f.schema.Array("enum")))
	case "const":
		return one("must be %s", limit())
	case "required":
		return f.missing(value)
	case "unevaluatedProperties", "unevaluatedItems":
		return one("is not part of the schema: leave it out")
	case "dependentRequired":
		return f.dependent(value)
	case "minimum":
		return one("must be at least %s", limit())
	case "maximum":
		return one("must be at most %s", limit())
	case "exclusiveMinimum":
		return one("must be greater than %s", limit())
	case "exclusiveMaximum":
		return one("must be less than %s", limit())
	case "multipleOf":
		return one("must be a multiple of %s", limit())
	case "minLength":
		return one("must be at least %s long", count("character"))
	case "maxLength":
		return one("must be at most %s long", count("character"))
	case "pattern":
		return one("must match the pattern %s", cut(printable(f.pattern), maxLine))
	case "format":
		return one("must be a valid %s%s", cut(printable(f.schema.Text("format")), maxName), formatExample[f.schema.Text("format")])
	case "contentEncoding":
		return one("must be encoded as %s", cut(printable(f.schema.Text("contentEncoding")), maxName))
	case "minItems":
		return one("must have at least %s", count("item"))
	case "maxItems":
		return one("must have at most %s", count("item"))
	case "uniqueItems":
		return one("must not hold the same item twice")
	case "contains", "minContains":
		return one("does not hold enough items of the kind that it must contain")
	case "maxContains":
		return one("holds more than %s of the kind that it must contain", count("item"))
	case "minProperties":
		return one("must have at least %s", count("property"))
	case "maxProperties":
		return one("must have at most %s", count("property"))
	case "anyOf":
		return f.noBranch(value)
	case "oneOf":
		if all := f.schema.Array("oneOf"); wrongType(all, value) {
			return f.noBranch(value)
		}
		return one("must match exactly one of the forms in the schema")
	case "not":
		return one("has a form that is not allowed")
	}
	return one("does not fit the schema")
}

func (f failure) missing(value any) []Problem {
	members, _ := value.(map[string]any)
	var problems []Problem
	names := f.schema.Texts("required")
	slices.Sort(names)
	for _, name := range names {
		if len(problems) == maxKept {
			break
		}
		if _, ok := members[name]; !ok {
			problems = append(problems, Problem{f.instance, f.keyword, "missing required property " + quoteCut(name)})
		}
	}
	return problems
}

func (f failure) dependent(value any) []Problem {
	members, _ := value.(map[string]any)
	var problems []Problem
	for key, needed := range f.schema.Object("dependentRequired").All() {
		if _, ok := members[key]; !ok {
			continue
		}
		list, _ := needed.([]any)
		for _, n := range list {
			name, _ := n.(string)
			if _, ok := members[name]; !ok {
				problems = append(problems, Problem{f.instance, f.keyword, fmt.Sprintf("missing property %s, which is required beside %s", quoteCut(name), quoteCut(key))})
			}
		}
	}
	return problems
}

// unknown names the properties that the schema lacks.
func (f failure) unknown(value any) []finding {
	members, _ := value.(map[string]any)
	known := f.schema.Object("properties")
	patterns := f.schema.Patterns()
	var names []string
	for name := range members {
		if !known.Has(name) && !slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(name) }) {
			names = append(names, name)
		}
	}
	return unknownProperties(f.instance, names, known.Names())
}

// unknownProperties keeps the first names, as many as are kept in all.
func unknownProperties(path string, names, known []string) []finding {
	slices.Sort(names)
	var findings []finding
	for _, name := range names[:min(len(names), maxKept)] {
		findings = append(findings, finding{Problem{path, unknownKey, "unknown property " + quoteCut(name)}, name, known})
	}
	return findings
}

// noBranch speaks of a value that is of no branch's type, or of none's form.
func (f failure) noBranch(value any) []Problem {
	branches := f.schema.Array(f.keyword)
	text := "must match one of the forms in the schema"
	if wrongType(branches, value) {
		var types []string
		for _, b := range branches {
			types = append(types, b.(*schematree.Object).Types()...)
		}
		text = fmt.Sprintf("must be %s, got %s", wanted(slices.Compact(types)), given(value))
	}
	return []Problem{{f.instance, f.keyword, text}}
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

// kindOf returns the JSON Schema type of a value; of numbers always "number".
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
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

// quoteCut quotes a name that may come from a model.
func quoteCut(name string) string { return strconv.Quote(cut(name, maxName)) }

// printable escapes what would break a line.
func printable(s string) string {
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// cut shortens s to at most n bytes, in between runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len(ellipsis)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + ellipsis
}
