package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// Args returns a call's arguments in a form that every API accepts. An object that a strict
// JSON parser accepts is sent unchanged, except that half surrogate pairs, which JSON allows
// and UTF-8 does not, are replaced. Empty text and null become no arguments. Any other text,
// which the check has refused, becomes a string in an object with a telling name: servers that
// parse the arguments would otherwise refuse every later request of the conversation.
func Args(args string) string {
	trimmed := strings.TrimSpace(args)
	if trimmed == "" || trimmed == "null" {
		return "{}"
	}
	if strictObject(args) {
		return wholeSurrogates(args)
	}
	return string(append(jsontree.AppendString([]byte(`{"_invalid_json":`), args), '}'))
}

// ValueText returns a JSON value, without white space between its tokens, as the text that
// other servers send in its place.
func ValueText(raw []byte) string {
	return strings.ToValidUTF8(jsonscan.Compact(raw), "\ufffd")
}

// Compact returns a copy of valid JSON, without white space and as valid UTF-8.
func Compact(raw []byte) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, []byte(wholeSurrogates(strings.ToValidUTF8(string(raw), "\ufffd")))) != nil {
		return nil
	}
	return b.Bytes()
}

// Schema returns a schema without white space.
func Schema(schema json.RawMessage) ([]byte, error) {
	if len(schema) == 0 {
		return nil, errors.New("no schema")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, schema); err != nil {
		return nil, fmt.Errorf("the schema is not JSON: %w", err)
	}
	return b.Bytes(), nil
}

// DataURL returns the data URL by which APIs take the bytes of media.
func DataURL(p provider.Media) string {
	if len(p.Data) == 0 {
		return p.URL
	}
	return "data:" + p.MIME + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

// Describe describes media for an error.
func Describe(p provider.Media) string {
	if p.MIME == "" {
		return "media without a MIME type"
	}
	return "media of type " + p.MIME
}

// NoMedia returns the error for media that an API does not accept. takes names what it
// accepts.
func NoMedia(p provider.Media, api, takes string) error {
	if p.MIME == "" {
		return wiremedia.Unusable(fmt.Sprintf(`media without a MIME type: set Media.MIME, such as "image/png"; %s takes %s`, api, takes))
	}
	return wiremedia.Unusable(fmt.Sprintf("%s has no %s; it takes %s", api, Describe(p), takes))
}

// wholeSurrogates replaces the escapes of half surrogate pairs in a JSON text, which may be
// invalid.
func wholeSurrogates(text string) string {
	if !strings.Contains(text, `\u`) {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		switch unit := surrogate(text[i:]); {
		case unit == 0 && text[i] == '\\':
			n = min(2, len(text)-i) // so that \\ud83d is no escape
		case unit == 0:
		case unit < 0xdc00 && surrogate(text[i+6:]) >= 0xdc00:
			n = 12
		default:
			b = append(b, `\ufffd`...)
			i += 6
			continue
		}
		b = append(b, text[i:i+n]...)
		i += n
	}
	return string(b)
}

// surrogate returns the surrogate at the beginning of s, if s begins with its escape, or 0.
func surrogate(s string) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil || n < 0xd800 || n > 0xdfff {
		return 0
	}
	return int(n)
}
