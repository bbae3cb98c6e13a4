package golden

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// A cleaner takes out of texts what must not be kept, and what no two runs
// agree on. To clean twice changes nothing more.
type cleaner struct {
	redactor redactor
	env      *strings.Replacer // of the values of keys in the environment
	masks    []mask
}

type mask struct {
	pattern *regexp.Regexp
	name    string
}

// What the agent makes up at random, or takes from a clock.
var usualMasks = []mask{
	{regexp.MustCompile(`\brun-[a-z2-7]{16}\b`), "run-<id>"},
	{regexp.MustCompile(`\(reference [0-9a-f]{8}\)`), "(reference <ref>)"},
	{regexp.MustCompile(`\bhad not returned after ([0-9.]+(h|ms|m|s|µs|ns))+`), "had not returned after <ms>"},
}

const (
	maskKey  = "<key>"
	redacted = "<redacted>"
)

var (
	keyName = regexp.MustCompile(`(?i)(^|_)(KEY|TOKEN|SECRET|PASSWORD)$`)
	keyText = regexp.MustCompile(strings.Join([]string{
		`\bsk-[\w-]{16,}`,                         // OpenAI, Anthropic, OpenRouter, DeepSeek
		`\bAIza[\w-]{30,}`,                        // Google
		`\b(gsk|xai|hf|ghp|gho|pat)[_-]\w{20,}`,   // Groq, xAI, Hugging Face, GitHub
		`\bAKIA[0-9A-Z]{16}\b`,                    // AWS
		`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`, // a JSON web token
	}, "|"))
	bearer = regexp.MustCompile(`(?i)\b(Bearer) +[\w.~+/-]{16,}=*`)
)

func newCleaner(fields []string, masks []mask) *cleaner {
	var keys []string
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if len(value) >= 8 && keyName.MatchString(name) {
			quoted := quoteJSON(value)
			keys = append(keys, value, quoted[1:len(quoted)-1]) // as it stands in JSON, too
		}
	}
	// The longest first, so that a key which begins another leaves nothing of it.
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, key := range keys {
		pairs = append(pairs, key, maskKey)
	}
	return &cleaner{redactor: newRedactor(fields), env: strings.NewReplacer(pairs...), masks: slices.Concat(usualMasks, masks)}
}

// secrets takes out what must not be kept.
func (c *cleaner) secrets(s string) string {
	s = c.redactor.redact(c.env.Replace(s))
	s = keyText.ReplaceAllString(s, maskKey)
	return bearer.ReplaceAllString(s, "$1 "+maskKey)
}

// all takes out what changes from run to run, too.
func (c *cleaner) all(s string) string {
	s = c.secrets(s)
	for _, m := range c.masks {
		s = m.pattern.ReplaceAllLiteralString(s, m.name)
	}
	return s
}

// nodes cleans nodes in place. What the model said keeps what changes from run
// to run: it is played back word for word.
func (c *cleaner) nodes(nodes []*node) []*node {
	for _, n := range nodes {
		switch {
		case n.key == "model", n.key == "response", n.key == "stored", n.key == "message" && n.args[0] == string(provider.RoleAssistant):
			c.node(n, c.secrets)
		case n.key == "messages":
			c.nodes(n.kids)
		case n.key == "unknown":
			n.value = entryTime.ReplaceAllString(n.value, `"at":"`+maskTime+`"`)
			c.node(n, c.all)
		default:
			c.node(n, c.all)
		}
	}
	return nodes
}

var entryTime = regexp.MustCompile(`"at":"[^"]*"`)

func (c *cleaner) node(n *node, clean func(string) string) {
	for i, arg := range n.args {
		n.args[i] = clean(arg)
	}
	n.value = clean(n.value)
	for _, kid := range n.kids {
		c.node(kid, clean)
	}
}

// said returns a response as it may be kept. The agent is given the same, so
// that what is recorded is what will be played back.
func (c *cleaner) said(r *provider.Response) *provider.Response {
	m := &provider.Message{Role: provider.RoleAssistant, State: r.Message.State}
	for _, p := range r.Message.Parts {
		switch part := p.(type) {
		case provider.Text:
			part.Text = c.secrets(part.Text)
			p = part
		case provider.Reasoning:
			part.Text = c.secrets(part.Text)
			p = part
		case provider.ToolCall:
			part.Args = c.secrets(part.Args)
			p = part
		}
		m.Parts = append(m.Parts, p)
	}
	kept := &provider.Response{Message: m, Finish: r.Finish, Usage: r.Usage, Model: r.Model}
	if r.RawFinish != string(r.Finish) {
		kept.RawFinish = r.RawFinish
	}
	return kept
}
