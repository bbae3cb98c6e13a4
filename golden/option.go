package golden

import (
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/funcall/funcall/provider"
)

// An Option changes how a [Recording] is made.
type Option func(*options)

type options struct {
	name   string
	live   provider.Provider
	fields []string
	masks  []mask
}

// Live names the model that is asked when GOLDEN_RECORD=1 is set, and never
// otherwise.
func Live(p provider.Provider) Option { return func(o *options) { o.live = p } }

// Name sets the name of the file below testdata/golden, without its extension,
// instead of the test's: for a test with several conversations. A slash makes a
// folder.
func Name(name string) Option { return func(o *options) { o.name = name } }

// Redact takes the values of JSON members with these names, whatever the case
// of their letters, out of everything: tool arguments, tool results,
// structured answers, also within texts that hold JSON. A text becomes
// "<redacted>", a number 0, anything else false, null, [] or {}.
//
// The agent is given the model's turns as they are kept, when it records as
// well as later. So a tool is called with redacted arguments: do not redact what
// the tool looks things up by.
func Redact(fields ...string) Option {
	return func(o *options) { o.fields = append(o.fields, fields...) }
}

// Mask writes name, such as "<date>", for what the pattern matches in instructions,
// tools, a user's turns and tool results: for values that change from run to run.
// The pattern must not match the name.
func Mask(pattern *regexp.Regexp, name string) Option {
	return func(o *options) { o.masks = append(o.masks, mask{pattern, name}) }
}

// A mode says what is done with files: it is the environment variable that turns it
// on.
type mode string

const (
	playback mode = "" // without any
	update   mode = "GOLDEN_UPDATE"
	record   mode = "GOLDEN_RECORD"
)

func modeOf() (m mode, err error) {
	for _, named := range []mode{update, record} {
		value := os.Getenv(string(named))
		if value == "" {
			continue
		}
		on, err := strconv.ParseBool(value)
		switch {
		case err != nil:
			return "", fmt.Errorf("golden: %s=%q is neither on nor off: set it to 1, or leave it out", named, value)
		case on && m != playback:
			return "", fmt.Errorf("golden: %s and %s are both set: the one keeps the model's turns, the other replaces them", update, record)
		case on:
			m = named
		}
	}
	return m, nil
}
