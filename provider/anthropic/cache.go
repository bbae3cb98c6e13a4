package anthropic

import (
	"bytes"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
)

// The API caches what comes before a mark, and finds it again if a later request has a mark
// at most twenty blocks after it (guide "Prompt caching"). A request may have four marks. One is
// on the shared instructions. Without them it is on the last function or stub, and without
// those on the conversation's own instructions. The others are at the end of the conversation
// and at these distances before it, which covers a turn of up to about fifty blocks.
const (
	marksInMessages = 3
	betweenMarks    = 18
)

// mark adds the marks to a conversation. blocks are the indexes of its blocks in the list.
func mark(list [][]byte, blocks []int) [][]byte {
	marks, since := 0, betweenMarks // since the last mark, going backwards
	for _, at := range slices.Backward(blocks) {
		piece := list[at]
		ends := blockEnds(piece)
		cut := len(piece)
		var parts [][]byte // of the piece, the last first
		for i, end := range slices.Backward(ends) {
			if since < betweenMarks || marks == marksInMessages {
				since++
				continue
			}
			start := 0
			if i > 0 {
				start = ends[i-1]
			}
			if thinks(piece[start:end]) {
				continue // thinking takes no mark; mark the block before it
			}
			marks, since = marks+1, 1
			parts = append(parts, piece[end-1:cut], cacheMark)
			cut = end - 1
		}
		if parts != nil {
			slices.Reverse(parts)
			list = slices.Replace(list, at, at+1, append([][]byte{piece[:cut]}, parts...)...)
		}
		if marks == marksInMessages {
			break
		}
	}
	return list
}

// blockEnds returns where the blocks of a message end.
func blockEnds(piece []byte) []int {
	var s jsonscan.Scanner
	var ends []int
	for at := 0; at < len(piece); {
		if piece[at] == ',' {
			at++
		}
		s.Reset(piece[at:])
		s.Skip()
		if s.Err() != nil {
			return nil // cannot happen: this package wrote it
		}
		at = len(piece) - len(s.Rest())
		ends = append(ends, at)
	}
	return ends
}

func thinks(block []byte) bool {
	block = bytes.TrimPrefix(block, []byte(","))
	return bytes.HasPrefix(block, []byte(`{"type":"thinking"`)) || bytes.HasPrefix(block, []byte(`{"type":"redacted_thinking"`))
}
