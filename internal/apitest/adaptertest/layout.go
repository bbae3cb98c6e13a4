package adaptertest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync/atomic"
)

// A Layout is a way to lay out JSON: the white space between its tokens. APIs
// use all of them, and an answer says the same in each.
type Layout int

const (
	Compact Layout = iota // no white space
	Pretty                // indented, a member a line
	Spaced                // white space wherever JSON allows it
)

// Layouts are all layouts.
var Layouts = []Layout{Compact, Pretty, Spaced}

func (l Layout) String() string { return [...]string{"compact", "pretty", "spaced"}[l] }

// Document lays out a JSON text. A text that is no JSON stays as it is.
func (l Layout) Document(text string) string {
	var b bytes.Buffer
	switch l {
	case Compact:
		if json.Compact(&b, []byte(text)) != nil {
			return text
		}
	case Pretty:
		if json.Indent(&b, []byte(text), "", "  ") != nil {
			return text
		}
	case Spaced:
		if !json.Valid([]byte(text)) {
			return text
		}
		writeSpaced(&b, text)
	}
	return b.String()
}

// Events lays out the data of each event of a stream. A line break within the
// data begins another data line, as the format of server-sent events has it.
func (l Layout) Events(stream string) string {
	var b strings.Builder
	for line := range strings.Lines(stream) {
		data, isData := strings.CutPrefix(line, "data:")
		if !isData {
			b.WriteString(line)
			continue
		}
		end := line[len(strings.TrimRight(line, "\r\n")):]
		text := strings.TrimSuffix(strings.TrimPrefix(data, " "), end)
		for piece := range strings.SplitSeq(l.Document(text), "\n") {
			b.WriteString("data: " + piece + end)
		}
	}
	return b.String()
}

// Body lays out a reply of a content type.
func (l Layout) Body(contentType, body string) string {
	if strings.HasPrefix(contentType, "text/event-stream") {
		return l.Events(body)
	}
	return l.Document(body)
}

// inTurn returns a function that returns the reply in the next layout each time.
func inTurn(contentType, body string) func() string {
	var laidOut []string
	for _, l := range Layouts {
		laidOut = append(laidOut, l.Body(contentType, body))
	}
	var n atomic.Int64
	return func() string { return laidOut[int(n.Add(1)-1)%len(laidOut)] }
}

// writeSpaced writes valid JSON with white space around each token.
func writeSpaced(b *bytes.Buffer, text string) {
	const space = " \t\n "
	inString, inToken := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString:
			b.WriteByte(c)
			switch c {
			case '\\':
				i++
				b.WriteByte(text[i])
			case '"':
				inString = false
				b.WriteString(space)
			}
		case strings.IndexByte(" \t\r\n", c) >= 0:
		case strings.IndexByte("{}[]:,", c) >= 0:
			if inToken {
				b.WriteString(space)
			}
			b.WriteByte(c)
			b.WriteString(space)
			inToken = false
		default:
			b.WriteByte(c)
			inString = c == '"'
			inToken = !inString
		}
	}
}
