package openai

import (
	"slices"
	"strings"
)

// Quirks are requirements of a server or model beyond Chat Completions. AlternateRoles and
// ShortCallIDs are safe with any server. ReasoningContent and AllowedTools are not: some
// servers refuse the fields, as Groq does with the first.
type Quirks struct {
	// AlternateRoles makes user and assistant messages alternate, as the chat templates of
	// Mistral and Gemma require. Short filler messages ("Noted.", "Go on.", "(nothing)") fill
	// the gaps. System messages in Request.Messages become user messages. Empty assistant
	// messages are dropped.
	AlternateRoles bool
	// ShortCallIDs replaces call IDs that are not nine letters and digits, in calls and
	// results, as Mistral requires. It affects only what is sent.
	ShortCallIDs bool
	// ReasoningContent sends reasoning_content with each message of the model, as Kimi and
	// DeepSeek require while they think. It holds the reasoning, even that of another model on
	// the same server, or a space if there is no reasoning that may be sent.
	ReasoningContent bool
	// AllowedTools sends all tools of the agent with a tool_choice of type "allowed_tools" if a
	// run may call only some of them, so that the server's prompt cache holds. Without it only
	// those are sent. It also applies to [NewResponses]. Azure has the type in its v1 API, but
	// not in its dated versions, so it is off for Azure.
	AllowedTools bool
}

// WithQuirks sets the quirks of the server and the model, in place of those in the package's
// table.
func WithQuirks(q Quirks) Option { return func(c *config) { c.quirks = &q } }

// presets are the known quirks. The table in the package comment has the same rows.
var presets = []struct {
	hosts  []string // a host, or a parent domain of it
	models []string // parts of the model name after its last slash
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
	{[]string{"api.openai.com"}, nil, Quirks{AllowedTools: true}},
}

// quirksOf returns the quirks that the options set, or else the known ones.
func (c *config) quirksOf(host, model string) Quirks {
	if c.quirks != nil {
		return *c.quirks
	}
	return knownQuirks(host, model)
}

// knownQuirks returns the quirks of a model on a server. It ignores the name of a fine-tuned
// model ("ft:…"), because its owner chose a part of it.
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
			q.AllowedTools = q.AllowedTools || p.quirks.AllowedTools
		}
	}
	return q
}
