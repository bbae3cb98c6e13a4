package providertest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
)

// describe describes a request in two short lines.
func describe(req *provider.Request) string {
	n := len(req.Messages)
	if n == 0 {
		return "\tthe request has no messages"
	}
	s := "\trequest: " + describeMessage(req.Messages[n-1])
	if n > 1 {
		s += fmt.Sprintf(" (the last of %d messages)", n)
	}
	if len(req.Tools) > 0 {
		s += "\n\ttools: " + strings.Join(toolNames(req), ", ")
		if req.Choice.Mode != provider.ToolsAuto {
			s += fmt.Sprintf(" (%s)", strings.TrimSpace(string(req.Choice.Mode)+" "+req.Choice.Name))
		}
	}
	return s
}

func describeMessage(m *provider.Message) string {
	if m == nil {
		return "nothing"
	}
	words := []string{string(m.Role)}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case provider.Text:
			words = append(words, quote(p.Text))
		case provider.Reasoning:
			words = append(words, "reasoning "+quote(p.Text))
		case provider.Media:
			words = append(words, "media "+p.MIME)
		case provider.ToolCall:
			words = append(words, fmt.Sprintf("%s=%s(%s)", p.ID, p.Name, shorten(p.Args)))
		case provider.ToolResult:
			words = append(words, fmt.Sprintf("%s %s of %s", p.CallID, status(p), quote(p.Text())))
		case provider.ServerCall:
			words = append(words, fmt.Sprintf("server %s(%s) of %s", p.Name, shorten(p.Input), quote(p.Output)))
		case provider.Native:
			words = append(words, "native "+p.State.Owner)
		}
	}
	return strings.Join(words, " ")
}

// quote quotes s, shortened.
func quote(s string) string { return strconv.Quote(shorten(s)) }

func shorten(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return s[:pieceLen(s, most)] + "…"
}
