package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// parse reads the text of a golden file. It is strict, but for what happens to
// files on their way through editors and git: line ends of Windows, a byte
// order mark, blank lines, a last line end that is missing.
func parse(file, text string) ([]*node, error) {
	p := &parser{file: file, lines: strings.Split(strings.TrimPrefix(text, "\uFEFF"), "\n")}
	for i, line := range p.lines {
		p.lines[i] = strings.TrimSuffix(line, "\r")
	}
	if err := p.first(); err != nil {
		return nil, err
	}
	nodes, err := p.nodes(0)
	if err != nil {
		return nil, err
	}
	return nodes, nil
}

type parser struct {
	file  string
	lines []string
	at    int // the next line
}

// errAt is an error about a line, counted from 1.
func errAt(file string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...))
}

func (p *parser) fail(format string, args ...any) error {
	return errAt(p.file, p.at+1, format, args...)
}

func (p *parser) first() error {
	v, ok := strings.CutPrefix(p.lines[0], magic)
	n, err := strconv.ParseUint(v, 10, 16)
	switch {
	case !ok || err != nil || n == 0:
		return p.fail("this is no golden file: its first line must be %q", firstLine)
	case v != version:
		return p.fail("the file has version %s, and this program reads version %s: upgrade github.com/funcall/funcall", v, version)
	}
	p.at++
	return nil
}

// maxDepth is more than any golden file needs.
const maxDepth = 12

// nodes reads the nodes that stand at a depth, up to one that stands higher.
func (p *parser) nodes(depth int) ([]*node, error) {
	var nodes []*node
	for ; ; p.at++ {
		for p.at < len(p.lines) && strings.TrimSpace(p.lines[p.at]) == "" {
			p.at++
		}
		if p.at >= len(p.lines) {
			return nodes, nil
		}
		line := p.lines[p.at]
		rest := strings.TrimLeft(line, " ")
		switch indent := len(line) - len(rest); {
		case conflict.MatchString(line):
			return nil, p.fail("a merge conflict is left in the file: take one side of it, then run with GOLDEN_UPDATE=1")
		case rest[0] == '\t':
			return nil, p.fail("the line is indented with a tab: use two spaces for each level")
		case indent < 2*depth && indent%2 == 0:
			p.at-- // it is the caller's, whose loop goes on to it
			return nodes, nil
		case indent != 2*depth || depth > maxDepth:
			return nil, p.fail("the line is indented by %d spaces, and %d were expected", indent, 2*depth)
		}
		n, err := p.node(rest, depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
}

var (
	conflict = regexp.MustCompile(`^(<<<<<<<|=======|>>>>>>>)( |$)`)
	keyWord  = regexp.MustCompile(`^[a-z_]+`)
	argWord  = regexp.MustCompile(`^[\w.<>/@+=-]+`)
)

// node reads the node that begins with line, and leaves p.at on its last line.
func (p *parser) node(line string, depth int) (*node, error) {
	n := &node{key: keyWord.FindString(line), line: p.at + 1}
	if n.key == "" {
		return nil, p.fail("the line must begin with a name in small letters, and it begins with %q", short(line))
	}
	rest := line[len(n.key):]
	for rest != "" && rest[0] == ' ' {
		arg := argWord.FindString(rest[1:])
		word := arg
		if quoted, err := strconv.QuotedPrefix(rest[1:]); err == nil && quoted[0] == '"' {
			word = quoted
			arg, _ = strconv.Unquote(quoted)
		}
		if word == "" {
			return nil, p.fail("%q is no word: anything unusual must stand in double quotes", short(rest[1:]))
		}
		n.args = append(n.args, arg)
		rest = rest[1+len(word):]
	}
	var err error
	switch {
	case rest == "":
		p.at++
		n.kids, err = p.nodes(depth + 1)
	case rest[0] == ':':
		n.leaf = true
		n.value, err = p.value(rest[1:], strings.Repeat("  ", depth))
	default:
		return nil, p.fail("after %q there must be a space or a colon, not %q", line[:len(line)-len(rest)], short(rest))
	}
	return n, err
}

// value reads what follows the colon:
//
//	name: plain text
//	name: "text with \u0000 odd \n characters"
//	name: {
//	  "json": "which is read as its compact form"
//	}
//	name: |
//	  lines of text
//	  as they are
//	name:
//	  "lines of text \n"
//	  "with odd characters\n"
func (p *parser) value(rest, indent string) (string, error) {
	switch {
	case rest == "":
		return p.quotedLines(indent + "  ")
	case rest[0] != ' ' || rest == " ":
		return "", p.fail("after the colon there must be one space and a value; for no text write \"\"")
	}
	switch rest = rest[1:]; {
	case rest == "|":
		return p.verbatimLines(indent + "  ")
	case rest[0] == '"':
		v, err := strconv.Unquote(rest)
		if err != nil {
			return "", p.fail("the text in double quotes is not closed, or something in it is not escaped")
		}
		return v, nil
	case rest[0] == '{' || rest[0] == '[':
		return p.json(rest, indent)
	}
	return rest, nil
}

func (p *parser) quotedLines(indent string) (string, error) {
	var v strings.Builder
	for p.at+1 < len(p.lines) && strings.HasPrefix(p.lines[p.at+1], indent+`"`) {
		p.at++
		line, err := strconv.Unquote(p.lines[p.at][len(indent):])
		if err != nil {
			return "", p.fail("the text in double quotes is not closed, or something in it is not escaped")
		}
		v.WriteString(line)
	}
	if v.Len() == 0 {
		return "", p.fail("after the colon there must be a value; for no text write \"\"")
	}
	return v.String(), nil
}

func (p *parser) verbatimLines(indent string) (string, error) {
	var lines []string
	blank := 0 // lines that belong to the text only if more of it follows
	for i := p.at + 1; i < len(p.lines); i++ {
		line, ok := strings.CutPrefix(p.lines[i], indent)
		if !ok && strings.TrimSpace(p.lines[i]) != "" {
			break
		}
		if strings.TrimSpace(line) == "" {
			blank++
			continue
		}
		lines = append(lines, make([]string, blank)...)
		lines, blank = append(lines, line), 0
		p.at = i
	}
	if lines == nil {
		return "", p.fail("after | there must be lines of text, indented by %d spaces", len(indent))
	}
	return strings.Join(lines, "\n"), nil
}

// json reads JSON up to the line that closes it, and makes it compact.
func (p *parser) json(rest, indent string) (string, error) {
	begin := p.at
	text := []string{rest}
	for i := begin + 1; (rest == "{" || rest == "[") && i < len(p.lines); i++ {
		line := p.lines[i]
		text = append(text, line)
		if closing, ok := strings.CutPrefix(line, indent); ok && (closing == "}" || closing == "]") {
			p.at = i
			break
		}
		if !strings.HasPrefix(line, indent+" ") && strings.TrimSpace(line) != "" {
			break
		}
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(strings.Join(text, "\n"))); err != nil {
		p.at = begin
		return "", p.fail("the JSON that begins here is broken, or is not indented as its first line is: %v", err)
	}
	return b.String(), nil
}

// short cuts a text for an error message.
func short(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
