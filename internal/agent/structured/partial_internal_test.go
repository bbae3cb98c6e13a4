package structured

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/internal/testkit/effort"
	"github.com/funcall/funcall/provider"
)

// An answer that arrives in tiny pieces is read a number of times that grows with the
// logarithm of its length, whether something is found in it or not.
func TestAnAnswerIsReadInLinearTime(t *testing.T) {
	effort.Cost(t)
	const size = 1 << 20
	for _, piece := range []string{"[", "ab\\n", "0,", "` "} {
		for _, start := range []string{"", `{"note":"`, "<think>"} {
			read, times := 0, 0
			p := &partial{complete: func(text string) string {
				if read, times = read+len(text), times+1; read > 40*size {
					t.Fatalf("%q and many %q: %d bytes were read in %d turns", start, piece, read, times)
				}
				return new(Form).begun(text)
			}}
			p.add(provider.Delta{Kind: provider.DeltaText, Text: start})
			for n := 0; n < size; n += len(piece) {
				p.add(provider.Delta{Kind: provider.DeltaText, Text: piece})
			}
			if times < 500 {
				t.Errorf("%q and many %q: read %d times", start, piece, times)
			}
		}
	}
}

// Only the text of a response without calls is an answer, or the arguments of the first call
// of that name, from its last beginning.
func TestWhichDeltasAreTheAnswer(t *testing.T) {
	text := func(s string) provider.Delta { return provider.Delta{Kind: provider.DeltaText, Text: s} }
	start := func(call int, name string) provider.Delta {
		return provider.Delta{Kind: provider.DeltaCallStart, Call: call, Name: name}
	}
	args := func(call int, s string) provider.Delta {
		return provider.Delta{Kind: provider.DeltaArgs, Call: call, Text: s}
	}
	described, err := arguments.Reflect[struct {
		A []int `json:"a"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	form := New(described, &provider.OutputSchema{Name: name, Schema: described.Schema.JSON()})
	for _, c := range []struct {
		deltas []provider.Delta
		want   string
	}{
		{[]provider.Delta{text(`{"a":`), text(``), text(`[1,`)}, `{} {"a":[1]}`},
		{[]provider.Delta{text(`{"a":`), text(` `), text(`[1`), text(`2,`), text(`3`), text(`4`)}, `{} {"a": []} {"a": [12]}`},
		{[]provider.Delta{text(`null`), text(` `)}, ``},
		{[]provider.Delta{text(`{"a":`), start(0, "look"), args(0, `{"b":1}`), text(`[`)}, `{}`},
		{[]provider.Delta{start(0, name), args(0, `{"a":`), text(`[1]`), args(0, `[2,`)}, `{} {"a":[2]}`},
		{[]provider.Delta{text(`[`), start(0, name), args(0, `{`)}, `[] {}`},
		{[]provider.Delta{start(0, "look"), start(1, name), args(0, `{"b":`), args(1, `{"a":[`), args(0, `1}`)}, `{"a":[]}`},
		{[]provider.Delta{start(0, name), start(1, name), args(1, `{"b":`), args(0, `{"a":[`)}, `{"a":[]}`},
		{[]provider.Delta{start(0, name), args(0, `{"a":[`), start(0, name), args(0, `{"a":[1,`)}, `{"a":[]} {"a":[1]}`}, // the response began again
		{[]provider.Delta{start(0, name), args(0, `{"a":[`), start(0, "look"), args(0, `{"b":[1,`), start(1, name), args(1, `{"a":[2,`)}, `{"a":[]} {"a":[2]}`},
		{[]provider.Delta{args(0, `{`), args(-1, `{`), {Kind: provider.DeltaReasoning, Text: `{`}}, ``},
	} {
		var shown []string
		follow := form.Follow(func(doc string) { shown = append(shown, doc) })
		for _, d := range c.deltas {
			follow(d)
		}
		if got := strings.Join(shown, " "); got != c.want {
			t.Errorf("%v: %s, not %s", c.deltas, got, c.want)
		}
	}
}
