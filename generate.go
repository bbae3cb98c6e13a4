package funcall

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Runner runs one message: an [*Agent] without a conversation, a [*Session] within one.
type Runner interface {
	send(ctx context.Context, text string, opts []RunOption, answer *form, emit func(Event)) (*Result, error)
	owner() *Agent
}

func (a *Agent) owner() *Agent   { return a }
func (s *Session) owner() *Agent { return s.agent }

// Generate is like Run or Send, and returns the answer as a T. The model may call tools before
// it answers. Its answer is checked like the arguments of a tool: nothing that the schema of T
// refuses becomes a T, and defaults are filled in. If an answer is refused, the model is told
// why and may answer again, within Limits.Refusals.
//
// T is a struct with the tags of a tool's input (see [NewTool]), or a pointer to one. APIs
// accept only objects: for any other T (a list, a map, a string, a number, a time) the schema
// is an object with one required property, "value". Generate returns the value;
// [Result.Output] is the object.
//
// The provider is asked in its own form (provider.Request.OutputSchema). If it returns
// [provider.KindUnsupported], it is asked for a call of a tool named "answer" instead, which
// then is among [Result.Calls].
//
// A text answer must be JSON alone. Generate also accepts one surrounding code fence, a
// leading <think>…</think>, and a bare "value"; transcript.Output.Coercions lists what was
// accepted. A text that holds more, or two answers, is refused.
//
// If the run ends without an answer (at a limit, truncated, handed off), the error is
// [ErrNoOutput] or that of Run, and T is its zero value. The Result is never nil. If a session
// was interrupted, Resume continues it, and Result.Output has the answer.
func Generate[T any](ctx context.Context, r Runner, text string, opts ...RunOption) (T, *Result, error) {
	if t := reflect.TypeFor[T](); !schema.IsObject(t) {
		box, res, err := generate[boxed[T]](ctx, r, t, text, opts)
		return box.Value, res, err
	}
	return generate[T](ctx, r, reflect.TypeFor[T](), text, opts)
}

// generate is Generate for a T that is an object. The caller asked for an answer of
// the type asked.
func generate[T any](ctx context.Context, r Runner, asked reflect.Type, text string, opts []RunOption) (answer T, res *Result, err error) {
	f, err := formOf[T](r.owner())
	if err != nil {
		err = typeError(asked, err)
		return answer, &Result{Outcome: transcript.OutcomeFailed, Reason: err.Error()}, err
	}
	if res, err = r.send(ctx, text, opts, f, nil); err != nil {
		return answer, res, err
	}
	if res.Output == nil {
		return answer, res, noAnswer(res)
	}
	if answer, err = decode[T](f.arguments, f.output.Name, res.Output); err != nil {
		return *new(T), res, fmt.Errorf("%w: %w", ErrNoOutput, err)
	}
	return answer, res, nil
}

// typeError is the error for an answer of a type that has no schema, for which err says why.
func typeError(asked reflect.Type, err error) error {
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

// noAnswer is the error for a run that ended without an answer: how it ended, and why the
// last answer was refused.
func noAnswer(res *Result) error {
	err := fmt.Errorf("%w: outcome %s", ErrNoOutput, res.Outcome)
	if res.Reason != "" {
		err = fmt.Errorf("%w (%s)", err, res.Reason)
	}
	if refused := lastRefusal(res.Transcript); refused != "" {
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
				if c.StructuredOutput && c.Refusal != "" {
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

// The descriptions are the same in every run, as providers cache by prefix.
const (
	answerName      = "answer"
	formDescription = "The answer to the user."
	callDescription = "Gives the answer to the user. Call it once, when everything is known that the answer needs."
	textNotTaken    = "Your answer was not taken"
	textJSONOnly    = "Answer with JSON only."
	textInForm      = "Answer with nothing but JSON of the form that was asked for: one value, and no words before or after it."
	textByCall      = "Give it as a call of the tool %q."
)

// A form is what an answer must look like. An agent has one for each Go type
// that it was asked for, so that nothing is described or encoded twice.
type form struct {
	arguments
	// How the model is asked for it: in the provider's own way, or as a call.
	output   *provider.OutputSchema
	tool     *provider.Tool
	oneValue bool        // it has nothing but a value; see boxed
	byTool   atomic.Bool // the provider calls output unsupported, beside this agent's tools; another form it may take
}

func newForm(args arguments, o *provider.OutputSchema) *form {
	return &form{
		arguments: args, output: o, oneValue: isOneValue(o.Schema),
		tool: &provider.Tool{Name: o.Name, Description: callDescription, Schema: o.Schema},
	}
}

// formOf returns the agent's form of a T.
func formOf[T any](a *Agent) (*form, error) {
	t := reflect.TypeFor[T]()
	if f, ok := a.forms.Load(t); ok {
		return f.(*form), nil
	}
	args, err := reflectArguments[T]()
	if err != nil {
		return nil, err
	}
	name := answerName
	for slices.ContainsFunc(a.names, func(tool string) bool { return strings.EqualFold(tool, name) }) {
		name += "_"
	}
	f, _ := a.forms.LoadOrStore(t, newForm(args, &provider.OutputSchema{Name: name, Description: formDescription, Schema: args.schema.JSON()}))
	return f.(*form), nil
}

// readForm makes a form of what the transcript says, in a process that does not
// know the Go type.
func (a *Agent) readForm(o *provider.OutputSchema) (*form, error) {
	if a.tools[o.Name] != nil {
		return nil, fmt.Errorf("funcall: the run is to end with the answer %q, and a tool of this agent has that name", o.Name)
	}
	args, err := readArguments(o.Schema)
	if err != nil {
		return nil, fmt.Errorf("funcall: the schema of the answer in the transcript: %w", err)
	}
	return newForm(args, o), nil
}

// wantCall asks for the answer as the call of a tool.
func (s *step) wantCall(req *provider.Request) {
	req.Tools = append(req.Tools[:len(req.Tools):len(req.Tools)], s.answer.tool)
	req.Choice = provider.ToolChoice{Mode: provider.ToolsRequired}
	if s.ToolsOff || len(req.Tools) == 1 {
		req.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: s.OutputSchema.Name}
	}
}
