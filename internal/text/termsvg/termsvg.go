// Package termsvg draws the output of a program as a picture of a terminal: an SVG without
// scripts and without fonts of its own, light or dark as the viewer prefers.
package termsvg

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"fmt"
	"strings"
)

// A Picture is a terminal window to be drawn.
type Picture struct {
	// Title is in the window's bar; Description tells the content to those who cannot see it.
	Title, Description string
	// Columns is the width of the screen.
	Columns int
	// Output is what the program wrote, with escape sequences for colors. Each character takes
	// one column.
	Output string
}

// Sizes in pixels.
const (
	advance    = 8.4 // the width of a column: 0.6 of the size of the font, as most fonts have it
	lineHeight = 18
	margin     = 20
	bar        = 38
)

//go:embed style.css
var style string

// SVG returns the picture. It returns an error if the output has control characters other than
// line breaks and the colors in use, or a line of more than p.Columns.
func (p Picture) SVG() ([]byte, error) {
	lines, err := parse(p.Output)
	if err != nil {
		return nil, err
	}
	width := int(float64(p.Columns)*advance) + 2*margin
	height := bar + len(lines)*lineHeight + 2*margin - 8
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title desc">`+"\n", width, height)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", escape(p.Title), escape(p.Description))
	fmt.Fprintf(&b, "<style>\n%s</style>\n", style)
	fmt.Fprintf(&b, `<rect class="screen" x="0.5" y="0.5" width="%d" height="%d" rx="9"/>`+"\n", width-1, height-1)
	fmt.Fprintf(&b, `<path class="bar" d="M1 %dV9.5a8.5 8.5 0 0 1 8.5-8.5h%da8.5 8.5 0 0 1 8.5 8.5V%[1]dz"/>`+"\n", bar, width-19)
	for i := range 3 {
		fmt.Fprintf(&b, `<circle class="button" cx="%d" cy="%d" r="6"/>`+"\n", margin+6+20*i, bar/2)
	}
	fmt.Fprintf(&b, `<text class="title" x="%d" y="%d">%s</text>`+"\n", width/2, bar/2+5, escape(p.Title))
	for i, line := range lines {
		y := bar + margin + i*lineHeight + 10
		for _, r := range line {
			if r.column+r.columns > p.Columns {
				return nil, fmt.Errorf("termsvg: line %d has more than %d columns: %q", i+1, p.Columns, r.text)
			}
			fmt.Fprintf(&b, `<text x="%.5g" y="%d" textLength="%.5g"`, margin+float64(r.column)*advance, y, float64(r.columns)*advance)
			if r.style != "" {
				fmt.Fprintf(&b, ` class="%s"`, r.style)
			}
			fmt.Fprintf(&b, ">%s</text>\n", escape(r.text))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes(), nil
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
