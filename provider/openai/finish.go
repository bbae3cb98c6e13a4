package openai

import (
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// A cut is an early end of a response: a truncated response, or an error.
type cut struct {
	word   string
	finish provider.FinishReason
	kind   provider.ErrorKind // of the error, if the response is one
}

// cuts are found by a word in the finish reason, in any case, because gateways pass on the
// reasons of all APIs. The first match counts.
var cuts = []cut{
	{word: "length", finish: provider.FinishLength},
	{word: "max_tokens", finish: provider.FinishLength},
	{word: "max_output_tokens", finish: provider.FinishLength},
	{word: "context_window", finish: provider.FinishLength},
	{word: "content_filter", finish: provider.FinishFiltered},
	{word: "safety", finish: provider.FinishFiltered},
	{word: "sensitive", finish: provider.FinishFiltered},
	{word: "recitation", finish: provider.FinishFiltered},
	{word: "prohibited", finish: provider.FinishFiltered},
	{word: "blocklist", finish: provider.FinishFiltered},
	{word: "insufficient_system_resource", kind: provider.KindOverloaded}, // DeepSeek
	{word: "malformed", kind: provider.KindMalformed},                     // Gemini: the model wrote an invalid call
	{word: "error", kind: provider.KindUnavailable},
	{word: "abort", kind: provider.KindUnavailable},
	{word: "cancel", kind: provider.KindUnavailable},
}

// cutBy returns the cut that the reason names.
func cutBy(reason string) (cut, bool) {
	reason = strings.ToLower(reason)
	i := slices.IndexFunc(cuts, func(c cut) bool { return strings.Contains(reason, c.word) })
	if i < 0 {
		return cut{}, false
	}
	return cuts[i], true
}

// ended are the reasons of complete responses, in lower case. Servers that send no reason end
// the reply properly.
var ended = map[string]bool{
	"": true, "stop": true, "tool_calls": true, "function_call": true,
	"end_turn": true, "tool_use": true, "eos": true, "eos_token": true, "stop_sequence": true,
}

func isEnd(reason string) bool { return ended[strings.ToLower(reason)] }

// forCalls are the reasons of a model that waits for tool results.
var forCalls = map[string]bool{"tool_calls": true, "function_call": true, "tool_use": true}

// maxReason bounds a finish reason, which is read again with every later chunk. No API has a
// reason of a quarter of that length.
const maxReason = 256

// readReason reads a finish reason.
func readReason(s *jsonscan.Scanner) []byte {
	reason, _ := s.Bytes()
	return reason[:min(len(reason), maxReason)]
}

// finishReason returns why the model stopped. The content of the response counts more than the
// server's reason, unless that means a cut. With an unknown reason, calls must show by their
// arguments that they are complete; without arguments they may be cut off.
func finishReason(reason string, list []*call) provider.FinishReason {
	if c, ok := cutBy(reason); ok {
		return c.finish
	}
	if len(list) == 0 {
		return provider.FinishStop
	}
	if !isEnd(reason) && slices.ContainsFunc(list, (*call).isBroken) {
		return provider.FinishLength
	}
	return provider.FinishToolCalls
}
