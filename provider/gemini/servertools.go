package gemini

// Tools that the API runs itself belong to the client, not to an agent: they are sent with
// every request, after the agent's tools. The API cannot forbid them, so they are left out of
// requests that forbid calls. Models before Gemini 3 refuse them beside functions.

// GoogleSearch lets the model search the web. See
// https://ai.google.dev/gemini-api/docs/google-search.
func GoogleSearch() Option { return serverTool("GoogleSearch", builtIn{GoogleSearch: &empty{}}) }

// CodeExecution lets the model run Python code. See
// https://ai.google.dev/gemini-api/docs/code-execution.
func CodeExecution() Option { return serverTool("CodeExecution", builtIn{CodeExecution: &empty{}}) }

// URLContext lets the model read pages whose addresses are in the conversation. See
// https://ai.google.dev/gemini-api/docs/url-context.
func URLContext() Option { return serverTool("URLContext", builtIn{URLContext: &empty{}}) }

// FileSearch lets the model search files in stores of the API, such as "fileSearchStores/abc".
// See https://ai.google.dev/gemini-api/docs/file-search.
func FileSearch(stores ...string) Option {
	return func(c *config) {
		if len(stores) == 0 {
			c.Mistakes = append(c.Mistakes, "FileSearch needs the name of a store")
		}
		serverTool("FileSearch", builtIn{FileSearch: &files{stores}})(c)
	}
}

func serverTool(option string, tool builtIn) Option {
	return func(c *config) { c.AddServer(option, tool) }
}

// builtIn is a server-side tool as the API has it: one of its members.
type builtIn struct {
	GoogleSearch  *empty `json:"googleSearch,omitempty"`
	CodeExecution *empty `json:"codeExecution,omitempty"`
	URLContext    *empty `json:"urlContext,omitempty"`
	FileSearch    *files `json:"fileSearch,omitempty"`
}

type empty struct{}

type files struct {
	Stores []string `json:"fileSearchStoreNames"`
}
