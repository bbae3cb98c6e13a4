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

// pieces are what deltas say of a block for which there is no part, by the
// member of the delta: the input of a tool that runs at the server, the text of
// a compaction, whatever comes tomorrow. They go back to the API in the block.
type pieces map[string]*strings.Builder

// grown are the members of which every delta brings a further piece. Of any
// other the last one counts.
var grown = map[string]bool{"partial_json": true, "text": true, "thinking": true, "content": true}

// add reads the member of a delta.
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
				members["input"] = wire.ArgsObject(b.String())
			}
			continue
		}
		var first string // what the block began with, unless that is null
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
