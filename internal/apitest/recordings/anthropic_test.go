package recordings

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

const anthropicFile = "anthropic-messages.jsonl.gz"

func TestAnthropic(t *testing.T) {
	replay(t, load(t, anthropicFile), dialAnthropic, func(t *testing.T, e exchange) answer { return readAnthropic(t, e).answer() }, nil)
}

func dialAnthropic(_ exchange, address string) provider.Provider {
	return anthropic.New("claude-test", anthropic.BaseURL(address+"/v1"), anthropic.NoPromptCache())
}

// A claudeMessage is a message of the API, or an event of its streams.
type claudeMessage struct {
	Type       string
	Content    []claudeBlock
	StopReason string `json:"stop_reason"`
	Usage      map[string]any

	Message *claudeMessage // of the event that begins a message
	Index   int
	Block   claudeBlock `json:"content_block"`
	Delta   json.RawMessage
}

// A claudeBlock is a block of a message, or what is added to one.
type claudeBlock map[string]json.RawMessage

func (b claudeBlock) text(name string) (text string) {
	_ = json.Unmarshal(b[name], &text)
	return text
}

// readAnthropic reads a reply as the API's reference describes it: what a
// message_stop ends is the message, and a message_start begins it anew.
func readAnthropic(t *testing.T, e exchange) (m claudeMessage) {
	t.Helper()
	for _, event := range documents(e) {
		var next claudeMessage
		if err := json.Unmarshal(event, &next); err != nil {
			t.Fatal(err)
		}
		switch next.Type {
		case "message":
			return next
		case "message_start":
			m = *next.Message
		case "content_block_start":
			m.Content = append(m.Content[:next.Index:next.Index], next.Block)
		case "content_block_delta":
			var delta claudeBlock
			if err := json.Unmarshal(next.Delta, &delta); err != nil {
				t.Fatal(err)
			}
			m.Content[next.Index].add(delta)
		case "message_delta":
			var delta claudeMessage
			if err := json.Unmarshal(next.Delta, &delta); err != nil {
				t.Fatal(err)
			}
			m.StopReason = delta.StopReason
			maps.Copy(m.Usage, next.Usage)
		case "message_stop":
			return m
		}
	}
	t.Fatal("the reply does not end")
	return m
}

// add adds a delta to a block. The pieces of the input stand in partial_json.
func (b claudeBlock) add(delta claudeBlock) {
	for _, name := range []string{"text", "thinking", "signature", "partial_json"} {
		if piece := delta.text(name); piece != "" {
			b[name], _ = json.Marshal(b.text(name) + piece)
		}
	}
	if c := delta["citation"]; c != nil {
		var all []json.RawMessage
		_ = json.Unmarshal(b["citations"], &all)
		b["citations"], _ = json.Marshal(append(all, c))
	}
}

// input is the text of a call's arguments: exact if it came in pieces, and
// otherwise without white space.
func (b claudeBlock) input() string {
	if pieces := b.text("partial_json"); pieces != "" {
		return pieces
	}
	return compact(b["input"])
}

func (m claudeMessage) answer() answer {
	var a answer
	for _, b := range m.Content {
		switch b.text("type") {
		case "text":
			a.Text += b.text("text")
		case "tool_use":
			a.Calls = append(a.Calls, call{b.text("id"), b.text("name"), b.input()})
		}
	}
	a.Finish = map[string]provider.FinishReason{
		"end_turn": provider.FinishStop, "stop_sequence": provider.FinishStop, "tool_use": provider.FinishStop,
		"refusal": provider.FinishFiltered, "max_tokens": provider.FinishLength, "pause_turn": provider.FinishLength,
	}[m.StopReason]
	if a.Finish == provider.FinishStop && len(a.Calls) > 0 {
		a.Finish = provider.FinishToolCalls
	}
	count := func(name string) int64 { n, _ := m.Usage[name].(float64); return int64(n) }
	details, _ := m.Usage["output_tokens_details"].(map[string]any)
	thinking, _ := details["thinking_tokens"].(float64)
	a.Usage = provider.Usage{
		CacheRead: count("cache_read_input_tokens"), CacheWrite: count("cache_creation_input_tokens"),
		Output: count("output_tokens"), Reasoning: int64(thinking),
	}
	a.Usage.Input = count("input_tokens") + a.Usage.CacheRead + a.Usage.CacheWrite
	return a
}
