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

// plainName matches names that every API accepts.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$`)

// CheckName returns an error if a tool cannot have the name. The author of a typed tool can
// choose a name that every API accepts. A raw tool keeps the name from its server, and
// adapters map it.
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
