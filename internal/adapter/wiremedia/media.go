// Package wiremedia makes the media of messages fit to be sent: data URLs become
// bytes, and bytes are what their MIME type says. An API refuses media that is not
// what it claims, and with it every later request of the conversation.
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

// ErrNone is the error for media with nothing in it.
const ErrNone = Unusable("the media has neither data nor a URL; set Media.Data or Media.URL")

// A WrongType is the error for bytes that are not of the type that they claim. Both
// are plain types, without parameters.
type WrongType struct{ Claimed, Found string }

func (e *WrongType) Error() string {
	return fmt.Sprintf("MIME type %s does not match the bytes (%s)", e.Claimed, e.Found)
}

// Check returns the media as by [Inline]. It refuses media with nothing in it, and
// bytes that contradict their MIME type; types that cannot be told pass. A type that
// has another name in APIs gets that name. Bytes without a type, or with one that says
// nothing, get the one that they have, if it can be told.
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
	case saysNothing(m.MIME):
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

// Mend is Check for media that must not fail: if the bytes are of another type of
// the same kind, as an image is that claims to be another one, they get that type.
// In place of media that is refused there is a text that says why.
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

// leftOut is what stands in place of media that cannot be sent.
func leftOut(err error) provider.Part {
	return provider.Text{Text: fmt.Sprintf("[media left out: %v]", err)}
}
