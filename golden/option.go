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

// Live sets the model that is asked if GOLDEN_RECORD=1 is set, and only then.
func Live(p provider.Provider) Option { return func(o *options) { o.live = p } }

// Name sets the name of the file below testdata/golden, without extension. The default is the
// name of the test. Use it if a test has several conversations. A slash makes a directory.
func Name(name string) Option { return func(o *options) { o.name = name } }

// Redact removes the values of JSON members with these names, in any case of letters. It
// applies to tool arguments, tool results and structured output, and to JSON within texts. A
// text becomes "<redacted>", a number 0, any other value false, null, [] or {}.
//
// The agent receives the model's turns as they are kept, during recording and playback alike.
// So tools are called with redacted arguments: do not redact a field that a tool looks things
// up by.
func Redact(fields ...string) Option {
	return func(o *options) { o.fields = append(o.fields, fields...) }
}

// Mask replaces matches of the pattern by name, such as "<date>", for values that change from
// run to run. It applies to instructions, tools, user messages and tool results. The pattern
// must not match the name or the empty text.
func Mask(pattern *regexp.Regexp, name string) Option {
	return func(o *options) { o.masks = append(o.masks, mask{pattern, name}) }
}

// A mode says how files are used. Its value is the environment variable that turns it on.
type mode string

const (
	playback mode = "" // neither variable is set
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
			return "", fmt.Errorf("golden: %s=%q is not a boolean: set it to 1 or unset it", named, value)
		case on && m != playback:
			return "", fmt.Errorf("golden: %s and %s are both set: set %[1]s to keep the model's turns, or %[2]s to replace them", update, record)
		case on:
			m = named
		}
	}
	return m, nil
}
