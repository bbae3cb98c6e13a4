package golden

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A rewriter replaces values in JSON and copies all other bytes unchanged.
type rewriter struct {
	// value returns the function that replaces the values of members with that name. If it is
	// nil, the values are read.
	value func(name string) func(raw string) string
	// text returns the replacement of a string: the value of a member with that name, or an
	// element of an array, with the name "".
	text func(name, s string) string
}

// rewrite returns the JSON text with values replaced. Invalid JSON is returned unchanged.
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
	done int // the number of bytes of in that are in out
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
		_, _ = w.dec.Token() // the closing bracket
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

// replace replaces the value that ends at the decoder's offset.
func (w *walker) replace(old, with string) {
	old = strings.TrimLeft(old, " \t\r\n:,") // separators ahead of the value
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

// indentJSON returns indented JSON, and any other text unchanged. JSON with more than 2000
// brackets is returned unchanged, as its indentation could be far larger than the text.
func indentJSON(s string) string {
	const most = 2000
	var b bytes.Buffer
	if strings.Count(s, "{")+strings.Count(s, "[") > most || json.Indent(&b, []byte(s), "", "  ") != nil {
		return s
	}
	return b.String()
}
