package wire

import (
	"fmt"
	"strings"
)

// The bounds of the tool calls in an answer. Without them a server could burn time with a
// million of them, or with a name in a million pieces. No API takes a name of a quarter of
// that length.
const (
	maxCalls = 256
	MaxName  = 256
)

// CheckCall returns an error if a response with so many calls cannot have another one, with a
// name of that length.
func CheckCall(calls, name int) error {
	switch {
	case calls >= maxCalls:
		return fmt.Errorf("the response has more than %d tool calls", maxCalls)
	case name > MaxName:
		return fmt.Errorf("the name of a tool call is longer than %d bytes", MaxName)
	}
	return nil
}

// IsNothing reports whether the arguments of a call are empty.
func IsNothing(args string) bool { return strings.Trim(args, " \t\r\n{}[]") == "" }
