package wire

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ValueText returns the text of a JSON value that stands where others send its
// text. White space between its tokens is left out.
func ValueText(raw []byte) string {
	if bytes.ContainsAny(raw, " \t\r\n") {
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			raw = b.Bytes()
		}
	}
	return strings.ToValidUTF8(string(raw), "\ufffd")
}
