package recordings

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

const chatFile = "openai-chat.jsonl.gz"

func dialChat(e exchange, address string) provider.Provider {
	return openai.New("m", openai.BaseURL(address+"/v1"))
}

func TestChat(t *testing.T) {
	replay(t, load(t, chatFile), dialChat, readChat, knownChat)
}

func TestChatRequests(t *testing.T) {
	sent := func(e exchange) (string, []byte) {
		return "/v1/chat/completions", without(t, e.Request, foreign[e.Host])
	}
	checkRequests(t, load(t, chatFile), chatserver.New(), sent, refusedChat)
}

// foreign are the members that servers other than OpenAI's take in a request, by
// the host.
var foreign = map[string][]string{
	"openrouter.ai": {
		"usage", "reasoning", "provider", "models", "preset", "transforms", "tools.eager_input_streaming",
		"messages.cache_control", "messages.content.cache_control", "messages.tool_calls.cache_control", "tools.cache_control",
	},
	"ai-gateway.vercel.sh":                   {"reasoning", "messages.cache_control", "messages.content.cache_control", "messages.tool_calls.cache_control", "tools.cache_control"},
	"api.groq.com":                           {"reasoning_format", "search_settings"},
	"api.z.ai":                               {"thinking"},
	"api.cerebras.ai":                        {"clear_thinking"},
	"api.mistral.ai":                         {"*"},
	"router.huggingface.co":                  {"*"},
	"myorg-myaccount.snowflakecomputing.com": {"reasoning"},
}

func TestChatSentBackIsValid(t *testing.T) {
	checkSentBack(t, load(t, chatFile), chatserver.New(), "/v1/chat/completions", dialChat, nil)
}

// knownChat are the exchanges of which the plain reader is wrong.
var knownChat = map[string]expectation{
	"pydantic/pydantic-ai:tests/models/cassettes/test_openai/test_invalid_response.yaml#0": {
		why:  "the document is of another API and holds no message",
		want: answer{Error: provider.KindMalformed},
	},
}

// refusedChat are the requests that OpenAI refuses and another server took.
var refusedChat = map[string]string{
	"pydantic/pydantic-ai:tests/models/cassettes/test_mistral/test_mistral_history_uses_prompt_cache.yaml#1":                 "Mistral has messages that the model goes on with (prefix)",
	"pydantic/pydantic-ai:tests/models/cassettes/test_tool_choice_matrix/test_tool_choice_matrix[auto-mistral].yaml#0":       "Mistral takes tools without a type",
	"pydantic/pydantic-ai:tests/models/cassettes/test_tool_choice_matrix/test_tool_choice_matrix[auto-mistral].yaml#1":       "Mistral takes tools without a type",
	"pydantic/pydantic-ai:tests/models/cassettes/test_tool_choice_matrix/test_tool_choice_matrix[required-mistral].yaml#0":   "Mistral takes tools without a type",
	"pydantic/pydantic-ai:tests/models/cassettes/test_openrouter/test_openrouter_video_url_public_api.yaml#0":                "OpenRouter takes videos",
	"pydantic/pydantic-ai:tests/models/cassettes/test_huggingface/test_hf_model_instructions.yaml#0":                         "Hugging Face takes an empty list of tools",
	"pydantic/pydantic-ai:tests/models/cassettes/test_huggingface/test_hf_model_thinking_part.yaml#1":                        "Hugging Face takes an empty list of tools",
	"pydantic/pydantic-ai:tests/models/cassettes/test_huggingface/test_max_completion_tokens.yaml#0":                         "Hugging Face takes an empty list of tools",
	"pydantic/pydantic-ai:tests/models/cassettes/test_huggingface/test_request_simple_usage.yaml#0":                          "Hugging Face takes an empty list of tools",
	"pydantic/pydantic-ai:tests/models/cassettes/test_stream_close/test_cancel_recorded_provider_stream[huggingface].yaml#1": "Hugging Face takes an empty list of tools",
}

// readChat reads a reply as the recording expects it. Usage is not all there, so
// that it is read here.
func readChat(t *testing.T, e exchange) answer {
	var expect struct {
		Text      string
		ToolCalls []call `json:"tool_calls"`
		Finish    string `json:"finish_reason"`
		Error     json.RawMessage
	}
	decode(t, e.Expect, &expect)
	if expect.Error != nil {
		return answer{Error: chatErrors[e.Status]}
	}
	got := answer{Text: expect.Text, Calls: append([]call(nil), expect.ToolCalls...), Usage: chatUsage(t, e)}
	switch {
	case expect.Finish == "length":
		got.Finish = provider.FinishLength
	case len(got.Calls) > 0:
		got.Finish = provider.FinishToolCalls
	default:
		got.Finish = provider.FinishStop
	}
	return got
}

