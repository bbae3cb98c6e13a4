package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/apitest/serve"
	"github.com/funcall/funcall/provider"
)

// ok replies with a JSON text.
func ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"ok":true}`)
}

// TestWaysToSend sends requests of all sizes with clients of all kinds: directly and by an
// http.Client the server gets the same.
func TestWaysToSend(t *testing.T) {
	type request struct{ method, uri, header, body string }
	var mu sync.Mutex
	var got []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, request{r.Method, r.RequestURI, fmt.Sprint(r.ContentLength, r.TransferEncoding, r.Header), string(body)})
		ok(w)
	}))
	t.Cleanup(server.Close)
	login := strings.Replace(server.URL, "http://", "http://ann:secret@", 1)
	for _, base := range []string{server.URL, login, server.URL + "/proxy?x=1"} {
		for _, size := range []int{2, 1000, 3000, 5000, 40 << 10, 300 << 10} {
			var first request
			for i, hc := range []*http.Client{
				nil,
				{},
				{Transport: &http.Transport{}},
				{Transport: &http.Transport{WriteBufferSize: 1 << 20}},
				{Timeout: time.Hour},
				{Transport: foreign{http.DefaultTransport}},
			} {
				got = nil
				c := newClient(base, hc, func(cfg *Config) {
					cfg.Key, cfg.KeyHeader = "the key", "X-Key"
				})
				body := `"` + strings.Repeat("x", size) + `"`
				if _, err := call(t.Context(), c, body); err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					first = got[0]
				}
				if len(got) != 1 || got[0] != first || got[0].body != body {
					t.Errorf("%s, %d bytes, client %d: got %.300v, want %.300v", base, size, i, got, first)
				}
				c.http.CloseIdleConnections()
			}
		}
	}
}

// A foreign transport is not an http.Transport.
type foreign struct{ http.RoundTripper }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestUsersClient has clients of a user with a timeout, cookies, and a rule for redirects:
// they all still count.
func TestUsersClient(t *testing.T) {
	var cookies []string
	base := serve.Loopback(t, func(w http.ResponseWriter, r *http.Request) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1"})
		if r.URL.Path == "/moved/v1/ask" {
			http.Redirect(w, r, "/v1/ask", http.StatusTemporaryRedirect)
			return
		}
		ok(w)
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(base, &http.Client{Jar: jar}, nil)
	for range 2 {
		if _, err := call(t.Context(), c, `"x"`); err != nil {
			t.Fatal(err)
		}
	}
	if want := "[ session=s1]"; fmt.Sprint(cookies) != want {
		t.Errorf("the cookies are %v, want %s", cookies, want)
	}
	refusal := errors.New("not with me")
	c = newClient(base+"/moved", &http.Client{CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		req.Response.Request.Header.Set("Cookie", "written=1") // which only this request may have
		return refusal
	}}, nil)
	cookies = nil
	for range 2 {
		if _, err := call(t.Context(), c, `"x"`); !errors.Is(err, refusal) {
			t.Errorf("got %v, want %v", err, refusal)
		}
	}
	if want := "[ ]"; fmt.Sprint(cookies) != want {
		t.Errorf("the cookies are %v, want %s", cookies, want)
	}
	c = newClient(base+"/moved", &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil)
	var e *provider.Error
	if _, err := call(t.Context(), c, `"x"`); !errors.As(err, &e) || e.Status != http.StatusTemporaryRedirect {
		t.Errorf("got %v, want the redirect itself", err)
	}
	synctest.Test(t, func(t *testing.T) {
		hc := serve.InMemory(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		hc.Timeout = 3 * time.Second
		start := time.Now()
		_, err := call(t.Context(), newClient("http://api.test", hc, nil), `"x"`)
		if !errors.As(err, &e) || e.Kind != provider.KindTimeout || time.Since(start) != hc.Timeout {
			t.Errorf("got %v after %v, want a timeout after %v", err, time.Since(start), hc.Timeout)
		}
	})
}

// TestRedirectWithinTheHost follows a redirect of a request that was sent directly: the same
// body and headers arrive, with every form of a body.
func TestRedirectWithinTheHost(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Header.Get("X-Key")+string(body))
		if r.URL.Path != "/v3/ask" {
			http.Redirect(w, r, map[string]string{"/v1/ask": "/v2/ask", "/v2/ask": "/v3/ask"}[r.URL.Path], http.StatusPermanentRedirect)
			return
		}
		ok(w)
	}))
	t.Cleanup(server.Close)
	c := newClient(server.URL, nil, func(cfg *Config) { cfg.Key, cfg.KeyHeader = "the key", "X-Key" })
	defer c.http.CloseIdleConnections()
	for _, size := range []int{10, 100 << 10} {
		bodies = nil
		body := `"` + strings.Repeat("x", size) + `"`
		text, err := call(t.Context(), c, body)
		if want := "the key" + body; err != nil || text != `{"ok":true}` || len(bodies) != 3 || bodies[0] != want || bodies[1] != want || bodies[2] != want {
			t.Errorf("%d bytes: got %q, %v, and %d requests", size, text, err, len(bodies))
		}
	}
}

// TestHooksDoNotMeet runs requests side by side whose hooks write to headers and address: none
// sees what another one wrote.
func TestHooksDoNotMeet(t *testing.T) {
	var n atomic.Int64
	base := serve.Loopback(t, func(w http.ResponseWriter, r *http.Request) {
		if want := strings.TrimPrefix(r.URL.Path, "/v1/ask/"); r.Header.Get("X-Number") != want || len(r.Header["X-Number"]) != 1 {
			t.Errorf("number %s has the headers %v", want, r.Header)
		}
		ok(w)
	})
	hooked := newClient(base, nil, func(cfg *Config) {
		cfg.OnRequest = func(r *http.Request) error {
			number := fmt.Sprint(n.Add(1))
			r.URL.Path += "/" + number
			r.Header.Add("X-Number", number)
			return nil
		}
	})
	defer hooked.http.CloseIdleConnections()
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 10 {
				if _, err := call(t.Context(), hooked, `"x"`); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
}

// TestTransportsWriteToRequests has functions of an http.Transport that write to the headers and
// the address of each request, side by side: none meets what another one wrote.
func TestTransportsWriteToRequests(t *testing.T) {
	base := serve.Loopback(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["X-Mark"]) != 1 || len(r.Header["X-List"]) != 4 || r.URL.Path != "/v1/ask/more" {
			t.Errorf("%s has the headers %v", r.URL, r.Header)
		}
		ok(w)
	})
	write := func(r *http.Request) {
		r.Header.Set("X-Mark", "1")
		r.Header.Add("X-List", "4")
		r.URL.Path += "/more"
	}
	plain := new(http.Transport)
	defer plain.CloseIdleConnections()
	proxied := &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) {
		write(r)
		return nil, nil
	}}
	registered := new(http.Transport)
	registered.RegisterProtocol("http", roundTripper(func(r *http.Request) (*http.Response, error) {
		write(r)
		return plain.RoundTrip(r)
	}))
	for _, transport := range []*http.Transport{proxied, registered} {
		defer transport.CloseIdleConnections()
		c := newClient(base, &http.Client{Transport: transport}, func(cfg *Config) {
			cfg.Header["X-List"] = append(make([]string, 0, 8), "1", "2", "3")
		})
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				for range 5 {
					if _, err := call(t.Context(), c, `"x"`); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
	}
}

// TestRegisteredProtocol has a protocol that returns incomplete replies: the call ends with an
// error that says so.
func TestRegisteredProtocol(t *testing.T) {
	broken := errors.New("broken protocol")
	for _, c := range []struct {
		reply *http.Response
		err   error
		want  string
	}{
		{nil, nil, "neither a reply nor an error"},
		{&http.Response{StatusCode: 200}, nil, "the reply is empty"},
		{&http.Response{StatusCode: 204}, nil, "the reply is empty"},
		{&http.Response{StatusCode: 307, ContentLength: 3}, nil, "content length 3 and a nil Body"},
		{&http.Response{StatusCode: 200, ContentLength: 7}, nil, "content length 7 and a nil Body"},
		{&http.Response{StatusCode: 503, ContentLength: -1}, nil, "503"},
		{&http.Response{StatusCode: 200}, broken, broken.Error()},
	} {
		transport := new(http.Transport)
		transport.RegisterProtocol("http", roundTripper(func(*http.Request) (*http.Response, error) { return c.reply, c.err }))
		_, err := call(t.Context(), newClient("http://api.test", &http.Client{Transport: transport}, nil), `"x"`)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%+v, %v: got %v, want %q", c.reply, c.err, err, c.want)
		}
	}
}

// TestUsersTrace has a trace in the context of a call: it is called as well.
func TestUsersTrace(t *testing.T) {
	base := serve.Loopback(t, func(w http.ResponseWriter, r *http.Request) { ok(w) })
	var wrote atomic.Int64
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote.Add(1) }})
	c := newClient(base, nil, nil)
	defer c.http.CloseIdleConnections()
	for range 3 {
		if _, err := call(ctx, c, `"x"`); err != nil {
			t.Fatal(err)
		}
	}
	if wrote.Load() != 3 {
		t.Errorf("the trace was called %d times", wrote.Load())
	}
}

// TestHTTP2 sends bodies over HTTP/2, side by side: each arrives unchanged, and the buffers
// are released.
func TestHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if want := strings.Repeat(string(body[1]), len(body)-2); r.ProtoMajor != 2 || string(body) != `"`+want+`"` {
			t.Errorf("a body of %d bytes arrived changed, over %s", len(body), r.Proto)
		}
		ok(w)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	hc := server.Client()
	hc.Transport.(*http.Transport).WriteBufferSize = 64 << 10
	c := newClient(server.URL, hc, nil)
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for range 20 {
				if _, err := call(t.Context(), c, `"`+strings.Repeat(string(rune('a'+i)), 5000*(i+1))+`"`); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	x := c.newExchange(t.Context())
	if err := x.send(bodyOf(`"x"`), false); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, x); err != nil {
		t.Error(err)
	}
	if x.close(); x.sending.body != nil {
		t.Error("the body is not released")
	}
}

// TestSchemeMismatch has a server that speaks HTTP at an address of HTTPS: the error says so,
// as that of an http.Client does.
func TestSchemeMismatch(t *testing.T) {
	base := serve.Loopback(t, func(w http.ResponseWriter, r *http.Request) { ok(w) })
	for _, hc := range []*http.Client{{Transport: &http.Transport{}}, {Timeout: time.Hour}} {
		_, err := call(t.Context(), newClient(strings.Replace(base, "http://", "https://", 1), hc, nil), `"x"`)
		if !errors.Is(err, http.ErrSchemeMismatch) {
			t.Errorf("got %v, want %v", err, http.ErrSchemeMismatch)
		}
	}
}

// TestSecretsOfDirectRequests has a connection whose errors repeat the key and the login: both
// are hidden, and the error can still be examined.
func TestSecretsOfDirectRequests(t *testing.T) {
	for name, secret := range map[string]string{"key": "a-long-secret-key", "login": "YW5uOmEtbG9uZy1wYXNzd29yZA=="} {
		broken := fmt.Errorf("the proxy refused %s: %w", secret, net.ErrClosed)
		hc := dialing(func() net.Conn {
			return script(func(*scripted, []byte) (int, error) { return 0, broken })
		})
		c := newClient("http://ann:a-long-password@api.test", hc, func(cfg *Config) {
			cfg.Key, cfg.KeyHeader = "a-long-secret-key", "X-Key"
		})
		_, err := call(t.Context(), c, `"x"`)
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) || !strings.Contains(err.Error(), "[redacted]") || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
