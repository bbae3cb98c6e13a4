package anthropic_test

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

func TestR31_FailuresSayWhatTheyUsed(t *testing.T) {
	begun := event(started) + begin("0", `{"type":"text","text":""}`) + delta("0", `{"type":"text_delta","text":"Hel"}`)
	told := provider.Usage{Input: 40, Output: 1}
	adaptertest.Used(t, api, map[string]adaptertest.Told{
		"an error event":      {Reply: begun + api.StreamError, Usage: told, Model: "claude-test-1"},
		"a broken stream":     {Reply: begun, Usage: told, Model: "claude-test-1"},
		"a broken event":      {Reply: begun + event(`{"type":`), Usage: told, Model: "claude-test-1"},
		"a page in the midst": {Reply: begun + event(`<html>`), Usage: told, Model: "claude-test-1"},
	})
}

// Only the API's own tools of these names run code that is charged.
func TestRunsOfCode(t *testing.T) {
	for block, want := range map[string]int64{
		`{"type":"server_tool_use","id":"s1","name":"code_execution","input":{}}`:             1,
		`{"type":"server_tool_use","id":"s1","name":"bash_code_execution","input":{}}`:        1,
		`{"type":"server_tool_use","id":"s1","name":"text_editor_code_execution","input":{}}`: 1,
		`{"type":"server_tool_use","id":"s1","name":"my_code_execution","input":{}}`:          0,
		`{"type":"mcp_tool_use","id":"s1","name":"my_code_execution","input":{}}`:             0,
		`{"name":"code_execution","type":"mcp_tool_use","id":"s1","input":{}}`:                0,
	} {
		resp, err := dial(adaptertest.Replay("application/json", doc(block, "end_turn"))).Generate(t.Context(), adaptertest.Question, nil)
		if err != nil || resp.Usage.CodeExecutions != want {
			t.Errorf("%s: used %+v, %v, want %d", block, resp, err, want)
		}
		if calls := resp.Message.ServerCalls(); len(calls) != 1 || want == 0 && strings.Contains(block, "my_") && calls[0].Name != "my_code_execution" {
			t.Errorf("%s: %+v", block, calls)
		}
	}
}
