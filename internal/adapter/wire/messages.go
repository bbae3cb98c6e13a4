package wire

import (
	"fmt"
	"iter"
	"slices"

	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/provider"
)

// Messages encodes the messages of an API. Encode checks a message before its role's function
// writes it.
type Messages struct {
	// Media returns an error if media of users or tools cannot be sent.
	Media func(provider.Media) error
	// System and User leave out a Native, which a model made.
	System, User, Assistant, Results func(*provider.Message) []byte
}

// Encode returns the encoding of a message.
func (w *Messages) Encode(m *provider.Message) ([]byte, error) {
	m, err := wiremedia.InlineAll(m)
	if err != nil {
		return nil, err
	}
	var write func(*provider.Message) []byte
	switch m.Role {
	case provider.RoleSystem:
		write = w.System
	case provider.RoleUser:
		write = w.User
	case provider.RoleAssistant:
		write = w.Assistant
	case provider.RoleTool:
		write = w.Results
	default:
		return nil, fmt.Errorf("unknown role %q; use system, user, assistant or tool", m.Role)
	}
	for i, p := range m.Parts {
		if err := w.check(m.Role, i, p); err != nil {
			return nil, err
		}
	}
	return write(m), nil
}

// check returns an error if part i cannot be sent in a message of the role.
func (w *Messages) check(role provider.Role, i int, p provider.Part) error {
	ok := false
	switch p := p.(type) {
	case provider.Text, provider.Native:
		ok = role != provider.RoleTool
	case provider.Media:
		if role == provider.RoleUser {
			if err := w.Media(p); err != nil {
				return fmt.Errorf("part %d: %w", i, err)
			}
		}
		ok = role == provider.RoleUser || role == provider.RoleAssistant
	case provider.Reasoning, provider.ToolCall, provider.ServerCall:
		ok = role == provider.RoleAssistant
	case provider.ToolResult:
		if role == provider.RoleTool {
			return w.checkResult(i, p)
		}
	}
	if !ok {
		return fmt.Errorf("part %d: a message of role %q cannot hold a %T", i, role, p)
	}
	return nil
}

// checkResult returns an error if the result that is part i cannot be sent.
func (w *Messages) checkResult(i int, r provider.ToolResult) error {
	for j, p := range r.Parts {
		var err error
		switch p := p.(type) {
		case provider.Text:
		case provider.Media:
			err = w.Media(p)
		default:
			err = fmt.Errorf("a tool result cannot hold a %T", p)
		}
		if err != nil {
			return fmt.Errorf("part %d, the result of %q, part %d: %w", i, r.Name, j, err)
		}
	}
	return nil
}

// HasMedia reports whether the parts include media.
func HasMedia(parts []provider.Part) bool {
	for _, p := range parts {
		if _, ok := p.(provider.Media); ok {
			return true
		}
	}
	return false
}

// Results returns the results of a message that Encode has checked.
func Results(m *provider.Message) iter.Seq[provider.ToolResult] {
	return func(yield func(provider.ToolResult) bool) {
		for _, p := range m.Parts {
			if r, ok := p.(provider.ToolResult); ok && !yield(r) {
				return
			}
		}
	}
}

// GrowResult makes room for the encoding of a result with that text.
func GrowResult(b []byte, text string) []byte {
	return slices.Grow(b, 128+len(text)+len(text)/4) // JSON in a string: about every eighth character is escaped
}

// WhoseMedia returns the text before the media of a result, if the API takes them only outside
// of the result.
func WhoseMedia(r provider.ToolResult) string {
	return fmt.Sprintf("From the result of the tool call %s (%s):", r.CallID, r.Name)
}
