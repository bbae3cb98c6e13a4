package golden

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArchives(t *testing.T) {
	for _, tt := range []struct {
		text, comment string
		parts         []part
	}{
		{"", "", nil},
		{"only a comment", "only a comment\n", nil},
		{"c\n-- a --\n1\n2\n-- b/c d --\n", "c\n", []part{{"a", "1\n2\n", 3}, {"b/c d", "", 6}}},
		{"-- a --", "", []part{{"a", "", 2}}},
		{"-- a --\n\n\nno end", "", []part{{"a", "\n\nno end\n", 2}}},
		{"--  a  --\n-- a --\nx", "", []part{{"a", "", 2}, {"a", "x\n", 3}}},
		{"-- -- --\n", "", []part{{"--", "", 2}}},
		{"-- --\n--  --\n--   --\n--a--\n -- a --\n-- a -- \n-- \u00a0 --\n", "-- --\n--  --\n--   --\n--a--\n -- a --\n-- a -- \n-- \u00a0 --\n", nil},
	} {
		comment, parts := parseArchive(tt.text)
		if comment != tt.comment {
			t.Errorf("%q: the comment is %q, not %q", tt.text, comment, tt.comment)
		}
		if diff := cmp.Diff(tt.parts, parts, cmp.AllowUnexported(part{})); diff != "" {
			t.Errorf("%q: parts (-want +got):\n%s", tt.text, diff)
		}
	}
}

// Every text is an archive, each of its lines is in one part, and a written archive is read
// back unchanged.
func FuzzArchive(f *testing.F) {
	for _, seed := range []string{"", "c\n-- a --\n1\n-- b --\n", "-- a --", "-- --\n--  --", "\n-- a\u2003 --\r\nx", "-- \xff --\n\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		comment, parts := parseArchive(text)
		lines := strings.Split(text, "\n")
		for _, p := range parts {
			if p.name == "" || p.name != strings.TrimSpace(p.name) {
				t.Fatalf("a part is named %q", p.name)
			}
			if at := lines[p.line-2]; !strings.HasPrefix(at, "-- ") || !strings.HasSuffix(at, " --") || !strings.Contains(at, p.name) {
				t.Fatalf("ahead of line %d, where part %q is said to begin, is %q", p.line, p.name, at)
			}
			for i, line := range strings.Split(strings.TrimSuffix(p.data, "\n"), "\n") {
				if p.data != "" && lines[p.line-1+i] != line {
					t.Fatalf("line %d of part %q is %q, and line %d of the archive %q", i, p.name, line, p.line+i, lines[p.line-1+i])
				}
			}
		}
		written := formatArchive(comment, parts)
		comment2, parts2 := parseArchive(written)
		if diff := cmp.Diff(parts, parts2, cmp.AllowUnexported(part{})); comment != comment2 || diff != "" {
			t.Fatalf("comment %q, then %q; parts (-read +read again):\n%s", comment, comment2, diff)
		}
	})
}

// Lines that an editor, a diff or a reader would change are quoted, and different texts have
// different lines.
func TestPlainLines(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"plain: \"as\" it is":   "plain: \"as\" it is",
		"  two\n\n\tlines":      "  two\n\n\tlines",
		"line end\n":            "line end\n",
		"ends with a space ":    `"ends with a space "`,
		`"quoted"`:              `"\"quoted\""`,
		"-- a --\nb":            "\"-- a --\"\nb",
		"=======\n=========":    "\"=======\"\n=========",
		"carriage\r\nreturn":    `"carriage\r"` + "\nreturn",
		"bad \xff":              `"bad \xff"`,
		"null\x00, bad \xff":    `"null\x00, bad \xff"`,
		"right to left \u202e!": `"right to left \u202e!"`,
		"日本語 é 🙂 \uFFFD":        "日本語 é 🙂 \uFFFD",
	} {
		if got := strings.Join(plainLines(text), "\n"); got != want {
			t.Errorf("%q is written as\n%s\nwant\n%s", text, got, want)
		}
	}
}
