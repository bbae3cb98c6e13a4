package providertest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

func TestStreamIsCut(t *testing.T) {
	turn := providertest.Call("f", `{"city": "Zürich 👍🏽"}`).WithText("one  two\nthree").WithReasoning("hm hm")
	for name, c := range map[string]struct {
		cut  providertest.Cut
		want []string
	}{
		"words":   {providertest.CutWords, []string{"hm ", "hm", "one  ", "two\n", "three", "call f", `{"city": `, `"Zürich `, `👍🏽"}`, "end f"}},
		"whole":   {providertest.CutWhole, []string{"hm hm", "one  two\nthree", "call f", `{"city": "Zürich 👍🏽"}`, "end f"}},
		"runes":   {providertest.CutRunes(6), []string{"hm hm", "one  t", "wo\nthr", "ee", "call f", `{"city`, `": "Zü`, `rich 👍`, `🏽"}`, "end f"}},
		"no rune": {providertest.CutRunes(0), nil},
		"stuck":   {func(string) int { return -1 }, nil},
		"greedy":  {func(string) int { return 1 << 40 }, []string{"hm hm", "one  two\nthree", "call f", `{"city": "Zürich 👍🏽"}`, "end f"}},
		"random":  {providertest.CutRandom(1), nil},
		"random2": {providertest.CutRandom(2), nil},
	} {
		t.Run(name, func(t *testing.T) {
			deltas, resp, err := stream(t.Context(), providertest.NewScript(t, turn).Cut(c.cut))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			sums := make(map[provider.DeltaKind]string)
			for _, d := range deltas {
				if d.Kind == provider.DeltaCallStart {
					got = append(got, "call "+d.Name)
					continue
				}
				if d.Kind == provider.DeltaCallEnd {
					got = append(got, "end "+d.Name)
					continue
				}
				if d.Text == "" || strings.ToValidUTF8(d.Text, "") != d.Text {
					t.Errorf("a piece is empty or ends within a character: %q", d.Text)
				}
				got = append(got, d.Text)
				sums[d.Kind] += d.Text
			}
			if c.want != nil && !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
			want := map[provider.DeltaKind]string{
				provider.DeltaReasoning: "hm hm", provider.DeltaText: "one  two\nthree", provider.DeltaArgs: `{"city": "Zürich 👍🏽"}`,
			}
			if d := diff(want, sums); d != "" {
				t.Errorf("the pieces do not add up (-want +got):\n%s", d)
			}
			if resp.Message.Text() != "one  two\nthree" {
				t.Errorf("the whole answer is %q", resp.Message.Text())
			}
		})
	}
}

func TestRandomRepeats(t *testing.T) {
	turn := providertest.Say(strings.Repeat("some words to cut ", 20))
	pieces := func(seed uint64) []provider.Delta {
		return slices.Collect(providertest.Deltas(turn.Response, providertest.CutRandom(seed)))
	}
	if d := diff(pieces(3), pieces(3)); d != "" {
		t.Errorf("the same seed cut differently:\n%s", d)
	}
	if diff(pieces(3), pieces(4)) == "" {
		t.Error("two seeds cut alike")
	}
}

func FuzzDeltas(f *testing.F) {
	f.Add("Zürich 👍🏽 \xff\xc3", `{"a":"\ud83d"}`, uint64(1), 3)
	f.Add("", "", uint64(0), -1)
	f.Fuzz(func(t *testing.T, text, args string, seed uint64, n int) {
		turn := providertest.Call("f", args).WithText(text)
		for _, cut := range []providertest.Cut{providertest.CutWords, providertest.CutWhole, providertest.CutRunes(n), providertest.CutRandom(seed), func(string) int { return n }} {
			var gotText, gotArgs strings.Builder
			for d := range providertest.Deltas(turn.Response, cut) {
				switch d.Kind {
				case provider.DeltaText:
					gotText.WriteString(d.Text)
				case provider.DeltaArgs:
					gotArgs.WriteString(d.Text)
				case provider.DeltaCallEnd:
					if d.Text != args {
						t.Fatalf("the call ends as %q", d.Text)
					}
					continue
				}
				if d.Kind != provider.DeltaCallStart && d.Text == "" {
					t.Fatal("an empty piece")
				}
			}
			if gotText.String() != text || gotArgs.String() != args {
				t.Fatalf("the pieces add up to %q and %q", gotText.String(), gotArgs.String())
			}
		}
	})
}

func TestDeltasEndCalls(t *testing.T) {
	two := providertest.Calls(
		provider.ToolCall{ID: "c1", Name: "f", Args: "{}"},
		provider.ToolCall{ID: "c2", Name: "g", Args: `{"a`},
	)
	for _, c := range []struct {
		finish provider.FinishReason
		want   []string
	}{
		{provider.FinishToolCalls, []string{"c1 f {}", `c2 g {"a`}},
		{provider.FinishLength, []string{"c1 f {}"}}, // the model was in the middle of the other
	} {
		var got []string
		for d := range providertest.Deltas(two.WithFinish(c.finish).Response, providertest.CutWords) {
			if d.Kind == provider.DeltaCallEnd {
				got = append(got, d.ID+" "+d.Name+" "+d.Text)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("finished with %s: got %q, want %q", c.finish, got, c.want)
		}
	}
}

func TestDeltasOfNothing(t *testing.T) {
	for _, r := range []*provider.Response{nil, {}} {
		for d := range providertest.Deltas(r, providertest.CutWords) {
			t.Errorf("got %+v", d)
		}
	}
	for range providertest.Deltas(providertest.Call("f", "a b").Response, providertest.CutWords) {
		break // must not be called again
	}
}
