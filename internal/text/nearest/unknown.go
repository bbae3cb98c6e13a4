package nearest

import (
	"fmt"
	"strconv"
	"strings"
)

// Unknown tells a model that there is no tool of the name, and what it may call instead.
// Nothing is guessed: a tool that changes something must not run because its name is
// near.
func Unknown(name string, tools []string) string {
	if len(tools) == 0 {
		return fmt.Sprintf("unknown tool %s: there are no tools", quote(name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "unknown tool %s", quote(name))
	if near := Name(name, tools); near != "" {
		fmt.Fprintf(&b, "; did you mean %q?", near)
	} else {
		b.WriteByte('.')
	}
	const most = 50
	b.WriteString(" The tools are: " + strings.Join(tools[:min(len(tools), most)], ", "))
	if len(tools) > most {
		fmt.Fprintf(&b, " and %d more", len(tools)-most)
	}
	return b.String()
}

// quote quotes what a model wrote, cut to a sensible length.
func quote(s string) string {
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "") + "…"
	}
	return strconv.Quote(s)
}
