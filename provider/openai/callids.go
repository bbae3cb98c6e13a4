package openai

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/funcall/funcall/provider"
)

// callIDs says how the IDs of calls are written in one request. The zero value
// leaves them as they are.
type callIDs struct {
	short bool
	// round is 0, unless two calls had one ID: then it is the first round in which
	// they have two. From round 1 on the IDs that are short already are replaced, too.
	round int
}

// callIDs returns how the IDs of calls are written in a request of those messages.
func (c *Client) callIDs(messages []*provider.Message) callIDs {
	ids := callIDs{short: c.quirks.ShortCallIDs}
	for ids.short && ids.collide(messages) {
		ids.round++
	}
	return ids
}

// collide reports whether two IDs are written as one.
func (ids callIDs) collide(messages []*provider.Message) bool {
	written := map[string]string{}
	for _, m := range messages {
		for _, p := range m.Parts {
			call, ok := p.(provider.ToolCall)
			if !ok {
				continue
			}
			id := ids.of(call.ID)
			if other, ok := written[id]; ok && other != call.ID {
				return true
			}
			written[id] = call.ID
		}
	}
	return false
}

// of returns what an ID is written as: nine letters and digits, a function of the
// ID and the round alone.
func (ids callIDs) of(id string) string {
	if !ids.short || ids.round == 0 && isShort(id) {
		return id
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%s", ids.round, id))
	n := binary.BigEndian.Uint64(sum[:])
	var b [9]byte
	for i := range b {
		b[i] = letters[n%uint64(len(letters))]
		n /= uint64(len(letters))
	}
	return string(b[:])
}

// isShort reports whether an ID is nine letters and digits.
func isShort(id string) bool {
	if len(id) != 9 {
		return false
	}
	for _, r := range []byte(id) {
		if (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r) {
			return false
		}
	}
	return true
}
