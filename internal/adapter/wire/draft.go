package wire

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// A Form is what all requests of an API have in common.
type Form struct {
	Reserved []string            // extra members that the request sets itself
	Choice   []string            // extra members that choose among tools
	OfTools  []string            // extra members that the API accepts only with tools
	ToolName func(string) string // a tool's name on the wire
	// Chooses reports whether extra members choose among tools. Nil means those of Choice.
	Chooses func(Members) bool
}

// A Draft is a request that is checked and ready to be encoded.
type Draft struct {
	Request  *provider.Request
	System   Instructions
	Messages []*provider.Message // without those that are in System
	GoesOn   bool                // the model is to go on with the last message, its own
	HasTools bool
	// Functions are the tools that are sent. Allowed are those among them that the model may
	// call; nil means all, or that Choice says it.
	Functions, Allowed []*provider.Tool
	Server             [][]byte // server-side tools, each with a comma before it
	Choice             provider.ToolMode
	Extra              Members // without Server and members that this request must not have
}

// Draft returns the draft of a request. extra and server are the members and the server-side
// tools that the client adds to every request. A member that chooses among tools yields to the
// request's own choice, and is left out without tools, because APIs refuse it. restricts says
// that the API can restrict a list of tools; see [provider.Request].AllTools.
func (f *Form) Draft(req *provider.Request, extra json.RawMessage, restricts bool, server ...json.RawMessage) (d Draft, err error) {
	d.Request = req
	if d.Extra, err = ExtraMembers(extra, req.Extra, f.Reserved); err != nil {
		return Draft{}, fmt.Errorf("settings: %w", err)
	}
	if d.System, d.Messages, err = conversation(req); err != nil {
		return Draft{}, fmt.Errorf("messages: %w", err)
	}
	if d.Server, d.Extra, err = serverTools(server, d.Extra, req.Tools, f.ToolName); err != nil {
		return Draft{}, fmt.Errorf("settings: %w", err)
	}
	if d.Choice, err = choiceOf(req, len(d.Server) > 0); err != nil {
		return Draft{}, fmt.Errorf("settings: %w", err)
	}
	d.chooseFunctions(restricts && !f.chooses(d.Extra))
	d.HasTools = len(d.Functions)+len(d.Server) > 0
	if !d.HasTools || d.Choice != provider.ToolsAuto {
		d.Extra = d.Extra.Without(f.Choice...)
	}
	if !d.HasTools {
		d.Extra = d.Extra.Without(f.OfTools...)
	}
	return d, nil
}

// chooses reports whether extra members choose among tools.
func (f *Form) chooses(extra Members) bool {
	if f.Chooses != nil {
		return f.Chooses(extra)
	}
	return slices.ContainsFunc(f.Choice, extra.Has)
}

// chooseFunctions sets the functions of the draft. If the model may call only some of the
// agent's tools, all of them are sent if the choice can say so. Next to server-side tools it
// cannot: a restricted list would exclude them.
func (d *Draft) chooseFunctions(restricts bool) {
	all, some := AgentTools(d.Request), d.Request.Tools
	d.Functions = some
	switch {
	case len(all) == len(some) || len(d.Server) > 0:
	case len(some) == 0: // APIs refuse a restriction to no tool
		d.Functions, d.Choice = all, provider.ToolsNone
	case restricts:
		d.Functions = all
		if d.Choice == provider.ToolsAuto || d.Choice == provider.ToolsRequired {
			d.Allowed = some
		}
	}
}

// AgentTools returns the tools of the agent: AllTools of the request. It returns Tools if
// AllTools lacks one of them or has another order, because a wrapper changed them.
func AgentTools(req *provider.Request) []*provider.Tool {
	rest := req.AllTools
	for _, t := range req.Tools {
		i := slices.Index(rest, t)
		if i < 0 {
			return req.Tools
		}
		rest = rest[i+1:]
	}
	return req.AllTools
}

// Pieces returns the number of messages and tools.
func (d *Draft) Pieces() int { return len(d.Messages) + len(d.Functions) + len(d.Server) }

// An Encoder makes encodings that are kept with the encoded value, under a key that names
// everything they depend on. Create it once: a method value for each call would cost an
// allocation.
type Encoder[T any] struct {
	Key    string
	Encode func(*T) ([]byte, error)
}

// Message returns the encoding of message i.
func (d *Draft) Message(i int, e Encoder[provider.Message]) ([]byte, error) {
	encoded, err := d.Messages[i].Encoded(e.Key, e.Encode)
	if err != nil {
		return nil, fmt.Errorf("message %d: %w", len(d.Request.Messages)-len(d.Messages)+i, err)
	}
	return encoded, nil
}

// AppendFunctions adds the functions among the tools to the pieces of a body. Like
// [AddElement] it reports whether the next element needs its comma.
func (d *Draft) AppendFunctions(list [][]byte, e Encoder[provider.Tool]) (_ [][]byte, comma bool, err error) {
	for _, t := range d.Functions {
		encoded, err := t.Encoded(e.Key, e.Encode)
		if err != nil {
			return nil, false, fmt.Errorf("tool %q: %w", t.Name, err)
		}
		list, comma = AddElement(list, encoded, comma)
	}
	return list, comma, nil
}

// AppendServer adds the server-side tools.
func (d *Draft) AppendServer(list [][]byte, comma bool) [][]byte {
	for _, tool := range d.Server {
		list, comma = AddElement(list, tool, comma)
	}
	return list
}

// Settings returns the writer of the members after the messages or the tools, into an empty
// buffer. It ends their list.
func (d *Draft) Settings(buf []byte) *Fields {
	return &Fields{B: append(buf, ']'), Extra: d.Extra}
}

// AppendNamed appends the members that describe a tool or an output schema. schemaName is the
// API's name for the schema; an empty schema is left out.
func AppendNamed(b []byte, name, description, schemaName string, schema []byte) []byte {
	b = append(b, `"name":`...)
	b = jsontree.AppendString(b, name)
	if description != "" {
		b = appendName(b, "description")
		b = jsontree.AppendString(b, description)
	}
	if len(schema) > 0 {
		b = append(appendName(b, schemaName), schema...)
	}
	return b
}
