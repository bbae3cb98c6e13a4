package gemini

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// A tree is the arguments of a call that come in pieces, an option of Vertex AI. Each piece
// has the path of a value, such as $.items[0].name, and the whole value or a part of its text.
// Members keep the order in which they came.
type tree struct {
	kind      byte           // { [ or ", or 'v' for any other value; 0 for none yet
	names     []string       // of an object's members
	at        map[string]int // their indexes
	parts     []*tree        // members, or elements
	text      []byte         // of a string, or any other value as JSON
	continues bool           // more of the value follows
}

// maxPath bounds the nesting of arguments.
const maxPath = 64

// add reads a piece.
func (t *tree) add(s *jsonscan.Scanner) error {
	var path, text []byte
	var kind byte
	continues, null, mistake := false, false, ""
	for key := range s.Object() {
		switch string(key) {
		case "jsonPath":
			path, _ = s.Bytes()
		case "stringValue", "numberValue", "boolValue":
			switch found := s.Kind(); {
			case found == 'n':
			case kind != 0:
				mistake = "has two values"
			case !mayBe(key, found):
				mistake = fmt.Sprintf("has the %s %.40s", key, s.Raw())
			case found == '"':
				text, _ = s.Bytes()
				kind = '"'
			default:
				text, kind = s.Raw(), 'v'
			}
		case "nullValue":
			null = true
		case "willContinue":
			continues = s.Kind() == 't'
		}
	}
	if kind == 0 && null { // some servers send null for each member without a value
		text, kind = []byte("null"), 'v'
	}
	switch {
	case kind == 0 && mistake == "" && len(path) == 0 || s.Err() != nil:
		return s.Err()
	case mistake != "":
		return fmt.Errorf("the piece of arguments at %q %s", path, mistake)
	}
	leaf, err := t.find(string(path))
	switch {
	case err != nil:
		return fmt.Errorf("the piece of arguments at %q: %w", path, err)
	case kind == 0: // only says whether more follows
		leaf.continues = continues
		return nil
	case leaf.kind != 0 && !(leaf.kind == '"' && kind == '"' && leaf.continues):
		return fmt.Errorf("duplicate argument at %q", path)
	}
	leaf.kind, leaf.continues = kind, continues
	leaf.text = append(leaf.text, text...)
	return nil
}

// mayBe reports whether a member of a piece may have a value of a kind.
func mayBe(member []byte, kind byte) bool {
	switch string(member) {
	case "stringValue":
		return kind == '"'
	case "numberValue":
		return kind == '0'
	}
	return kind == 't' || kind == 'f'
}

// find returns the value at a path, and creates the values on the way.
func (t *tree) find(path string) (*tree, error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok || rest == "" {
		return nil, errors.New("the path does not lead into the arguments")
	}
	for depth := 0; rest != ""; depth++ {
		name, index, after, err := step(rest)
		switch {
		case err != nil:
			return nil, err
		case depth == maxPath:
			return nil, fmt.Errorf("the path has more than %d steps", maxPath)
		case index >= 0:
			t, err = t.element(index)
		default:
			t, err = t.member(name)
		}
		if err != nil {
			return nil, err
		}
		rest = after
	}
	return t, nil
}

// step reads the first step of a path: a member's name or, if index is not negative, an
// element's index.
func step(path string) (name string, index int, rest string, err error) {
	bad := errors.New("the path is malformed")
	switch {
	case path[0] == '.':
		end := strings.IndexAny(path[1:], ".[")
		if end < 0 {
			end = len(path) - 1
		}
		if end == 0 {
			return "", 0, "", bad
		}
		return path[1 : 1+end], -1, path[1+end:], nil
	case strings.HasPrefix(path, "['"), strings.HasPrefix(path, `["`):
		quote := path[1]
		var b strings.Builder
		for i := 2; i < len(path); i++ {
			switch c := path[i]; {
			case c == quote && strings.HasPrefix(path[i+1:], "]"):
				return b.String(), -1, path[i+2:], nil
			case c == '\\' && i+1 < len(path) && strings.IndexByte(`'"\/`, path[i+1]) >= 0:
				i++
				b.WriteByte(path[i])
			case c == '\\', c == quote:
				return "", 0, "", bad
			default:
				b.WriteByte(c)
			}
		}
	case path[0] == '[':
		digits, rest, closed := strings.Cut(path[1:], "]")
		if n, err := strconv.ParseUint(digits, 10, 31); closed && err == nil {
			return "", int(n), rest, nil
		}
	}
	return "", 0, "", bad
}

// become makes a value without content an object or an array.
func (t *tree) become(kind byte) error {
	if t.kind == 0 {
		t.kind = kind
	}
	if t.kind != kind {
		return errors.New("the path leads through a value of another type")
	}
	return nil
}

func (t *tree) member(name string) (*tree, error) {
	if err := t.become('{'); err != nil {
		return nil, err
	}
	if i, ok := t.at[name]; ok {
		return t.parts[i], nil
	}
	if t.at == nil {
		t.at = map[string]int{}
	}
	t.at[name] = len(t.parts)
	t.names = append(t.names, name)
	t.parts = append(t.parts, new(tree))
	return t.parts[len(t.parts)-1], nil
}

// element returns an element of an array, or adds the next one. An array has no gaps: the
// missing elements would be a guess.
func (t *tree) element(i int) (*tree, error) {
	if err := t.become('['); err != nil {
		return nil, err
	}
	switch {
	case i > len(t.parts):
		return nil, fmt.Errorf("the array has %d elements so far", len(t.parts))
	case i == len(t.parts):
		t.parts = append(t.parts, new(tree))
	}
	return t.parts[i], nil
}

// unfinished returns the path of a value that is incomplete.
func (t *tree) unfinished() (path string, found bool) {
	for i, part := range t.parts {
		if rest, found := part.unfinished(); found {
			if t.kind == '{' {
				return "." + t.names[i] + rest, true
			}
			return fmt.Sprintf("[%d]%s", i, rest), true
		}
	}
	return "", t.kind == 0 || t.continues
}

// appendJSON appends the value.
func (t *tree) appendJSON(b []byte) []byte {
	switch t.kind {
	case '{', '[':
		b = append(b, t.kind)
		for i, part := range t.parts {
			if i > 0 {
				b = append(b, ',')
			}
			if t.kind == '{' {
				b = append(jsontree.AppendString(b, t.names[i]), ':')
			}
			b = part.appendJSON(b)
		}
		return append(b, t.kind+2) // the closing bracket
	case '"':
		return jsontree.AppendString(b, string(t.text))
	}
	return append(b, t.text...)
}
