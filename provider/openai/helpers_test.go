package openai_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider/openai"
)

// client returns a client of a loopback server with this handler.
func client(t *testing.T, handle http.HandlerFunc, opts ...openai.Option) *openai.Client {
	t.Helper()
	return openai.New("gpt-test", append([]openai.Option{openai.BaseURL(adaptertest.Serve(t, handle) + "/v1")}, opts...)...)
}

// The short names of what the tests of all adapters share.
var (
	says  = adaptertest.Says
	flush = adaptertest.Flush
)

// chunk is one event of a stream.
func chunk(delta, finish string) string {
	return fmt.Sprintf("data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n", delta, finish)
}

// calls returns a delta with elements of tool_calls.
func calls(elements ...string) string {
	return `{"tool_calls":[` + strings.Join(elements, ",") + `]}`
}

const done = "data: [DONE]\n\n"

var question = adaptertest.Question

// ask makes one call and returns its result in one line.
func ask(t *testing.T, c *openai.Client, stream bool) string {
	t.Helper()
	return adaptertest.Ask(t.Context(), t, c, stream)
}
