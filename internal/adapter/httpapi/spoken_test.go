package httpapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/funcall/funcall/provider"
)

func TestSpoken(t *testing.T) {
	for message, want := range map[string]string{
		"":                                     "",
		"Prompt  is\ntoo LONG":                 "prompt is too long",
		"This model's length":                  "this model's length",
		"Invalid 'messages[0].content' here":   "invalid messages[0].content here",
		"unknown variant `image_url`, no":      "unknown variant image_url, no",
		`Invalid "prompt is too long" here`:    "invalid " + gone + " here",
		`Invalid “prompt is too long” here`:    "invalid " + gone + " here",
		`Bad b'a b' and 'c d'. End`:            "bad b" + gone + ". end",
		`Bad "he said "stop". Too long" there`: "bad " + gone + " there",
		`Bad "it was cut`:                      "bad " + gone,
		`Bad "he said "a b" and was cut`:       "bad " + gone,
		`Bad "ok\" prompt is too long" there`:  "bad " + gone,
		"The “foo bar” of “the shop” is bad":   "the " + gone + " is bad",
		"The “foo “a b” bar” is bad":           "the " + gone + " is bad",
		"Bad “foo “a b” bar":                   "bad " + gone,
		"Bad “foo bar” and “a b":               "bad " + gone,
		"messages[0]'s content":                "messages[0]'s content",
		"gpt-4's content":                      "gpt-4's content",
		"messages[0]'so long' end":             "messages[0]" + gone + " end",
		`Bad "" and "a b"`:                     "bad " + gone,
		`Bad 'a b' and "c d" end`:              "bad " + gone + " and " + gone + " end",
		strings.Repeat("a", 2*maxSpoken):       strings.Repeat("a", maxSpoken),
	} {
		if got := spoken(message); got != want {
			t.Errorf("%s: %q, not %q", message, got, want)
		}
	}
}

func TestPhrases(t *testing.T) {
	for words, want := range map[string]bool{
		"a b then c":      true,
		"x: a b then c":   true,
		"(a b) c":         true,
		gone + " a b c":   true,
		"x a b c":         false,
		"a b":             false,
		"c then a b":      false,
		"x a b, a b or c": true,
	} {
		if got := (phrase{"a b*c", provider.KindQuota}).in(words); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
	if !(phrase{"*a b", provider.KindQuota}).in("x a b") {
		t.Error("a phrase that stands anywhere was not found")
	}
	for _, p := range phrases {
		if spoken(p.text) != p.text {
			t.Errorf("no message has the phrase %q", p.text)
		}
	}
	for _, p := range oddPhrases {
		if spoken(p.text) != p.text {
			t.Errorf("no message has the phrase %q", p.text)
		}
	}
	for _, list := range [][]coded{byCode, byRate, byCodeInBand} {
		for _, c := range list {
			if bare(c.word) != c.word {
				t.Errorf("no code has the word %q", c.word)
			}
		}
	}
}

// quoted are the ways in which servers repeat a text.
var quoted = []func(text string) string{
	strconv.Quote,
	func(text string) string { b, _ := json.Marshal(text); return string(b) },
	func(text string) string { // Python
		if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
			return `"` + text + `"`
		}
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(text) + "'"
	},
}

// FuzzRepeatedTexts has servers repeat a text that they refuse: the kind of the error does not
// change.
func FuzzRepeatedTexts(f *testing.F) {
	for _, p := range phrases {
		f.Add(strings.ReplaceAll(p.text, "*", " "))
	}
	for _, p := range oddPhrases {
		f.Add(p.text)
	}
	for _, text := range []string{
		"The prompt is too long. Insufficient balance.",
		`He said "no". Prompt is too long`,
		`"Prompt is too long", she said: "could not process image"`,
		"it's: prompt is too long",
		"{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"a b\"}}",
		`response_format and "json_schema"`,
		"ok' prompt is too long",
		`ok\" prompt is too long`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.ContainsFunc(text, unicode.IsSpace) {
			text += " and more"
		}
		for _, quote := range quoted {
			message, _ := json.Marshal("Invalid content: " + quote(text) + " in the request")
			for _, body := range []string{
				`{"error":{"message":` + string(message) + `,"type":"invalid_request_error"}}`,
				`{"error":` + string(message) + `}`,
				`{"detail":[{"loc":["body"],"msg":"Field required","input":` + string(message) + `}]}`,
			} {
				if kind := kindOf(parseReport([]byte(body)), 400); kind != provider.KindInvalidRequest {
					t.Errorf("kind %s: %s", kind, body)
				}
			}
		}
	})
}

// TestKindsReadABoundedPrefix has reports of the largest size.
func TestKindsReadABoundedPrefix(t *testing.T) {
	for _, piece := range []string{`"`, "'a b ", "“", "{", "a ", "'a' ", "é"} {
		if n := len(spoken(strings.Repeat(piece, maxReport/len(piece)))); n > maxSpoken+maxWord {
			t.Errorf("%d bytes of %q are looked at", n, piece)
		}
	}
	message := "end"
	for range 2 * maxLayers {
		b, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message}})
		message = "see " + string(b)
	}
	if n := len((report{message: message}).layers()); n != maxLayers {
		t.Errorf("%d reports are read", n)
	}
}
