package golden

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A cleaner removes secrets from texts, and values that change from run to run. It is
// idempotent.
type cleaner struct {
	redactor redactor
	env      *strings.Replacer // replaces the values of keys in the environment
	masks    []mask
	seen     sync.Map // the kept message of each sent *provider.Message
}

type mask struct {
	pattern *regexp.Regexp
	name    string
}

var runID = mask{regexp.MustCompile(`\brun-[a-z2-7]{16}\b`), "run-<id>"}

// usualMasks match what the agent makes at random or takes from a clock.
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
	// A key follows a word boundary or a JSON escape such as \n.
	keyText = regexp.MustCompile(`(\b|\\[bfnrt])(?:` + strings.Join([]string{
		`sk-[\w-]{16,}`,  // OpenAI, Anthropic, OpenRouter, DeepSeek
		`AIza[\w-]{30,}`, // Google
		`(?:gsk|xai|hf|gh[opsur]|github_pat|glpat|pplx|csk)[_-][\w-]{20,}`, // Groq, xAI, Hugging Face, GitHub, GitLab, Perplexity, Cerebras
		`AKIA[0-9A-Z]{16}\b`,                    // AWS
		`eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`, // a JSON web token
	}, "|") + `)`)
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
		// Also in the spelling of JSON, of JSON within JSON, and of URLs.
		once := inJSON(value)
		keys = append(keys, value, once, inJSON(once), url.QueryEscape(value), url.PathEscape(value))
	}
	// The longest first: a key may be the beginning of another.
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, key := range keys {
		pairs = append(pairs, key, maskKey)
	}
	return &cleaner{redactor: newRedactor(fields), env: strings.NewReplacer(pairs...), masks: slices.Concat(usualMasks, masks)}
}

// inJSON returns s as a JSON string without its quotation marks.
func inJSON(s string) string {
	quoted := quoteJSON(s)
	return quoted[1 : len(quoted)-1]
}

// keys removes keys.
func (c *cleaner) keys(s string) string {
	s = keyText.ReplaceAllString(c.env.Replace(s), "${1}"+maskKey)
	return bearer.ReplaceAllString(s, "$1 "+maskKey)
}

// secrets removes keys and redacted fields.
func (c *cleaner) secrets(s string) string { return c.keys(c.redactor.redact(s)) }

// all removes secrets and values that change from run to run.
func (c *cleaner) all(s string) string { return c.masked(c.secrets(s)) }

// masked removes values that change from run to run.
func (c *cleaner) masked(s string) string {
	for _, m := range c.masks {
		s = m.pattern.ReplaceAllLiteralString(s, m.name)
	}
	return s
}

// line cleans the JSON of an entry or a message. If the model wrote it, it is not masked: it
// is played back word for word.
func (c *cleaner) line(text string, fromModel bool) string {
	return rewriter{
		value: func(name string) func(string) string {
			switch name {
			case "data", "extra": // JSON of an API
				return c.secrets
			case "schema":
				return c.definitions
			}
			return nil
		},
		text: func(name, s string) string {
			switch name {
			case "type", "role", "status", "class", "kind", "finish": // words of the format
				return s
			case "text", "error", "why", "words", "url", "description":
				if !fromModel {
					return c.all(s)
				}
			}
			return c.secrets(s)
		},
	}.rewrite(text)
}

// definitions cleans the JSON of tools and schemas.
func (c *cleaner) definitions(text string) string {
	return rewriter{
		value: func(string) func(string) string { return nil },
		text:  func(_, s string) string { return c.all(s) },
	}.rewrite(text)
}
