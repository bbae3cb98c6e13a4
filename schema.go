package funcall

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/funcall/funcall/internal/json/resultjson"
	"github.com/funcall/funcall/internal/schema/arguments"
)

// Schema returns the JSON Schema of the arguments, as every provider is given it. It is nil if
// the tool has a mistake; see [Tool.Err].
func (t Tool) Schema() json.RawMessage {
	if t.t == nil || t.t.args.Schema == nil {
		return nil
	}
	return t.t.args.Schema.JSON()
}

// Unchecked returns the keywords of the schema that are not checked, as JSON Pointers into
// [Tool.Schema], such as "/properties/id/pattern", in the order of the schema. They are
// patterns that package regexp cannot express, and keywords that depend on them: look-around,
// back references, properties of characters that package unicode lacks (\p{Emoji}),
// repetitions and classes that are too large (.{1,10000}), invalid patterns, and all patterns
// after 200,000 instructions. It is nil if everything is checked.
func (t Tool) Unchecked() []string {
	if t.t == nil || t.t.args.Schema == nil {
		return nil
	}
	return t.t.args.Schema.Unchecked()
}

// returns reports what JSON has no form for in the type of a result.
func (t *tool) returns(out reflect.Type, what string) {
	if err := resultjson.Check(out, "Out"); err != nil {
		t.fail(fmt.Errorf("%s: %w", what, err))
	}
}

// wants takes note of a mistake where an option is about another input than the
// tool's.
func (t *tool) wants(in reflect.Type, option string) {
	if in != t.in && in != reflect.TypeFor[json.RawMessage]() {
		if t.in == nil {
			t.fail(fmt.Errorf("%s takes a %v; a tool without a Go type has json.RawMessage", option, in))
			return
		}
		t.fail(fmt.Errorf("%s takes a %v, and the tool a %v", option, in, t.in))
	}
}

// read decodes arguments for an option of the tool.
func read[In any](a arguments.Arguments, tool string, raw json.RawMessage) (In, error) {
	var in In
	if r, ok := any(&in).(*json.RawMessage); ok {
		*r = raw
		return in, nil
	}
	return arguments.Decode[In](a, tool, raw)
}
