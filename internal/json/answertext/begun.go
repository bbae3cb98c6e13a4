package answertext

import (
	"strings"
	"unicode"

	"github.com/funcall/funcall/internal/json/partialjson"
)

// FindBegun is Find for a text that the model is still writing. It returns the JSON as far as
// it is written, as [partialjson.Complete] does, or "" if no JSON has begun.
// Thoughts that begin like JSON, with no tag in front, are taken for it until they end.
func FindBegun(text string) string {
	text = trimLeft(text)
	if begun := begunIn(text); begun != "" {
		return begun
	}
	thoughts, rest, thought := strings.Cut(text, "</think>")
	if !thought || strings.Contains(strings.TrimPrefix(thoughts, "<think>"), "<think>") {
		return ""
	}
	return begunIn(trimLeft(rest))
}

// begunIn returns the JSON that text begins with, alone or in a code fence.
func begunIn(text string) string {
	if begun := partialjson.Complete(text); begun != "" {
		return begun
	}
	inside, marks := behindOpening(text)
	if marks == 0 {
		return ""
	}
	return partialjson.Complete(strings.TrimRight(strings.TrimRightFunc(inside, unicode.IsSpace), text[:1])) // its end may have begun
}

func trimLeft(text string) string { return strings.TrimLeftFunc(text, unicode.IsSpace) }
