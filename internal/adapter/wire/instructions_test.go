package wire

import (
	"testing"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// TestInstructionsAreDivided has lengths of the shared part that fit the text, and others.
func TestInstructionsAreDivided(t *testing.T) {
	said := func(texts ...string) (messages []*provider.Message) {
		for _, text := range texts {
			messages = append(messages, &provider.Message{Role: provider.RoleSystem, Parts: []provider.Part{provider.Text{Text: text}}})
		}
		return append(messages, provider.User("Hi"))
	}
	for name, c := range map[string]struct {
		system   string
		prefix   int
		messages []*provider.Message
		want     Instructions
		block    string
	}{
		"none":                     {"", 0, said(), Instructions{}, ""},
		"all are shared":           {"ab", 0, said(), Instructions{"ab", ""}, ""},
		"the whole length":         {"ab", 2, said(), Instructions{"ab", ""}, ""},
		"two parts":                {"ab\n\ncd", 2, said(), Instructions{"ab", "\n\ncd"}, "cd"},
		"no separator":             {"abcd", 2, said(), Instructions{"ab", "cd"}, "cd"},
		"nothing is shared":        {"cd", -1, said(), Instructions{"", "cd"}, "cd"},
		"too long":                 {"ab", 3, said(), Instructions{"ab", ""}, ""},
		"too long, without a text": {"", 7, said(), Instructions{}, ""},
		"within a character":       {"aé", 2, said(), Instructions{"aé", ""}, ""},
		"behind a character":       {"aéb", 3, said(), Instructions{"aé", "b"}, "b"},
		"behind half a character":  {"a\xc3b", 2, said(), Instructions{"a\xc3", "b"}, "b"},
		"shared white space":       {" \n\n\ncd", 2, said(), Instructions{"", " \n\n\ncd"}, " \n\n\ncd"},
		"own white space":          {"ab\n\n \t", 2, said(), Instructions{"ab", "\n\n \t"}, ""},
		"only white space":         {" \n", 0, said(), Instructions{"", " \n"}, ""},
		"a message":                {"ab", 0, said("cd"), Instructions{"ab", "\n\ncd"}, "cd"},
		"messages behind two":      {"ab\n\ncd", 2, said("ef", "", "gh"), Instructions{"ab", "\n\ncd\n\nef\n\ngh"}, "cd\n\nef\n\ngh"},
		"only messages":            {"", 0, said("", "cd", "ef"), Instructions{"", "cd\n\nef"}, "cd\n\nef"},
	} {
		got, messages, err := conversation(&provider.Request{System: c.system, SystemPrefix: c.prefix, Messages: c.messages})
		if err != nil || got != c.want || got.Block() != c.block || len(messages) != 1 {
			t.Errorf("%s: got %q and the block %q, want %q and %q; %d messages, %v", name, got, got.Block(), c.want, c.block, len(messages), err)
		}
		whole := jsontree.AppendString(nil, got.Shared+got.Own)
		if parts := append(AppendOpen(nil, got.Shared), Rest(got.Own)...); string(parts) != string(whole) {
			t.Errorf("%s: in two parts %s, in one %s", name, parts, whole)
		}
	}
}

// TestHeadIsShared alternates between conversations that share the first part of their
// instructions: it is encoded once.
func TestHeadIsShared(t *testing.T) {
	var h Head
	made := 0
	encode := func(shared string) []byte { made++; return []byte(shared) }
	for i, own := range []string{"x", "y", "", "x"} {
		system := instructionsOf(&provider.Request{System: "ab" + own, SystemPrefix: 2})
		if got := h.Bytes(system.Shared, encode); string(got) != "ab" || made != 1 {
			t.Errorf("conversation %d: %q, encoded %d times", i, got, made)
		}
	}
	if got := h.Bytes("c", encode); string(got) != "c" || made != 2 {
		t.Errorf("another agent: %q, encoded %d times", got, made)
	}
}

// TestPartsAreTheWhole divides a text at every byte: in two parts, it is encoded as in one.
func TestPartsAreTheWhole(t *testing.T) {
	const text = "plain text \"\\\n\x00\u2028</é日😀\xff\xc3\xe2\x82z\xf0\x9f"
	whole := string(jsontree.AppendString(nil, text))
	for n := range len(text) + 3 {
		s := instructionsOf(&provider.Request{System: text, SystemPrefix: n - 1})
		if got := string(append(AppendOpen(nil, s.Shared), Rest(s.Own)...)); s.Shared+s.Own != text || got != whole {
			t.Errorf("divided at %d into %q and %q: %s, want %s", n-1, s.Shared, s.Own, got, whole)
		}
	}
}
