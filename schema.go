package funcall

import (
	"encoding/json"
	"reflect"

	"github.com/funcall/funcall/internal/schema"
	"github.com/funcall/funcall/internal/toolresult"
)

// arguments is how a tool's arguments are described to the model, and how what
// the model writes is checked. It is made once, with the tool.
type arguments struct {
	schema *schema.Schema
	// decodes says what the input type itself has against arguments that its
	// schema accepts. It is nil where the type has no say.
	decodes func(args string) []schema.Problem
}

// reflectArguments describes the Go type In.
func reflectArguments[In any]() (arguments, error) {
	s, err := schema.Reflect(reflect.TypeFor[In]())
	if err != nil {
		return arguments{}, err
	}
	a := arguments{schema: s}
	if s.MayRefuse() {
		a.decodes = func(args string) []schema.Problem {
			var in In
			return s.Decode([]byte(args), &in)
		}
	}
	return a, nil
}

// parseArguments takes a description from elsewhere.
func parseArguments(raw json.RawMessage) (arguments, error) {
	s, err := schema.Parse(raw)
	return arguments{schema: s}, err
}

// readArguments takes a description that reflectArguments made, in this process
// or another.
func readArguments(raw json.RawMessage) (arguments, error) {
	s, err := schema.ParseReflected(raw)
	return arguments{schema: s}, err
}

// check returns the arguments that the tool will decode: those that the model
// wrote, with defaults filled in. fixes names the leniencies that it took.
// Where refused is not empty it says in the model's hearing what is wrong.
func (a arguments) check(tool, raw string) (args string, fixes []string, refused string) {
	args, fixes, problems := a.read(raw)
	if len(problems) > 0 {
		return "", nil, schema.Render(tool, problems)
	}
	return args, fixes, ""
}

// read is check that returns what is wrong as a list.
func (a arguments) read(raw string) (args string, fixes []string, problems []schema.Problem) {
	args, fixes, problems = a.schema.Check(raw)
	if len(problems) == 0 && a.decodes != nil {
		problems = a.decodes(args)
	}
	return args, fixes, problems
}

// decode reads checked arguments into an In.
func decode[In any](a arguments, tool string, args json.RawMessage) (in In, err error) {
	if problems := a.schema.Decode(args, &in); len(problems) > 0 {
		return in, &toolresult.ArgumentsError{Text: schema.Render(tool, problems)}
	}
	return in, nil
}
