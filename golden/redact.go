package golden

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A redactor replaces the values of JSON members: a text by "<redacted>", anything else by the
// zero value of its type, so that a schema's types still hold.
type redactor struct {
	names []string
	// loose finds members in text that is not valid JSON, such as prose around JSON or
	// truncated arguments.
	loose *regexp.Regexp
}

func newRedactor(names []string) redactor {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if len(names) == 0 {
		return redactor{}
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return redactor{
		names: names,
		loose: regexp.MustCompile(`(?is)("(?:` + strings.Join(quoted, "|") + `)"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?$)|[{\[].*|[^\s,}\]]+)`),
	}
}

// redact returns s without the values; all other bytes are unchanged.
func (r redactor) redact(s string) string {
	switch {
	case r.names == nil:
		return s
	case json.Valid([]byte(s)):
		return rewriter{
			value: func(name string) func(string) string {
				if r.has(name) {
					return zeroOf
				}
				return nil
			},
			text: func(_, s string) string { return r.redact(s) }, // s may be JSON, too
		}.rewrite(s)
	}
	return r.loose.ReplaceAllStringFunc(s, func(m string) string {
		parts := r.loose.FindStringSubmatch(m)
		return parts[1] + zeroOf(parts[2])
	})
}

func (r redactor) has(name string) bool {
	return slices.ContainsFunc(r.names, func(n string) bool { return strings.EqualFold(n, name) })
}

// zeroOf returns the JSON that replaces a JSON value.
func zeroOf(value string) string {
	switch value[0] {
	case '"':
		return `"` + redacted + `"`
	case '{':
		return "{}"
	case '[':
		return "[]"
	case 't', 'f':
		return "false"
	case 'n':
		return "null"
	}
	return "0"
}
