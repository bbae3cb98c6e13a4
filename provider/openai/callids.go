package openai

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/funcall/funcall/provider"
)

// callIDs says how call IDs are written in one request. The zero value leaves them unchanged.
type callIDs struct {
	short bool
	// round is 0 unless two calls got the same ID: then it is the first round in which they
	// differ. From round 1 on, IDs that are short already are replaced too.
	round int
}

// callIDs returns how call IDs are written in a request with those messages.
func (c *Client) callIDs(messages []*provider.Message) callIDs {
	ids := callIDs{short: c.quirks.ShortCallIDs}
	for ids.short && ids.collide(messages) {
		ids.round++
	}
	return ids
}

// A shortID is the ID on the wire: nine letters and digits.
type shortID [9]byte

// collide reports whether two different IDs are written as one.
func (ids callIDs) collide(messages []*provider.Message) bool {
	type writing struct {
		as shortID
		id string
	}
	var few [64]writing // keeps the list of a short conversation off the heap
	list := few[:0]
	for _, m := range messages {
		for _, p := range m.Parts {
			if call, ok := p.(provider.ToolCall); ok {
				list = append(list, writing{ids.shorten(call.ID), call.ID})
			}
		}
	}
	slices.SortFunc(list, func(a, b writing) int { return bytes.Compare(a.as[:], b.as[:]) })
	for i := 1; i < len(list); i++ {
		if list[i].as == list[i-1].as && list[i].id != list[i-1].id {
			return true
		}
	}
	return false
}

// of returns the ID on the wire.
func (ids callIDs) of(id string) string {
	if !ids.short {
		return id
	}
	as := ids.shorten(id)
	return string(as[:])
}

// shorten returns the short form of an ID. It depends only on the ID and the round.
func (ids callIDs) shorten(id string) (as shortID) {
	if ids.round == 0 && isShort(id) {
		copy(as[:], id)
		return as
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var few [128]byte
	sum := sha256.Sum256(append(append(strconv.AppendInt(few[:0], int64(ids.round), 10), '|'), id...))
	n := binary.BigEndian.Uint64(sum[:])
	for i := range as {
		as[i] = letters[n%uint64(len(letters))]
		n /= uint64(len(letters))
	}
	return as
}

// isShort reports whether an ID is nine letters and digits.
func isShort(id string) bool {
	if len(id) != len(shortID{}) {
		return false
	}
	for _, r := range []byte(id) {
		if (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r) {
			return false
		}
	}
	return true
}
