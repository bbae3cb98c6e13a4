package golden

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A redactor replaces the values of JSON members by what says nothing: a text
// by "<redacted>", anything else by the least value of its type, so that what
// a schema said of types still holds.
type redactor struct {
	names []string
	// loose finds members in what is no JSON as a whole: an answer around a
	// block of JSON, arguments that were cut off.
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

// redact returns s without the values, and otherwise to the byte as it is.
func (r redactor) redact(s string) string {
	switch {
	case r.names == nil:
		return s
	case json.Valid([]byte(s)):
		w := walker{redactor: r, text: s, dec: json.NewDecoder(strings.NewReader(s))}
		w.value()
		w.out.WriteString(s[w.done:])
		return w.out.String()
	}
	return r.loose.ReplaceAllStringFunc(s, func(m string) string {
		parts := r.loose.FindStringSubmatch(m)
		return parts[1] + nothingLike(parts[2])
	})
}

func (r redactor) has(name string) bool {
	for _, n := range r.names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// nothingLike returns the value that stands for a JSON value.
func nothingLike(value string) string {
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

// A walker goes through valid JSON and copies it, but for what is redacted.
type walker struct {
	redactor
	text string
	dec  *json.Decoder
	out  strings.Builder
	done int // how much of text is in out
}

func (w *walker) value() {
	begin := w.dec.InputOffset()
	tok, err := w.dec.Token()
	if err != nil {
		return
	}
	switch tok := tok.(type) {
	case json.Delim:
		for w.dec.More() {
			if tok == '{' && w.member() {
				continue
			}
			w.value()
		}
		_, _ = w.dec.Token() // what closes it
	case string: // perhaps JSON within JSON
		if inner := w.redact(tok); inner != tok {
			w.replace(w.text[begin:w.dec.InputOffset()], quoteJSON(inner))
		}
	}
}

// member reads the name of a member and, where it is to be redacted, its
// value.
func (w *walker) member() bool {
	name, _ := w.dec.Token()
	if s, ok := name.(string); !ok || !w.has(s) {
		return false
	}
	var raw json.RawMessage
	if w.dec.Decode(&raw) != nil {
		return false
	}
	w.replace(string(raw), nothingLike(string(raw)))
	return true
}

// replace puts with in the place of what ends where the decoder stands.
func (w *walker) replace(old, with string) {
	old = strings.TrimLeft(old, " \t\r\n:,") // what stands ahead of a value
	end := int(w.dec.InputOffset())
	w.out.WriteString(w.text[w.done:end-len(old)] + with)
	w.done = end
}

func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // of a string, which cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
