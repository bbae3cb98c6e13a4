package anthropic_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// An awsKey is a pair of AWS credentials.
type awsKey struct{ id, secret string }

var exampleKey = awsKey{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}

// signV4 signs a request by AWS's Signature Version 4: its method, path, host, time and body. The
// path needs no escapes, and there is no query.
func signV4(r *http.Request, bodyHash string, key awsKey, region, service string, now time.Time) {
	stamp, day := now.UTC().Format("20060102T150405Z"), now.UTC().Format("20060102")
	r.Header.Set("X-Amz-Date", stamp)
	const names = "host;x-amz-date"
	request := strings.Join([]string{
		r.Method, r.URL.Path, "", "host:" + r.URL.Host, "x-amz-date:" + stamp, "", names, bodyHash,
	}, "\n")
	scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
	hash := sha256.Sum256([]byte(request))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hex.EncodeToString(hash[:])}, "\n")
	signature := []byte("AWS4" + key.secret)
	for _, part := range []string{day, region, service, "aws4_request", text} {
		mac := hmac.New(sha256.New, signature)
		mac.Write([]byte(part))
		signature = mac.Sum(nil)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key.id+"/"+scope+
		", SignedHeaders="+names+", Signature="+hex.EncodeToString(signature))
}

// checkSignature says whether a request that a server received is signed with exampleKey, as
// Bedrock in us-east-1 wants it.
func checkSignature(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	now, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return err.Error()
	}
	want := r.Clone(r.Context())
	want.URL.Host = r.Host
	hash := sha256.Sum256(body)
	signV4(want, hex.EncodeToString(hash[:]), exampleKey, "us-east-1", "bedrock", now)
	if got := r.Header.Get("Authorization"); got != want.Header.Get("Authorization") {
		return "wrong signature " + got
	}
	return "signed by " + exampleKey.id
}

// TestSignV4 signs the simplest request of AWS's own test suite.
func TestSignV4(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	signV4(r, hex.EncodeToString(empty[:]), exampleKey,
		"us-east-1", "service", time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	const want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
		"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The hooks of the recipes also work for bodies that are sent in pieces.
func TestRecipesWithLongBodies(t *testing.T) {
	sign := func(r *http.Request, bodyHash string) error {
		signV4(r, bodyHash, exampleKey, "us-east-1", "bedrock", time.Now())
		return nil
	}
	token := func(context.Context) (string, error) { return "ya29.short-lived", nil }
	text := strings.Repeat("Where is it? ", 50_000)
	for name, c := range map[string]struct {
		hook  anthropic.Option
		check func(r *http.Request) string
		want  string
	}{
		"signed": {anthropic.OnRequest(signed(sign)), checkSignature, "signed by AKIDEXAMPLE"},
		"Vertex AI": {anthropic.OnRequest(onVertex("claude", token)), func(r *http.Request) string {
			var body struct {
				Model    *string
				Messages []struct{ Content []struct{ Text string } }
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				return err.Error()
			}
			return fmt.Sprintf("%s %t %d %t", r.URL.Path, body.Model == nil, len(body.Messages), body.Messages[0].Content[0].Text == text)
		}, "/models/claude:rawPredict true 1 true"},
	} {
		t.Run(name, func(t *testing.T) {
			got := make(chan string, 1)
			hc, stop := serve.AnyHost(func(w http.ResponseWriter, r *http.Request) {
				got <- c.check(r)
				fmt.Fprint(w, `{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn"}`)
			})
			defer stop()
			model := anthropic.New("claude", anthropic.BaseURL("https://model.test"), c.hook, anthropic.HTTPClient(hc))
			req := &provider.Request{Messages: []*provider.Message{provider.User(text)}}
			if _, err := model.Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
			if got := <-got; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
