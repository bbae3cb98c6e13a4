// Package storable makes what comes from outside fit to be stored, or refuses it, before
// it becomes part of a transcript: what one store changes and another refuses would be
// read back as something else, or could never be appended to.
package storable

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of what is stored, in bytes.
const (
	maxName   = 256     // of names, MIME types and models
	maxID     = 2000    // of session ids, subjects and the ids of calls; no index takes longer ones
	maxReason = 4 << 10 // of the text of an error that is stored or logged
)

// Text returns s with U+FFFD in place of what is no UTF-8, and of NUL.
func Text(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// Names makes names fit to be stored, in place.
func Names(list []string) []string {
	for i, name := range list {
		list[i] = Name(name)
	}
	return list
}

// Name makes a text that names something fit to be stored.
func Name(s string) string {
	if s = Text(s); len(s) > maxName {
		return head(s, maxName) + "…"
	}
	return s
}

// Reason makes the text of an error fit to be stored and logged.
func Reason(s string) string { return Cut(s, maxReason) }

// CheckID says why a session id or a subject cannot be taken, or nil. It must not
// be changed, as other ids may become the same.
func CheckID(what, s string) error {
	switch {
	case Text(s) != s:
		return fmt.Errorf("the %s %.60q holds NUL, or is no UTF-8: encode it, for example in hex", what, s)
	case len(s) > maxID:
		return fmt.Errorf("the %s %.60q has %d bytes; at most %d are taken", what, s, len(s), maxID)
	}
	return nil
}

// Cut makes a text fit to be stored, and cuts it so that a reader sees that
// it was cut.
func Cut(s string, most int) string {
	if s = Text(s); len(s) <= most {
		return s
	}
	h := head(s, most)
	return h + cutMark(len(h), len(s))
}

func cutMark(kept, total int) string {
	return fmt.Sprintf("\n[cut: the first %d of %d bytes]", kept, total)
}

// head returns the first n bytes of s or, rather than half a character, fewer.
func head(s string, n int) string {
	if n >= len(s) {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
