package anthropic_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// FuzzAlike sends events that are like the one before them.
func FuzzAlike(f *testing.F) {
	piece := func(index, delta string) string {
		return `{"type":"content_block_delta","index":` + index + `,"delta":` + delta + `}`
	}
	start := begin("0", textBlock) + begin("1", `{"type":"tool_use","id":"t1","name":"f","input":{}}`) +
		begin("2", `{"type":"thinking","thinking":""}`) + begin("3", `{"type":"other","text":"a"}`)
	events := []string{
		piece("0", `{"type":"text_delta","text":TEXT}`),
		piece("0", `{"type":"text_delta","text":TEXT,"text":"b"}`),
		piece("0", `{"type":"text_delta","text":TEXT,"citation":{"a":1}}`),
		piece("0", `{"text":TEXT,"padding":TEXT}`),
		piece("0", `{"type":TEXT,"text":TEXT}`),
		piece("NUMBER", `{"type":"text_delta","text":TEXT}`),
		piece("1", `{"type":"input_json_delta","partial_json":TEXT}`),
		piece("1", `{"type":"input_json_delta","partial_json":{"a":TEXT}}`),
		piece("2", `{"type":"thinking_delta","thinking":TEXT}`),
		piece("2", `{"type":"signature_delta","signature":TEXT}`),
		piece("2", `{"type":"thinking_delta","thinking":TEXT,"signature":"s"}`),
		`{"type":"content_block_start","index":NUMBER,"content_block":{"type":"text","text":TEXT}}`,
		piece("3", `{"type":"text_delta","text":TEXT}`),
		`{"type":"content_block_stop","index":NUMBER}`,
		`{"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":NUMBER}}}`,
		`{"type":"ping"}`,
		`{"type":"error","error":{"type":"overloaded_error","message":TEXT}}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":NUMBER}}`,
		`{"type":"message_stop"}`,
	}
	for _, program := range adaptertest.Programs() {
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		adaptertest.Alike(t, program, start, events, func(hc *http.Client) provider.Provider { return anthropic.New("m", anthropic.HTTPClient(hc)) })
	})
}
