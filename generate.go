package funcall

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Runner is what can be asked for an answer: an [*Agent] for a single
// question, or a [*Session] for a conversation that goes on.
type Runner interface {
	send(ctx context.Context, text string, opts []RunOption, answer *form, emit func(Event)) (*Result, error)
	owner() *Agent
}

func (a *Agent) owner() *Agent   { return a }
func (s *Session) owner() *Agent { return s.agent }

// Generate is Run (or Send), with an answer that is a T, a struct described by
// the same tags as the input of a tool; see [NewTool]. The model may call tools
// before it answers. What it answers is checked as a tool's arguments are:
// nothing that the schema of T refuses becomes a T, defaults are filled in, and
// an answer that is refused is told to the model, which may try again within
// [Limits].Refusals.
//
// The answer is asked for in the provider's own form (provider.Request.Output).
// From a provider that calls this unsupported it is asked for as the call of a
// tool "answer", which then stands among [Result.Calls].
//
// Where the run ends in another way (at a limit, cut off, handed over) the
// error is [ErrNoAnswer], or what Run would return, and T is its zero value.
// The Result is never nil. A session that was interrupted on its way to an
// answer can be resumed; [Result.Answer] has it then.
func Generate[T any](ctx context.Context, r Runner, text string, opts ...RunOption) (T, *Result, error) {
	var answer T
	f, err := formOf[T](r.owner())
	if err != nil {
		err = fmt.Errorf("funcall: a %T cannot be an answer: %w", answer, err)
		return answer, &Result{Outcome: Failed, Why: err.Error()}, err
	}
	res, err := r.send(ctx, text, opts, f, nil)
	if err != nil {
		return answer, res, err
	}
	if res.Answer == nil {
		return answer, res, fmt.Errorf("%w: the run ended as %q %s", ErrNoAnswer, res.Outcome, res.Why)
	}
	if answer, err = decode[T](f.arguments, f.output.Name, res.Answer); err != nil {
		return *new(T), res, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return answer, res, nil
}

// The descriptions are the same in every run, as providers cache by prefix.
const (
	answerName        = "answer"
	answerDescription = "Gives the answer to the user. Call it once, when everything is known that the answer needs."
	textAnswerByCall  = "Your answer was not taken. Give it as a call of the tool %q."
	textAnswerInForm  = "Your answer was not taken. Answer with nothing but JSON of the form that was asked for."
)

// A form is what an answer must look like. An agent has one for each Go type
// that it was asked for, so that nothing is described or encoded twice.
type form struct {
	arguments
	// How the model is asked for it: in the provider's own way, or as a call.
	output *provider.OutputSchema
	tool   *provider.Tool
	byTool atomic.Bool // the provider calls output unsupported; another form it may take
}

func newForm(args arguments, o *provider.OutputSchema) *form {
	return &form{arguments: args, output: o, tool: &provider.Tool{Name: o.Name, Description: o.Description, Schema: o.Schema}}
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
	f, _ := a.forms.LoadOrStore(t, newForm(args, &provider.OutputSchema{Name: name, Description: answerDescription, Schema: args.schema.JSON()}))
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
		req.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: s.Answer.Name}
	}
}

// answerCall is the verdict on an answer that came as a call.
func (s *step) answerCall(c provider.ToolCall) transcript.Call {
	v := transcript.Call{ID: c.ID, Tool: c.Name, Class: transcript.ReadOnly, Ends: Done, Answers: true}
	v.Args, v.Fixes, v.Refused = s.answer.check(c.Name, c.Args)
	return v
}

// takeAnswer gives the verdict on a turn's text, where it is the answer.
func (s *step) takeAnswer(out *transcript.Output) {
	if len(out.Calls) > 0 || !out.Finish.Complete() {
		return
	}
	text := strings.TrimSpace(out.Message.Text())
	answer, _, refused := s.answer.check(s.Answer.Name, text)
	// No text and null mean {} to a tool; here they mean that nothing was said.
	isJSON := text != "null" && json.Valid([]byte(text))
	switch {
	case isJSON && refused == "":
		out.Answer = answer
	case isJSON:
		out.Refused = refused
	case s.byTool:
		out.Refused = fmt.Sprintf(textAnswerByCall, s.Answer.Name)
	default:
		out.Refused = textAnswerInForm
	}
}
