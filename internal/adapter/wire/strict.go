package wire

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// strictObject reports whether package jsontree takes a text for an object. That
// parser builds a tree, which plain arguments need not pay for.
func strictObject(text string) bool {
	if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
		return false
	}
	if strings.TrimLeft(text, " \t\r\n")[0] != '{' {
		return false
	}
	if plainKeys(text) {
		return true
	}
	_, _, err := jsontree.Parse([]byte(text))
	return err == nil
}

// plainKeys reports whether all that a strict reader may have against a valid JSON
// text can be ruled out in one pass: a key twice in an object, deep nesting,
// numbers that are out of range. It gives up at what is rare.
func plainKeys(text string) bool {
	type span struct{ depth, start, end int }
	var keys [32]span // of the objects that are open
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

// endOfString returns where the string that begins at i has its closing quote.
func endOfString(text string, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}
