package anthropic

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/internal/json/jsontree"
)

// pieces are the deltas of a block without a part, by member: the input of a server-side tool,
// the text of a compaction, or types that the API adds later. They are sent back in the block.
type pieces map[string]*strings.Builder

// grown are the members of which each delta brings a further piece. For all others the last
// value counts.
var grown = map[string]bool{"partial_json": true, "text": true, "thinking": true, "content": true}

// add reads a member of a delta.
func (p *pieces) add(name string, s *jsonscan.Scanner) {
	said, ok := s.Bytes()
	if !ok || name == "type" {
		return
	}
	if *p == nil {
		*p = pieces{}
	}
	b := (*p)[name]
	if b == nil {
		b = new(strings.Builder)
		(*p)[name] = b
	}
	if !grown[name] {
		b.Reset()
	}
	b.Write(said)
}

// join returns a block with its pieces.
func (p pieces) join(block json.RawMessage) json.RawMessage {
	members := map[string]json.RawMessage{}
	if len(p) == 0 || json.Unmarshal(block, &members) != nil {
		return block
	}
	for name, b := range p {
		if name == "partial_json" {
			if b.Len() > 0 {
				members["input"] = json.RawMessage(wire.Args(b.String()))
			}
			continue
		}
		var first string // the first value of the block, unless it is null
		if grown[name] {
			_ = json.Unmarshal(members[name], &first)
		}
		members[name] = jsontree.AppendString(nil, first+b.String())
	}
	b := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontree.AppendString(b, name), ':')
		b = append(b, members[name]...)
	}
	return wire.Compact(append(b, '}'))
}
