package anthropic

import (
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// Blocks of server-side tools: a call (server_tool_use, mcp_tool_use), and its result, whose
// type ends with resultSuffix. See
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool and
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/code-execution-tool.
const (
	resultSuffix  = "_tool_result"
	codeExecution = "code_execution"
)

// serverKind returns the kind of a block that has no part of its own.
func serverKind(name []byte) kind {
	switch s := string(name); {
	case s == "server_tool_use", s == "mcp_tool_use":
		return serverCall
	case strings.HasSuffix(s, resultSuffix):
		return serverResult
	}
	return native
}

// serverName returns the common name of a server-side tool.
func serverName(name string) string {
	switch name {
	case "bash_code_execution", "text_editor_code_execution":
		return codeExecution
	}
	return name
}

// readServer reads the block of a server-side tool when no more of it comes.
func (a *answer) readServer(b *block) {
	if b.stopped || b.kind != serverCall && b.kind != serverResult {
		return
	}
	b.raw, b.pieces = b.pieces.join(b.raw), nil
	b.server = a.server.Add(serverPart(b.raw), b.kind == serverResult, a.show)
}

// show emits the delta of a server-side tool.
func (a *answer) show(d provider.Delta) {
	a.shown = a.shown || a.Emit != nil
	a.Send(d)
}

// serverPart returns the block of a server-side tool as a part, without State.
func serverPart(block []byte) (c provider.ServerCall) {
	var s jsonscan.Scanner
	s.Reset(block)
	var found finding
	for key := range s.Object() {
		switch string(key) {
		case "id", "tool_use_id":
			s.Once(&c.ID)
		case "type":
			kind, _ := s.Bytes()
			if name, ok := strings.CutSuffix(string(kind), resultSuffix); ok && name != "mcp" {
				c.Name = serverName(name)
			}
		case "name":
			name, _ := s.Bytes()
			c.Name = serverName(string(name))
		case "input":
			c.Input = inputText(&s)
		case "content":
			found.value(&s, 0)
		case "is_error":
			c.IsError = s.Kind() == 't'
		}
	}
	c.Input, c.Output = wire.CutText(c.Input, wire.MaxServerText), found.String()
	c.IsError = c.IsError || found.failed
	return c
}

// inputText returns the input of a call: its only member if that is a text, such as the query
// of a search, or else all of it as JSON.
func inputText(s *jsonscan.Scanner) string {
	raw := s.Raw()
	members, only := 0, ""
	s.Again(raw, func() {
		for range s.Object() {
			members++
			text, _ := s.Bytes()
			only = string(text)
		}
	})
	switch {
	case members == 0:
		return ""
	case members == 1 && only != "":
		return only
	}
	return jsonscan.Compact(raw)
}

// A finding is the text in the content of a result: titles and addresses, the text of a
// document, what a program printed, the code of an error.
type finding struct {
	wire.Lines
	failed bool
}

// maxNesting bounds how deep content nests, because each level is read again.
const maxNesting = 8

// value reads a value of the content.
func (f *finding) value(s *jsonscan.Scanner, depth int) {
	if depth > maxNesting || f.Full() {
		return
	}
	switch s.Kind() {
	case '"':
		text, _ := s.Bytes()
		f.Add(text)
	case '[':
		for range s.Array() {
			f.value(s, depth+1)
		}
	case '{':
		f.object(s, depth)
	}
}

func (f *finding) object(s *jsonscan.Scanner, depth int) {
	var kind, title, url, data []byte
	var below [][]byte
	for key := range s.Object() {
		switch string(key) {
		case "type":
			kind, _ = s.Bytes()
		case "title":
			title, _ = s.Bytes()
		case "url":
			url, _ = s.Bytes()
		case "data":
			data, _ = s.Bytes()
		case "text", "stdout", "stderr", "error_code", "error_message", "file_id", "tool_name", "content", "source", "lines", "tool_references":
			below = append(below, s.Raw())
		}
	}
	f.failed = f.failed || strings.HasSuffix(string(kind), "_error")
	f.Source(title, url)
	if string(kind) == "text" { // the source of a document; any other is in base64
		f.Add(data)
	}
	for _, raw := range below {
		s.Again(raw, func() { f.value(s, depth+1) })
	}
}
