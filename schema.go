package funcall

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/funcall/funcall/internal/json/resultjson"
)

// checkResult returns what JSON has no form for in the type of a result.
func checkResult(out reflect.Type, what string) error {
	if err := resultjson.Check(out, "Out"); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// checkInput returns an error if an option takes another input than its tool, whose type
// is nil if it has no Go type.
func checkInput(option string, takes, tool reflect.Type) error {
	switch {
	case takes == tool || takes == reflect.TypeFor[json.RawMessage]():
		return nil
	case tool == nil:
		return fmt.Errorf("%s takes a %v; a tool without a Go type has json.RawMessage", option, takes)
	}
	return fmt.Errorf("%s takes a %v, and the tool a %v", option, takes, tool)
}
