package wiretool

import (
	"regexp"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// The patterns are those of the APIs' own error messages.
var patterns = map[*API]struct{ tools, properties *regexp.Regexp }{
	OpenAI:    {regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`), nil},
	Anthropic: {regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`), regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)},
	Gemini:    {regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$`), regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]{0,63}$`)},
}

func TestName(t *testing.T) {
	long := strings.Repeat("long_", 20)
	for _, c := range []struct{ name, openAI, anthropic, gemini string }{
		{"get_order", "get_order", "get_order", "get_order"},
		{"get-order", "get-order", "get-order", "get-order"},
		{"21st_magic", "21st_magic", "21st_magic", "_21st_magic_ei4jlzhq"},
		{"files.read", "files_read_mape5nqi", "files_read_mape5nqi", "files.read"},
		{"files/read", "files_read_fnztczhb", "files_read_fnztczhb", "files_read_fnztczhb"},
		{"files_read", "files_read", "files_read", "files_read"},
		{"größe", "gr__e_2nj2ezy3", "gr__e_2nj2ezy3", "gr__e_2nj2ezy3"},
		{"東京", "_cmabnmsz", "_cmabnmsz", "_cmabnmsz"},
		{" ", "_g2u6p4oj", "_g2u6p4oj", "_g2u6p4oj"},
		{"", "_4oymiquy", "_4oymiquy", "_4oymiquy"},
		{long, long[:54] + "_epqyywdy", long[:54] + "_epqyywdy", long[:54] + "_epqyywdy"},
	} {
		for api, want := range map[*API]string{OpenAI: c.openAI, Anthropic: c.anthropic, Gemini: c.gemini} {
			if got := api.Name(c.name); got != want {
				t.Errorf("%s: %q is %q, want %q", api.key, c.name, got, want)
			}
		}
	}
}

// FuzzName has arbitrary names: the name on the wire is always accepted.
func FuzzName(f *testing.F) {
	for _, name := range []string{"", "a", "$top", "ids[]", "größe", "a\x00\xff", "-x", ".", "..", strings.Repeat("x", 64), strings.Repeat("é", 65)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for api, takes := range patterns {
			check := func(r *Rule, takes *regexp.Regexp) {
				sent := r.Name(name)
				switch {
				case !takes.MatchString(sent) || !r.Takes(sent):
					t.Errorf("%s: %q is sent as %q", api.key, name, sent)
				case r.Name(name) != sent || r.Name(sent) != sent:
					t.Errorf("%s: %q is not always %q", api.key, name, sent)
				case takes.MatchString(name) != (sent == name):
					t.Errorf("%s: %q is sent as %q", api.key, name, sent)
				}
			}
			check(&api.tools, takes.tools)
			if takes.properties != nil {
				check(api.properties, takes.properties)
			}
		}
	})
}

func TestToolTellsItsOriginalName(t *testing.T) {
	const schema = `{"type":"object","properties":{"a":{"type":"string"}}}`
	plain := &provider.Tool{Name: "read", Description: "Reads.", Schema: []byte(schema)}
	if sent, err := OpenAI.Tool(plain); err != nil || sent != plain {
		t.Errorf("%v, %v; want the tool itself", sent, err)
	}
	odd := &provider.Tool{Name: "files/read", Description: "Reads.", Schema: []byte(schema)}
	sent, err := OpenAI.Tool(odd)
	if err != nil || sent.Name != "files_read_fnztczhb" || sent.Description != `Reads. (its own name is "files/read")` || string(sent.Schema) != schema {
		t.Errorf("%+v, %v", sent, err)
	}
}
