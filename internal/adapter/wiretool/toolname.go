package wiretool

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxToolName = 256

// Names that every API takes.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$`)

// CheckName returns what is wrong with the name of a tool. The author of a Go type
// can choose one that every API takes; a raw tool has the name that its server
// gave it, and adapters map that.
func CheckName(name string, typed bool) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case typed && !plainName.MatchString(name):
		return errors.New("some API refuses the name; use a letter or _, and up to 63 more letters, digits, _ and -")
	case len(name) > maxToolName:
		return fmt.Errorf("the name is %d bytes long, and at most %d are allowed", len(name), maxToolName)
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has a control character: leave it out")
	case strings.TrimSpace(name) != name:
		return errors.New("the name begins or ends with white space: trim it")
	}
	return nil
}
