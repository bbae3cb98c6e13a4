package providertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

// chatFaults returns the configuration for Chat Completions, with a wrapped Provider.
func chatFaults(wrap wrapper) FaultConfig {
	const overloaded = `{"error":{"message":"No capacity","type":"overloaded_error"}}`
	return FaultConfig{
		NewProvider: func(client *http.Client, address, key string) provider.Provider {
			return wrap(openai.New("m", openai.HTTPClient(client), openai.BaseURL(address), openai.APIKey(key)))
		},
		Whole:        `{"choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`,
		StreamHead:   `data: {"choices":[{"delta":{"role":"assistant","content":"Hel"}}]}` + "\n\n",
		StreamTail:   `data: {"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n",
		StreamPing:   ": still there\n\n",
		StreamError:  "data: " + overloaded + "\n\n",
		ErrorReplies: map[provider.ErrorKind]ErrorReply{provider.KindOverloaded: {Status: 503, Body: overloaded}},
	}
}

// onKind calls then after an error of a kind.
func onKind(kind provider.ErrorKind, then func(x exchange, err error) (*provider.Response, error)) wrapper {
	return calling(func(x exchange) (*provider.Response, error) {
		resp, err := x.pass()
		if e, ok := err.(*provider.Error); ok && e.Kind == kind {
			return then(x, err)
		}
		return resp, err
	})
}

// brokenByFaults are adapters that work as long as nothing fails.
var brokenByFaults = []brokenProvider{
	{"TakesAShortReply", onKind(provider.KindUnavailable, func(exchange, error) (*provider.Response, error) { return Say("Hel").Response, nil }),
		[]string{"ResetInReply/whole", "EndInReply/stream", "BadGateway/whole"}, "want an error, got the response"},
	{"TakesNothing", onKind(provider.KindMalformed, func(exchange, error) (*provider.Response, error) { return Say("").Response, nil }),
		[]string{"EmptyReply/whole", "EmptyReply/stream", "EndInReply/whole"}, "want an error, got the response"},
	{"TakesAPage", onKind(provider.KindMalformed, func(exchange, error) (*provider.Response, error) { return Say("Welcome").Response, nil }),
		[]string{"WrongContent/whole", "WrongContent/stream"}, "want an error, got the response"},
	{"MixesKinds", failing(func(e *provider.Error) error { e.Kind = provider.KindInvalidRequest; return e }),
		[]string{"ErrorRateLimited/whole", "ErrorAuth/stream", "HangInReply/stream", "ErrorAsReply/stream"}, "want an error of kind rate_limited"},
	{"LosesTheStatus", failing(func(e *provider.Error) error { e.Status = 0; return e }),
		[]string{"ErrorUnavailable/whole", "ErrorInReply/stream", "HangAfterHeader/whole"}, "with status 0"},
	{"LosesRetryAfter", failing(func(e *provider.Error) error { e.RetryAfter = 0; return e }),
		[]string{"RetryAfter/whole", "RetryAfter/stream"}, "that asks to wait 7s"},
	{"SaysNothing", failing(func(e *provider.Error) error { e.Message = ""; return e }),
		[]string{"ErrorOverloaded/whole", "ResetBeforeReply/stream"}, "the error has no message"},
	{"FailsUntyped", failing(func(e *provider.Error) error { return fmt.Errorf("chat: %w", e) }),
		[]string{"ErrorAuth/whole"}, "want a *provider.Error, got a *fmt.wrapError"},
	{"DoesNotSayEmitted", failing(func(e *provider.Error) error { e.Emitted = false; return e }),
		[]string{"ResetInReply/stream", "Pings/stream", "KeepAlive/stream"}, "Emitted is false, but 1 deltas"},
	{"ShowsTheKey", failing(func(e *provider.Error) error {
		e.Err = fmt.Errorf("asked with %s", faultKey)
		return e
	}), []string{"EchoedKey/whole", "HangBeforeReply/whole"}, "the error contains the key"},
	{"ShowsTheStreamLate", emitting(func(provider.Delta, func(provider.Delta)) {}),
		[]string{noFault}, "the deltas do not add up to the response"},
	{"TriesAgain", calling(func(x exchange) (*provider.Response, error) {
		resp, err := x.pass()
		if err != nil {
			resp, err = x.pass()
		}
		return resp, err
	}), []string{"ErrorRateLimited/whole", "ResetBeforeReply/whole", "HangBeforeReply/stream"}, "want an error, got the response"},
	{"StaysBroken", func(p provider.Provider) provider.Provider {
		var failure error
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			if failure != nil {
				return nil, failure
			}
			resp, err := p.Generate(ctx, req, emit)
			failure = err
			return resp, err
		})
	}, []string{"ErrorAuth/whole", "HangInReply/whole"}, "want a response, got the error"},
	{"WaitsForTheContext", onKind(provider.KindTimeout, func(x exchange, err error) (*provider.Response, error) {
		<-x.ctx.Done()
		return nil, err
	}), []string{"HangBeforeReply/whole", "HangAfterHeader/stream", "Pings/stream"}, "the adapter did not give up"},
	{"WaitsForEver", onKind(provider.KindTimeout, func(exchange, error) (*provider.Response, error) { select {} }),
		[]string{"HangInReply/whole", "KeepAlive/stream"}, "Generate has not returned after 0 deltas"},
	{"LeavesAGoroutine", onKind(provider.KindTimeout, func(_ exchange, err error) (*provider.Response, error) {
		go func() { select {} }()
		return nil, err
	}), []string{"HangInReply/whole", "HangInReply/stream"}, "a goroutine outlives its call of Generate"},
	{"IsAbsent", func(provider.Provider) provider.Provider { return nil }, []string{noFault}, "Dial returned no provider"},
}

// TestBrokenAdapters runs the table on the broken adapters.
func TestBrokenAdapters(t *testing.T) {
	if !isToFail() {
		out := failsAlone(t, brokenByFaults)
		for name, says := range map[string]string{
			"UnknownFault":     `unknown check "Hang" to skip; the checks are ErrorAuth,`,
			"DifferentAnswers": "the good replies have different responses",
		} {
			if !strings.Contains(saidOf(t, out, name), says) {
				t.Errorf("%s: nothing says %q", name, says)
			}
		}
		return
	}
	for _, b := range brokenByFaults {
		t.Run(b.name, func(t *testing.T) {
			config := chatFaults(b.wrap)
			Faults(t, config, allBut(config.faultNames(), b.checks)...)
		})
	}
	t.Run("UnknownFault", func(t *testing.T) { Faults(t, chatFaults(nil), Skip("Hang", "")) })
	t.Run("DifferentAnswers", func(t *testing.T) {
		config := chatFaults(calling(exchange.pass))
		config.StreamTail = config.StreamHead + config.StreamTail
		Faults(t, config)
	})
}

// A correct adapter passes. Faults that the API cannot have are left out.
func TestFaultsOfAnAdapter(t *testing.T) {
	config := chatFaults(calling(exchange.pass))
	Faults(t, config)
	bare := FaultConfig{NewProvider: config.NewProvider, Whole: config.Whole, StreamHead: config.StreamHead, StreamTail: config.StreamTail}
	Faults(t, bare)
}
