package funcall

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The leniencies in reading an answer, as Output.Coercions and Call.Coercions name them, beside
// those that package schema has for arguments.
const (
	fixThoughts = "thoughts" // what stands in front of </think> was left out
	fixFence    = "fence"    // the JSON was taken out of a code fence
	fixBare     = "bare"     // a value that is no object was taken for the property valueName
)

// answerCall is the verdict on an answer that came as a call.
func (s *step) answerCall(c provider.ToolCall) transcript.Call {
	v := transcript.Call{ID: c.ID, Tool: c.Name, Class: transcript.ClassReadOnly, EndsWith: transcript.OutcomeDone, StructuredOutput: true}
	var problems []schema.Problem
	if v.Args, v.Coercions, problems = s.answer.read(c.Args); len(problems) > 0 {
		v.Refusal = schema.Render(s.OutputSchema.Name, problems)
	}
	return v
}

// takeAnswer gives the verdict on a turn's text, where it is the answer.
func (s *step) takeAnswer(out *transcript.Output) {
	if len(out.Calls) > 0 || !out.Finish.Complete() {
		return
	}
	text, around := answerText(out.Message.Text())
	said := text != "" && text != "null" // both are {} to a tool
	var again string
	switch {
	case s.byTool:
		again = fmt.Sprintf(textByCall, s.OutputSchema.Name)
	case said:
		again = textJSONOnly
	default:
		again = textInForm
	}
	if !said {
		out.Refusal = textNotTaken + ". " + again
		return
	}
	answer, fixes, problems := s.answer.read(text)
	switch len(problems) {
	case 0:
		out.StructuredText, out.Coercions = answer, append(around, fixes...)
	case 1:
		out.Refusal = schema.RenderUnder(textNotTaken, problems) + ". " + again
	default:
		out.Refusal = schema.RenderUnder(textNotTaken, problems) + "\n" + again
	}
}

// read is arguments.read for an answer. If the form has nothing but a value, the value
// may come without the object around it.
func (f *form) read(text string) (answer string, fixes []string, problems []schema.Problem) {
	answer, fixes, problems = f.arguments.read(text)
	if len(problems) == 0 || !f.oneValue {
		return answer, fixes, problems
	}
	text = strings.TrimSpace(text)
	if text == "null" || strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return "", nil, problems
	}
	if answer, fixes, problems = f.arguments.read(`{"` + valueName + `":` + text + `}`); len(problems) > 0 {
		return "", nil, problems
	}
	return answer, append([]string{fixBare}, fixes...), nil
}

// answerText returns the JSON that a model's text is, and names what was taken off to
// find it: what the model thought, up to </think>, and one code fence. It returns "" if
// there is more than that around the JSON, or if more than one part of the text could be
// the answer.
func answerText(text string) (answer string, fixes []string) {
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
	return answer, append([]string{fixThoughts}, fenced...)
}

// jsonIn returns the JSON that the text is, or that is alone in its code fence.
func jsonIn(text string) (answer string, fixes []string, ok bool) {
	if json.Valid([]byte(text)) {
		return text, nil, true
	}
	if inner := unfenced(text); json.Valid([]byte(inner)) {
		return inner, []string{fixFence}, true
	}
	return "", nil, false
}

// unfenced returns what a code fence holds that is the whole text, "" if it is no such
// text. Behind the opening fence a language may be named.
func unfenced(text string) string {
	if !strings.HasPrefix(text, "```") && !strings.HasPrefix(text, "~~~") {
		return ""
	}
	mark := text[:1]
	opened := strings.TrimLeft(text, mark)
	inner := strings.TrimRight(opened, mark)
	if closing := len(opened) - len(inner); closing < len(text)-len(opened) {
		return ""
	}
	inside := inner
	if r, _ := utf8.DecodeRuneInString(inner); unicode.IsLetter(r) {
		inside = strings.TrimLeftFunc(inner, isLanguage)
	}
	named := len(inside) < len(inner)
	inside = strings.TrimLeft(inside, " \t\r")
	if named && !strings.HasPrefix(inside, "\n") && !strings.HasPrefix(inside, "{") && !strings.HasPrefix(inside, "[") {
		return "" // the word may be the answer itself, or a part of it
	}
	return strings.TrimSpace(inside)
}

// isLanguage reports whether the name of a language in a code fence may have r.
func isLanguage(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-+.#", r)
}

// valueName is the property that holds an answer which is no object by itself.
const valueName = "value"

// boxed is the object that holds such an answer.
type boxed[T any] = struct {
	Value T `json:"value"`
}

// isOneValue reports whether a schema describes what a boxed describes: an object with
// nothing but a value.
func isOneValue(schema json.RawMessage) bool {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	return json.Unmarshal(schema, &s) == nil && len(s.Properties) == 1 && slices.Equal(s.Required, []string{valueName})
}
