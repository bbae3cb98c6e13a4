package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// bodyIn returns the body of a request as it was written to a connection.
func bodyIn(request []byte) string {
	_, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	return string(body)
}

// TestEarlyReply has a server that replies before it has read the request, and a connection
// that takes the rest once other requests were sent: no byte of it changes.
func TestEarlyReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 200 << 10
		slow, done := make(chan bool), make(chan bool)
		var got []byte
		early := script(func(c *scripted, p []byte) (int, error) {
			if len(got) == 0 {
				c.replies <- []byte(okReply)
			} else {
				<-slow
			}
			if got = append(got, p...); len(bodyIn(got)) == size+2 {
				close(done)
			}
			return len(p), nil // even if it is closed
		})
		later := func() net.Conn {
			return script(func(c *scripted, p []byte) (int, error) {
				if bytes.HasSuffix(p, []byte(`"`)) {
					c.replies <- []byte(okReply)
				}
				return len(p), nil
			})
		}
		dialed := 0
		hc := dialing(func() net.Conn {
			if dialed++; dialed == 1 {
				return early
			}
			return later()
		})
		defer hc.CloseIdleConnections()
		c := newClient("http://api.test", hc, nil)
		want := `"` + strings.Repeat("a", size) + `"`
		if text, err := call(t.Context(), c, want); err != nil || text != `{"ok":true}` {
			t.Fatalf("got %q, %v", text, err)
		}
		for range 20 {
			if _, err := call(t.Context(), c, `"`+strings.Repeat("b", size)+`"`); err != nil {
				t.Fatal(err)
			}
		}
		close(slow)
		<-done
		if body := bodyIn(got); body != want {
			t.Errorf("the body of the first request changed: it has %d of another one's bytes", strings.Count(body, "b"))
		}
	})
}

// TestDeadConnection has a kept connection that turns out to be dead when the next request is
// written: the same body is sent on another one. Sizes are those of all forms of a body, and
// those that just fit into the buffer of a transport.
func TestDeadConnection(t *testing.T) {
	token := func(n int) func(*http.Client, *Config) {
		return func(_ *http.Client, cfg *Config) {
			cfg.Key, cfg.KeyHeader = strings.Repeat("k", n), "Authorization"
		}
	}
	hook := func(added int) func(*http.Client, *Config) {
		return func(_ *http.Client, cfg *Config) {
			cfg.OnRequest = func(r *http.Request) error {
				r.Header.Set("X-Signature", strings.Repeat("s", added))
				return nil
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*http.Client, *Config)
		sizes  []int
	}{
		{"plain", func(*http.Client, *Config) {}, []int{100, 3000, 4000, 20 << 10, 2 << 20}},
		{"long token", token(1600), []int{100, 2000, 2300, 2600, 2900, 3200}},
		{"longer than the buffer", token(5000), []int{100, 3000, 20 << 10}},
		{"long path", func(_ *http.Client, cfg *Config) { cfg.Path = strings.Repeat("p", 1600) + "?q=1" }, []int{100, 2300, 2600, 2900}},
		{"login", func(_ *http.Client, cfg *Config) {
			cfg.BaseURL = "http://ann:" + strings.Repeat("p", 1200) + "@api.test"
		}, []int{100, 2300, 2600, 2900}},
		{"large buffer", func(hc *http.Client, _ *Config) { hc.Transport.(*http.Transport).WriteBufferSize = 64 << 10 }, []int{100, 60 << 10, 65 << 10, 70 << 10}},
		{"proxy", func(hc *http.Client, _ *Config) {
			hc.Transport.(*http.Transport).Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.test", User: url.UserPassword("ann", strings.Repeat("p", 80))})
		}, []int{3500, 3550, 3600, 3650, 3700, 3720, 3740, 3760, 3780, 3800, 3850, 3900}},
		{"hook", hook(0), []int{500, 2900, 3700, 4000, 10000, 20000}},
		{"hook that adds", hook(1500), []int{500, 1500, 2000, 2400, 2600, 4000}},
		{"timeout", func(hc *http.Client, _ *Config) { hc.Timeout = time.Hour }, []int{500, 2900, 3700, 3900, 4000, 10000, 20000}},
	} {
		for _, size := range c.sizes {
			synctest.Test(t, func(t *testing.T) {
				var bodies []string
				var request []byte
				hc := dialing(func() net.Conn {
					served := false
					return script(func(c *scripted, p []byte) (int, error) {
						if served {
							return 0, errors.New("the server has gone")
						}
						request = append(request, p...)
						if body := bodyIn(request); strings.HasSuffix(body, `"`) && len(body) > 1 {
							served = true
							bodies, request = append(bodies, body), nil
							c.replies <- []byte(okReply)
						}
						return len(p), nil
					})
				})
				defer hc.CloseIdleConnections()
				client := newClient("http://api.test", hc, func(cfg *Config) { c.change(hc, cfg) })
				for _, letter := range []string{"a", "b", "c"} {
					want := `"` + strings.Repeat(letter, size) + `"`
					if _, err := call(t.Context(), client, want); err != nil {
						t.Fatalf("%s, %d bytes: %v", c.name, size, err)
					}
					if got := bodies[len(bodies)-1]; got != want {
						t.Errorf("%s, %d bytes: the server got a body of %d bytes, %.20s…", c.name, size, len(got), got)
					}
				}
			})
		}
	}
}

// TestExchangeAllocates counts the allocations of an exchange beyond those of net/http: the
// buffers of the bodies are reused, and the values of the headers are shared.
func TestExchangeAllocates(t *testing.T) {
	hc := answering(t)
	json := []byte(`"` + strings.Repeat("a", 2500) + `"`)
	count := func(do func() error) float64 {
		return testing.AllocsPerRun(100, func() {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		})
	}
	c, ctx := newClient("http://api.test", hc, nil), t.Context()
	exchange := count(func() error {
		b := NewBody()
		b.End(append(b.Pieces(1), json), b.Tail())
		x := c.newExchange(ctx)
		defer x.close()
		if err := x.send(b, false); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, x)
		return err
	})
	header := http.Header{"Content-Type": {"application/json"}}
	bare := count(func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://api.test/v1/ask", bytes.NewReader(json))
		if err != nil {
			return err
		}
		req.Header = header
		resp, err := hc.Transport.RoundTrip(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	})
	// Of these 3 are the request's own address and map of headers, and 1 to 3 come only with
	// -race, which drops buffers.
	const most = 12
	t.Logf("%v allocations in an exchange, %v of them by net/http alone", exchange, bare)
	if exchange > bare+most {
		t.Errorf("an exchange allocates %v times more than net/http alone, want %d at most", exchange-bare, most)
	}
}

