// Package wire writes the JSON of requests for all adapters: members in a fixed order, extra
// members that replace them, and names and arguments in a form that every API accepts.
package wire

import (
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

// An Unsupported is the error for a feature that an API lacks.
type Unsupported string

func (u Unsupported) Error() string { return string(u) }

// NoFit is the error for an output schema that the API accepts only in a changed form.
const NoFit = Unsupported("the API does not accept these property names, or oneOf, anyOf or allOf at the root of a schema")

// Kind returns the kind of an error that was found while a request was encoded.
func Kind(err error) provider.ErrorKind {
	if _, ok := errors.AsType[Unsupported](err); ok {
		return provider.KindUnsupported
	}
	if _, ok := errors.AsType[wiremedia.Unusable](err); ok {
		return provider.KindInvalidMedia
	}
	return provider.KindInvalidRequest
}

// choiceOf returns whether the model may call tools: those of the request and, if others is
// true, those that run at the server. Without any tools it returns ToolsAuto or an error,
// because APIs refuse a choice without tools.
func choiceOf(req *provider.Request, others bool) (provider.ToolMode, error) {
	mode, none := req.Choice.Mode, len(req.Tools) == 0 && !others
	switch mode {
	case provider.ToolsRequired, provider.ToolsNamed:
		if none {
			return "", fmt.Errorf("tool choice: %q needs tools, but the request has no tools", mode)
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
		return "", fmt.Errorf("tool choice: unknown mode %q", mode)
	}
	return mode, nil
}

// MaxTokens appends the bound of the output, if it is set.
func (f *Fields) MaxTokens(name string, n int) {
	if n < 0 {
		f.Fail(fmt.Errorf("MaxOutputTokens is %d and must not be negative", n))
	} else if n > 0 {
		f.Int(name, int64(n))
	}
}

// Fields writes the members of an object, each with a comma before it.
type Fields struct {
	B []byte
	// Extra are members that replace those of the same name.
	Extra Members
	err   error
}

// Fail records an error. The first one counts; nil is ignored.
func (f *Fields) Fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// End returns the members followed by the extra ones, or the first error.
func (f *Fields) End() ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Extra.Append(f.B), nil
}

// Begin appends a member's name, unless an extra member replaces it.
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

// Float appends a number, if it is set. NaN and infinities are errors.
func (f *Fields) Float(name string, v *float64) {
	switch {
	case v == nil:
	case math.IsNaN(*v) || math.IsInf(*v, 0):
		f.Fail(fmt.Errorf("%s is %v, which JSON cannot represent", name, *v))
	case f.Begin(name):
		f.B = strconv.AppendFloat(f.B, *v, 'g', -1, 64)
	}
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

// Raw appends a member whose value is JSON.
func (f *Fields) Raw(name, v string) {
	if f.Begin(name) {
		f.B = append(f.B, v...)
	}
}

// Object appends an object of members, each with a comma before it, unless there are none.
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

// Nested appends an object of the members that write appends, unless there are none. Members
// of an extra object of the same name replace them; write may take some of those out.
func (f *Fields) Nested(name string, write func(*Fields)) {
	own, rest := f.Extra.Take(name)
	extra, err := ExtraMembers(nil, own, nil)
	if err != nil {
		f.Fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	start := len(f.B)
	f.B = append(appendName(f.B, name), '{')
	members := len(f.B)
	f.Extra = extra
	write(f)
	f.B, f.Extra = f.Extra.Append(f.B), rest
	if len(f.B) == members {
		f.B = f.B[:start]
		return
	}
	f.B = append(slices.Delete(f.B, members, members+len(",")), '}')
}

// AddElement adds the encoding of an array element to the pieces of a body. An encoding is
// empty or begins with a comma, which is dropped for the first element. AddElement reports
// whether the next element needs its comma.
func AddElement(list [][]byte, encoded []byte, comma bool) ([][]byte, bool) {
	if len(encoded) == 0 {
		return list, comma
	}
	if !comma {
		encoded = encoded[1:]
	}
	return append(list, encoded), true
}

// A Head keeps the beginning of the last body, up to the end of the shared instructions (see
// [Draft]): they are mostly the same for an agent, and may be long. Conversations that differ
// only in their own instructions use the same beginning. It is safe for concurrent use.
type Head struct{ last atomic.Pointer[head] }

type head struct {
	shared string
	json   []byte
}

// Bytes returns the beginning of a body. It calls encode unless the shared instructions are
// those of the last call.
func (h *Head) Bytes(shared string, encode func(shared string) []byte) []byte {
	if last := h.last.Load(); last != nil && last.shared == shared {
		return last.json
	}
	b := encode(shared)
	h.last.Store(&head{shared, b})
	return b
}
