package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// Bounds of the texts of a [provider.ServerCall]: of what is kept, and of what another model
// is told.
const (
	MaxServerText = 32 << 10
	maxTold       = 4 << 10
)

// CutText cuts a text to a number of bytes, so that a reader sees that it was cut.
func CutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s\n[cut: the first %d of %d bytes]", s[:n], n, len(s))
}

// Told returns what a model is told of a call that it did not make, or "" if nothing is known
// but the name. It ends with a line break, because APIs join the texts of a message; an adapter
// that joins them itself begins it on a new line.
func Told(c provider.ServerCall) string {
	if c.Input == "" && c.Output == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "[%s ran at the model's provider]\n", c.Name)
	if c.Input != "" {
		fmt.Fprintf(&b, "input: %s\n", CutText(c.Input, maxTold))
	}
	switch {
	case c.IsError:
		fmt.Fprintf(&b, "error: %s\n", CutText(c.Output, maxTold))
	case c.Output != "":
		fmt.Fprintf(&b, "output: %s\n", CutText(c.Output, maxTold))
	}
	return b.String()
}

// Lines collects what a server-side tool found, a line each. Its zero value is empty.
type Lines struct{ text []byte }

// Add adds a text, unless it is empty. It drops what is far beyond the bound.
func (l *Lines) Add(text ...[]byte) {
	start := len(l.text)
	if start > MaxServerText {
		return
	}
	for _, piece := range text {
		l.text = append(l.text, piece...)
	}
	if n := len(l.text); n > start && l.text[n-1] != '\n' {
		l.text = append(l.text, '\n')
	}
}

// Read adds a JSON text, or the texts of a list. Other values are passed over.
func (l *Lines) Read(s *jsonscan.Scanner) {
	if s.Kind() != '[' {
		text, _ := s.Bytes()
		l.Add(text)
		return
	}
	for range s.Array() {
		text, _ := s.Bytes()
		l.Add(text)
	}
}

// Source adds a source by its title and its address, one of which may be missing.
func (l *Lines) Source(title, url []byte) {
	if len(title) == 0 || len(url) == 0 {
		l.Add(title, url)
		return
	}
	l.Add(title, []byte(": "), url)
}

// Full reports whether further texts are dropped.
func (l *Lines) Full() bool { return len(l.text) > MaxServerText }

// String returns the lines, cut to MaxServerText.
func (l *Lines) String() string {
	return CutText(strings.TrimSuffix(string(l.text), "\n"), MaxServerText)
}

// ServerCalls are the calls of server-side tools in a response, by their IDs, as far as it has
// come.
type ServerCalls map[string]*serverCall

type serverCall struct {
	joined provider.ServerCall
	ended  bool
}

// Add adds a part of a call, as far as it is known, and sends the deltas of the call. done says
// that the call is complete. A later part must not have the ID of a complete call: Add returns
// it without its ID. A call without an ID has no deltas.
func (s *ServerCalls) Add(part provider.ServerCall, done bool, send func(provider.Delta)) provider.ServerCall {
	if part.ID == "" {
		return part
	}
	c := (*s)[part.ID]
	switch {
	case c == nil:
		if *s == nil {
			*s = make(ServerCalls)
		}
		c = &serverCall{joined: joined(part)}
		(*s)[part.ID] = c
		send(c.delta(provider.DeltaServerStart))
	case c.ended:
		part.ID = ""
		return part
	default:
		c.joined = joined(c.joined, part)
	}
	if done {
		c.ended = true
		send(c.delta(provider.DeltaServerEnd))
	}
	return part
}

func (c *serverCall) delta(kind provider.DeltaKind) provider.Delta {
	call := c.joined
	return provider.Delta{Kind: kind, ID: call.ID, Name: call.Name, Server: &call}
}

// joined returns the call that a response with those parts has.
func joined(parts ...provider.Part) provider.ServerCall {
	return (&provider.Message{Parts: parts}).ServerCalls()[0]
}

// A Location is a user's location in a server-side tool.
type Location struct {
	Type     string `json:"type,omitempty"`
	City     string `json:"city,omitempty"`
	Region   string `json:"region,omitempty"`
	Country  string `json:"country,omitempty"`
	Timezone string `json:"timezone,omitempty"`
}

// Place returns the location, or nil if it is unknown.
func Place(l provider.UserLocation) *Location {
	if l == (provider.UserLocation{}) {
		return nil
	}
	return &Location{Type: "approximate", City: l.City, Region: l.Region, Country: l.Country, Timezone: l.Timezone}
}
