package adaptertest

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Secrets has servers repeat the key that they were sent, in every place, and
// redirect the client elsewhere: the key is shown nowhere, and goes nowhere.
func Secrets(t *testing.T, api providertest.FaultConfig) {
	const key = `key-secret/1+"2&3`
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with %v", r.Header)
	}))
	defer elsewhere.Close()
	sent := func(r *http.Request) string {
		for _, values := range r.Header {
			if strings.Contains(values[0], "secret") {
				return values[0]
			}
		}
		t.Errorf("the key was not sent: %v", r.Header)
		return ""
	}
	respelled := func(r *http.Request) string {
		s := sent(r)
		list := []string{strings.ToUpper(s), hex.EncodeToString([]byte(s)), url.QueryEscape(s), html.EscapeString(s)}
		for ahead := range 3 {
			list = append(list, base64.StdEncoding.EncodeToString([]byte("uv:"[:ahead]+s)))
		}
		return strings.Join(list, " ")
	}
	for name, handle := range map[string]http.HandlerFunc{
		"respelled": func(w http.ResponseWriter, r *http.Request) {
			s := strconv.Quote(respelled(r))
			Says(400, "application/json", `{"error":{"message":`+s+`,"type":`+s+`,"code":`+s+`,"status":`+s+`},"request_id":`+s+`}`)(w, r)
		},
		"a respelled request id": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-request-id", respelled(r))
			Says(200, "application/json", api.Whole)(w, r)
		},
		"an error": func(w http.ResponseWriter, r *http.Request) { Says(400, "text/plain", "bad key "+sent(r))(w, r) },
		"as a string": func(w http.ResponseWriter, r *http.Request) {
			Says(401, "application/json", `{"error":{"message":`+strconv.Quote(sent(r))+`,"code":`+strconv.Quote(sent(r))+`}}`)(w, r)
		},
		"a request id": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-request-id", sent(r))
			Says(200, "application/json", api.Whole)(w, r)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			sent(r)
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := api.NewProvider(nil, Serve(t, handle), key)
			resp, err := p.Generate(t.Context(), Question, nil)
			show(t, p, resp, err)
			if name == "a redirect" && Failure(t, err).Kind != provider.KindInvalidRequest {
				t.Error(err)
			}
		})
	}
}
