package answertext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/json/answertext"
)

// A word behind the opening fence is a language only if it cannot be the answer.
func TestFindKeepsTheAnswer(t *testing.T) {
	for text, want := range map[string]string{
		"```\ntrue\n```": "true", "```json\ntrue```": "true", "``` 1 ```": "1", "```c++\n1\n```": "1", "```json[1]```": "[1]",
		"```true```": "", "```1\n2\n```": "", "```true false```": "", "```js 1```": "", "```json\"a\"```": "", "```a b\n1\n```": "",
	} {
		if got, _ := answertext.Find(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

// FuzzFind checks that the JSON found in a text is part of it, has only marks, thoughts and white
// space around it, and reads the same alone.
func FuzzFind(f *testing.F) {
	for _, text := range []string{
		`{}`, "```json\n{}\n```", "~~~\n[1]\n~~~~", "<think>a</think>{}", "a</think>```\n1\n```", "{}</think>{}", "```true```", "```a b\n1```", "<think><think></think>1",
		"```\n\"```\"\n```", "```js 1```", "<think>```\n1\n```</think>\n```\n2\n```",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answer, fixes := answertext.Find(text)
		if answer == "" {
			if fixes != nil || json.Valid([]byte(text)) {
				t.Fatalf("%q has no answer, and %q", text, fixes)
			}
			return
		}
		at := strings.LastIndex(text, answer)
		if at < 0 || !json.Valid([]byte(answer)) {
			t.Fatalf("%q became %q", text, answer)
		}
		if again, none := answertext.Find(answer); again != answer || none != nil {
			t.Fatalf("%q became %q (%q) when it was read again", answer, again, none)
		}
		if behind := strings.Trim(text[at+len(answer):], "`~"); strings.TrimSpace(behind) != "" && strings.Trim(strings.TrimSpace(behind), "`~") != "" {
			t.Fatalf("%q: %q stands behind the answer", text, behind)
		}
		before, _ := strings.CutSuffix(strings.TrimSpace(text[:at]), "</think>")
		if len(fixes) == 0 && strings.TrimSpace(text) != answer || len(fixes) > 0 && before == "" && fixes[0] != answertext.Thoughts {
			t.Fatalf("%q became %q by %q", text, answer, fixes)
		}
	})
}
