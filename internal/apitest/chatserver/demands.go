package chatserver

import (
	"regexp"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/provider/providertest"
)

// NewMistral returns a server that also refuses what Mistral's API, and the chat
// templates of its models, refuse: messages in another order than user and
// assistant in turns, and IDs of calls that are not nine letters and digits.
func NewMistral(turns ...providertest.Turn) *Server {
	return apiserver.New(protocol{demandMistral}, "/v1", turns)
}

// NewKimi returns a server that also refuses what Kimi and DeepSeek refuse while
// they think: messages of the assistant's without reasoning_content.
func NewKimi(turns ...providertest.Turn) *Server {
	return apiserver.New(protocol{demandKimi}, "/v1", turns)
}

// follows are the roles that may stand behind a role; "" is the beginning.
var follows = map[string]string{
	"":                     "system user",
	"system":               "user",
	"user":                 "assistant",
	"assistant":            "user",
	"assistant with calls": "tool",
	"tool":                 "tool assistant",
}

var shortID = regexp.MustCompile(`^[a-zA-Z0-9]{9}$`)

func demandMistral(messages []object) error {
	last := ""
	for i, m := range messages {
		at := sprintf("messages[%d]", i)
		role, _ := m["role"].(string)
		if !strings.Contains(" "+follows[last]+" ", " "+role+" ") {
			return bad(at+".role", "Unexpected role '%s' after role '%s'", role, last)
		}
		last = role
		calls, _ := m["tool_calls"].([]any)
		if role == "assistant" && len(calls) == 0 && m["content"] == "" {
			return bad(at, "Assistant message must have either content or tool_calls, but not none.")
		}
		ids := []any{}
		if role == "tool" {
			ids = append(ids, m["tool_call_id"])
		}
		for _, call := range calls {
			last = "assistant with calls"
			ids = append(ids, call.(object)["id"])
		}
		for _, id := range ids {
			if !shortID.MatchString(id.(string)) {
				return bad(at, "Tool call id was %s but must be a-z, A-Z, 0-9, with a length of 9.", id)
			}
		}
	}
	if last != "user" && last != "tool" {
		return bad("messages", "Expected last role User or Tool (or Assistant with prefix True) for serving but got %s", last)
	}
	return nil
}

func demandKimi(messages []object) error {
	for i, m := range messages {
		if thought, _ := m["reasoning_content"].(string); m["role"] == "assistant" && thought == "" {
			return bad(sprintf("messages[%d]", i), "thinking is enabled but reasoning_content is missing in assistant tool call message at index %d", i)
		}
	}
	return nil
}
