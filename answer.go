package funcall

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/answertext"
	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// fixBare names a leniency in reading an answer, as Output.Coercions and Call.Coercions do,
// beside those of packages schema and answertext: a value that is no object was taken for
// the property valueName.
const fixBare = "bare"

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
	text, around := answertext.Find(out.Message.Text())
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
