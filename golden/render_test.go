package golden

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// JSON is indented, and lines that an editor would change are quoted.
func TestPageText(t *testing.T) {
	deep := strings.Repeat("[", 2001) + strings.Repeat("]", 2001) // shown in lines, it would be mostly indentation
	for text, want := range map[string]string{
		`{"a":[1,2.50]}`:     "  {\n    \"a\": [\n      1,\n      2.50\n    ]\n  }\n",
		"two\n\n-- lines --": "  two\n\n  \"-- lines --\"\n",
		"{ no JSON":          "  { no JSON\n",
		"{ no JSON ":         "  \"{ no JSON \"\n",
		"{\"a\":\"\u202e\"}": "  \"{\\\"a\\\":\\\"\\u202e\\\"}\"\n",
		deep:                 "  " + deep + "\n",
	} {
		got := renderMessages([]*provider.Message{provider.User(text)}).String()
		if got != "user:\n"+want {
			t.Errorf("%.40q is shown as\n%s\nwant\n%s", text, got, want)
		}
	}
}
