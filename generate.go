package funcall

import (
	"context"
	"fmt"
	"reflect"

	"github.com/funcall/funcall/transcript"

	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/provider"
)

// A Runner runs one message: an [*Agent] without a conversation, a [*Session] within one.
type Runner interface {
	send(ctx context.Context, text string, opts []RunOption, answer *structured.Form, emit func(Event)) (*Result, error)
	owner() *Agent
}

func (a *Agent) owner() *Agent   { return a }
func (s *Session) owner() *Agent { return s.agent }

// Generate is like Run or Send, and returns a structured output as a T. The model may call
// tools first. The output is checked like the arguments of a tool: only JSON that the schema
// of T accepts becomes a T, and defaults are filled in. If an output is refused, the model is
// told why and may try again, within Limits.Refusals.
//
// T is a struct with the tags of a tool's input (see [NewTool]), or a pointer to one. For any
// other T the schema is an object with one required property, "value": Generate returns the
// value, and [Result.Output] is the object.
//
// The request has an OutputSchema. If the provider returns [provider.KindUnsupported], the
// model is asked for a call of a tool named "answer" instead, which is then among
// [Result.Calls].
//
// A text output must be JSON alone. Accepted and recorded as coercions are one surrounding
// code fence, a leading <think>…</think>, and a bare "value". Text around the JSON, or two
// outputs, are refused.
//
// If the run ends without an output, the error is [ErrNoOutput] or that of Run, and T is its
// zero value. The Result is never nil. A run that was interrupted or waits continues with
// Resume or Decide; then Result.Output has the JSON.
func Generate[T any](ctx context.Context, r Runner, text string, opts ...RunOption) (T, *Result, error) {
	if t := reflect.TypeFor[T](); !schema.IsObject(t) {
		box, res, err := generate[structured.Boxed[T]](ctx, r, t, text, opts, nil, nil)
		return box.Value, res, err
	}
	return generate[T](ctx, r, reflect.TypeFor[T](), text, opts, nil, nil)
}

// generate is Generate for a T that is an object. The caller asked for an answer of
// the type asked. If show is not nil, it is called with the answer while it is written.
func generate[T any](ctx context.Context, r Runner, asked reflect.Type, text string, opts []RunOption, emit func(Event), show func(T)) (answer T, res *Result, err error) {
	f, err := formOf[T](r.owner())
	if err != nil {
		err = structured.TypeError(asked, err)
		return answer, &Result{Outcome: transcript.OutcomeFailed, Reason: err.Error()}, err
	}
	if show != nil {
		opts = append(opts[:len(opts):len(opts)], func(c *runConfig) {
			c.partial = func(doc string) {
				if partial, err := arguments.Decode[T](f.Arguments, f.Output.Name, doc); err == nil {
					show(partial)
				}
			}
		})
	}
	if res, err = r.send(ctx, text, opts, f, emit); err != nil {
		return answer, res, err
	}
	if res.Output == nil {
		return answer, res, structured.NoOutput(ErrNoOutput, res.Outcome, res.Reason, res.Transcript)
	}
	if answer, err = arguments.Decode[T](f.Arguments, f.Output.Name, string(res.Output)); err != nil {
		return *new(T), res, fmt.Errorf("%w: %w", ErrNoOutput, err)
	}
	return answer, res, nil
}

// formOf returns the agent's form of a T.
func formOf[T any](a *Agent) (*structured.Form, error) {
	t := reflect.TypeFor[T]()
	if f, ok := a.forms.Load(t); ok {
		return f.(*structured.Form), nil
	}
	args, err := arguments.Reflect[T]()
	if err != nil {
		return nil, err
	}
	f, _ := a.forms.LoadOrStore(t, structured.New(args, &provider.OutputSchema{Name: structured.NameBeside(a.names), Description: structured.Description, Schema: args.Schema.JSON()}))
	return f.(*structured.Form), nil
}
