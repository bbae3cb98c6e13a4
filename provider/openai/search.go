package openai

import (
	"bytes"
	"encoding/json"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/provider"
)

// maxCitations bounds what is kept of them.
const maxCitations = 1024

// searchOptions is the member of a request that asks for a search.
const searchOptions = "web_search_options"

// searches reports whether the request asks for a search.
func (c *Client) searches(req *provider.Request) bool {
	return c.search != "" && req.Choice.Mode != provider.ToolsNone || asksSearch(c.base.Extra) || asksSearch(req.Extra)
}

// asksSearch reports whether extra members ask for a search.
func asksSearch(extra json.RawMessage) bool {
	if !bytes.Contains(extra, []byte(searchOptions)) {
		return false
	}
	var members struct {
		Options *struct{} `json:"web_search_options"`
	}
	_ = json.Unmarshal(extra, &members) // the request was encoded with it
	return members.Options != nil
}

// readCitations reads what the answer of a search model cites.
func (a *answer) readCitations() {
	s := &a.scan
	for range s.Array() {
		a.last.other = true
		for key := range s.Object() {
			if string(key) != "url_citation" || a.choices.isOther() || len(a.cited) == maxCitations {
				continue
			}
			var lines wire.Lines
			if readSource(s, &lines); lines.String() != "" {
				a.cited = append(a.cited, citation{webSearch, lines.String()})
			}
		}
	}
}

// search returns what the answer says of a search, if it cites anything. Chat Completions has no
// item of a search, so nothing goes back to the model.
func (a *answer) search() (c provider.ServerCall, ok bool) {
	if len(a.cited) == 0 {
		return c, false
	}
	return provider.ServerCall{Name: webSearch, Output: linesOf(a.cited, webSearch), State: provider.State{Owner: a.owner}}, true
}
