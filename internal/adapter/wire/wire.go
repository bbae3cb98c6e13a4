// Package wire is what the adapters have in common in writing the JSON of a
// request: members in a fixed order, extra ones that replace them, and names
// and arguments in a form that no API refuses.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// An Unsupported is something that an API has no form for.
type Unsupported string

func (u Unsupported) Error() string { return string(u) }

// Kind sorts an error that was found while a request was encoded.
func Kind(err error) provider.ErrorKind {
	if _, ok := errors.AsType[Unsupported](err); ok {
		return provider.KindUnsupported
	}
	if _, ok := errors.AsType[wiremedia.Unusable](err); ok {
		return provider.KindInvalidMedia
	}
	return provider.KindInvalidRequest
}

// Choice returns how far the model is free to call tools, which are those of the
// request and others, if there are any. A request without tools has nothing to
// choose from, as APIs refuse a choice among nothing.
func Choice(req *provider.Request, others bool) (provider.ToolMode, error) {
	mode, none := req.Choice.Mode, len(req.Tools) == 0 && !others
	switch mode {
	case provider.ToolsRequired, provider.ToolsNamed:
		if none {
			return "", fmt.Errorf("tool choice: %q needs tools, and the request has none", mode)
		}
		if mode == provider.ToolsNamed && !slices.ContainsFunc(req.Tools, func(t *provider.Tool) bool { return t.Name == req.Choice.Name }) {
			return "", fmt.Errorf("tool choice: the request has no tool named %q", req.Choice.Name)
		}
	case provider.ToolsNone:
		if none {
			return provider.ToolsAuto, nil
		}
	case provider.ToolsAuto:
	default:
		return "", fmt.Errorf("tool choice: there is no mode %q", mode)
	}
	return mode, nil
}

// MaxTokens appends the bound of the output, if there is one.
func (f *Fields) MaxTokens(name string, n int) error {
	if n < 0 {
		return fmt.Errorf("MaxOutputTokens is %d", n)
	}
	if n > 0 {
		f.Int(name, int64(n))
	}
	return nil
}

// Fields writes the members of an object, each with a comma ahead of it.
type Fields struct {
	B []byte
	// Extra are the members that stand in for those of the same name.
	Extra Members
}

// Begin appends a member's name, unless an extra one of that name stands in.
func (f *Fields) Begin(name string) bool {
	if f.Extra.Has(name) {
		return false
	}
	f.B = appendName(f.B, name)
	return true
}

// Text appends a member unless v is empty.
func (f *Fields) Text(name, v string) {
	if v != "" && f.Begin(name) {
		f.B = jsontree.AppendString(f.B, v)
	}
}

// Texts appends a list unless it is empty.
func (f *Fields) Texts(name string, list []string) {
	if len(list) == 0 || !f.Begin(name) {
		return
	}
	for i, v := range list {
		sep := byte(',')
		if i == 0 {
			sep = '['
		}
		f.B = append(f.B, sep)
		f.B = jsontree.AppendString(f.B, v)
	}
	f.B = append(f.B, ']')
}

// Float appends a number, if there is one. It fails for one that JSON lacks.
func (f *Fields) Float(name string, v *float64) error {
	if v == nil {
		return nil
	}
	if math.IsNaN(*v) || math.IsInf(*v, 0) {
		return fmt.Errorf("%s is %v, which is no number that JSON has", name, *v)
	}
	if f.Begin(name) {
		f.B = strconv.AppendFloat(f.B, *v, 'g', -1, 64)
	}
	return nil
}

// Int appends an integer.
func (f *Fields) Int(name string, v int64) {
	if f.Begin(name) {
		f.B = strconv.AppendInt(f.B, v, 10)
	}
}

// Bool appends true or false.
func (f *Fields) Bool(name string, v bool) {
	if f.Begin(name) {
		f.B = strconv.AppendBool(f.B, v)
	}
}

// Raw appends a member whose value is JSON already.
func (f *Fields) Raw(name, v string) {
	if f.Begin(name) {
		f.B = append(f.B, v...)
	}
}

// Object appends an object of members, each with a comma ahead of it, unless
// there are none.
func (f *Fields) Object(name string, members []byte) {
	if len(members) > 0 && f.Begin(name) {
		f.B = append(f.B, '{')
		f.B = append(f.B, members[1:]...)
		f.B = append(f.B, '}')
	}
}

func appendName(b []byte, name string) []byte {
	b = append(b, ',')
	b = jsontree.AppendString(b, name)
	return append(b, ':')
}

// Nested returns the members of an object within a request. Those of own, an
// extra object of the same name, stand in for those that write makes; write may
// take some of them out.
func Nested(name string, own json.RawMessage, write func(*Fields) error) ([]byte, error) {
	extra, err := ExtraMembers(nil, own, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &Fields{Extra: extra}
	if err := write(f); err != nil {
		return nil, err
	}
	return f.Extra.Append(f.B), nil
}

// AddElement adds the encoding of what stands in an array to the pieces of a
// body. An encoding begins with a comma, which the first has to do without, or
// is empty. It reports whether the next needs its comma.
func AddElement(list [][]byte, encoded []byte, comma bool) ([][]byte, bool) {
	if len(encoded) == 0 {
		return list, comma
	}
	if !comma {
		encoded = encoded[1:]
	}
	return append(list, encoded), true
}

// A Head keeps how the bodies of requests with the same instructions begin: an
// agent has the same always, and they may be long. It is safe for concurrent
// use.
type Head struct{ last atomic.Pointer[head] }

type head struct {
	system string
	json   []byte
}

// Bytes returns the beginning for the instructions, made by encode unless they
// are those of the last call.
func (h *Head) Bytes(system string, encode func(system string) []byte) []byte {
	if last := h.last.Load(); last != nil && last.system == system {
		return last.json
	}
	b := encode(system)
	h.last.Store(&head{system, b})
	return b
}