var chatErrors = map[int]provider.ErrorKind{
	http.StatusOK:              provider.KindMalformed, // Groq: the model's call does not fit the tool's schema
	http.StatusBadRequest:      provider.KindInvalidRequest,
	http.StatusNotFound:        provider.KindInvalidRequest,
	http.StatusTooManyRequests: provider.KindRateLimited,
}

// chatUsage is the last usage of a reply.
func chatUsage(t *testing.T, e exchange) (u provider.Usage) {
	for _, doc := range documents(e) {
		var chunk struct {
			Usage *struct {
				Input    int64 `json:"prompt_tokens"`
				Output   int64 `json:"completion_tokens"`
				Total    int64 `json:"total_tokens"`
				Hit      int64 `json:"prompt_cache_hit_tokens"`
				Cached   int64 `json:"cached_tokens"`
				OfPrompt struct {
					Cached  int64 `json:"cached_tokens"`
					Written int64 `json:"cache_write_tokens"`
				} `json:"prompt_tokens_details"`
				OfOutput struct {
					Reasoning int64 `json:"reasoning_tokens"`
				} `json:"completion_tokens_details"`
			}
		}
		decode(t, doc, &chunk)
		if v := chunk.Usage; v != nil {
			u = provider.Usage{
				Input: v.Input, Output: max(v.Output, v.Total-v.Input), Reasoning: v.OfOutput.Reasoning,
				CacheRead: max(v.Hit, v.Cached, v.OfPrompt.Cached), CacheWrite: v.OfPrompt.Written,
			}
		}
	}
	return u
}

// documents are the JSON texts of a reply: one, or those of its events.
func documents(e exchange) (list []json.RawMessage) {
	if !e.Stream {
		return []json.RawMessage{json.RawMessage(e.Body)}
	}
	for event := range strings.SplitSeq(strings.ReplaceAll(e.Body, "\r\n", "\n"), "\n\n") {
		for line := range strings.Lines(event) {
			if data, ok := strings.CutPrefix(line, "data:"); ok && json.Valid([]byte(data)) {
				list = append(list, json.RawMessage(data))
			}
		}
	}
	return list
}

// TestChatReasoning compares what the model reasoned.
func TestChatReasoning(t *testing.T) {
	for _, e := range load(t, chatFile) {
		var expect struct{ Reasoning string }
		decode(t, e.Expect, &expect)
		if expect.Reasoning == "" || e.ID == groqToolUseFailed {
			continue
		}
		resp, _ := ask(t, dialChat(e, adaptertest.Serve(t, says(e))), true)
		if resp == nil {
			t.Errorf("%s: no answer", e.ID)
			continue
		}
		var got string
		for _, p := range resp.Message.Parts {
			if r, ok := p.(provider.Reasoning); ok {
				got += r.Text
			}
		}
		if got != expect.Reasoning {
			t.Errorf("%s (%s):\n got %.300q\nwant %.300q", e.ID, e.Host, got, expect.Reasoning)
		}
	}
}

// TestChatCost compares what servers say that a reply costs.
func TestChatCost(t *testing.T) {
	n := 0
	for _, e := range load(t, chatFile) {
		var want *big.Rat
		for _, doc := range documents(e) {
			var chunk struct {
				Usage struct {
					Cost  json.Number
					Ticks json.Number `json:"cost_in_usd_ticks"`
					BYOK  bool        `json:"is_byok"`
					Of    struct {
						Upstream json.Number `json:"upstream_inference_cost"`
					} `json:"cost_details"`
				}
			}
			decode(t, doc, &chunk)
			switch u := chunk.Usage; {
			case u.Cost != "" && u.BYOK:
				want = new(big.Rat).Add(rational(u.Cost), rational(u.Of.Upstream))
			case u.Cost != "":
				want = rational(u.Cost)
			case u.Ticks != "":
				want = new(big.Rat).Quo(rational(u.Ticks), big.NewRat(1e10, 1))
			}
		}
		resp, _ := ask(t, dialChat(e, adaptertest.Serve(t, says(e))), false)
		switch {
		case resp == nil:
		case want == nil && resp.Cost != nil:
			t.Errorf("%s (%s): the adapter has a cost of %v", e.ID, e.Host, resp.Cost)
		case want == nil:
		case resp.Cost == nil || big.NewRat(int64(*resp.Cost), int64(provider.Dollar)).Cmp(want) != 0:
			t.Errorf("%s (%s): got %v, want %s", e.ID, e.Host, resp.Cost, want.FloatString(12))
		default:
			n++
		}
	}
	atLeast(t, 100, n, "replies that say what they cost")
}

