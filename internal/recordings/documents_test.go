package recordings

import (
	"encoding/json"
	"strings"
)

// documents are the JSON texts of a reply: one, or those of its events.
func documents(e exchange) (list []json.RawMessage) {
	if !e.Stream {
		return []json.RawMessage{json.RawMessage(e.Body)}
	}
	for event := range strings.SplitSeq(strings.ReplaceAll(e.Body, "\r\n", "\n"), "\n\n") {
		for line := range strings.Lines(event) {
			if data, ok := strings.CutPrefix(line, "data:"); ok && json.Valid([]byte(data)) {
				list = append(list, json.RawMessage(data))
			}
		}
	}
	return list
}
