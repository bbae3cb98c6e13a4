package storable

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// maxParts bounds the parts of one message or result.
const maxParts = 4096

// mend makes texts fit to be stored, and reports whether one of them was not.
func mend(texts ...*string) (mended bool) {
	for _, s := range texts {
		if fit := Text(*s); fit != *s {
			*s, mended = fit, true
		}
	}
	return mended
}

// mendPart mends the texts of a part. The arguments of a call stay as they are: they
// are checked as the model wrote them.
func mendPart(p provider.Part) (part provider.Part, mended bool) {
	switch part := p.(type) {
	case provider.Text:
		if mend(&part.Text) {
			return part, true
		}
	case provider.Reasoning:
		if mend(&part.Text) {
			return part, true
		}
	case provider.Media:
		if mend(&part.MIME, &part.URL) {
			return part, true
		}
	case provider.ToolCall:
		if mend(&part.Name, &part.ID, &part.RawID) {
			return part, true
		}
	case provider.ServerCall:
		if mend(&part.ID, &part.Name, &part.Input, &part.Output) {
			return part, true
		}
	}
	return p, false
}

// Parts mends the texts of parts. It does not change the list.
func Parts(list []provider.Part) (parts []provider.Part, mended bool) {
	parts = list
	for i, p := range list {
		fit, changed := mendPart(p)
		if changed && !mended {
			parts, mended = slices.Clone(list), true
		}
		if changed {
			parts[i] = fit
		}
	}
	return parts, mended
}

// CheckMedia returns the parts with their media fit to be sent. It refuses media that
// no API takes: every later request of the conversation would be refused with it.
func CheckMedia(list []provider.Part) (parts []provider.Part, err error) {
	parts = slices.Clone(list)
	for i, p := range parts {
		if m, ok := p.(provider.Media); ok {
			parts[i], err = wiremedia.Check(m)
			if _, wrong := errors.AsType[*wiremedia.WrongType](err); wrong {
				err = fmt.Errorf("%w; correct it or leave it empty", err)
			}
			if err != nil {
				return nil, fmt.Errorf("part %d: %w", i, err)
			}
		}
	}
	return parts, nil
}

// MendMedia is CheckMedia for a result, which must not be lost for its media: what
// cannot be sent becomes a text that says so.
func MendMedia(list []provider.Part) []provider.Part {
	parts := slices.Clone(list)
	for i, p := range parts {
		if m, ok := p.(provider.Media); ok {
			parts[i] = wiremedia.Mend(m)
		}
	}
	return parts
}

// Weigh returns how many bytes parts hold: of text, and of media and all else. It
// refuses those that are too many, or that could not be read back.
func Weigh(parts []provider.Part) (text, other int, err error) {
	if len(parts) > maxParts {
		return 0, 0, fmt.Errorf("there are %d parts; at most %d are taken", len(parts), maxParts)
	}
	for i, p := range parts {
		var state provider.State
		switch p := p.(type) {
		case provider.Text:
			text, state = text+len(p.Text), p.State
		case provider.Reasoning:
			text, state = text+len(p.Text), p.State
		case provider.Media:
			other, state = other+len(p.Data)+len(p.URL), p.State
			err = atMost("MIME type", p.MIME, maxName)
		case provider.ServerCall:
			text, state = text+len(p.Input)+len(p.Output), p.State
			err = errors.Join(atMost("name", p.Name, maxName), atMost("ID", p.ID, maxID))
		case provider.Native:
			state, err = p.State, readable(p)
		case provider.ToolCall:
			text, state = text+len(p.Args), p.State
			err = errors.Join(atMost("name", p.Name, maxName), atMost("ID", p.ID, maxID), atMost("RawID", p.RawID, maxID))
		}
		if err = errors.Join(err, CheckState(state)); err != nil {
			return 0, 0, fmt.Errorf("part %d: %w", i, err)
		}
		other += len(state.Data)
	}
	return text, other, nil
}

func atMost(what, s string, most int) error {
	if len(s) > most {
		return fmt.Errorf("its %s has %d bytes; at most %d are taken", what, len(s), most)
	}
	return nil
}

// CheckState refuses state that cannot be stored.
func CheckState(s provider.State) error {
	if s.IsZero() {
		return nil
	}
	if len(s.Owner) > maxName || Text(s.Owner) != s.Owner {
		return fmt.Errorf("the owner %.60q of its state is no text of at most %d bytes", s.Owner, maxName)
	}
	if len(s.Data) == 0 {
		return nil
	}
	var scan jsonscan.Scanner
	scan.Reset(s.Data)
	scan.Skip()
	if rest := scan.Rest(); scan.Err() == nil && len(rest) > 0 {
		return fmt.Errorf("its state of %q is no JSON: there is more text after the value", s.Owner)
	}
	if scan.Err() != nil || !utf8.Valid(s.Data) {
		return fmt.Errorf("its state of %q is no JSON in UTF-8: %v", s.Owner, scan.Err())
	}
	return nil
}

// readable refuses a native part that its own encoding does not give back.
func readable(p provider.Native) error {
	b, err := provider.MarshalParts([]provider.Part{p})
	if err == nil {
		_, err = provider.UnmarshalParts(b)
	}
	return err
}

// CutParts cuts the text of a result to its bound, all parts together, so that the cut is
// visible.
func CutParts(parts []provider.Part, most int) []provider.Part {
	parts, _ = Parts(parts)
	total := 0
	for _, p := range parts {
		if t, ok := p.(provider.Text); ok {
			total += len(t.Text)
		}
	}
	if total <= most {
		return parts
	}
	kept, last := 0, -1 // bytes of text, and where the last text stands
	full := false
	var cut []provider.Part
	for _, p := range parts {
		t, ok := p.(provider.Text)
		if !ok {
			cut = append(cut, p)
			continue
		}
		if full {
			continue
		}
		full = len(t.Text) >= most-kept
		t.Text = head(t.Text, most-kept)
		kept += len(t.Text)
		last = len(cut)
		cut = append(cut, t)
	}
	t := cut[last].(provider.Text)
	t.Text += cutMark(kept, total)
	cut[last] = t
	return cut
}
