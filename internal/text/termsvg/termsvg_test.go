package termsvg

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// texts parses an SVG and returns its texts with their class and column.
func texts(t *testing.T, svg []byte) []string {
	t.Helper()
	var list []string
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			var text struct {
				X     string `xml:"x,attr"`
				Class string `xml:"class,attr"`
				Text  string `xml:",chardata"`
			}
			if err := d.DecodeElement(&text, &start); err != nil {
				t.Fatal(err)
			}
			list = append(list, text.X+" "+text.Class+" "+text.Text)
		}
	}
}

func TestSVG(t *testing.T) {
	svg, err := Picture{Title: "a <title>", Description: `"quoted" & more`, Columns: 40,
		Output: "\x1b[1m== Bold ==\x1b[0m\n\n  \x1b[33m    5 ms  \x1b[0mpay {\"a\": 1}  -> <ok>\n\x1b[2mone\x1b[0m \x1b[2mtwo\x1b[0m\n"}.SVG()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"188 title a <title>", // in the middle
		"20 bold == Bold ==",
		"70.4 yellow 5 ms", "120.8  pay {\"a\": 1}", "238.4  -> <ok>",
		"20 dim one two",
	}
	if got := texts(t, svg); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	text := string(svg)
	for _, part := range []string{"<title id=\"title\">a &lt;title&gt;</title>", "<desc id=\"desc\">&#34;quoted&#34; &amp; more</desc>", "prefers-color-scheme: dark"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	for _, part := range []string{"<script", "href", "url(", "@import", "@font-face"} {
		if strings.Contains(text, part) {
			t.Errorf("%s in\n%s", part, text)
		}
	}
	for class := range styles {
		if !strings.Contains(style, "."+styles[class]+" {") {
			t.Errorf("the style sheet has no class %s", styles[class])
		}
	}
}

func TestSVGRefuses(t *testing.T) {
	for output, want := range map[string]string{
		"\u009b31mred":          `termsvg: line 1 has the control character '\u009b'`,
		"ok\na tab\t":           `termsvg: line 2 has the control character '\t'`,
		"\x1b[38;5;1mred":       `termsvg: line 1 has the escape sequence "\x1b[38;5;1mred"`,
		"\x1b[2J":               `termsvg: line 1 has the escape sequence "\x1b[2J"`,
		"\x1b]0;title\x07":      `termsvg: line 1 has the control character '\x1b'`,
		"12345678901":           "termsvg: line 1 has more than 10 columns",
		"\n  \x1b[1m1234567890": "termsvg: line 2 has more than 10 columns",
	} {
		if svg, err := (Picture{Columns: 10, Output: output}).SVG(); err == nil || !strings.HasPrefix(err.Error(), want) || svg != nil {
			t.Errorf("%q: %v, want %s", output, err, want)
		}
	}
}
