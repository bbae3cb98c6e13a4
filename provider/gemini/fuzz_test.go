package gemini_test

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
)

// FuzzAlike sends chunks that are like the one before them.
func FuzzAlike(f *testing.F) {
	chunk := func(parts, more string) string {
		return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"}` + more + `}],"modelVersion":"m","responseId":"r"}`
	}
	events := []string{
		chunk(`{"text":TEXT}`, ""),
		chunk(`{"text":TEXT}`, `,"index":NUMBER`),
		chunk(`{"text":TEXT,"thought":true}`, `,"avgLogprobs":NUMBER`),
		chunk(`{"text":TEXT,"text":"b"}`, ""),
		chunk(`{"text":TEXT,"text":NUMBER}`, ""),
		chunk(`{"text":TEXT,"thoughtSignature":TEXT}`, ""),
		chunk(`{"text":TEXT,"thoughtSignature":"c2ln"}`, ""),
		chunk(`{"text":TEXT},{"text":TEXT}`, ""),
		chunk(`{"text":TEXT,"functionCall":{"name":"f","args":{"a":TEXT}}}`, ""),
		chunk(`{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":TEXT,"willContinue":true}],"willContinue":true}}`, ""),
		chunk(`{"executableCode":{"code":TEXT}}`, ""),
		chunk(`{"text":TEXT}`, `,"finishReason":TEXT`),
		chunk(`{"text":TEXT}`, `,"finishReason":"STOP"`),
		`{"candidates":[{"content":{"parts":[{"text":TEXT}]}},{"index":1,"content":{"parts":[{"text":TEXT}]}}]}`,
		`{"candidates":[{"content":{"parts":[{"text":TEXT}]}}],"usageMetadata":{"promptTokenCount":NUMBER,"totalTokenCount":NUMBER}}`,
		`{"candidates":[{"content":{"parts":[{"text":TEXT}]}}],"promptFeedback":{"blockReason":TEXT}}`,
		`[` + chunk(`{"text":TEXT}`, "") + `]`,
		`{"error":{"message":TEXT}}`,
		`{"candidates":[{"finishReason":"STOP"}]}`,
	}
	for _, program := range adaptertest.Programs() {
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		adaptertest.Alike(t, program, "", events, func(hc *http.Client) provider.Provider { return gemini.New(model, gemini.HTTPClient(hc)) })
	})
}
