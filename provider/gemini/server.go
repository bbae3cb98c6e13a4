package gemini

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// Server-side tools come in three forms. Code has a part for the call and one for its result
// (executableCode, codeExecutionResult). Other tools have such parts (toolCall, toolResponse)
// if the request asks for them. What a search found is in the candidate's groundingMetadata,
// and which pages were read is in its urlContextMetadata. See
// https://ai.google.dev/gemini-api/docs/google-search,
// https://ai.google.dev/gemini-api/docs/code-execution and
// https://ai.google.dev/gemini-api/docs/url-context.

// Common names of server-side tools.
const (
	webSearch     = "web_search"
	webFetch      = "web_fetch"
	fileSearch    = "file_search"
	codeExecution = "code_execution"
)

// toolNames are the names of server-side tools, by their types.
var toolNames = map[string]string{
	"GOOGLE_SEARCH": webSearch, "GOOGLE_SEARCH_WEB": webSearch, "URL_CONTEXT": webFetch, "FILE_SEARCH": fileSearch,
}

// addServer adds a part of a server-side tool. Code without an ID gets one: a result belongs to
// the call before it.
func (a *answer) addServer(p *piece) {
	c := readServer(p.raw)
	if c.Name == codeExecution && c.ID == "" {
		if p.kind == serverCall {
			a.runs++
		}
		c.ID = fmt.Sprintf("code_%d", a.runs)
	}
	if part := (&part{kind: p.kind, raw: wire.Compact(p.raw)}); a.add(part) {
		part.server = a.server.Add(c, p.kind == serverResult && c.Name == codeExecution, a.Send)
	}
}

// readServer reads a part of a server-side tool, without State.
func readServer(raw []byte) (c provider.ServerCall) {
	var s jsonscan.Scanner
	s.Reset(raw)
	var input, output wire.Lines
	for member := range s.Object() {
		name := string(member)
		if serverMembers[name] == native {
			continue
		}
		if strings.HasPrefix(name, "exec") || strings.HasPrefix(name, "code") {
			c.Name = codeExecution
		}
		for key := range s.Object() {
			switch string(key) {
			case "id":
				s.Once(&c.ID)
			case "toolType":
				kind, _ := s.Bytes()
				if c.Name = toolNames[string(kind)]; c.Name == "" {
					c.Name = strings.ToLower(string(kind))
				}
			case "code":
				input.Read(&s)
			case "output":
				output.Read(&s)
			case "outcome":
				outcome, _ := s.Bytes()
				c.IsError = len(outcome) > 0 && string(outcome) != "OUTCOME_OK"
			case "args":
				for range s.Object() {
					input.Read(&s)
				}
			}
		}
	}
	c.Input, c.Output = input.String(), output.String()
	return c
}

// ground keeps the metadata of a candidate. A stream repeats it, the last time in whole.
func ground(kept *[]byte, raw []byte) {
	if len(raw) > len("{}") && raw[0] == '{' {
		*kept = bytes.Clone(raw)
	}
}

// A finding is what the metadata says of a tool.
type finding struct {
	tool          string
	input, output wire.Lines
	queries       int64
}

// findings reads the metadata.
func (a *answer) findings() []*finding {
	if len(a.grounding)+len(a.urlContext) == 0 {
		return nil
	}
	web, files, pages := &finding{tool: webSearch}, &finding{tool: fileSearch}, &finding{tool: webFetch}
	var s jsonscan.Scanner
	s.Reset(a.grounding)
	for key := range s.Object() {
		switch string(key) {
		case "webSearchQueries":
			for range s.Array() {
				query, _ := s.Bytes()
				web.input.Add(query)
				web.queries++
			}
		case "groundingChunks":
			for range s.Array() {
				for key := range s.Object() {
					switch string(key) {
					case "web":
						readSource(&s, &web.output)
					case "retrievedContext":
						readSource(&s, &files.output)
					}
				}
			}
		}
	}
	s.Reset(a.urlContext)
	for key := range s.Object() {
		if string(key) == "urlMetadata" {
			for range s.Array() {
				for key := range s.Object() {
					if string(key) == "retrievedUrl" {
						url, _ := s.Bytes()
						pages.input.Add(url)
					}
				}
			}
		}
	}
	if web.queries == 0 && pages.input.String() != "" { // the pages themselves are cited
		web, pages.output = &finding{tool: webSearch}, web.output
	}
	return []*finding{web, files, pages}
}

// readSource reads a source: its title, and its address or its text.
func readSource(s *jsonscan.Scanner, lines *wire.Lines) {
	var title, uri, text []byte
	for key := range s.Object() {
		switch string(key) {
		case "title":
			title, _ = s.Bytes()
		case "uri":
			uri, _ = s.Bytes()
		case "text":
			text, _ = s.Bytes()
		}
	}
	if len(text) > 0 {
		uri = text
	}
	lines.Source(title, uri)
}

// endServer gives the last result of each tool what the metadata says, or adds a part for it if
// the response has none of the tool. It ends the calls that are not complete.
func (a *answer) endServer() {
	for _, f := range a.findings() {
		input, output := f.input.String(), f.output.String()
		if input == "" && output == "" {
			continue
		}
		last := -1
		for i, p := range a.parts {
			if p.kind == serverResult && p.server.Name == f.tool {
				last = i
			}
		}
		if last < 0 {
			a.parts = append(a.parts, &part{kind: serverResult, server: provider.ServerCall{Name: f.tool, Input: input, Output: output}})
			continue
		}
		a.parts[last].server.Output = output
	}
	for _, p := range a.parts {
		if p.kind == serverResult && p.server.Name != codeExecution {
			p.server = a.server.Add(p.server, true, a.Send)
		}
	}
}

// uses adds the uses of server-side tools to the usage. Up to Gemini 2.5 the API charges for a
// prompt that was grounded by a search, and from then on for each query; see
// https://ai.google.dev/gemini-api/docs/pricing.
func (a *answer) uses(u provider.Usage) provider.Usage {
	for _, f := range a.findings() {
		switch {
		case f.tool == webSearch && f.queries > 0:
			if u.WebSearches = f.queries; chargesByPrompt(cmp.Or(a.model, a.asked)) {
				u.WebSearches = 1
			}
		case f.tool == fileSearch && f.output.String() != "":
			u.FileSearches = 1
		}
	}
	for _, p := range a.parts {
		if p.kind == serverCall && p.server.Name == codeExecution {
			u.CodeExecutions++
		}
	}
	return u
}

func chargesByPrompt(model string) bool {
	model = model[strings.LastIndexByte(model, '/')+1:]
	return strings.HasPrefix(model, "gemini-1") || strings.HasPrefix(model, "gemini-2")
}
