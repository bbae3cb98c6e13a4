package golden

import (
	"testing"

	"github.com/funcall/funcall/provider"
)

// A page shows what a provider's own tool was asked, and what it found.
func TestServerCallsAreShown(t *testing.T) {
	got := renderMessages([]*provider.Message{provider.Assistant(
		provider.ServerCall{Name: "web_search", Input: "rain"},
		provider.ServerCall{Name: "web_search", Output: "Rain: https://rain.example"},
		provider.ServerCall{Name: "code_execution", Input: "1/0", Output: "no", IsError: true},
		provider.ServerCall{Name: "file_search"},
	)}).String()
	const want = `provider runs web_search:
  rain
provider's web_search returned:
  Rain: https://rain.example
provider runs code_execution:
  1/0
provider's code_execution fails:
  no
provider runs file_search:

`
	if got != want && got != want[:len(want)-1] {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
