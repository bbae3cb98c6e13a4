package adaptertest

import "github.com/funcall/funcall/provider"

// Paired returns a conversation in which calls and results are together: results
// are given to the calls that have none, and calls to the results that have none.
func Paired(messages ...*provider.Message) []*provider.Message {
	var whole []*provider.Message
	for i, m := range messages {
		if calls := callsOf(m); calls != nil && (i == 0 || messages[i-1].ToolCalls() == nil) {
			whole = append(whole, provider.Assistant(calls...))
		}
		whole = append(whole, m)
		if results := resultsOf(m); results != nil && (i == len(messages)-1 || messages[i+1].Role != provider.RoleTool) {
			whole = append(whole, &provider.Message{Role: provider.RoleTool, Parts: results})
		}
	}
	return whole
}

// callsOf returns the calls that a tool's message answers.
func callsOf(m *provider.Message) (calls []provider.Part) {
	if m == nil || m.Role != provider.RoleTool {
		return nil
	}
	for _, p := range m.Parts {
		if r, ok := p.(provider.ToolResult); ok {
			calls = append(calls, provider.ToolCall{ID: r.CallID, Name: r.Name, Args: "{}"})
		}
	}
	return calls
}

// resultsOf returns results for the calls of a model's message.
func resultsOf(m *provider.Message) (results []provider.Part) {
	if m == nil || m.Role != provider.RoleAssistant {
		return nil
	}
	for _, c := range m.ToolCalls() {
		results = append(results, provider.ToolResult{CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: "ok"}}})
	}
	return results
}
