package golden

import (
	"regexp"
	"strconv"
	"strings"
)

// A part is a file in a txtar archive.
type part struct {
	name string
	data string // ends with a line end, unless it is empty
	line int    // of the archive: where data begins
}

// marker is the line ahead of a part: "-- name --", with a name that is not blank.
var marker = regexp.MustCompile(`(?m)^-- (.*[^\s\v\x{85}\pZ].*) --$`)

// parseArchive reads the txtar format: a comment, then parts. A part is a marker
// and the lines up to the next marker. Every text is an archive.
func parseArchive(text string) (comment string, parts []part) {
	markers := marker.FindAllStringSubmatchIndex(text, -1)
	at, line := 0, 1
	for i, m := range markers {
		end := len(text)
		if i+1 < len(markers) {
			end = markers[i+1][0]
		}
		line += 1 + strings.Count(text[at:m[1]], "\n")
		at = min(m[1]+1, len(text))
		parts = append(parts, part{strings.TrimSpace(text[m[2]:m[3]]), endLine(text[at:end]), line})
	}
	if len(markers) > 0 {
		text = text[:markers[0][0]]
	}
	return endLine(text), parts
}

// formatArchive writes an archive. If a line of a part is a marker, a reader ends the part
// there.
func formatArchive(comment string, parts []part) string {
	var b strings.Builder
	b.WriteString(endLine(comment))
	for _, p := range parts {
		b.WriteString("-- " + p.name + " --\n" + endLine(p.data))
	}
	return b.String()
}

// endLine returns s with a line end, or "" if s is empty.
func endLine(s string) string {
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}

// plainLines returns the lines of a text for a file. A line that an editor, a diff or a reader
// of the file would change or misread is quoted.
func plainLines(s string) []string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if !isPlain(line) {
			lines[i] = strconv.Quote(line)
		}
	}
	return lines
}

// conflict matches the merge markers of git.
var conflict = regexp.MustCompile(`^(<<<<<<<|=======|>>>>>>>)( |$)`)

func isPlain(line string) bool {
	return !strings.HasPrefix(line, `"`) && strings.TrimRight(line, " \t") == line &&
		!marker.MatchString(line) && !conflict.MatchString(line) && isPrintable(line)
}

func isPrintable(s string) bool {
	for i, r := range s {
		// An invalid byte reads as U+FFFD, which is printable.
		if r != '\t' && !strconv.IsPrint(r) || r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false
		}
	}
	return true
}

// word returns s as one word of a line, quoted if necessary.
func word(s string) string {
	if s == "" || !isPlain(s) {
		return strconv.Quote(s)
	}
	return s
}
