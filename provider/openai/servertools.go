package openai

import (
	"encoding/json"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/provider"
)

// Tools that the API runs itself belong to the client, not to an agent: they are sent with
// every request, after the agent's tools, and are forbidden where all calls are.

// A WebSearchConfig directs a search of the web. Its zero value leaves all to the API.
type WebSearchConfig struct {
	// AllowedDomains, such as "example.com", are the only ones that are searched. Chat
	// Completions has no such list.
	AllowedDomains []string
	// ContextSize is how much of what is found the model reads: "low", "medium" or "high".
	ContextSize string
	Location    provider.UserLocation
}

// WebSearch lets the model search the web. With the Responses API it is a tool, which the model
// may use; see https://platform.openai.com/docs/guides/tools-web-search. With Chat Completions
// it needs a search model, such as gpt-4o-search-preview, which always searches: if a request
// forbids calls, only web_search_options is left out.
func WebSearch(cfg WebSearchConfig) Option { return func(c *config) { c.webSearch = &cfg } }

// A FileSearchConfig selects the files of a search.
type FileSearchConfig struct {
	VectorStores []string // the IDs of vector stores, such as "vs_123"
	MaxResults   int      // the API chooses if it is 0
}

// FileSearch lets the model search files in vector stores of the API. Only the Responses API
// has the tool; see https://platform.openai.com/docs/guides/tools-file-search.
func FileSearch(cfg FileSearchConfig) Option { return func(c *config) { c.fileSearch = &cfg } }

// CodeInterpreter lets the model run Python code in a container of the API. Only the Responses
// API has the tool; see https://platform.openai.com/docs/guides/tools-code-interpreter.
func CodeInterpreter() Option { return func(c *config) { c.codeInterpreter = true } }

// hostedSettings are the tools that the API runs itself.
type hostedSettings struct {
	webSearch       *WebSearchConfig
	fileSearch      *FileSearchConfig
	codeInterpreter bool
}

// addTools adds the tools of the Responses API. It returns what responses must include, so that
// they tell what was found.
func (c *config) addTools() (include []string) {
	if cfg := c.webSearch; cfg != nil {
		c.AddServer("WebSearch", webSearchTool{Type: "web_search", Filters: filtersOf(cfg.AllowedDomains), ContextSize: cfg.ContextSize, Location: wire.Place(cfg.Location)})
		include = append(include, "web_search_call.action.sources")
	}
	if cfg := c.fileSearch; cfg != nil {
		if len(cfg.VectorStores) == 0 {
			c.Mistakes = append(c.Mistakes, "FileSearch needs the ID of a vector store")
		}
		c.AddServer("FileSearch", fileSearchTool{Type: "file_search", VectorStores: cfg.VectorStores, MaxResults: cfg.MaxResults})
		include = append(include, "file_search_call.results")
	}
	if c.codeInterpreter {
		c.AddServer("CodeInterpreter", codeTool{Type: "code_interpreter", Container: container{Type: "auto"}})
		include = append(include, "code_interpreter_call.outputs")
	}
	return include
}

// chatSearch returns the member of Chat Completions that has a model search, or "".
func (c *config) chatSearch() string {
	if c.fileSearch != nil || c.codeInterpreter {
		c.Mistakes = append(c.Mistakes, "FileSearch and CodeInterpreter are tools of the Responses API: use NewResponses")
	}
	cfg := c.webSearch
	if cfg == nil {
		return ""
	}
	if len(cfg.AllowedDomains) > 0 {
		c.Mistakes = append(c.Mistakes, "Chat Completions cannot restrict WebSearch to domains: leave out AllowedDomains, or use NewResponses")
	}
	options := chatSearch{ContextSize: cfg.ContextSize}
	if place := wire.Place(cfg.Location); place != nil {
		kind := place.Type
		place.Type = ""
		options.Location = &chatLocation{Type: kind, Approximate: place}
	}
	b, err := json.Marshal(options)
	if err != nil {
		c.Mistakes = append(c.Mistakes, err.Error())
	}
	return string(b)
}

type webSearchTool struct {
	Type        string         `json:"type"`
	Filters     *filters       `json:"filters,omitempty"`
	ContextSize string         `json:"search_context_size,omitempty"`
	Location    *wire.Location `json:"user_location,omitempty"`
}

type filters struct {
	AllowedDomains []string `json:"allowed_domains"`
}

func filtersOf(domains []string) *filters {
	if len(domains) == 0 {
		return nil
	}
	return &filters{domains}
}

type fileSearchTool struct {
	Type         string   `json:"type"`
	VectorStores []string `json:"vector_store_ids"`
	MaxResults   int      `json:"max_num_results,omitempty"`
}

type codeTool struct {
	Type      string    `json:"type"`
	Container container `json:"container"`
}

type container struct {
	Type string `json:"type"`
}

type chatSearch struct {
	ContextSize string        `json:"search_context_size,omitempty"`
	Location    *chatLocation `json:"user_location,omitempty"`
}

type chatLocation struct {
	Type        string         `json:"type"`
	Approximate *wire.Location `json:"approximate"`
}
