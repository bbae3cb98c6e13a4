package storable_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
)

func TestTexts(t *testing.T) {
	for s, want := range map[string]string{"": "", "é": "é", "a\x00b": "a\ufffdb", "a\xff\xfeb": "a\ufffdb"} {
		if got := storable.Text(s); got != want {
			t.Errorf("%q became %q, not %q", s, got, want)
		}
	}
	if got := storable.Name(strings.Repeat("é", 200)); got != strings.Repeat("é", 128)+"…" {
		t.Errorf("a long name became %q", got)
	}
}

// A text is cut at the end of a character, and says so.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		most int
		want string
	}{
		{"abcd", 4, "abcd"}, {"abcde", 4, "abcd\n[cut: the first 4 of 5 bytes]"},
		{"abcé", 4, "abc\n[cut: the first 3 of 5 bytes]"}, {"\xff", 3, "\ufffd"}, {"éé", 1, "\n[cut: the first 0 of 4 bytes]"},
	} {
		if got := storable.Cut(c.s, c.most); got != c.want {
			t.Errorf("%q of %d bytes: %q, not %q", c.s, c.most, got, c.want)
		}
	}
}

// All texts of a result have one bound; its media stay.
func TestCutParts(t *testing.T) {
	image := provider.Media{MIME: "image/png", Data: []byte("1")}
	parts := []provider.Part{provider.Text{Text: "abc"}, image, provider.Text{Text: "def"}, provider.Text{Text: "ghi"}, image}
	if got := storable.CutParts(parts, 9); len(got) != 5 {
		t.Errorf("%v", got)
	}
	got := storable.CutParts(parts, 5)
	want := []string{"abc", "", "de\n[cut: the first 5 of 9 bytes]", ""}
	texts := make([]string, len(got))
	for i, p := range got {
		if p, ok := p.(provider.Text); ok {
			texts[i] = p.Text
		}
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%q, not %q", texts, want)
	}
}

// What a provider's own tool did is made fit to be stored, and counts.
func TestServerCall(t *testing.T) {
	odd := provider.ServerCall{ID: "a\x00", Name: "n\xff", Input: "i\x00", Output: "o\x00"}
	parts, mended := storable.Parts([]provider.Part{odd})
	got, _ := parts[0].(provider.ServerCall)
	if !mended || got.ID != "a\ufffd" || got.Name != "n\ufffd" || got.Input != "i\ufffd" || got.Output != "o\ufffd" {
		t.Errorf("%v, %+v", mended, got)
	}
	call := provider.ServerCall{Input: "12", Output: "345", State: provider.State{Owner: "o", Data: []byte("[1,2]")}}
	if text, other, err := storable.Weigh([]provider.Part{call}); text != 5 || other != 5 || err != nil {
		t.Errorf("%d, %d, %v", text, other, err)
	}
	for _, bad := range []provider.ServerCall{{Name: strings.Repeat("n", 257)}, {ID: strings.Repeat("i", 2001)}, {State: provider.State{Owner: "o", Data: []byte("{")}}} {
		if _, _, err := storable.Weigh([]provider.Part{bad}); err == nil {
			t.Errorf("%.20v is taken", bad)
		}
	}
}
