package wiremedia

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/funcall/funcall/provider"
)

// maxType bounds the MIME type of a data URL, in bytes.
const maxType = 255

// Inline returns the media with the bytes of its data URL (RFC 2397) in place of the URL. If
// it has no MIME type, it gets that of the URL or else the detected one. Other media is
// returned unchanged.
func Inline(m provider.Media) (provider.Media, error) {
	if len(m.Data) > 0 || !isDataURL(m.URL) {
		return m, nil
	}
	typ, data, err := parse(m.URL)
	if err != nil {
		return provider.Media{}, Unusable(fmt.Sprintf("the data URL %.40q cannot be read: %v", m.URL, err))
	}
	m.Data, m.URL = data, ""
	if isGeneric(m.MIME) {
		m.MIME = typ
	}
	return m, nil
}

// InlineAll applies Inline to all media of a message, those of tool results included. It does
// not change m. In a user message, a data URL that cannot be read is an error. In other
// messages a text replaces it: media of a tool or a model must not end a conversation.
func InlineAll(m *provider.Message) (*provider.Message, error) {
	parts := m.Parts
	for i, p := range m.Parts {
		inlined, err := inlinePart(p)
		switch {
		case err != nil && m.Role == provider.RoleUser:
			return nil, fmt.Errorf("part %d: %w", i, err)
		case err != nil:
			inlined = leftOut(err)
		case inlined == nil:
			continue
		}
		parts = replace(m.Parts, parts, i, inlined)
	}
	if len(parts) == 0 || &parts[0] == &m.Parts[0] {
		return m, nil
	}
	return &provider.Message{Role: m.Role, Parts: parts, State: m.State}, nil
}

// inlinePart returns a part with the bytes of its data URLs, or nil if it has none.
func inlinePart(p provider.Part) (provider.Part, error) {
	switch p := p.(type) {
	case provider.Media:
		if len(p.Data) > 0 || !isDataURL(p.URL) {
			return nil, nil
		}
		return Inline(p)
	case provider.ToolResult:
		parts := p.Parts
		for i, q := range p.Parts {
			m, ok := q.(provider.Media)
			if !ok {
				continue
			}
			inlined, err := inlinePart(m)
			if err != nil {
				inlined = leftOut(err)
			}
			if inlined != nil {
				parts = replace(p.Parts, parts, i, inlined)
			}
		}
		if len(parts) > 0 && &parts[0] != &p.Parts[0] {
			p.Parts = parts
			return p, nil
		}
	}
	return nil, nil
}

// replace sets part i of parts. parts is a copy of list, or becomes one.
func replace(list, parts []provider.Part, i int, p provider.Part) []provider.Part {
	if &parts[0] == &list[0] {
		parts = append([]provider.Part(nil), list...)
	}
	parts[i] = p
	return parts
}

func isDataURL(s string) bool { return len(s) >= 5 && strings.EqualFold(s[:5], "data:") }

// parse returns the MIME type, without its parameters, and the bytes.
func parse(address string) (typ string, data []byte, err error) {
	address = address[len("data:"):]
	comma := endOfHead(address)
	if comma < 0 {
		return "", nil, errors.New("no comma; want data:<type>;base64,<data>")
	}
	head, body := address[:comma], unescape(address[comma+1:])
	typ, parameters, _ := strings.Cut(head, ";")
	switch typ = plain(typ); {
	case typ == "":
	case len(typ) > maxType:
		return "", nil, fmt.Errorf("MIME type of %d bytes; the limit is %d", len(typ), maxType)
	default:
		if _, _, err := mime.ParseMediaType(typ); err != nil || !strings.Contains(typ, "/") {
			return "", nil, fmt.Errorf("invalid MIME type %.40q", typ)
		}
	}
	data = []byte(body)
	if last := parameters[strings.LastIndexByte(parameters, ';')+1:]; strings.EqualFold(strings.TrimSpace(last), "base64") {
		if data, err = decodeBase64(body); err != nil {
			return "", nil, err
		}
	}
	if len(data) == 0 {
		return "", nil, errors.New("no data after the comma")
	}
	if isGeneric(typ) {
		typ = cmp.Or(typeOf(data), typ, "text/plain")
	}
	return typ, data, nil
}

// endOfHead returns the index of the comma after the parameters, or -1. It skips commas in
// quotation marks, unless there is no other comma.
func endOfHead(s string) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return i
		}
	}
	return strings.IndexByte(s, ',')
}

// unescape decodes percent encoding as browsers do: a percent sign that two hexadecimal digits
// do not follow stands for itself.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			var c [1]byte
			if _, err := hex.Decode(c[:], []byte(s[i+1:i+3])); err == nil {
				b = append(b, c[0])
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// decodeBase64 decodes base64 as browsers do: either alphabet, padded or not, with white
// space.
func decodeBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, " \t\r\n\f") {
		s = strings.Join(strings.Fields(s), "")
	}
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(s)
	}
	return base64.RawStdEncoding.DecodeString(s)
}
