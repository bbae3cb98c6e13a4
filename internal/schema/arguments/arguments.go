// Package arguments describes to the model what a tool takes, and checks and decodes what
// the model writes.
package arguments

import (
	"encoding/json"
	"reflect"

	"github.com/funcall/funcall/internal/schema"
)

// Arguments says how arguments are described to the model, and how what the model
// writes is checked. It is made once, with the tool.
type Arguments struct {
	Schema *schema.Schema
	// decodes says what the input type itself has against arguments that its
	// schema accepts. It is nil where the type has no say.
	decodes func(args string) []schema.Problem
}

// Reflect describes the Go type In.
func Reflect[In any]() (Arguments, error) {
	s, err := schema.Reflect(reflect.TypeFor[In]())
	if err != nil {
		return Arguments{}, err
	}
	a := Arguments{Schema: s}
	if s.MayRefuse() {
		a.decodes = func(args string) []schema.Problem {
			var in In
			return s.Decode(args, &in)
		}
	}
	return a, nil
}

// Parse takes a description from elsewhere.
func Parse(raw json.RawMessage) (Arguments, error) {
	s, err := schema.Parse(raw)
	return Arguments{Schema: s}, err
}

// ParseReflected takes a description that Reflect made, in this process
// or another.
func ParseReflected(raw json.RawMessage) (Arguments, error) {
	s, err := schema.ParseReflected(raw)
	return Arguments{Schema: s}, err
}

// Check returns the arguments that the tool will decode: those that the model
// wrote, with defaults filled in. fixes names the leniencies that it took.
// Where refused is not empty it says in the model's hearing what is wrong.
func (a Arguments) Check(tool, raw string) (args string, fixes []string, refused string) {
	args, fixes, problems := a.Read(raw)
	if len(problems) > 0 {
		return "", nil, schema.Render(tool, problems)
	}
	return args, fixes, ""
}

// Read is Check that returns what is wrong as a list.
func (a Arguments) Read(raw string) (args string, fixes []string, problems []schema.Problem) {
	args, fixes, problems = a.Schema.Check(raw)
	if len(problems) == 0 && a.decodes != nil {
		problems = a.decodes(args)
	}
	return args, fixes, problems
}

// Decode reads checked arguments into an In. A json.RawMessage is a copy of them.
func Decode[In any](a Arguments, tool, args string) (in In, err error) {
	if raw, ok := any(&in).(*json.RawMessage); ok {
		*raw = json.RawMessage(args)
		return in, nil
	}
	if problems := a.Schema.Decode(args, &in); len(problems) > 0 {
		return in, &Error{Text: schema.Render(tool, problems)}
	}
	return in, nil
}

// An Error is the input type's own objection to the arguments. The model reads it in full.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }
