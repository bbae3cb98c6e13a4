package gemini_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/providertest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const (
	model = "gemini-3-pro"
	owner = "gemini|generativelanguage.googleapis.com|" + model
	// said is the document of an answer.
	said = `{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]},"finishReason":"STOP"}]}`
)

// reply returns a document, or the data of an event: parts and a finish reason, which may be
// "".
func reply(parts, reason string) string {
	if reason != "" {
		reason = `,"finishReason":"` + reason + `"`
	}
	return `{"candidates":[{"content":{"role":"model","parts":[` + parts + `]}` + reason + `,"index":0}],"responseId":"r1","modelVersion":"gemini-3-pro-001"}`
}

// event is one event of a stream.
func event(data string) string { return "data: " + data + "\r\n\r\n" }

// sent returns the body that a client sends for a request.
func sent(t *testing.T, req *provider.Request, opts ...gemini.Option) string {
	t.Helper()
	body, err := trySend(t, req, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func trySend(t *testing.T, req *provider.Request, opts ...gemini.Option) (string, error) {
	t.Helper()
	hc, bodies := adaptertest.Record(said)
	_, err := gemini.New(model, append([]gemini.Option{gemini.HTTPClient(hc)}, opts...)...).Generate(t.Context(), req, nil)
	if len(*bodies) == 0 {
		return "", err
	}
	return (*bodies)[0], err
}

var api = providertest.FaultConfig{
	NewProvider: func(hc *http.Client, address, key string) provider.Provider {
		return gemini.New(model, gemini.HTTPClient(hc), gemini.BaseURL(address+"/v1beta"), gemini.APIKey(key))
	},
	Whole:       reply(`{"text":"Hello 👍"}`, "STOP"),
	StreamHead:  event(reply(`{"text":"Hel"}`, "")),
	StreamTail:  event(reply(`{"text":"lo 👍"}`, "STOP")),
	StreamError: event(`{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}`),
	ErrorReplies: map[provider.ErrorKind]providertest.ErrorReply{
		provider.KindRateLimited: {Status: 429, Body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Resource has been exhausted"}}`},
		provider.KindQuota:       {Status: 429, Body: `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your quota","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]}]}}`},
		provider.KindAuth:        {Status: 401, Body: `{"error":{"code":401,"status":"UNAUTHENTICATED","message":"Request had invalid authentication credentials."}}`},
		provider.KindUnavailable: {Status: 500, Body: `{"error":{"code":500,"status":"INTERNAL","message":"An internal error has occurred."}}`},
		provider.KindOverloaded:  {Status: 529, Body: `{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}`},
	},
}

func TestR26_Faults(t *testing.T) { providertest.Faults(t, api) }

func TestR29_ReportsCostTheirSize(t *testing.T) { adaptertest.Reports(t, api) }

// A finish reason is looked up with every chunk that follows it.
func TestR29_FinishReasonIsBounded(t *testing.T) {
	resp, err := dial(adaptertest.ReplayBytes("application/json", reply(`{"text":"a"}`, strings.Repeat("X", 100_000)))).Generate(t.Context(), adaptertest.Question, nil)
	if err != nil || len(resp.RawFinish) > 256 {
		t.Errorf("%v, a finish reason of %d bytes", err, len(resp.RawFinish))
	}
}

func TestErrorsHoldNoControlCharacters(t *testing.T) { adaptertest.Plain(t, api) }

func TestSecrets(t *testing.T) { adaptertest.Secrets(t, api) }

// FuzzReply has a server send arbitrary bytes.
func FuzzReply(f *testing.F) {
	f.Add("text/event-stream", event(reply(`{"text":"a"}`, ""))+event(reply(`{"functionCall":{"name":"f","args":{"a":"\ud83d"}},"thoughtSignature":"c2ln"}`, "STOP")))
	f.Add("application/json", "["+reply(`{"text":"a","thought":true},{"inlineData":{"mimeType":"image/png","data":"AQI"}}`, "")+","+reply(`{"text":"","thoughtSignature":"c2ln"}`, "STOP")+"]")
	f.Add("application/json", reply(`{"executableCode":{"code":"1"}},{"inlineData":{"mimeType":"a/b"}}`, "MAX_TOKENS"))
	f.Add("application/json", `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":1e99}}`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		adaptertest.Reply(t, contentType, body, func(hc *http.Client) provider.Provider { return gemini.New(model, gemini.HTTPClient(hc)) })
	})
}
