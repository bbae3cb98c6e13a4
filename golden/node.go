package golden

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// firstLine begins every golden file. A change that an older reader would
// misread raises the number.
const (
	magic     = "funcall golden "
	version   = "1"
	firstLine = magic + version
)

// A node is a piece of a golden file: words, and then either a value or the
// nodes that stand below it, further to the right.
//
//	end done <time>
//	  why: steps
type node struct {
	key   string
	args  []string
	leaf  bool
	value string  // of a leaf
	kids  []*node // of any other
	line  int     // where it stands in its file; 0 where it was not read from one
}

func leaf(key, value string, args ...string) *node {
	return &node{key: key, args: args, leaf: true, value: value}
}

func branch(key string, args ...string) *node { return &node{key: key, args: args} }

func (n *node) add(kids ...*node) *node {
	n.kids = append(n.kids, kids...)
	return n
}

// addText adds a leaf, unless its value is empty.
func (n *node) addText(key, value string) {
	if value != "" {
		n.add(leaf(key, value))
	}
}

// A page is nodes as text, and for each of its lines the line of the file that
// it was read from.
type page struct {
	lines []string
	from  []int
}

// render writes nodes as a golden file.
func render(nodes []*node) *page {
	p := new(page)
	p.put(1, firstLine)
	for _, n := range nodes {
		p.put(n.line, "")
		p.node(n, "")
	}
	return p
}

// text renders nodes alone, without the first line.
func text(nodes ...*node) string {
	p := new(page)
	for _, n := range nodes {
		p.node(n, "")
	}
	return p.String()
}

func (p *page) String() string { return strings.Join(p.lines, "\n") + "\n" }

func (p *page) put(from int, line string) {
	p.lines = append(p.lines, line)
	p.from = append(p.from, from)
}

func (p *page) node(n *node, indent string) {
	words := []string{indent + n.key}
	for _, arg := range n.args {
		if !bareWord.MatchString(arg) {
			arg = strconv.Quote(arg)
		}
		words = append(words, arg)
	}
	head := strings.Join(words, " ")
	if !n.leaf {
		p.put(n.line, head)
		for _, kid := range n.kids {
			p.node(kid, indent+"  ")
		}
		return
	}
	for i, line := range valueLines(n.value, indent) {
		if i == 0 {
			line = strings.TrimSuffix(head+": "+line, " ")
		}
		p.put(n.line+i, line)
	}
}

// bareWord is a word that needs no quotes.
var bareWord = regexp.MustCompile(`^[\w.<>/@+=-]+$`)

// valueLines writes a value in the most readable form that loses nothing of
// it; the first line follows the name. See [parser.value].
func valueLines(v, indent string) []string {
	deeper := indent + "  "
	switch {
	case isPlain(v):
		return []string{v}
	case isCompactJSON(v):
		var b bytes.Buffer
		_ = json.Indent(&b, []byte(v), indent, "  ") // it is valid
		return strings.Split(b.String(), "\n")
	case isClean(v):
		lines := []string{"|"}
		for line := range strings.SplitSeq(v, "\n") {
			if line != "" {
				line = deeper + line
			}
			lines = append(lines, line)
		}
		return lines
	case strings.Count(v, "\n") > 1:
		lines := []string{""}
		for line := range strings.Lines(v) {
			lines = append(lines, deeper+strconv.Quote(line))
		}
		return lines
	}
	return []string{strconv.Quote(v)}
}

// isPlain reports whether v can stand on the line as it is.
func isPlain(v string) bool {
	return v != "" && !strings.Contains(`"|{[`, v[:1]) && isClean(v) && !strings.ContainsAny(v, "\n\t") && v[0] != ' '
}

// isClean reports whether v consists of lines that editors and diffs leave
// alone: nothing invisible, no white space at an end of line.
func isClean(v string) bool {
	for line := range strings.SplitSeq(v, "\n") {
		if strings.TrimRight(line, " \t") != line || !isPrintable(line) {
			return false
		}
	}
	return v != "" && !strings.HasSuffix(v, "\n")
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

// isCompactJSON reports whether v is an object or an array which, indented and
// made compact again, is v to the byte.
func isCompactJSON(v string) bool {
	if v == "" || v[0] != '{' && v[0] != '[' || !isPrintable(v) || !isShallow(v) {
		return false
	}
	var b bytes.Buffer
	return json.Compact(&b, []byte(v)) == nil && b.String() == v
}

// isShallow guards against text that would be mostly indentation.
func isShallow(v string) bool {
	depth, quoted, escaped := 0, false, false
	for i := range len(v) {
		switch c := v[i]; {
		case escaped:
			escaped = false
		case quoted:
			quoted, escaped = c != '"', c == '\\'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > 50 {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}
