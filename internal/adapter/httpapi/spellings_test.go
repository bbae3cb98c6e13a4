package httpapi

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// respell has the ways in which a text may be repeated.
var respell = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"upper case":        asciiUpper,
	"lower case":        lower,
	"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"upper hex":         func(s string) string { return fmt.Sprintf("%X", s) },
	"a query":           url.QueryEscape,
	"a path":            url.PathEscape,
	"every byte":        func(s string) string { return eachByte("%%%02x", s) },
	"every byte, upper": func(s string) string { return eachByte("%%%02X", s) },
	"a query twice":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"JSON":              inJSON,
	"JSON twice":        func(s string) string { return inJSON(inJSON(s)) },
	"JSON, escaped":     func(s string) string { return eachByte(`\u%04x`, s) },
	"JSON, Go":          func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	"a slash in JSON":   func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) },
	"Python's bytes":    func(s string) string { return eachByte(`\x%02x`, s) },
	"HTML":              html.EscapeString,
	"HTML, decimal":     func(s string) string { return eachByte("&#%d;", s) },
	"HTML, hex":         func(s string) string { return eachByte("&#x%X;", s) },
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, raw":       func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64, URL":       func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64, raw URL":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 in a query": func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
}

func asciiUpper(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 0x20
		}
		return r
	}, s)
}

func inJSON(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) }

func eachByte(format, s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func TestSpellings(t *testing.T) {
	for _, key := range []string{"sk-Secret-0123456789", `k/1+"2&3<'x~?=%41`, "12345678"} {
		list := secrets{{text: key}}
		for name, spell := range respell {
			said := "bad (" + spell(key) + ") there"
			if got := list.in(said); got != "bad ([redacted]) there" {
				t.Errorf("%s: %s becomes %s", name, said, got)
			}
		}
		for _, said := range []string{"", "bad key", "chatcmpl-abcdef0123", strings.Repeat("%25", 100), `\\\u00`, "&#;&;&#x;&#99999999;%", "sk-…89"} {
			if got := list.in(said); got != said {
				t.Errorf("%s becomes %s", said, got)
			}
		}
	}
}

// TestSpellingsInsideBase64 has a key at any position of a longer text, such as a login.
func TestSpellingsInsideBase64(t *testing.T) {
	const key = "sk-Secret/0123456789"
	list := secrets{{text: key}}
	for ahead := range 7 {
		for behind := range 7 {
			text := strings.Repeat("u", ahead) + key + strings.Repeat("v", behind)
			for name, spell := range respell {
				if !strings.HasPrefix(name, "base64") {
					continue
				}
				got := list.in("Basic " + spell(text) + " there")
				before, after, ok := strings.Cut(got, "[redacted]")
				if !ok || len(before) > len("Basic ")+ahead*8/6 || len(after) > len(" there")+(behind*8+5)/6+len("%3D%3D") {
					t.Errorf("%s, %d bytes ahead, %d behind: %s", name, ahead, behind, got)
				}
			}
		}
	}
}

// Short tokens are words of errors in any other case or encoding.
func TestShortTokens(t *testing.T) {
	list := secretsOf(nil, http.Header{"Authorization": {"Bearer none"}, "X-Tenant": {"acme"}})
	for said, want := range map[string]string{
		"None of acme's, bm9uZQ": "None of acme's, bm9uZQ",
		"key none":               "key [redacted]",
		"bearer NONE":            "[redacted]",
	} {
		if got := list.in(said); got != want {
			t.Errorf("%s becomes %s", said, got)
		}
	}
}

// TestEscapedSecret has a key that looks escaped, and so is longer than its decoded form.
func TestEscapedSecret(t *testing.T) {
	list := secrets{newSecret("sk%2Fsk%2Fsk%2F12", false)}
	for said, want := range map[string]string{
		"sk/sk/sk/12":             "[redacted]",
		"sk%2Fsk%2Fsk%2F12":       "[redacted]",
		"sk%252Fsk%252Fsk%252F12": "[redacted]",
		"sk/sk/sk/":               "sk/sk/sk/",
	} {
		if got := list.in(said); got != want {
			t.Errorf("%s becomes %s", said, got)
		}
	}
}

// TestNamesAndTitles has headers whose values are ordinary words of responses and errors.
func TestNamesAndTitles(t *testing.T) {
	list := secretsOf(nil, http.Header{
		"X-Model":       {"gpt-5-mini"},
		"X-Title":       {"Shop Assistant"},
		"X-Auth-Extra":  {"Scheme sk-Secret-0123"},
		"Authorization": {"Bearer ollama"},
	})
	for said, want := range map[string]string{
		"the last message is the assistant's; an Assistant": "the last message is the assistant's; an Assistant",
		"SHOP ASSISTANT of GPT-5-mini-2025":                 "SHOP ASSISTANT of GPT-5-mini-2025",
		"from Shop Assistant":                               "from [redacted]",
		"key sk-secret-0123":                                "key [redacted]",
	} {
		if got := list.in(said); got != want {
			t.Errorf("%s becomes %s", said, got)
		}
	}
	for said, want := range map[string]string{
		"GPT-5-mini-2025":      "GPT-5-mini-2025",
		"gpt-5-mini":           "gpt-5-mini",
		"registry.ollama.ai/m": "registry.ollama.ai/m",
		"m-sk-Secret-0123":     "m-[redacted]",
	} {
		if got := list.inModel(said); got != want {
			t.Errorf("the model %s becomes %s", said, got)
		}
	}
}

func FuzzSpellings(f *testing.F) {
	f.Add("sk-Secret-0123456789", "Bearer ", "é")
	f.Add("aaaaaaaaa", "a", "a")
	f.Add("%41%41%41", "", "")
	f.Fuzz(func(t *testing.T, key, before, after string) {
		list := secrets{{text: key}}
		if len(key) < short || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return
		}
		if text, _ := unescape(key, nil); text != key { // of a key that looks escaped not every mixture is found
			return
		}
		list.in(before) // whatever it is
		for name, spell := range respell {
			spelled := spell(key)
			if got := list.in("(" + spelled + ") " + after); !strings.HasPrefix(got, "([redacted]") {
				t.Errorf("%s of %q: %s", name, key, got)
			}
		}
	})
}

// BenchmarkClean cleans the IDs of a response.
func BenchmarkClean(b *testing.B) {
	x := &exchange{secrets: secretsOf(nil, http.Header{"Authorization": {"Bearer sk-proj-" + strings.Repeat("aB3", 50)}})}
	x.secrets.spell()
	b.ReportAllocs()
	for b.Loop() {
		x.clean("chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWXYZabc")
		x.clean("gpt-5-mini-2025-08-07")
		x.clean("tool_calls")
	}
}

// BenchmarkSecrets collects the secrets of a request that a hook signed.
func BenchmarkSecrets(b *testing.B) {
	h := http.Header{"Authorization": {"Bearer sk-proj-" + strings.Repeat("aB3", 50)}}
	b.ReportAllocs()
	for b.Loop() {
		secretsOf(nil, h)
	}
}
