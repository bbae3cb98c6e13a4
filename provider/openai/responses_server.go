package openai

import (
	"bytes"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// serverTools are the names of the API's own tools, by the types of their items. See
// https://platform.openai.com/docs/guides/tools-web-search,
// https://platform.openai.com/docs/guides/tools-file-search and
// https://platform.openai.com/docs/guides/tools-code-interpreter.
var serverTools = map[string]string{
	"web_search_call":       webSearch,
	"file_search_call":      fileSearch,
	"code_interpreter_call": codeExecution,
}

const (
	webSearch     = "web_search"
	fileSearch    = "file_search"
	codeExecution = "code_execution"
)

// A served is the use of a server-side tool: a part, without State.
type served struct {
	provider.ServerCall
	known bool // the item says what was found
	free  bool // the API does not charge for it
	ended bool
}

// beginServer begins the item of a server-side tool.
func (a *items) beginServer(it *item) {
	it.served.ServerCall = a.server.Add(provider.ServerCall{ID: it.id, Name: serverTools[it.kind]}, false, a.Send)
}

// doneServer reads the item of a server-side tool. The call is complete if the item says what
// was found. Otherwise the citations of the answer may say it.
func (a *items) doneServer(it *item, raw []byte) {
	it.state = wire.Compact(raw)
	it.served = readServed(raw)
	it.served.ID, it.served.Name = it.id, serverTools[it.kind]
	if it.served.known || it.served.IsError {
		a.endServer(it)
	}
}

func (a *items) endServer(it *item) {
	it.served.ServerCall = a.server.Add(it.served.ServerCall, true, a.Send)
	it.served.ended = true
}

func readServed(raw []byte) (c served) {
	var s jsonscan.Scanner
	s.Reset(raw)
	var input, output wire.Lines
	for key := range s.Object() {
		switch string(key) {
		case "status":
			status, _ := s.Bytes()
			c.IsError = string(status) == "failed"
		case "action":
			c.readAction(&s, &input, &output)
		case "queries", "code":
			input.Read(&s)
		case "results":
			c.known = c.known || s.Kind() == '['
			for range s.Array() {
				readFile(&s, &output)
			}
		case "outputs":
			c.known = c.known || s.Kind() == '['
			for range s.Array() {
				readPrinted(&s, &output)
			}
		}
	}
	c.Input, c.Output = input.String(), output.String()
	return c
}

// readAction reads what a web search did. The API charges for searches, and not for the pages
// that the model opens.
func (c *served) readAction(s *jsonscan.Scanner, input, output *wire.Lines) {
	var query, queries []byte
	for key := range s.Object() {
		switch string(key) {
		case "type":
			kind, ok := s.Bytes()
			c.free = ok && string(kind) != "search"
		case "query":
			query = s.Raw()
		case "queries":
			queries = s.Raw()
		case "url", "pattern":
			input.Read(s)
		case "sources":
			c.known = c.known || s.Kind() == '['
			for range s.Array() {
				readSource(s, output)
			}
		}
	}
	if c.free { // nothing but the page itself is found
		c.known = true
	}
	if len(queries) <= len("[]") {
		queries = query // of older models
	}
	if len(queries) > 0 {
		s.Again(queries, func() { input.Read(s) })
	}
}

// readSource reads a source of the web, or a citation of one.
func readSource(s *jsonscan.Scanner, lines *wire.Lines) {
	var title, url []byte
	for key := range s.Object() {
		switch string(key) {
		case "title", "name":
			title, _ = s.Bytes()
		case "url":
			url, _ = s.Bytes()
		}
	}
	lines.Source(title, url)
}

// readFile reads a passage of a file.
func readFile(s *jsonscan.Scanner, lines *wire.Lines) {
	var name, text []byte
	for key := range s.Object() {
		switch string(key) {
		case "filename":
			name, _ = s.Bytes()
		case "text":
			text, _ = s.Bytes()
		}
	}
	lines.Source(name, text)
}

// readPrinted reads an output of code: what it printed, or the address of an image.
func readPrinted(s *jsonscan.Scanner, lines *wire.Lines) {
	for key := range s.Object() {
		switch string(key) {
		case "logs", "url":
			text, _ := s.Bytes()
			lines.Add(text)
		}
	}
}

// A citation is a source that an answer names.
type citation struct {
	tool string // that found it
	line string
}

// readCitation reads an annotation of a text.
func readCitation(s *jsonscan.Scanner) (c citation) {
	var lines wire.Lines
	raw := s.Raw()
	s.Again(raw, func() {
		for key := range s.Object() {
			if string(key) == "type" {
				kind, _ := s.Bytes()
				switch {
				case bytes.HasPrefix(kind, []byte("url_")):
					c.tool = webSearch
				case bytes.HasPrefix(kind, []byte("file_")):
					c.tool = fileSearch
				}
			}
		}
	})
	switch c.tool {
	case webSearch:
		s.Again(raw, func() { readSource(s, &lines) })
	case fileSearch:
		s.Again(raw, func() { readFile(s, &lines) })
	}
	c.line = lines.String()
	return c
}

// cite gives the last search of each kind what the answer cites, if the API told no results,
// and ends the calls that are not complete.
func (a *items) cite() {
	for _, kind := range []string{"web_search_call", "file_search_call"} {
		for _, it := range slices.Backward(a.list) {
			if it.kind == kind && it.done && !it.served.ended {
				it.served.Output = linesOf(a.cited, serverTools[kind])
				break
			}
		}
	}
	for _, it := range a.list {
		if serverTools[it.kind] != "" && it.done && !it.served.ended {
			a.endServer(it)
		}
	}
}

// linesOf returns the citations of a tool, each once.
func linesOf(cited []citation, tool string) string {
	var lines wire.Lines
	seen := make(map[string]bool)
	for _, c := range cited {
		if c.tool == tool && !seen[c.line] {
			seen[c.line] = true
			lines.Add([]byte(c.line))
		}
	}
	return lines.String()
}
