package adaptertest

import (
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestCheckDeltas has deltas that make a response, and ones that do not.
func TestCheckDeltas(t *testing.T) {
	begins := func(n int, id, name string) provider.Delta {
		return provider.Delta{Kind: provider.DeltaCallStart, Call: n, ID: id, Name: name}
	}
	args := func(n int, text string) provider.Delta {
		return provider.Delta{Kind: provider.DeltaArgs, Call: n, Text: text}
	}
	ends := func(n int, id, name, text string) provider.Delta {
		return provider.Delta{Kind: provider.DeltaCallEnd, Call: n, ID: id, Name: name, Text: text}
	}
	text := func(s string) provider.Delta { return provider.Delta{Kind: provider.DeltaText, Text: s} }
	thought := func(s string) provider.Delta { return provider.Delta{Kind: provider.DeltaReasoning, Text: s} }
	resp := &provider.Response{Message: provider.Assistant(
		provider.Reasoning{Text: "Hm"}, provider.Text{Text: "hi"},
		provider.ToolCall{ID: "a", Name: "f", Args: "{}"}, provider.ToolCall{ID: "b", Name: "g", Args: "{}"})}
	before := []provider.Delta{thought("H"), thought("m"), text("hi")}
	whole := []provider.Delta{begins(0, "a", "f"), args(0, "{}"), ends(0, "a", "f", "{}"), begins(1, "b", "g"), args(1, "{}")}
	for name, c := range map[string]struct {
		before, calls []provider.Delta
		want          bool
	}{
		"all":                           {before, whole, true},
		"ids and names that come later": {before, []provider.Delta{begins(0, "", ""), args(0, "{}"), begins(1, "", ""), args(1, "{}")}, true},
		"another order":                 {before, []provider.Delta{begins(0, "b", "g"), args(0, "{}"), begins(1, "a", "f"), args(1, "{}")}, true},
		"a call that says nothing":      {before, append(whole, begins(2, "c", "")), true},
		"begun anew":                    {append([]provider.Delta{thought("Oh"), begins(0, "x", "f")}, before...), whole, true},
		"no reasoning":                  {before[2:], whole, false},
		"other reasoning":               {append([]provider.Delta{text("hi")}, thought("Ho")), whole, false},
		"other text":                    {append([]provider.Delta{text("h")}, before...), whole, false},
		"another id":                    {before, append([]provider.Delta{begins(0, "x", "f")}, whole[1:]...), false},
		"another name":                  {before, append([]provider.Delta{begins(0, "a", "x")}, whole[1:]...), false},
		"other arguments":               {before, append(whole, args(1, "x")), false},
		"a call less":                   {before, whole[:3], false},
		"a call more":                   {before, append(whole, begins(2, "c", "f")), false},
		"arguments of a call to come":   {before, append(whole, args(2, "x")), false},
		"arguments behind the end":      {before, append(whole, args(0, "")), false},
		"an end of other arguments":     {before, append(whole, ends(1, "b", "g", "")), false},
		"an end of an unknown call":     {before, append(whole, ends(1, "b", "g", "{}"), ends(2, "", "", "")), false},
		"an end out of order":           {before, append([]provider.Delta{begins(0, "a", "f"), args(0, "{}"), begins(1, "b", "g"), args(1, "{}")}, ends(1, "b", "g", "{}")), false},
	} {
		f := &failures{TB: t}
		CheckDeltas(f, resp, append(append([]provider.Delta(nil), c.before...), c.calls...))
		if ok := f.n == 0; ok != c.want {
			t.Errorf("%s: passes %v, want %v", name, ok, c.want)
		}
	}
	f := &failures{TB: t}
	CheckDeltas(f, &provider.Response{Message: provider.Assistant()}, []provider.Delta{ends(0, "", "", "")})
	if f.n == 0 {
		t.Error("an end passes in an answer without calls")
	}
}
