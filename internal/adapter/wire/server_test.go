package wire

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestTold has texts that are short, long and missing.
func TestTold(t *testing.T) {
	long := strings.Repeat("é", maxTold)
	for _, c := range []struct {
		call provider.ServerCall
		want string
	}{
		{provider.ServerCall{Name: "web_search"}, ""},
		{provider.ServerCall{Name: "web_search", Input: "rain"}, "[web_search ran at the model's provider]\ninput: rain\n"},
		{provider.ServerCall{Name: "web_search", Output: "wet"}, "[web_search ran at the model's provider]\noutput: wet\n"},
		{provider.ServerCall{Name: "f", Input: "a", Output: "no", IsError: true}, "[f ran at the model's provider]\ninput: a\nerror: no\n"},
		{provider.ServerCall{Name: "f", Output: long}, "[f ran at the model's provider]\noutput: " + long[:maxTold] + "\n[cut: the first 4096 of 8192 bytes]\n"},
		{provider.ServerCall{Name: "f", Output: "a" + long}, "[f ran at the model's provider]\noutput: a" + long[:maxTold-2] + "\n[cut: the first 4095 of 8193 bytes]\n"},
	} {
		if got := Told(c.call); got != c.want {
			t.Errorf("%.80q, want %.80q", got, c.want)
		}
	}
}

// TestLinesAreBounded adds far more than is kept.
func TestLinesAreBounded(t *testing.T) {
	var lines Lines
	lines.Add(nil, nil)
	lines.Source([]byte("A"), []byte("https://a"))
	lines.Source(nil, []byte("https://b"))
	lines.Add([]byte("c\n"))
	if got := lines.String(); got != "A: https://a\nhttps://b\nc" {
		t.Errorf("%q", got)
	}
	for range 10 * MaxServerText {
		lines.Add([]byte("line"))
	}
	if got := lines.String(); len(got) > MaxServerText+100 || !strings.Contains(got, "[cut: ") || len(lines.text) > 2*MaxServerText {
		t.Errorf("%d bytes, %d are kept", len(got), len(lines.text))
	}
}

// TestServerCalls has parts of calls in each order.
func TestServerCalls(t *testing.T) {
	var calls ServerCalls
	var sent []provider.Delta
	add := func(c provider.ServerCall, done bool) string {
		return calls.Add(c, done, func(d provider.Delta) { sent = append(sent, d) }).ID
	}
	add(provider.ServerCall{ID: "a", Name: "f"}, false)
	add(provider.ServerCall{ID: "b", Name: "g", Output: "2"}, true)
	add(provider.ServerCall{ID: "a", Name: "f", Input: "i"}, false)
	add(provider.ServerCall{Name: "nameless"}, true)
	add(provider.ServerCall{ID: "a", Output: "1"}, true)
	if id := add(provider.ServerCall{ID: "a", Output: "again"}, true); id != "" {
		t.Errorf("the ID %q comes again", id)
	}
	want := []provider.Delta{
		{Kind: provider.DeltaServerStart, ID: "a", Name: "f", Server: &provider.ServerCall{ID: "a", Name: "f"}},
		{Kind: provider.DeltaServerStart, ID: "b", Name: "g", Server: &provider.ServerCall{ID: "b", Name: "g", Output: "2"}},
		{Kind: provider.DeltaServerEnd, ID: "b", Name: "g", Server: &provider.ServerCall{ID: "b", Name: "g", Output: "2"}},
		{Kind: provider.DeltaServerEnd, ID: "a", Name: "f", Server: &provider.ServerCall{ID: "a", Name: "f", Input: "i", Output: "1"}},
	}
	for i, d := range sent {
		if i >= len(want) || d.Kind != want[i].Kind || d.ID != want[i].ID || d.Name != want[i].Name || d.Server.Input != want[i].Server.Input || d.Server.Output != want[i].Server.Output {
			t.Errorf("delta %d is %+v, %+v", i, d, d.Server)
		}
	}
	if len(sent) != len(want) {
		t.Errorf("%d deltas", len(sent))
	}
}
