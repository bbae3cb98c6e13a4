package golden

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// A request holds what a model call sends besides messages, by requestParts. A part is "" if
// it has no content.
type request [3]string

// requestParts are the names of a request's texts in a file.
var requestParts = [len(request{})]string{"instructions.txt", "tools.json", "request.json"}

// The indexes in a request.
const inInstructions, inTools, inRest = 0, 1, 2

// A toolText is the JSON of a tool in a file.
type toolText struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
}

// A restText is the JSON of request.json.
type restText struct {
	Choice   string                 `json:"choice,omitempty"`
	Output   *provider.OutputSchema `json:"output,omitempty"`
	Settings provider.Settings      `json:"settings,omitzero"`
}

// requestOf returns the request as a file keeps it.
func requestOf(req *provider.Request, c *cleaner) request {
	var r request
	if req.System != "" {
		r[inInstructions] = strings.Join(plainLines(c.all(req.System)), "\n") + "\n"
	}
	var tools []toolText
	for _, t := range req.Tools {
		tools = append(tools, toolText{t.Name, t.Description, t.Schema})
	}
	if len(tools) > 0 {
		r[inTools] = jsonPart(tools)
	}
	rest := restText{strings.TrimSpace(string(req.Choice.Mode) + " " + req.Choice.Name), req.OutputSchema, req.Settings}
	if text := jsonPart(rest); text != "{}\n" {
		r[inRest] = text
	}
	return c.request(r)
}

// request cleans a request.
func (c *cleaner) request(r request) request {
	return request{inInstructions: c.all(r[inInstructions]), inTools: c.line(r[inTools], false), inRest: c.line(r[inRest], false)}
}

// jsonPart returns v as indented JSON. If v cannot be encoded, it returns the error: no API
// accepts such a request either.
func jsonPart(v any) string {
	text, err := encodeJSON(v)
	if err != nil {
		text = quoteJSON(err.Error())
	}
	return indentJSON(text) + "\n"
}

// String returns all parts of the request.
func (r request) String() string {
	var b strings.Builder
	for k, text := range r {
		b.WriteString(requestParts[k] + ":\n" + text)
	}
	return b.String()
}

// differsFrom names the differences between two requests.
func (r request) differsFrom(now request) string {
	var parts []string
	for k, what := range [len(r)]string{"its instructions", toolsDiffer(r[inTools], now[inTools]), "its tool choice, output schema or settings"} {
		if r[k] != now[k] {
			parts = append(parts, what)
		}
	}
	return strings.Join(parts, ", ")
}

// toolsDiffer names the difference between two lists of tools.
func toolsDiffer(recorded, now string) string {
	var was, is []toolText
	// A damaged list yields no names.
	_ = json.Unmarshal([]byte(recorded), &was)
	_ = json.Unmarshal([]byte(now), &is)
	index := func(tools []toolText, name string) int {
		return slices.IndexFunc(tools, func(t toolText) bool { return t.Name == name })
	}
	var parts []string
	for _, t := range is {
		if i := index(was, t.Name); i < 0 {
			parts = append(parts, "the new tool "+t.Name)
		} else if was[i].Description != t.Description || string(was[i].Schema) != string(t.Schema) {
			parts = append(parts, "the description or schema of the tool "+t.Name)
		}
	}
	for _, t := range was {
		if index(is, t.Name) < 0 {
			parts = append(parts, "the removed tool "+t.Name)
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "the order of its tools")
}
