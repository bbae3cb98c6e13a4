package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// strictObject reports whether package jsontree accepts the text as an object. plainKeys
// avoids the cost of a tree for most arguments.
func strictObject(text string) bool {
	var s jsonscan.Scanner
	s.Reset([]byte(text))
	if s.Kind() != '{' || !utf8.ValidString(text) {
		return false
	}
	if s.Skip(); s.Err() != nil || len(s.Rest()) > 0 {
		return false
	}
	if plainKeys(text) {
		return true
	}
	_, _, err := jsontree.Parse([]byte(text))
	return err == nil
}

// plainKeys reports whether one pass shows that a strict parser accepts a valid JSON text: no
// duplicate keys, deep nesting or numbers out of range. It returns false for rare forms.
func plainKeys(text string) bool {
	type span struct{ depth, start, end int }
	var keys [32]span // of the open objects
	n, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '{', c == '[':
			if depth++; depth > 16 {
				return false
			}
		case c == '}', c == ']':
			for n > 0 && keys[n-1].depth == depth {
				n--
			}
			depth--
		case c == '"':
			key := span{depth, i + 1, endOfString(text, i)}
			i = key.end
			if !strings.HasPrefix(strings.TrimLeft(text[i+1:], " \t\r\n"), ":") {
				continue // it is a value
			}
			name := text[key.start:key.end]
			if n == len(keys) || strings.Contains(name, `\`) {
				return false
			}
			for _, k := range keys[:n] {
				if k.depth == depth && text[k.start:k.end] == name {
					return false
				}
			}
			keys[n] = key
			n++
		case c == '-', '0' <= c && c <= '9':
			end := i
			for end < len(text) && strings.IndexByte("+-.0123456789eE", text[end]) >= 0 {
				end++
			}
			if number := text[i:end]; len(number) > 64 || strings.ContainsAny(number, "eE") {
				return false
			}
			i = end - 1
		}
	}
	return true
}

// endOfString returns the index of the closing quote of the string that begins at i.
func endOfString(text string, i int) int {
	for i++; ; {
		quote := i + strings.IndexByte(text[i:], '"')
		for i <= quote {
			slash := strings.IndexByte(text[i:quote], '\\')
			if slash < 0 {
				return quote
			}
			i += slash + len(`\"`)
		}
	}
}
