package wiretool

import (
	"maps"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// Answers translates a model's calls back to the original names of the tools of one request. A
// nil Answers changes nothing. It is not safe for concurrent use.
type Answers struct {
	api     *API
	tools   []*provider.Tool
	owner   string // of the State of calls
	emit    func(provider.Delta)
	args    bool // the arguments of some tool differ on the wire
	readers map[*provider.Tool]*reader
	held    map[int]*strings.Builder // arguments that are held back, by call
}

// Answers returns the Answers to a request with those tools, or nil if all of them are sent
// unchanged. It returns an error if two of them are sent under one name.
func (a *API) Answers(tools []*provider.Tool, owner string) (*Answers, error) {
	renamed, args := false, false
	for _, t := range tools {
		renamed = renamed || !a.tools.Takes(t.Name)
		args = args || a.changes(t)
	}
	if !renamed && !args {
		return nil, nil
	}
	if err := a.checkNames(tools); err != nil {
		return nil, err
	}
	return &Answers{api: a, tools: tools, owner: owner, args: args, readers: map[*provider.Tool]*reader{}, held: map[int]*strings.Builder{}}, nil
}

// Emit returns a function that translates deltas and passes them to emit. Arguments that
// differ on the wire are emitted in one piece when the call is complete.
func (x *Answers) Emit(emit func(provider.Delta)) func(provider.Delta) {
	if x == nil || emit == nil {
		return emit
	}
	x.emit = emit
	return x.delta
}

func (x *Answers) delta(d provider.Delta) {
	switch d.Kind {
	case provider.DeltaCallStart:
		if d.Call == 0 { // the response may have restarted
			clear(x.held)
		}
		if x.holds(d.Name) {
			x.held[d.Call] = new(strings.Builder)
		}
		d.Name = x.ownName(d.Name)
	case provider.DeltaArgs:
		if held := x.held[d.Call]; held != nil {
			held.WriteString(d.Text)
			return
		}
	case provider.DeltaCallEnd:
		if x.held[d.Call] != nil {
			d.Text = x.ownArgs(d.Name, d.Text)
			x.release(d.Call, d.Text)
		}
		d.Name = x.ownName(d.Name)
	}
	x.emit(d)
}

// holds reports whether the arguments of a call are held back. The name may be incomplete.
func (x *Answers) holds(name string) bool {
	if !x.args {
		return false
	}
	if t := x.tool(name); t == nil || x.api.changes(t) {
		return true
	}
	return slices.ContainsFunc(x.tools, func(t *provider.Tool) bool {
		return strings.HasPrefix(x.api.Name(t.Name), name) && x.api.changes(t)
	})
}

// release emits the arguments of a call that were held back.
func (x *Answers) release(call int, args string) {
	delete(x.held, call)
	if args != "" {
		x.emit(provider.Delta{Kind: provider.DeltaArgs, Call: call, Text: args})
	}
}

// Response returns the translated results of Generate.
func (x *Answers) Response(resp *provider.Response, err error) (*provider.Response, error) {
	if x == nil || err != nil {
		return resp, err
	}
	x.releaseAll(resp.Message.ToolCalls())
	for i, p := range resp.Message.Parts {
		call, ok := p.(provider.ToolCall)
		if !ok {
			continue
		}
		if args := x.ownArgs(call.Name, call.Args); args != call.Args {
			call.State = keep(call.State, x.owner, call.Args)
			call.Args = args
		}
		call.Name = x.ownName(call.Name)
		resp.Message.Parts[i] = call
	}
	return resp, nil
}

// releaseAll emits what is still held back because the calls did not end one by one. Calls are
// numbered as they began, which may differ from their order in the response; then they are
// matched by their arguments. Arguments of a call that the response lacks belong to a
// restarted response, and are dropped.
func (x *Answers) releaseAll(calls []provider.ToolCall) {
	for _, n := range slices.Sorted(maps.Keys(x.held)) {
		args := x.held[n].String()
		if i := slices.IndexFunc(calls, func(c provider.ToolCall) bool { return c.Args == args }); i >= 0 {
			x.release(n, x.ownArgs(calls[i].Name, args))
			calls = slices.Delete(calls, i, i+1)
		}
	}
}

// tool returns the tool of that name, original or on the wire.
func (x *Answers) tool(name string) *provider.Tool {
	for _, t := range x.tools {
		if t.Name == name || x.api.Name(t.Name) == name {
			return t
		}
	}
	return nil
}

// ownName returns a tool's original name. A name without a tool stays.
func (x *Answers) ownName(name string) string {
	if t := x.tool(name); t != nil {
		return t.Name
	}
	return name
}

// ownArgs returns a call's arguments with the original names.
func (x *Answers) ownArgs(name, args string) string {
	t := x.tool(name)
	if t == nil || !x.api.changes(t) {
		return args
	}
	r := x.readers[t]
	if r == nil {
		r = x.api.newReader(t.Schema)
		x.readers[t] = r
	}
	return r.args(args)
}
