package golden

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A rewriter replaces values in JSON and copies everything else to the byte.
type rewriter struct {
	// value returns what replaces the values of members with that name, or nil if
	// they are read on.
	value func(name string) func(raw string) string
	// text returns what replaces a string, which is the value of a member with that
	// name, or in an array.
	text func(name, s string) string
}

// rewrite returns the JSON text with the values replaced. Text that is no JSON
// is returned as it is.
func (r rewriter) rewrite(text string) string {
	if !json.Valid([]byte(text)) {
		return text
	}
	w := walker{rewriter: r, in: text, dec: json.NewDecoder(strings.NewReader(text))}
	w.read("")
	w.out.WriteString(text[w.done:])
	return w.out.String()
}

// A walker is one pass of a rewriter over valid JSON.
type walker struct {
	rewriter
	in   string
	dec  *json.Decoder
	out  strings.Builder
	done int // how much of text is in out
}

// read reads a value of the member with that name.
func (w *walker) read(name string) {
	begin := w.dec.InputOffset()
	tok, err := w.dec.Token()
	if err != nil {
		return
	}
	switch tok := tok.(type) {
	case json.Delim:
		for w.dec.More() {
			if tok == '{' {
				w.member()
			} else {
				w.read("")
			}
		}
		_, _ = w.dec.Token() // what closes it
	case string:
		if with := w.text(name, tok); with != tok {
			w.replace(w.in[begin:w.dec.InputOffset()], quoteJSON(with))
		}
	}
}

// member reads the name of a member and its value.
func (w *walker) member() {
	tok, _ := w.dec.Token()
	name, _ := tok.(string)
	value := w.value(name)
	var raw json.RawMessage
	if value == nil {
		w.read(name)
	} else if w.dec.Decode(&raw) == nil {
		w.replace(string(raw), value(string(raw)))
	}
}

// replace puts with in the place of the value that ends where the decoder is.
func (w *walker) replace(old, with string) {
	old = strings.TrimLeft(old, " \t\r\n:,") // what is ahead of a value
	end := int(w.dec.InputOffset())
	w.out.WriteString(w.in[w.done:end-len(old)] + with)
	w.done = end
}

func quoteJSON(s string) string {
	quoted, _ := encodeJSON(s) // a string can always be encoded
	return quoted
}

// encodeJSON is json.Marshal without the escapes for HTML.
func encodeJSON(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// indentJSON returns JSON in lines, and any other text as it is. Deep JSON would be
// mostly indentation, so there is a bound.
func indentJSON(s string) string {
	const most = 2000
	var b bytes.Buffer
	if strings.Count(s, "{")+strings.Count(s, "[") > most || json.Indent(&b, []byte(s), "", "  ") != nil {
		return s
	}
	return b.String()
}
