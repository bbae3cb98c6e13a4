package structured

import (
	"encoding/json"
	"fmt"
	"reflect"
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

// Call is the verdict on an answer that came as a call.
func (f *Form) Call(c provider.ToolCall) transcript.Call {
	v := transcript.Call{ID: c.ID, Tool: c.Name, Class: transcript.ClassReadOnly, EndsWith: transcript.OutcomeDone, IsOutput: true}
	var problems []schema.Problem
	if v.Args, v.Coercions, problems = f.read(c.Args); len(problems) > 0 {
		v.Refusal = schema.Render(f.Output.Name, problems)
	}
	return v
}

// TakeText gives the verdict on a turn's text, where it is the answer. byTool says that
// the answer was asked for as a call.
func (f *Form) TakeText(out *transcript.Output, byTool bool) {
	if len(out.Calls) > 0 || !out.Finish.Complete() {
		return
	}
	text, around := answertext.Find(out.Message.Text())
	said := text != "" && text != "null" // both are {} to a tool
	var again string
	switch {
	case byTool:
		again = fmt.Sprintf(textByCall, f.Output.Name)
	case said:
		again = textJSONOnly
	default:
		again = textInForm
	}
	if !said {
		out.Refusal = textNotTaken + ". " + again
		return
	}
	answer, fixes, problems := f.read(text)
	switch len(problems) {
	case 0:
		out.StructuredText, out.Coercions = answer, append(around, fixes...)
	case 1:
		out.Refusal = schema.RenderUnder(textNotTaken, problems) + ". " + again
	default:
		out.Refusal = schema.RenderUnder(textNotTaken, problems) + "\n" + again
	}
}

// read is Arguments.Read for an answer. If the form has nothing but a value, the value
// may come without the object around it.
func (f *Form) read(text string) (answer string, fixes []string, problems []schema.Problem) {
	answer, fixes, problems = f.Arguments.Read(text)
	if len(problems) == 0 || !f.oneValue {
		return answer, fixes, problems
	}
	text = strings.TrimSpace(text)
	if text == "null" || strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return "", nil, problems
	}
	if answer, fixes, problems = f.Arguments.Read(box(text)); len(problems) > 0 {
		return "", nil, problems
	}
	return answer, append([]string{fixBare}, fixes...), nil
}

// NoOutput adds to an error how a run ended without an answer, and why the last answer was
// refused.
func NoOutput(err error, o transcript.Outcome, reason string, t transcript.Transcript) error {
	err = fmt.Errorf("%w: outcome %s", err, o)
	if reason != "" {
		err = fmt.Errorf("%w (%s)", err, reason)
	}
	if refused := lastRefusal(t); refused != "" {
		err = fmt.Errorf("%w; last refusal: %s", err, refused)
	}
	return err
}

// lastRefusal returns why the last answer of the last run was refused, or "" if none was.
func lastRefusal(t transcript.Transcript) string {
	for _, e := range slices.Backward(t.Entries) {
		switch b := e.Body.(type) {
		case *transcript.Input:
			return ""
		case *transcript.Output:
			for _, c := range slices.Backward(b.Calls) {
				if c.IsOutput && c.Refusal != "" {
					return c.Refusal
				}
			}
			if b.Refusal != "" {
				return b.Refusal
			}
		}
	}
	return ""
}

// TypeError is the error for an answer of a type that has no schema, for which err says why.
func TypeError(asked reflect.Type, err error) error {
	t := asked
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.Uintptr, reflect.UnsafePointer:
		return fmt.Errorf("funcall: Generate: %v has no JSON form; use a struct, list, map, string, number or bool", asked)
	}
	return fmt.Errorf("funcall: Generate: %v cannot be an answer: %w", asked, err)
}
