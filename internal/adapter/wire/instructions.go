package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// separator stands between instructions in one text.
const separator = "\n\n"

// Instructions are the instructions of a request, in two parts. The whole text is Shared
// followed by Own.
type Instructions struct {
	Shared string // the part that other conversations of the agent have too
	Own    string // the part of this conversation, which begins with a separator if it has one
}

// instructionsOf divides the instructions of a request. If a wrapper changed them, so that the
// length of the shared part does not fit, all of them count as shared.
func instructionsOf(req *provider.Request) Instructions {
	text, n := req.System, req.SystemPrefix
	switch {
	case n < 0:
		n = 0
	case n == 0, n >= len(text), !utf8.RuneStart(text[n]):
		n = len(text)
	}
	if strings.TrimSpace(text[:n]) == "" { // APIs refuse a text of white space
		n = 0
	}
	return Instructions{text[:n], text[n:]}
}

// add adds a text to those of the conversation.
func (s *Instructions) add(text string) {
	if text != "" && !s.Empty() {
		s.Own += separator
	}
	s.Own += text
}

// Empty reports whether there are no instructions.
func (s Instructions) Empty() bool { return s.Shared == "" && s.Own == "" }

// Block returns the conversation's part for an API that takes the parts as separate texts. It
// is "" if there is nothing but white space, which APIs refuse.
func (s Instructions) Block() string {
	text := s.Own
	if s.Shared != "" {
		text = strings.TrimPrefix(text, separator)
	}
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// AppendOpen appends a JSON string without its closing quote.
func AppendOpen(b []byte, text string) []byte {
	b = jsontree.AppendString(b, text)
	return b[:len(b)-1]
}

// Rest returns the rest of a string that AppendOpen began, with its closing quote.
func Rest(text string) []byte { return jsontree.AppendString(nil, text)[1:] }
