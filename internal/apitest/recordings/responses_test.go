package recordings

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/responsesserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

const responsesFile = "openai-responses.jsonl.gz"

func dialResponses(_ exchange, address string) provider.Provider {
	return openai.NewResponses("m", openai.BaseURL(address+"/v1"))
}

func TestResponses(t *testing.T) {
	replay(t, load(t, responsesFile), dialResponses, readResponses, nil)
}

func TestResponsesRequests(t *testing.T) {
	sent := func(e exchange) (string, []byte) { return "/v1/responses", e.Request }
	checkRequests(t, load(t, responsesFile), responsesserver.New(), sent, nil)
}

// A response is what the plain reader knows of one.
type response struct {
	Status  string
	Store   bool
	Output  []json.RawMessage
	Details struct{ Reason string } `json:"incomplete_details"`
	Usage   struct {
		Input   int64 `json:"input_tokens"`
		Output  int64 `json:"output_tokens"`
		OfInput struct {
			Cached  int64 `json:"cached_tokens"`
			Written int64 `json:"cache_write_tokens"`
		} `json:"input_tokens_details"`
		OfOutput struct {
			Reasoning int64 `json:"reasoning_tokens"`
		} `json:"output_tokens_details"`
	}
}

// finalResponse is the response that a reply is, or ends with.
func finalResponse(t *testing.T, e exchange) (r response) {
	t.Helper()
	docs := documents(e)
	last := docs[len(docs)-1]
	if e.Stream {
		var event struct{ Response json.RawMessage }
		decode(t, last, &event)
		last = event.Response
	}
	decode(t, last, &r)
	return r
}

func readResponses(t *testing.T, e exchange) answer {
	r := finalResponse(t, e)
	got := answer{Finish: provider.FinishStop, Usage: provider.Usage{
		Input: r.Usage.Input, Output: r.Usage.Output, Reasoning: r.Usage.OfOutput.Reasoning,
		CacheRead: r.Usage.OfInput.Cached, CacheWrite: r.Usage.OfInput.Written,
	}}
	for _, raw := range r.Output {
		var item struct{ Type string }
		decode(t, raw, &item)
		switch item.Type {
		case "message":
			var message struct {
				Content []struct{ Text, Refusal string }
			}
			decode(t, raw, &message)
			for _, c := range message.Content {
				got.Text += c.Text + c.Refusal
			}
		case "function_call":
			var c struct {
				ID        string `json:"call_id"`
				Name      string
				Arguments string
			}
			decode(t, raw, &c)
			got.Calls = append(got.Calls, call{c.ID, c.Name, c.Arguments})
			got.Finish = provider.FinishToolCalls
		}
	}
	if r.Status == "incomplete" {
		got.Finish = provider.FinishLength
		if r.Details.Reason == "content_filter" {
			got.Finish = provider.FinishFiltered
		}
	}
	return got
}

// TestResponsesSentBackIsValid has what is sent back be valid. The reasoning is
// another server's, so that it cannot be decrypted, and is said to be in the store.
func TestResponsesSentBackIsValid(t *testing.T) {
	edit := func(request map[string]any) {
		request["store"] = true
		for _, v := range request["input"].([]any) {
			delete(v.(map[string]any), "encrypted_content")
		}
	}
	checkSentBack(t, load(t, responsesFile), responsesserver.New(), "/v1/responses", dialResponses, edit)
}

// TestResponsesSentBack has each item of an answer sent back as it came. Reasoning
// that is no more than an ID stays out, as the request is not stored, and what it
// led to goes without its ID.
func TestResponsesSentBack(t *testing.T) {
	for _, e := range load(t, responsesFile) {
		var want []any
		leftOut := false
		for _, raw := range doneItems(t, e) {
			var item map[string]any
			decode(t, raw, &item)
			content, _ := item["content"].([]any)
			if item["type"] == "reasoning" {
				leftOut = item["encrypted_content"] == nil && len(content) == 0
			}
			switch {
			case !leftOut:
				want = append(want, plainItem(item))
			case item["type"] == "message":
				want = append(want, map[string]any{"type": "message", "role": "assistant", "content": textOf(content)})
			case item["type"] == "function_call":
				want = append(want, map[string]any{"type": "function_call", "call_id": item["call_id"], "name": item["name"], "arguments": item["arguments"]})
			}
		}
		for _, streamed := range []bool{false, true} {
			var got []any
			input := sendBack(t, e, dialResponses, streamed)["input"].([]any)
			for _, v := range input[1 : len(input)-len(results(input))] {
				got = append(got, plainItem(v.(map[string]any)))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, streamed %v (-answer +sent):\n%s", e.ID, streamed, diff)
			}
		}
	}
}

// textOf is the text of a message's content.
func textOf(content []any) (text string) {
	for _, v := range content {
		said, _ := v.(map[string]any)["text"].(string)
		text += said
	}
	return text
}

// doneItems are the items of a reply: those of its response or, in a stream, of
// the events that end them. The response at the end of a stream has them too, but
// with reasoning that was encrypted anew.
func doneItems(t *testing.T, e exchange) (list []json.RawMessage) {
	t.Helper()
	if !e.Stream {
		return finalResponse(t, e).Output
	}
	for _, doc := range documents(e) {
		var event struct {
			Type string
			Item json.RawMessage
		}
		if decode(t, doc, &event); event.Type == "response.output_item.done" {
			list = append(list, event.Item)
		}
	}
	return list
}

// plainItem leaves out what says nothing: empty lists of a text's annotations, and
// the members of null that the API does not take back.
func plainItem(item map[string]any) map[string]any {
	maps.DeleteFunc(item, func(_ string, v any) bool { return v == nil })
	content, _ := item["content"].([]any)
	for _, v := range content {
		for _, name := range []string{"annotations", "logprobs"} {
			part := v.(map[string]any)
			if list, ok := part[name].([]any); ok && len(list) == 0 {
				delete(part, name)
			}
		}
	}
	return item
}

// results are the items behind the answer: the results of its calls, or what
// the user said.
func results(input []any) (list []any) {
	for _, v := range input[1:] {
		item := v.(map[string]any)
		if item["type"] == "function_call_output" || item["role"] == "user" {
			list = append(list, v)
		}
	}
	return list
}

// TestResponsesNext compares the calls that the adapter sends back, and their
// results, with what the recorded client sent back.
func TestResponsesNext(t *testing.T) {
	n := 0
	for _, turn := range turns(load(t, responsesFile)) {
		n++
		var next map[string]any
		decode(t, turn.next.Request, &next)
		want := callItems(next)
		calls := len(readResponses(t, turn.reply).Calls)
		want = want[max(0, len(want)-2*calls):] // each with its result; those of the turns before stand ahead
		for _, streamed := range []bool{false, true} {
			got := callItems(sendBack(t, turn.reply, dialResponses, streamed))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, streamed %v (-recorded +sent):\n%s", turn.reply.ID, streamed, diff)
			}
		}
	}
	atLeast(t, 6, n, "turns")
}

// callItems are the calls of a request and the ids that results name.
func callItems(request map[string]any) (list []any) {
	for _, v := range request["input"].([]any) {
		item := v.(map[string]any)
		switch item["type"] {
		case "function_call":
			delete(item, "status") // some clients leave them out
			delete(item, "id")
			item["arguments"] = value(item["arguments"].(string))
			list = append(list, item)
		case "function_call_output":
			list = append(list, item["call_id"])
		}
	}
	return list
}
