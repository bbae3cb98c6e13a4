// Package answertext finds the JSON that a model's text is.
package answertext

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The names of what was taken off.
const (
	Thoughts = "thoughts" // what stands in front of </think>
	Fence    = "fence"    // a code fence
)

// Find returns the JSON that a model's text is, and names what was taken off to
// find it: what the model thought, up to </think>, and one code fence. It returns "" if
// there is more than that around the JSON, or if more than one part of the text could be
// the answer.
func Find(text string) (answer string, fixes []string) {
	text = strings.TrimSpace(text)
	if answer, fenced, ok := jsonIn(text); ok {
		return answer, fenced
	}
	thoughts, rest, thought := strings.Cut(text, "</think>")
	if !thought {
		return "", nil
	}
	// Templates put the opening tag into the prompt, so that the text begins behind it.
	thoughts, tagged := strings.CutPrefix(thoughts, "<think>")
	if strings.Contains(thoughts, "<think>") {
		return "", nil
	}
	if _, _, ok := jsonIn(strings.TrimSpace(thoughts)); ok && !tagged {
		return "", nil // two answers
	}
	answer, fenced, ok := jsonIn(strings.TrimSpace(rest))
	if !ok {
		return "", nil
	}
	return answer, append([]string{Thoughts}, fenced...)
}

// jsonIn returns the JSON that the text is, or that is alone in its code fence.
func jsonIn(text string) (answer string, fixes []string, ok bool) {
	if json.Valid([]byte(text)) {
		return text, nil, true
	}
	if inner := unfenced(text); json.Valid([]byte(inner)) {
		return inner, []string{Fence}, true
	}
	return "", nil, false
}

// unfenced returns what a code fence holds that is the whole text, "" if it is no such
// text.
func unfenced(text string) string {
	inside, marks := behindOpening(text)
	inner := strings.TrimRight(inside, text[:min(1, len(text))])
	if len(inside)-len(inner) < marks {
		return ""
	}
	return strings.TrimSpace(inner)
}

// behindOpening returns what follows the opening of the code fence that text begins with, and
// how many marks open it. Behind them a language may be named. It returns "" if text begins
// with no fence.
func behindOpening(text string) (inside string, marks int) {
	if !strings.HasPrefix(text, "```") && !strings.HasPrefix(text, "~~~") {
		return "", 0
	}
	opened := strings.TrimLeft(text, text[:1])
	inside = opened
	if r, _ := utf8.DecodeRuneInString(opened); unicode.IsLetter(r) {
		inside = strings.TrimLeftFunc(opened, isLanguage)
	}
	named := len(inside) < len(opened)
	inside = strings.TrimLeft(inside, " \t\r")
	if named && !strings.HasPrefix(inside, "\n") && !strings.HasPrefix(inside, "{") && !strings.HasPrefix(inside, "[") {
		return "", 0 // the word may be the answer itself, or a part of it
	}
	return inside, len(text) - len(opened)
}

// isLanguage reports whether the name of a language in a code fence may have r.
func isLanguage(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-+.#", r)
}
