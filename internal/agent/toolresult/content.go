package toolresult

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/json/resultjson"
	"github.com/funcall/funcall/provider"
)

// maxMedia bounds the media of one result, in bytes.
const maxMedia = 20 << 20

// contentOf makes of a tool's value what the model reads.
func contentOf(v any) ([]provider.Part, error) {
	switch v := v.(type) {
	case string:
		return []provider.Part{provider.Text{Text: v}}, nil
	case provider.Part:
		return checkContent([]provider.Part{v})
	case []provider.Part:
		return checkContent(v)
	case json.RawMessage:
		if !json.Valid(v) {
			return nil, errors.New("the tool returned a json.RawMessage that is no JSON")
		}
		return []provider.Part{provider.Text{Text: string(v)}}, nil
	}
	w := resultWriters.Get().(*resultWriter)
	if err := w.enc.Encode(v); err != nil { // w may be in any state
		return nil, fmt.Errorf("the tool's result cannot be encoded: %w", err)
	}
	text := resultjson.Fill(strings.TrimSuffix(w.text, "\n"), v)
	if w.text = ""; len(text) <= maxPooled {
		resultWriters.Put(w)
	}
	return []provider.Part{provider.Text{Text: text}}, nil
}

// A resultWriter takes a result as JSON. The encoder writes it in one piece, from a buffer of
// its own, so that it is copied only once.
type resultWriter struct {
	text string
	enc  *json.Encoder
}

func (w *resultWriter) Write(p []byte) (int, error) {
	w.text += string(p)
	return len(p), nil
}

var resultWriters = sync.Pool{New: func() any {
	w := new(resultWriter)
	w.enc = json.NewEncoder(w)
	w.enc.SetEscapeHTML(false)
	return w
}}

// maxPooled keeps a rare huge result from staying in memory.
const maxPooled = 64 << 10

// checkContent copies the parts: what is stored must not change when the tool
// uses its slice again.
func checkContent(parts []provider.Part) ([]provider.Part, error) {
	for i, p := range parts {
		switch p.(type) {
		case provider.Text, provider.Media:
		default:
			return nil, fmt.Errorf("part %d of the tool's result is a %T; a result holds Text and Media", i, p)
		}
	}
	_, media, err := storable.Weigh(parts) // the text is cut
	if err != nil {
		return nil, fmt.Errorf("the tool's result cannot be stored: %w", err)
	}
	if media > maxMedia {
		return nil, fmt.Errorf("the tool's result holds %d bytes of media; at most %d are taken", media, maxMedia)
	}
	return storable.MendMedia(parts), nil
}
