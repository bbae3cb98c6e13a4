package wiretool

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// A Rule says which names an API accepts.
type Rule struct {
	max    int    // the largest number of characters
	marks  string // allowed characters besides letters, digits and _
	letter bool   // a name begins with a letter or _
}

// Takes reports whether the API accepts the name.
func (r *Rule) Takes(name string) bool {
	if name == "" || len(name) > r.max || !r.begins(name[0]) {
		return false
	}
	for i := range len(name) {
		if !r.takes(rune(name[i])) {
			return false
		}
	}
	return true
}

// Name returns the name on the wire: the name itself if the API accepts it, and otherwise its
// readable part and a short hash. It depends only on the name and the rule, so a past call
// keeps its name even if the tool is gone.
func (r *Rule) Name(name string) string {
	if r.Takes(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	hash := "_" + hashText.EncodeToString(sum[:hashBytes])
	readable := strings.Map(func(c rune) rune {
		if r.takes(c) {
			return c
		}
		return '_'
	}, name)
	if readable != "" && !r.begins(readable[0]) {
		readable = "_" + readable
	}
	readable = readable[:min(len(readable), r.max-len(hash))]
	return strings.TrimRight(readable, "_") + hash
}

// hashBytes are 40 bits, in 8 characters: enough for the tools of one request. If two names
// still collide, the request is refused.
const hashBytes = 5

var hashText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (r *Rule) takes(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || strings.ContainsRune(r.marks, c)
}

func (r *Rule) begins(c byte) bool {
	return !r.letter || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}
