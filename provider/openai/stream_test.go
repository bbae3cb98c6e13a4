package openai_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

var hello = chunk(`{"role":"assistant","content":"Hel"}`, "null") + chunk(`{"content":"lo 👍"}`, "null")

const (
	stopped   = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	openCall  = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n"
	usageLast = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n"
)

// TestEventStreamQuirks has deviations in the event stream itself.
func TestEventStreamQuirks(t *testing.T) {
	long := strings.Repeat("y", 1<<20)
	for _, c := range []struct{ name, body, want string }{
		{"comments between events", ": OPENROUTER PROCESSING\n\n" + hello + ": OPENROUTER PROCESSING\n\n" + stopped + done, "text(Hello 👍) stop"},
		{"CR line ends", strings.ReplaceAll(hello+stopped+done, "\n", "\r"), "text(Hello 👍) stop"},
		{"CRLF line ends", strings.ReplaceAll(hello+stopped+done, "\n", "\r\n"), "text(Hello 👍) stop"},
		{"event, id and retry lines", "event: message\nid: 1\nretry: 5\n" + hello + stopped + done, "text(Hello 👍) stop"},
		{"a byte order mark", "\ufeff" + hello + stopped + done, "text(Hello 👍) stop"},
		{"an event with empty data", "data:\n\n" + hello + "data: \n\n" + stopped + done, "text(Hello 👍) stop"},
		{"no space after data", strings.ReplaceAll(hello+stopped+done, "data: ", "data:"), "text(Hello 👍) stop"},
		{"JSON over several data lines", "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"hi\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n" + done, "text(hi) stop"},
		{"one text delta of 1 MiB", chunk(`{"content":"`+long+`"}`, `"stop"`) + done, "text(" + long + ") stop"},
		{"blank lines forgotten", strings.ReplaceAll(hello+stopped+done, "\n\n", "\n"), "text(Hello 👍) stop"},
		{"no last blank line", strings.TrimSuffix(hello+stopped+done, "\n\n"), "text(Hello 👍) stop"},
		{"no finish, no last blank line", strings.TrimSuffix(hello+done, "\n\n"), "text(Hello 👍) stop"},
		{"a finish, but no [DONE]", hello + stopped, "text(Hello 👍) stop"},
		{"a finish and usage, but no [DONE]", hello + stopped + usageLast, "text(Hello 👍) stop"},
		{"[DONE] without a finish", hello + done, "text(Hello 👍) stop"},
		{"more after [DONE]", hello + done + chunk(`{"content":"!"}`, "null"), "text(Hello 👍) stop"},

		{"clean end inside text", hello, "error unavailable"},
		{"clean end inside the arguments", openCall, "error unavailable"},
		{"clean end inside an event", hello + `data: {"choices":[{"del`, "error unavailable"},
		{"broken JSON", hello + "data: {\"choices\":[}\n\n" + done, "error malformed"},
		{"no JSON", hello + "data: oops\n\n" + done, "error malformed"},
		{"an error text", hello + "data: {\"error\":\"it broke\"}\n\n" + done, "error unavailable"},
		{"an error object", hello + "data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\"}}\n\n", "error rate_limited"},
		{"an error with a status", hello + "data: {\"error\":{\"message\":\"bad gateway\",\"code\":502},\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", "error unavailable"},
		{"an error in a choice", hello + "data: {\"choices\":[{\"delta\":{},\"error\":{\"message\":\"too much\",\"code\":429}}]}\n\n", "error rate_limited"},
		{"an error that is null", hello + "data: {\"error\":null,\"choices\":[]}\n\n" + stopped + done, "text(Hello 👍) stop"},
		{"event: error (Groq)", openCall + "event: error\ndata: {\"error\":{\"message\":\"Failed to call a function.\",\"type\":\"invalid_request_error\",\"code\":\"tool_use_failed\",\"failed_generation\":\"<f>\"}}\n\n", "error malformed"},
		{"event: error with a plain object", "event: error\ndata: {\"message\":\"overloaded\",\"type\":\"overloaded_error\"}\n\n", "error overloaded"},
		{"event: error with text", "event: error\ndata: it broke\n\n", "error unavailable"},
		{"a flat error (vLLM)", hello + "data: {\"object\":\"error\",\"message\":\"This model's maximum context length is 10\",\"code\":400}\n\n" + done, "error context_too_long"},
		{"a flat error without a mark", openCall + "data: {\"message\":\"worker died\",\"type\":\"internal\",\"code\":500}\n\n" + done, "error unavailable"},
		{"a detail (FastAPI)", openCall + "data: {\"detail\":\"boom\",\"choices\":null}\n\n" + done, "error unavailable"},
		{"a list with an error (Gemini)", openCall + "data: [{\"error\":{\"message\":\"no\",\"code\":429}}]\n\n" + done, "error rate_limited"},
		{"an event of another kind", hello + "data: {\"type\":\"ping\"}\n\n" + stopped + done, "text(Hello 👍) stop"},
		{"only comments", ": one\n\n: two\n\n", "error unavailable"},
		{"only [DONE]", done, "error malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, contentType := range []string{"text/event-stream; charset=utf-8", "text/plain", "application/json"} {
				if got := ask(t, client(t, says(200, contentType, c.body)), true); got != c.want {
					t.Errorf("as %s:\n got %.300s\nwant %.300s", contentType, got, c.want)
				}
			}
			if got := ask(t, client(t, says(200, "text/event-stream", c.body)), false); got != c.want {
				t.Errorf("though it was not asked for:\n got %.300s\nwant %.300s", got, c.want)
			}
			if len(c.body) > 10000 {
				return
			}
			byTheByte := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for i := range len(c.body) {
					w.Write([]byte{c.body[i]})
					flush(w)
				}
			}
			if got := ask(t, client(t, byTheByte), true); got != c.want {
				t.Errorf("byte by byte:\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestStreamUsage(t *testing.T) {
	for name, c := range map[string]struct {
		events string
		want   provider.Usage
	}{
		"in a chunk of its own": {usageLast, provider.Usage{Input: 5, Output: 2}},
		"growing in every chunk": {
			"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n" + usageLast + "data: {\"choices\":[],\"usage\":null}\n\n",
			provider.Usage{Input: 5, Output: 2},
		},
		"smaller at the end": {
			"data: {\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":20,\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n" + usageLast,
			provider.Usage{Input: 5, CacheRead: 3, Output: 2},
		},
		"empty at the end": {
			usageLast + "data: {\"choices\":[],\"usage\":{}}\n\n",
			provider.Usage{Input: 5, Output: 2},
		},
		"counts of null at the end": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"cached_tokens":30,"cache_creation_input_tokens":10,"completion_tokens_details":{"reasoning_tokens":7}}}` + "\n\n" +
				`data: {"usage":{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null,"cached_tokens":null,"prompt_tokens_details":{"cached_tokens":null,"cache_write_tokens":null},"completion_tokens_details":{"reasoning_tokens":null}}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 30, CacheWrite: 10, Output: 20, Reasoning: 7},
		},
		"fewer from the cache at the end": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"cached_tokens":30}}` + "\n\n" + `data: {"usage":{"prompt_tokens_details":{"cached_tokens":10}}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 10, Output: 20},
		},
		"Moonshot's cache": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"total_tokens":70,"cached_tokens":30}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 30, Output: 20},
		},
		"Anthropic's cache behind a gateway": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":30},"cache_creation_input_tokens":10,"cache_read_input_tokens":30}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 30, CacheWrite: 10, Output: 20},
		},
		"floats and nulls": {
			`data: {"usage":{"prompt_tokens":5.0,"completion_tokens":2.0,"total_tokens":null,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}}` + "\n\n",
			provider.Usage{Input: 5, Output: 2},
		},
		"details": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"total_tokens":70,"prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":10},"completion_tokens_details":{"reasoning_tokens":7}}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 30, CacheWrite: 10, Output: 20, Reasoning: 7},
		},
		"DeepSeek's cache": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"prompt_cache_hit_tokens":30,"prompt_cache_miss_tokens":20}}` + "\n\n",
			provider.Usage{Input: 50, CacheRead: 30, Output: 20},
		},
		"reasoning beside the output": {
			`data: {"usage":{"prompt_tokens":50,"completion_tokens":20,"total_tokens":77,"completion_tokens_details":{"reasoning_tokens":7}}}` + "\n\n",
			provider.Usage{Input: 50, Output: 27, Reasoning: 7},
		},
		"in the choice (Kimi)": {
			`data: {"choices":[{"delta":{},"usage":{"prompt_tokens":5,"completion_tokens":2}}]}` + "\n\n",
			provider.Usage{Input: 5, Output: 2},
		},
		"nonsense": {`data: {"usage":{"prompt_tokens":-5,"completion_tokens":1e99}}` + "\n\n", provider.Usage{}},
		"an impossible number": {
			`data: {"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":9223372036854775807,"prompt_tokens_details":{"cached_tokens":1099511627777}}}` + "\n\n",
			provider.Usage{Input: 10, Output: 5},
		},
		"none": {"", provider.Usage{}},
	} {
		asked := client(t, says(200, "text/event-stream", hello+stopped+c.events+done))
		for _, l := range adaptertest.Layouts { // each request has the next one
			resp, err := asked.Generate(t.Context(), question, func(provider.Delta) {})
			if err != nil || resp.Usage != c.want {
				t.Errorf("%s, laid out %v: got %+v, %v, want %+v", name, l, resp, err, c.want)
			}
		}
	}
}

// TestOpenConnections has servers that neither continue nor close the connection.
func TestOpenConnections(t *testing.T) {
	keepAlive := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, ": keep-alive\n\n")
			flush(w)
			time.Sleep(time.Second)
		}
	}
	silent := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, c := range []struct {
		name, sent string
		then       http.HandlerFunc
		want       string
	}{
		{"[DONE]", hello + stopped + usageLast + done, silent, "text(Hello 👍) stop"},
		{"[DONE], then comments", hello + stopped + done, keepAlive, "text(Hello 👍) stop"},
		{"a finish, but no [DONE]", hello + stopped, silent, "text(Hello 👍) stop"},
		{"some deltas, then nothing", hello, silent, "error timeout"},
		{"some deltas, then comments for ever", hello, keepAlive, "error timeout"},
		{"comments for ever", "", keepAlive, "error timeout"},
		{"blank lines for ever", "", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, "\n")
				flush(w)
				time.Sleep(time.Second)
			}
		}, "error timeout"},
		{"half a document", `{"choices":[`, silent, "error timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hc := serve.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream")
					fmt.Fprint(w, c.sent)
					flush(w)
					c.then(w, r)
				})
				asked := openai.New("gpt-test", openai.BaseURL("http://in.memory/v1"), openai.HTTPClient(hc))
				if got := ask(t, asked, true); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// TestStreamConnectionIsReused tests that a stream is read to its end after [DONE], so that
// its connection can be reused.
func TestStreamConnectionIsReused(t *testing.T) {
	var remotes []string
	asked := client(t, func(w http.ResponseWriter, r *http.Request) {
		remotes = append(remotes, r.RemoteAddr)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, hello+stopped+done)
		flush(w)
	})
	for range 3 {
		if got := ask(t, asked, true); got != "text(Hello 👍) stop" {
			t.Fatal(got)
		}
	}
	if remotes[0] != remotes[1] || remotes[1] != remotes[2] {
		t.Errorf("three requests came from %v", remotes)
	}
}

func TestCancelWhileMoreHasArrived(t *testing.T) {
	apart := strings.Repeat(hello, 100) + stopped + done
	for name, events := range map[string]string{
		"events":           apart,
		"one single event": strings.ReplaceAll(apart, "\n\n", "\n"),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		_, err := client(t, says(200, "text/event-stream", events)).Generate(ctx, question, func(provider.Delta) {
			n++
			cancel()
		})
		if err == nil || failure(t, err).Kind != provider.KindCanceled || n > 1 {
			t.Errorf("%s: %d deltas after the call was canceled, %v", name, n-1, err)
		}
	}
}

// TestCallEnds tests that the end of each call is emitted as soon as it is certain: c is a
// call that begins, and e one that ends.
func TestCallEnds(t *testing.T) {
	piece := func(index int, id, args string) string {
		return fmt.Sprintf(`{"index":%d,"id":%q,"function":{"name":"f","arguments":%q}}`, index, id, args)
	}
	for name, c := range map[string]struct{ events, want string }{
		"when the next one begins":      {chunk(calls(piece(0, "a", `{}`)), "null") + chunk(calls(piece(1, "b", `{"x":`)), "null") + chunk(calls(`{"index":1,"function":{"arguments":"1}"}}`), "null") + stopped, "c0 e0 c1 e1"},
		"in the order of the answer":    {chunk(calls(piece(0, "a", `{`)), "null") + chunk(calls(piece(1, "b", `{}`)), "null") + chunk(calls(`{"index":0,"function":{"arguments":"}"}}`), "null") + stopped, "c0 c1 e0 e1"},
		"pieces go to and fro":          {chunk(calls(piece(0, "a", ``), piece(1, "b", ``)), "null") + chunk(calls(`{"index":0,"function":{"arguments":"{}"}}`, `{"index":1,"function":{"arguments":"{}"}}`), "null") + stopped, "c0 c1 e0 e1"},
		"without arguments":             {chunk(calls(piece(0, "a", ``)), "null") + stopped, "c0"},
		"with the finish":               {chunk(calls(piece(0, "a", `{}`)), `"tool_calls"`), "c0 e0"},
		"the finish ahead of the delta": {"data: {\"choices\":[{\"finish_reason\":\"tool_calls\",\"delta\":" + calls(piece(0, "a", `{}`)) + "}]}\n\n", "c0 e0"},
		"a call after the finish":       {chunk(calls(piece(0, "a", `{}`)), `"tool_calls"`) + chunk(calls(piece(1, "b", `{}`)), "null"), "c0 e0 c1 e1"},
		"one is broken":                 {chunk(calls(piece(0, "a", `{`)), "null") + chunk(calls(piece(1, "b", `{}`)), "null") + stopped, "c0 c1"},
		"in another order":              {chunk(calls(piece(1, "a", `{}`)), "null") + chunk(calls(piece(0, "b", `{}`)), "null") + stopped, "c0 c1"},
		"cut off":                       {chunk(calls(piece(0, "a", `{}`)), "null") + chunk(calls(piece(1, "b", `{}`)), `"length"`), "c0 e0 c1"},
		"an unknown finish":             {chunk(calls(piece(0, "a", ``)), `"tired"`), "c0"},
		"an error instead of a finish":  {chunk(calls(piece(0, "a", `{}`)), "null") + "data: {\"error\":\"it broke\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", "c0"},
		"[DONE] and no finish":          {chunk(calls(piece(0, "a", `{}`)), "null"), "c0"},
		"all in one document":           {`{"choices":[{"message":` + calls(`{"id":"a","function":{"name":"f","arguments":"{}"}}`, `{"id":"b","function":{"name":"f","arguments":"{}"}}`) + `,"finish_reason":"tool_calls"}]}`, "c0 e0 c1 e1"},
	} {
		t.Run(name, func(t *testing.T) {
			body := c.events
			if body[0] != '{' {
				body += done
			}
			asked := client(t, says(200, "text/event-stream", body))
			for _, l := range adaptertest.Layouts { // each request has the next one
				var got []string
				_, err := asked.Generate(t.Context(), question, func(d provider.Delta) {
					switch d.Kind {
					case provider.DeltaCallStart:
						got = append(got, fmt.Sprint("c", d.Call))
					case provider.DeltaCallEnd:
						got = append(got, fmt.Sprint("e", d.Call))
					}
				})
				if got := strings.Join(got, " "); got != c.want {
					t.Errorf("laid out %v: got %s, want %s (the error is %v)", l, got, c.want, err)
				}
			}
		})
	}
}

// Some gateways send the text in one choice and the calls in another, so that
// the finish reason may come ahead of a call. A connection that breaks then has
// cut the call off, and nothing of it may run.
func TestR02_CallAfterFinishIsCutOff(t *testing.T) {
	const text = `data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}` + "\n\n"
	for args, whole := range map[string]bool{`""`: false, `"{\"a\":"`: false, `"{}"`: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "%sdata: {\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":%s}}]}}]}\n\n", text, args)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}))
		resp, err := openai.New("m", openai.BaseURL(server.URL)).Generate(t.Context(), question, func(provider.Delta) {})
		server.Close()
		if kind := kindOf(err); whole != (err == nil) || !whole && kind != provider.KindUnavailable {
			t.Errorf("%s: %+v, %v", args, resp, err)
		}
	}
}

func kindOf(err error) provider.ErrorKind {
	if e, ok := err.(*provider.Error); ok {
		return e.Kind
	}
	return ""
}