func rational(n json.Number) *big.Rat {
	r, _ := new(big.Rat).SetString(string(n))
	return r
}

const groqToolUseFailed = "pydantic/pydantic-ai:tests/models/cassettes/test_groq/test_tool_use_failed_error_streaming.yaml#0"

// TestChatSentBack compares what the adapter sends back of a reply with what the
// recorded client sent back of it.
func TestChatSentBack(t *testing.T) {
	n := 0
	for _, turn := range turns(load(t, chatFile)) {
		if why := chatElsewhere[turn.reply.ID]; why != "" {
			continue
		}
		var next map[string]any
		decode(t, turn.next.Request, &next)
		want, ok := chatTurn(next)
		if !ok {
			continue // it begins another conversation
		}
		n++
		for _, streamed := range []bool{false, true} {
			got, _ := chatTurn(sendBack(t, turn.reply, dialChat, streamed))
			if diff := cmp.Diff(want, got.like(want)); diff != "" {
				t.Errorf("%s, streamed %v (-recorded +sent):\n%s", turn.reply.ID, streamed, diff)
			}
		}
	}
	atLeast(t, 40, n, "turns")
}

// chatElsewhere are the replies of which the next request does not tell how they
// are sent back, by ID.
var chatElsewhere = map[string]string{
	"charmbracelet/fantasy:providertests/testdata/TestOpenAICompatibleCommon/avian-kimi/multi_tool_streaming.yaml#0":              "the client sends the last of three texts alone",
	"pydantic/pydantic-ai:tests/cassettes/test_cache_prefix_stability/test_openai_tool_call_roundtrip_wire_stable[ag_ui].yaml#2":  "the next request is of a conversation that was loaded anew",
	"pydantic/pydantic-ai:tests/cassettes/test_cache_prefix_stability/test_openai_tool_call_roundtrip_wire_stable[vercel].yaml#2": "the next request is of a conversation that was loaded anew",
	"pydantic/pydantic-ai:tests/models/cassettes/test_deepseek/test_deepseek_deferred_capability_with_thinking.yaml#0":            "the client adds a turn of its own",
	groqToolUseFailed: "the reply is an error",
}

// A chatAnswer is the last turn of the assistant in a request, and its results.
type chatAnswer struct {
	Text      string
	Calls     []any
	Reasoning string
	Details   []any // OpenRouter's reasoning_details
	Results   []any // the ids that they name
}

func chatTurn(request map[string]any) (turn chatAnswer, ok bool) {
	messages := request["messages"].([]any)
	at := len(messages) - 1
	for at >= 0 && messages[at].(map[string]any)["role"] != "assistant" {
		at--
	}
	if at < 0 {
		return turn, false
	}
	m := messages[at].(map[string]any)
	turn.Text, _ = m["content"].(string)
	turn.Calls, _ = m["tool_calls"].([]any)
	turn.Details, _ = m["reasoning_details"].([]any)
	for _, name := range []string{"reasoning_content", "reasoning"} {
		if text, ok := m[name].(string); ok {
			turn.Reasoning = text
		}
	}
	// A client that has no field for reasoning writes it into the text.
	if thought, said, ok := strings.Cut(turn.Text, "\n</think>"); ok && turn.Reasoning == "" {
		turn.Reasoning, turn.Text = strings.TrimPrefix(thought, "<think>\n"), strings.TrimPrefix(said, "\n\n")
	}
	for _, v := range turn.Calls {
		c := v.(map[string]any)
		f := c["function"].(map[string]any)
		f["arguments"] = value(f["arguments"].(string))
		delete(c, "cache_control") // some recorded clients mark what to cache
		delete(c, "index")         // Mistral's client sends it
	}
	for _, v := range messages[at+1:] {
		if r := v.(map[string]any); r["role"] == "tool" {
			turn.Results = append(turn.Results, r["tool_call_id"])
		}
	}
	return turn, true
}

// like leaves out of a turn what the recorded client does not send: some clients
// send no reasoning back, or its details without all their fields.
func (turn chatAnswer) like(recorded chatAnswer) chatAnswer {
	if recorded.Reasoning == "" {
		turn.Reasoning = ""
	}
	if len(recorded.Details) == 0 {
		turn.Details = nil
	}
	for i, v := range turn.Details {
		if i < len(recorded.Details) {
			theirs := recorded.Details[i].(map[string]any)
			maps.DeleteFunc(v.(map[string]any), func(name string, _ any) bool { _, sent := theirs[name]; return !sent })
		}
	}
	return turn
}
