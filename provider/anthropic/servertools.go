package anthropic

import (
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/provider"
)

// Tools that the API runs itself belong to the client, not to an agent: they are sent with
// every request, after the agent's tools, and are forbidden where all calls are.

// A WebSearchConfig bounds a search of the web. Its zero value has no bounds.
type WebSearchConfig struct {
	MaxUses int // searches for one request; more are errors that the model reads
	// AllowedDomains or BlockedDomains, such as "example.com", select what is found. The API
	// refuses both together.
	AllowedDomains, BlockedDomains []string
	Location                       provider.UserLocation
}

// WebSearch lets the model search the web. See
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool.
func WebSearch(cfg WebSearchConfig) Option {
	return func(c *config) {
		c.addServer("WebSearch", serverTool{
			Type: "web_search_20250305", Name: "web_search", MaxUses: cfg.MaxUses,
			AllowedDomains: cfg.AllowedDomains, BlockedDomains: cfg.BlockedDomains, Location: wire.Place(cfg.Location),
		})
	}
}

// A WebFetchConfig bounds what the model may fetch from the web. Its zero value has no bounds.
type WebFetchConfig struct {
	MaxUses int // addresses for one request; more are errors that the model reads
	// AllowedDomains or BlockedDomains, such as "example.com", select what may be fetched. The
	// API refuses both together.
	AllowedDomains, BlockedDomains []string
	MaxContentTokens               int // of a document; the rest is cut off
}

// WebFetch lets the model read web pages and PDFs whose addresses are in the conversation. See
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool.
func WebFetch(cfg WebFetchConfig) Option {
	return func(c *config) {
		c.addServer("WebFetch", serverTool{
			Type: "web_fetch_20250910", Name: "web_fetch", MaxUses: cfg.MaxUses,
			AllowedDomains: cfg.AllowedDomains, BlockedDomains: cfg.BlockedDomains, MaxContentTokens: cfg.MaxContentTokens,
		})
	}
}

// CodeExecution lets the model run code in a container of the API. See
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/code-execution-tool. Servers
// that have the tool as a beta need a [Header] anthropic-beta.
func CodeExecution() Option {
	return func(c *config) {
		c.addServer("CodeExecution", serverTool{Type: "code_execution_20250825", Name: "code_execution"})
	}
}

// addServer adds a tool, and takes note of what the API would refuse in each request.
func (c *config) addServer(option string, t serverTool) {
	if t.MaxUses < 0 || t.MaxContentTokens < 0 {
		c.Mistakes = append(c.Mistakes, option+": MaxUses and MaxContentTokens must not be negative; 0 means no bound")
	}
	if len(t.AllowedDomains) > 0 && len(t.BlockedDomains) > 0 {
		c.Mistakes = append(c.Mistakes, option+": the API takes AllowedDomains or BlockedDomains, not both")
	}
	c.AddServer(option, t)
}

// A serverTool is a server-side tool as the API has it.
type serverTool struct {
	Type             string         `json:"type"`
	Name             string         `json:"name"`
	MaxUses          int            `json:"max_uses,omitempty"`
	AllowedDomains   []string       `json:"allowed_domains,omitempty"`
	BlockedDomains   []string       `json:"blocked_domains,omitempty"`
	Location         *wire.Location `json:"user_location,omitempty"`
	MaxContentTokens int            `json:"max_content_tokens,omitempty"`
}
