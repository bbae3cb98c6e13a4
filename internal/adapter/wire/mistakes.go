package wire

import (
	"fmt"

	"github.com/funcall/funcall/provider"
)

// What a message cannot be, in the same words for every API.

// Misplaced is the error for part i of m, which a message of its role cannot hold.
func Misplaced(m *provider.Message, i int, p provider.Part) error {
	return fmt.Errorf("part %d: a message of role %q cannot hold a %T", i, m.Role, p)
}

// MisplacedInResult is the error for part j of the result that is part i of its
// message.
func MisplacedInResult(i int, r provider.ToolResult, j int, p provider.Part) error {
	return fmt.Errorf("part %d, the result of %q, part %d: a tool result cannot hold a %T", i, r.Name, j, p)
}

// WhoseMedia stands ahead of the media of a result that an API takes elsewhere alone.
func WhoseMedia(r provider.ToolResult) string {
	return fmt.Sprintf("From the result of the tool call %s (%s):", r.CallID, r.Name)
}
