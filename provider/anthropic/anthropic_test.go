package anthropic_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/anthropicserver"
	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/providertest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func TestConformance(t *testing.T) {
	dial := func(key, address string) provider.Provider {
		return anthropic.New("claude-test", anthropic.APIKey(key), anthropic.BaseURL(address))
	}
	adaptertest.Conform(t, anthropicserver.New, dial,
		providertest.Skip("BrokenArguments", "the API has arguments as an object"))
}

const owner = "anthropic|api.anthropic.com|claude-test"

// doc returns a whole message.
func doc(content, reason string) string {
	return `{"id":"msg_1","type":"message","role":"assistant","model":"claude-test-1","content":[` + content + `],"stop_reason":"` + reason + `","stop_sequence":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":10,"cache_read_input_tokens":50,"output_tokens":37}}`
}

// event is one event of a stream, whose name gateways leave out.
func event(data string) string { return "data: " + data + "\n\n" }

const (
	started = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-test-1","content":[],"stop_reason":null,"usage":{"input_tokens":40,"output_tokens":1}}}`
	stopped = `{"type":"message_stop"}`
)

func begin(index, block string) string {
	return event(`{"type":"content_block_start","index":` + index + `,"content_block":` + block + `}`)
}

func delta(index, delta string) string {
	return event(`{"type":"content_block_delta","index":` + index + `,"delta":` + delta + `}`)
}

func stop(index string) string { return event(`{"type":"content_block_stop","index":` + index + `}`) }

func reason(s string) string {
	return event(`{"type":"message_delta","delta":{"stop_reason":"` + s + `"},"usage":{"output_tokens":37}}`)
}

var api = providertest.FaultConfig{
	NewProvider: func(hc *http.Client, address, key string) provider.Provider {
		return anthropic.New("claude-test", anthropic.HTTPClient(hc), anthropic.BaseURL(address+"/v1"), anthropic.APIKey(key))
	},
	Whole:       doc(`{"type":"text","text":"Hello 👍"}`, "end_turn"),
	StreamHead:  "event: message_start\n" + event(started) + begin("0", `{"type":"text","text":""}`) + "event: ping\n" + event(`{"type":"ping"}`) + delta("0", `{"type":"text_delta","text":"Hel"}`),
	StreamTail:  delta("0", `{"type":"text_delta","text":"lo 👍"}`) + stop("0") + reason("end_turn") + event(stopped),
	StreamPing:  "event: ping\n" + event(`{"type":"ping"}`),
	StreamError: "event: error\n" + event(`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`),
	ErrorReplies: map[provider.ErrorKind]providertest.ErrorReply{
		provider.KindRateLimited: {Status: 429, Body: `{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"},"request_id":"req_1"}`},
		provider.KindQuota:       {Status: 429, Body: `{"type":"error","error":{"type":"enforced_spend_limit_reached","message":"You have reached your limit"}}`},
		provider.KindAuth:        {Status: 401, Body: `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`},
		provider.KindUnavailable: {Status: 500, Body: `{"type":"error","error":{"type":"api_error","message":"Internal server error"}}`},
		provider.KindOverloaded:  {Status: 529, Body: `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`},
	},
}

func TestR26_Faults(t *testing.T) { providertest.Faults(t, api) }

func TestR29_ReportsCostTheirSize(t *testing.T) { adaptertest.Reports(t, api) }

func TestErrorsHoldNoControlCharacters(t *testing.T) { adaptertest.Plain(t, api) }

func TestSecrets(t *testing.T) { adaptertest.Secrets(t, api) }

// FuzzReply has a server send arbitrary bytes.
func FuzzReply(f *testing.F) {
	f.Add("text/event-stream", api.StreamHead+stop("0")+begin("1", `{"type":"tool_use","id":"t","name":"f","input":{}}`)+delta("1", `{"type":"input_json_delta","partial_json":"{\"a\":\"\ud83d\"}"}`)+stop("1")+reason("tool_use")+event(stopped))
	f.Add("application/json", doc(`{"type":"thinking","thinking":"a","signature":"b"},{"type":"redacted_thinking","data":"c"},{"type":"tool_use","id":"t","name":"f","input":{"a": 1e400}},{"type":"server_tool_use","input":{}},{"type":"text","text":"a","citations":[{"a": 1}]}`, "tool_use"))
	f.Add("text/event-stream", begin("0", `{"type":"server_tool_use","id":"s"}`)+delta("0", `{"partial_json":"{}"}`)+reason("pause_turn"))
	f.Add("text/event-stream", event(started)+begin("0", `{"type":"compaction","content":null}`)+delta("0", `{"content":"a"}`)+event(started)+begin("0", `{"type":"tool_use","input":{"a":1},"caller":{"type":"b"}}`)+event(stopped))
	f.Add("application/json", `{"content":"a","stop_reason":"end_turn","usage":{"input_tokens":1}}`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		adaptertest.Reply(t, contentType, body, func(hc *http.Client) provider.Provider { return anthropic.New("m", anthropic.HTTPClient(hc)) })
	})
}
