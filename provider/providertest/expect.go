package providertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// HasResult returns a check for [Turn.Expect]: since the model's last message, the call has a
// result that is not an error and whose text contains substring. call is the call's ID or the
// tool's name.
func HasResult(call, substring string) func(*provider.Request) error {
	return answered(call, "result", substring)
}

// HasError is like [HasResult], for a result that is marked as an error.
func HasError(call, substring string) func(*provider.Request) error {
	return answered(call, "error", substring)
}

func answered(call, how, substring string) func(*provider.Request) error {
	return func(req *provider.Request) error {
		got := "no answer"
		for _, r := range fresh(req.Messages) {
			if r.CallID != call && r.Name != call {
				continue
			}
			if status(r) == how && strings.Contains(r.Text(), substring) {
				return nil
			}
			got = status(r) + " " + quote(r.Text())
		}
		return fmt.Errorf("call %s: want %s with %s, got %s", quote(call), how, quote(substring), got)
	}
}

// UserSays returns a check for [Turn.Expect]: the last user message contains substring.
func UserSays(substring string) func(*provider.Request) error {
	return func(req *provider.Request) error {
		for _, m := range slices.Backward(req.Messages) {
			if m.Role != provider.RoleUser {
				continue
			}
			if strings.Contains(m.Text(), substring) {
				return nil
			}
			return fmt.Errorf("want %s from the user, got %s", quote(substring), quote(m.Text()))
		}
		return fmt.Errorf("want %s from the user, but there is no user message", quote(substring))
	}
}

// HasTools returns a check for [Turn.Expect]: the request offers exactly these tools, in this
// order, and allows calls.
func HasTools(names ...string) func(*provider.Request) error {
	return func(req *provider.Request) error {
		if req.Choice.Mode == provider.ToolsNone {
			return errors.New("want tools allowed, but the request forbids calls")
		}
		if got := toolNames(req); !slices.Equal(got, names) {
			return fmt.Errorf("want the tools %v, got %v", names, got)
		}
		return nil
	}
}

// ToolsOff is a check for [Turn.Expect]: the request forbids tool calls, or offers no tools.
func ToolsOff(req *provider.Request) error {
	if req.Choice.Mode == provider.ToolsNone || len(req.Tools) == 0 {
		return nil
	}
	return fmt.Errorf("want tool calls off, but the request offers %v", toolNames(req))
}

// paired checks that calls and results pair, as the APIs do.
func paired(messages []*provider.Message) error {
	seen := make(map[string]bool)
	var open []provider.ToolCall // calls of the message before
	for i, m := range messages {
		if m == nil {
			return fmt.Errorf("message %d is nil", i)
		}
		if len(open) > 0 && m.Role != provider.RoleTool {
			return fmt.Errorf("message %d: a message of the %s comes before the result of call %s", i, m.Role, quote(open[0].ID))
		}
		switch m.Role {
		case provider.RoleTool:
			if err := answers(m, open); err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
			open = nil
		case provider.RoleAssistant:
			open = m.ToolCalls()
			for _, c := range open {
				if c.ID == "" || seen[c.ID] {
					return fmt.Errorf("message %d: the call of %s has the ID %s, which is empty or not unique", i, c.Name, quote(c.ID))
				}
				seen[c.ID] = true
			}
		case provider.RoleUser, provider.RoleSystem:
		default:
			return fmt.Errorf("message %d: unknown role %s", i, quote(string(m.Role)))
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("the call %s of %s is not answered", quote(open[0].ID), open[0].Name)
	}
	return nil
}

// answers checks that m has results for exactly these calls, in their order.
func answers(m *provider.Message, calls []provider.ToolCall) error {
	var want, got []string
	for _, c := range calls {
		want = append(want, c.ID)
	}
	for _, r := range results(m) {
		got = append(got, r.CallID)
	}
	if len(want) == 0 {
		return errors.New("tool results without calls in the message before")
	}
	if !slices.Equal(want, got) {
		return fmt.Errorf("results for the calls %q, but the message before has the calls %q", got, want)
	}
	return nil
}

// fresh returns the results since the model's last message.
func fresh(messages []*provider.Message) []provider.ToolResult {
	var rs []provider.ToolResult
	for _, m := range slices.Backward(messages) {
		if m.Role == provider.RoleAssistant {
			break
		}
		rs = append(results(m), rs...)
	}
	return rs
}

func results(m *provider.Message) []provider.ToolResult {
	var rs []provider.ToolResult
	for _, p := range m.Parts {
		if r, ok := p.(provider.ToolResult); ok {
			rs = append(rs, r)
		}
	}
	return rs
}

func toolNames(req *provider.Request) []string {
	var names []string
	for _, t := range req.Tools {
		names = append(names, t.Name)
	}
	return names
}

func status(r provider.ToolResult) string {
	if r.IsError {
		return "error"
	}
	return "result"
}
