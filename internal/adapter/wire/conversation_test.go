package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// turn returns a message with calls of some IDs, and a message with results of others.
func turn(calls, results []string) []*provider.Message {
	call, result := provider.Assistant(), &provider.Message{Role: provider.RoleTool}
	for _, id := range calls {
		call.Parts = append(call.Parts, provider.ToolCall{ID: id})
	}
	for _, id := range results {
		result.Parts = append(result.Parts, provider.ToolResult{CallID: id})
	}
	return []*provider.Message{call, result}
}

// TestConversationPairs has up to fewCalls calls, and more.
func TestConversationPairs(t *testing.T) {
	for _, n := range []int{1, 2, fewCalls, fewCalls + 1, 3 * fewCalls} {
		var ids []string
		for i := range n {
			ids = append(ids, fmt.Sprint("c", i))
		}
		back := slices.Clone(ids)
		slices.Reverse(back)
		twice := slices.Concat(ids, ids)
		for name, c := range map[string]struct {
			messages []*provider.Message
			want     string // of the error; "" for none
		}{
			"in order":          {turn(ids, ids), ""},
			"in reverse":        {turn(ids, back), ""},
			"IDs twice":         {turn(twice, slices.Concat(back, back)), ""},
			"two turns":         {slices.Concat(turn(ids, back), turn(back, ids)), ""},
			"the first missing": {turn(ids, back[:n-1]), `message 0: no result for call "c0"`},
			"the last missing":  {turn(ids, ids[:n-1]), fmt.Sprintf("message 0: no result for call %q", ids[n-1])},
			"one missing, then": {append(turn(ids, ids[:n-1]), provider.User("a")), fmt.Sprintf("message 0: no result for call %q", ids[n-1])},
			"one of two":        {turn(twice, ids), `message 0: no result for call "c0"`},
			"one too many":      {turn(ids, append(back, "c0")), `message 1: result for call "c0", but the previous message has no such call`},
			"another's":         {turn(ids, append([]string{"x"}, ids...)), `message 1: result for call "x", but the previous message has no such call`},
		} {
			_, _, err := conversation(&provider.Request{Messages: c.messages})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %d calls: %v, want %q", name, n, err, c.want)
			}
		}
	}
}

// TestManyCallsInReverse finishes in the time of a test only if calls are not searched
// linearly.
func TestManyCallsInReverse(t *testing.T) {
	var ids []string
	for i := range 200_000 {
		ids = append(ids, fmt.Sprint("a call whose ID is long ", i))
	}
	back := slices.Clone(ids)
	slices.Reverse(back)
	if _, _, err := conversation(&provider.Request{Messages: turn(ids, back)}); err != nil {
		t.Error(err)
	}
}
