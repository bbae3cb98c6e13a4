package golden

import (
	"net/url"
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

var runID = mask{regexp.MustCompile(`\brun-[a-z2-7]{16}\b`), "run-<id>"}

// What the agent makes up at random, or takes from a clock.
var usualMasks = []mask{
	runID,
	{regexp.MustCompile(`\(reference [0-9a-f]{8}\)`), "(reference <ref>)"},
	{regexp.MustCompile(`\bhad not returned after ([0-9.]+(h|ms|m|s|µs|ns))+`), "had not returned after <ms>"},
}

const (
	maskKey  = "<key>"
	redacted = "<redacted>"
)

var (
	keyName = regexp.MustCompile(`(?i)(KEY|KEYS|KEY_ID|TOKEN|SECRET|PASSWORD|PASSWD|_PASS|_PAT|CREDENTIALS)$`)
	keyText = regexp.MustCompile(strings.Join([]string{
		`\bsk-[\w-]{16,}`,  // OpenAI, Anthropic, OpenRouter, DeepSeek
		`\bAIza[\w-]{30,}`, // Google
		`\b(gsk|xai|hf|gh[opsur]|github_pat|glpat|pplx|csk)[_-][\w-]{20,}`, // Groq, xAI, Hugging Face, GitHub, GitLab, Perplexity, Cerebras
		`\bAKIA[0-9A-Z]{16}\b`,                    // AWS
		`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`, // a JSON web token
	}, "|"))
	bearer = regexp.MustCompile(`(?i)\b(Bearer) +[\w.~+/-]{16,}=*`)
)

func newCleaner(fields []string, masks []mask) *cleaner {
	var keys []string
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		value = strings.TrimSpace(value) // mounted secrets end in a line break
		if len(value) < 8 || !keyName.MatchString(name) {
			continue
		}
		// As it stands in JSON, in JSON within JSON, and in URLs, too.
		once := inJSON(value)
		keys = append(keys, value, once, inJSON(once), url.QueryEscape(value), url.PathEscape(value))
	}
	// The longest first, so that a key which begins another leaves nothing of it.
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, key := range keys {
		pairs = append(pairs, key, maskKey)
	}
	return &cleaner{redactor: newRedactor(fields), env: strings.NewReplacer(pairs...), masks: slices.Concat(usualMasks, masks)}
}

// inJSON is s as it stands in a JSON string.
func inJSON(s string) string {
	quoted := quoteJSON(s)
	return quoted[1 : len(quoted)-1]
}

// keys takes out keys.
func (c *cleaner) keys(s string) string {
	s = keyText.ReplaceAllString(c.env.Replace(s), maskKey)
	return bearer.ReplaceAllString(s, "$1 "+maskKey)
}

// secrets takes out what must not be kept.
func (c *cleaner) secrets(s string) string { return c.keys(c.redactor.redact(s)) }

// all takes out what changes from run to run, too.
func (c *cleaner) all(s string) string { return c.masked(c.secrets(s)) }

// masked takes out what changes from run to run.
func (c *cleaner) masked(s string) string {
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
		case n.key == "session":
			n.value = runID.pattern.ReplaceAllLiteralString(c.keys(n.value), runID.name)
		case n.key == "unknown":
			n.value = entryTime.ReplaceAllString(n.value, `"at":"`+maskTime+`"`)
			n.value = c.all(n.value)
		default:
			c.node(n, c.all)
		}
	}
	return nodes
}

var entryTime = regexp.MustCompile(`"at":"[^"]*"`)

// node cleans the texts in n. Whatever else there is (names, ids, digests,
// numbers, schemas) is the file's own, and holds keys at the most.
func (c *cleaner) node(n *node, clean func(string) string) {
	for i, arg := range n.args {
		n.args[i] = c.keys(arg)
	}
	switch n.key {
	case "text", "error", "why", "words", "message", "url":
		n.value = clean(n.value)
	case "schema":
		n.value = c.keys(n.value)
	default:
		n.value = c.secrets(n.value)
	}
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
	kept := &provider.Response{Message: m, Finish: r.Finish, Usage: r.Usage, Cost: r.Cost, Model: r.Model}
	if r.RawFinish != string(r.Finish) {
		kept.RawFinish = r.RawFinish
	}
	return kept
}
