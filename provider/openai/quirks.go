package openai

import (
	"slices"
	"strings"
)

// Quirks are what some servers and models demand of a conversation beyond what
// Chat Completions does. Each makes requests that any server takes, in other
// words than a server without the quirk needs.
type Quirks struct {
	// AlternateRoles makes the user and the model take turns, as the chat templates
	// of Mistral and Gemma want it: a short answer of the model's stands between the
	// result of a tool and a user's message, and a word of the user's between two of
	// the model's messages, ahead of the first and behind the last. A system message
	// in the middle is sent as the user's. A message of the model's without a word is
	// left out.
	AlternateRoles bool
	// ShortCallIDs gives each call whose ID is not nine letters and digits another
	// one on the wire that is, and its result, too, as Mistral wants it.
	ShortCallIDs bool
	// ReasoningContent sends reasoning_content with each of the model's messages, as
	// Kimi and DeepSeek want it while they think: what another model of the server
	// thought, or a space if there is nothing that may be sent.
	ReasoningContent bool
}

// WithQuirks says what the server and the model demand. Without it that is taken
// from the table of package openai, by the server's name and the model's.
func WithQuirks(q Quirks) Option { return func(c *config) { c.quirks = &q } }

// presets is what is known of servers and models. The table in the comment of the
// package is the same.
var presets = []struct {
	hosts  []string // such a host, or one below it
	models []string // what the name of a model holds
	quirks Quirks
}{
	{ // https://github.com/mistralai/mistral-common, protocol/instruct/validator.py
		[]string{"mistral.ai"},
		[]string{"mistral", "mixtral", "ministral", "magistral", "codestral", "devstral", "pixtral", "voxtral"},
		Quirks{AlternateRoles: true, ShortCallIDs: true},
	},
	{nil, []string{"gemma"}, Quirks{AlternateRoles: true}},
	{ // https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model
		[]string{"moonshot.ai", "moonshot.cn", "kimi.com"},
		[]string{"kimi-k2-thinking", "kimi-k2.", "kimi-k2p", "kimi-for-coding"},
		Quirks{ReasoningContent: true},
	},
	{ // https://api-docs.deepseek.com/guides/thinking_mode
		[]string{"deepseek.com"},
		[]string{"deepseek-chat", "deepseek-reasoner", "deepseek-v3.2", "deepseek-v3p2", "deepseek-v4"},
		Quirks{ReasoningContent: true},
	},
}

// knownQuirks returns what the table says of a model behind a server.
func knownQuirks(host, model string) (q Quirks) {
	host, _, _ = strings.Cut(host, ":") // without the port
	model = strings.ToLower(model)
	for _, p := range presets {
		if slices.ContainsFunc(p.hosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) }) ||
			slices.ContainsFunc(p.models, func(m string) bool { return strings.Contains(model, m) }) {
			q.AlternateRoles = q.AlternateRoles || p.quirks.AlternateRoles
			q.ShortCallIDs = q.ShortCallIDs || p.quirks.ShortCallIDs
			q.ReasoningContent = q.ReasoningContent || p.quirks.ReasoningContent
		}
	}
	return q
}
