package providertest

import (
	"bytes"
	"slices"

	"github.com/funcall/funcall/provider"
)

// The copies are deep, so that comparing one with its original shows every change.

func cloneRequest(r *provider.Request) *provider.Request {
	c := *r
	copies := make(map[*provider.Tool]*provider.Tool) // a tool of both lists is one tool in the copy
	c.Tools, c.AllTools = cloneTools(r.Tools, copies), cloneTools(r.AllTools, copies)
	c.Messages = slices.Clone(r.Messages)
	for i, m := range c.Messages {
		c.Messages[i] = cloneMessage(m)
	}
	if r.OutputSchema != nil {
		o := *r.OutputSchema
		o.Schema = bytes.Clone(o.Schema)
		c.OutputSchema = &o
	}
	c.Temperature = clonePointer(r.Temperature)
	c.TopP = clonePointer(r.TopP)
	c.Seed = clonePointer(r.Seed)
	c.ParallelCalls = clonePointer(r.ParallelCalls)
	c.Stop = slices.Clone(r.Stop)
	c.Extra = bytes.Clone(r.Extra)
	if r.Run != nil {
		c.Run = provider.NewRun(r.Run.RepeatsLeft(), r.Run.Fallbacks()...)
	}
	return &c
}

func cloneTools(tools []*provider.Tool, copies map[*provider.Tool]*provider.Tool) []*provider.Tool {
	tools = slices.Clone(tools)
	for i, t := range tools {
		if copies[t] == nil {
			copies[t] = &provider.Tool{Name: t.Name, Description: t.Description, Schema: bytes.Clone(t.Schema)}
		}
		tools[i] = copies[t]
	}
	return tools
}

// sameRun reports whether two Runs have the same budget and the same fallbacks.
func sameRun(a, b *provider.Run) bool {
	return (a == nil) == (b == nil) && a.RepeatsLeft() == b.RepeatsLeft() && slices.Equal(a.Fallbacks(), b.Fallbacks())
}

func cloneResponse(r *provider.Response) *provider.Response {
	if r == nil {
		return nil
	}
	c := *r
	c.Message = cloneMessage(r.Message)
	c.Cost = clonePointer(r.Cost)
	c.Attempts = cloneAttempts(r.Attempts)
	return &c
}

func cloneAttempts(attempts []provider.Attempt) []provider.Attempt {
	attempts = slices.Clone(attempts)
	for i := range attempts {
		attempts[i].Cost = clonePointer(attempts[i].Cost)
	}
	return attempts
}

// cloneMessage leaves out the kept encodings, which are not part of the content.
func cloneMessage(m *provider.Message) *provider.Message {
	if m == nil {
		return nil
	}
	return &provider.Message{Role: m.Role, Parts: cloneParts(m.Parts), State: cloneState(m.State)}
}

func cloneParts(parts []provider.Part) []provider.Part {
	parts = slices.Clone(parts)
	for i, p := range parts {
		switch p := p.(type) {
		case provider.Text:
			p.State = cloneState(p.State)
			parts[i] = p
		case provider.Reasoning:
			p.State = cloneState(p.State)
			parts[i] = p
		case provider.Media:
			p.Data = bytes.Clone(p.Data)
			p.State = cloneState(p.State)
			parts[i] = p
		case provider.ToolCall:
			p.State = cloneState(p.State)
			parts[i] = p
		case provider.ToolResult:
			p.Parts = cloneParts(p.Parts)
			parts[i] = p
		case provider.ServerCall:
			p.State = cloneState(p.State)
			parts[i] = p
		case provider.Native:
			p.State = cloneState(p.State)
			parts[i] = p
		}
	}
	return parts
}

func cloneState(s provider.State) provider.State {
	s.Data = bytes.Clone(s.Data)
	return s
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
