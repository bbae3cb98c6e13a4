package openai

import (
	"slices"
	"strings"
)

// Quirks are what a server or model demands of a conversation beyond Chat Completions.
// AlternateRoles and ShortCallIDs are safe with any server. ReasoningContent is not: some
// servers, such as Groq, refuse the field.
type Quirks struct {
	// AlternateRoles makes user and assistant messages alternate, as the chat templates of
	// Mistral and Gemma demand. Short filler messages ("Noted.", "Go on.", "(nothing)") fill
	// the gaps. Later system messages become the user's; empty assistant messages are dropped.
	AlternateRoles bool
	// ShortCallIDs gives each call whose ID is not nine letters and digits another
	// one on the wire that is, and its result, too, as Mistral wants it.
	ShortCallIDs bool
	// ReasoningContent sends reasoning_content with each of the model's messages, as
	// Kimi and DeepSeek want it while they think: what another model of the server
	// thought, or a space if there is nothing that may be sent.
	ReasoningContent bool
}

// WithQuirks sets the quirks of the server and the model. It replaces the entry of the
// package's table.
func WithQuirks(q Quirks) Option { return func(c *config) { c.quirks = &q } }

// presets is what is known of servers and models. The table in the comment of the
// package is the same.
var presets = []struct {
	hosts  []string // such a host, or one below it
	models []string // what the name of a model holds, behind the last slash
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

// knownQuirks returns what the table says of a model behind a server. The name of a
// fine-tuned model ("ft:…") says nothing: a part of it is its owner's choice.
func knownQuirks(host, model string) (q Quirks) {
	host, _, _ = strings.Cut(strings.ToLower(host), ":") // without the port
	model = strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	if strings.HasPrefix(model, "ft:") {
		model = ""
	}
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
