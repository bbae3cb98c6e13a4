// Package wiremedia prepares the media of messages for sending: data URLs become bytes, and
// bytes must match their MIME type. An API refuses media that does not match its type, and
// with it every later request of the conversation.
package wiremedia

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/funcall/funcall/provider"
)

// An Unusable is the error for media that cannot be sent.
type Unusable string

func (u Unusable) Error() string { return string(u) }

// ErrNone is the error for empty media.
const ErrNone = Unusable("the media has neither data nor a URL; set Media.Data or Media.URL")

// A WrongType is the error for bytes that do not match their MIME type. Both types are without
// parameters.
type WrongType struct{ Claimed, Found string }

func (e *WrongType) Error() string {
	return fmt.Sprintf("MIME type %s does not match the bytes (%s)", e.Claimed, e.Found)
}

// Check returns the media as [Inline] does. It refuses empty media, and bytes that contradict
// their MIME type; types that cannot be told pass. A type with another name in APIs gets that
// name. Bytes without a type, or with a type that says nothing, get the detected one, if there
// is one.
func Check(m provider.Media) (provider.Media, error) {
	m, err := Inline(m)
	switch {
	case err != nil:
		return provider.Media{}, err
	case len(m.Data) == 0 && m.URL == "":
		return provider.Media{}, ErrNone
	case len(m.Data) == 0:
		m.MIME = nameOf(m.MIME)
		return m, nil
	case isGeneric(m.MIME):
		m.MIME = cmp.Or(typeOf(m.Data), m.MIME)
		return m, nil
	}
	claim := m.MIME
	m.MIME = nameOf(claim)
	if found, wrong := contradicts(m.MIME, m.Data); wrong {
		return provider.Media{}, &WrongType{plain(claim), found}
	}
	return m, nil
}

// Mend is like Check for media that must not fail. If the bytes have another type of the same
// kind, such as another type of image, they get that type. Refused media is replaced by a text
// with the reason.
func Mend(m provider.Media) provider.Part {
	checked, err := Check(m)
	if err == nil {
		return checked
	}
	if wrong, ok := errors.AsType[*WrongType](err); ok && sameKind(wrong.Found, wrong.Claimed) {
		m.MIME = wrong.Found
		if checked, err2 := Check(m); err2 == nil {
			return checked
		}
	}
	return leftOut(err)
}

// leftOut returns the text that replaces media that cannot be sent.
func leftOut(err error) provider.Part {
	return provider.Text{Text: fmt.Sprintf("[media left out: %v]", err)}
}
