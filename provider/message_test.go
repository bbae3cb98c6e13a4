package provider_test

import (
	"testing"

	"github.com/funcall/funcall/provider"
)

// A message has its own list of parts: neither the caller's list nor an append to the message's
// changes it.
func TestMessagesHaveTheirOwnParts(t *testing.T) {
	parts := []provider.Part{provider.Text{Text: "a"}, provider.Text{Text: "b"}}
	for name, m := range map[string]*provider.Message{
		"user":      provider.User("", parts...),
		"assistant": provider.Assistant(parts...),
	} {
		_ = append(m.Parts, provider.Text{Text: "first"})
		more := append(m.Parts, provider.Text{Text: "c"})
		_ = append(m.Parts, provider.Text{Text: "last"})
		parts[0] = provider.Text{Text: "changed"}
		if got := m.Text() + "," + (&provider.Message{Parts: more}).Text(); got != "ab,abc" {
			t.Errorf("%s: %q", name, got)
		}
		parts[0] = provider.Text{Text: "a"}
	}
	if m := provider.Assistant(); m.Parts != nil {
		t.Errorf("no parts: %#v", m.Parts)
	}
	if n := testing.AllocsPerRun(10, func() { provider.Assistant(parts...) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