// TestReleasedBody keeps the function that opens a body: after the exchange it returns an
// error, not the body of another request.
func TestReleasedBody(t *testing.T) {
	var s sending
	s.start(bodyOf(`"body"`), 4<<10)
	r, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != `"body"` || err != nil {
		t.Fatalf("got %s, %v", text, err)
	}
	s.end()
	if s.body == nil {
		t.Fatal("the body is released before net/http is done with it")
	}
	s.wrote.Store(true)
	s.end()
	if s.body != nil {
		t.Error("the body is not released")
	}
	if _, err := s.open(); !errors.Is(err, errReleased) {
		t.Errorf("got %v, want %v", err, errReleased)
	}
}

// TestOpenedTwice opens a body again, as for another attempt: it is never released.
func TestOpenedTwice(t *testing.T) {
	for _, size := range []int{10, maxJoined + 1} {
		want := `"` + strings.Repeat("x", size) + `"`
		var s sending
		s.start(bodyOf(want), 4<<10)
		for range 2 {
			r, err := s.open()
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(r); string(text) != want || err != nil {
				t.Errorf("got %d bytes, %v", len(text), err)
			}
		}
		s.wrote.Store(true)
		s.end()
		if s.body == nil {
			t.Error("the body is released although a second reader may be in use")
		}
	}
}

// TestExchangeIsLetGo has an exchange that ended: neither its connection nor its timer keeps
// it, the request, or the reply in memory while the conversation goes on.
func TestExchangeIsLetGo(t *testing.T) {
	hc := answering(t)
	c := newClient("http://api.test", hc, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const calls = 20
	var exchanges []weak.Pointer[exchange]
	var replies []weak.Pointer[http.Response]
	for range calls {
		x := c.newExchange(ctx)
		if err := x.send(bodyOf(`"x"`), false); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, x); err != nil {
			t.Fatal(err)
		}
		exchanges, replies = append(exchanges, weak.Make(x)), append(replies, weak.Make(x.resp))
		x.close()
	}
	runtime.GC()
	kept, keptReplies := 0, 0
	for i := range calls {
		if exchanges[i].Value() != nil {
			kept++
		}
		if replies[i].Value() != nil {
			keptReplies++
		}
	}
	// The connection and the runtime may keep a few for a while.
	if kept > calls/2 || keptReplies > calls/2 {
		t.Errorf("%d exchanges and %d replies of %d are kept", kept, keptReplies, calls)
	}
}

// answering returns a client of servers that answer at the end of a body, which is a string.
func answering(t *testing.T) *http.Client {
	hc := dialing(func() net.Conn {
		return script(func(c *scripted, p []byte) (int, error) {
			if bytes.HasSuffix(p, []byte(`"`)) {
				c.replies <- []byte(okReply)
			}
			return len(p), nil
		})
	})
	t.Cleanup(hc.CloseIdleConnections)
	return hc
}
