package answertext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/json/answertext"
	"github.com/funcall/funcall/internal/json/partialjson"
)

func TestFindBegun(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"b`: `{"a":"b"}`, "\n [1,2": " [1]"[1:], "": "", "<think>": "", "<think>{": "", "hm": "", "hm {": "",
		"<think>hm</think>": "", "<think>hm</think>\n[": "[]", "hm</think>{": "{}", "<think>a<think>b</think>{": "", `{"a":"</think>[`: `{"a":"</think>["}`,
		"`": "", "```": "", "```js": "", "```json": "", "```json\n": "", "```json\n{\"a\":\"b": "\n{\"a\":\"b\"}", "```json{": "{}", "~~~\n[\"a\"": "\n[\"a\"]",
		"```\n{}\n`": "\n{}", "```\n{}\n```": "\n{}", "```\n{}\n```\n": "\n{}", "```\n{}\n``` so": "", "```\n[\"`": "\n[\"\"]", "```tr": "", "```true": "",
		"<think>hm</think>```\n[": "\n[]", "{} {": "",
	} {
		if got := answertext.FindBegun(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

// FuzzFindBegun checks that what is found at the end is the JSON that Find finds, and that
// what is found before is JSON.
func FuzzFindBegun(f *testing.F) {
	for _, text := range []string{`{"a":["b"]}`, "```json\n{\"a\":1}\n```", "<think>hm [</think>\n~~~\n[1, 2]\n~~~~", "{}</think>{}", "```\n\"```\"\n```"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = text[:min(len(text), 1000)]
		for n := range len(text) + 1 {
			if begun := answertext.FindBegun(text[:n]); begun != "" && !json.Valid([]byte(begun)) {
				t.Fatalf("%q became %q", text[:n], begun)
			}
		}
		answer, fixes := answertext.Find(text)
		if len(fixes) > 0 && partialjson.Complete(strings.TrimSpace(text)) != "" {
			return // thoughts that begin like JSON
		}
		begun := strings.TrimSpace(answertext.FindBegun(text))
		if want := partialjson.Complete(answer); begun != "" && answer != "" && begun != want && begun != answer {
			t.Fatalf("%q became %q, not %q", text, begun, want)
		}
	})
}
