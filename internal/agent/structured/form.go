// Package structured asks a model for structured output, and judges what it answers.
package structured

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/provider"
)

// The texts about structured output that the model reads. They are the same in every run,
// because providers cache by prefix.
const (
	name            = "answer" // of the output, and of the tool
	Description     = "The answer to the user."
	callDescription = "Gives the answer to the user. Call it once, when everything is known that the answer needs."
	textNotTaken    = "Your answer was not taken"
	textJSONOnly    = "Answer with JSON only."
	textInForm      = "Answer with nothing but JSON of the form that was asked for: one value, and no words before or after it."
	textByCall      = "Give it as a call of the tool %q."
)

// NameBeside returns the name of the output of an agent with tools of these names.
func NameBeside(tools []string) string {
	free := name
	for slices.ContainsFunc(tools, func(tool string) bool { return strings.EqualFold(tool, free) }) {
		free += "_"
	}
	return free
}

// A Form is what an answer must look like. An agent has one for each Go type
// that it was asked for, so that nothing is described or encoded twice.
type Form struct {
	arguments.Arguments
	// How the model is asked for it: in the provider's own way, or as a call.
	Output   *provider.OutputSchema
	tool     *provider.Tool
	oneValue bool        // it has nothing but a value; see Boxed
	ByTool   atomic.Bool // the provider calls output unsupported, beside this agent's tools; another form it may take
}

// New makes a form of its description.
func New(args arguments.Arguments, o *provider.OutputSchema) *Form {
	return &Form{
		Arguments: args, Output: o, oneValue: isOneValue(o.Schema),
		tool: &provider.Tool{Name: o.Name, Description: callDescription, Schema: o.Schema},
	}
}

// Read makes a form of what the transcript says, in a process that does not know the Go type.
// isTool says that a tool of the agent has its name.
func Read(o *provider.OutputSchema, isTool bool) (*Form, error) {
	if isTool {
		return nil, fmt.Errorf("funcall: the run is to end with the answer %q, and a tool of this agent has that name", o.Name)
	}
	args, err := arguments.ParseReflected(o.Schema)
	if err != nil {
		return nil, fmt.Errorf("funcall: the schema of the answer in the transcript: %w", err)
	}
	return New(args, o), nil
}

// WantCall asks for the answer as the call of a tool.
func (f *Form) WantCall(req *provider.Request, toolsOff bool) {
	req.Tools = append(req.Tools[:len(req.Tools):len(req.Tools)], f.tool)
	if req.AllTools != nil {
		req.AllTools = append(req.AllTools[:len(req.AllTools):len(req.AllTools)], f.tool)
	}
	req.Choice = provider.ToolChoice{Mode: provider.ToolsRequired}
	if toolsOff || len(req.Tools) == 1 {
		req.Choice = provider.ToolChoice{Mode: provider.ToolsNamed, Name: f.Output.Name}
	}
}

// valueName is the property that holds an answer which is no object by itself.
const valueName = "value"

// Boxed is the object that holds an answer which is no object by itself.
type Boxed[T any] = struct {
	Value T `json:"value"`
}

// box returns the object that holds the value.
func box(value string) string { return `{"` + valueName + `":` + value + `}` }

// isOneValue reports whether a schema describes what a Boxed describes: an object with
// nothing but a value.
func isOneValue(schema json.RawMessage) bool {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	return json.Unmarshal(schema, &s) == nil && len(s.Properties) == 1 && slices.Equal(s.Required, []string{valueName})
}
