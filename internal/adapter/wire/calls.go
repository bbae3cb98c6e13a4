package wire

import (
	"fmt"
	"strings"
)

// Bounds of the tool calls in a response. Without them a server could waste time with a
// million calls, or with a name in a million pieces. No API accepts a name of a quarter of
// MaxName.
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
