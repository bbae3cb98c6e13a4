package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/internal/lazyctx"
	"github.com/funcall/funcall/provider"
)

// A slowEcho is an Answer that takes a while for each event of a stream.
type slowEcho struct {
	echo
	takes time.Duration
}

func (e *slowEcho) Add(data []byte) ([]byte, error) {
	time.Sleep(e.takes)
	e.text += string(data)
	return nil, nil
}

// TestDeadline has a caller with a deadline, while the server is silent, slow, or ahead of a
// slow consumer. The call ends at the same time and with the same error whether the caller's
// context is made at once or when it is needed.
func TestDeadline(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, c := range map[string]struct {
		deadline, cancel time.Duration // of the caller; zero for never
		first            time.Duration // until the head
		pause            time.Duration // before each event
		takes            time.Duration // the consumer
		kind             provider.ErrorKind
		after            time.Duration
	}{
		"before the reply":         {deadline: 7 * time.Second, first: time.Hour, kind: provider.KindTimeout, after: 7 * time.Second},
		"silence before the reply": {deadline: time.Minute, first: time.Hour, kind: provider.KindTimeout, after: 10 * time.Second},
		"between events":           {deadline: 7 * time.Second, pause: 3 * time.Second, kind: provider.KindTimeout, after: 7 * time.Second},
		"after many events":        {deadline: 70 * time.Second, pause: 3 * time.Second, kind: provider.KindTimeout, after: 70 * time.Second},
		"silence between events":   {deadline: time.Minute, pause: 6 * time.Second, kind: provider.KindTimeout, after: 11 * time.Second},
		"a slow consumer":          {deadline: 7 * time.Second, pause: time.Second, takes: 4 * time.Second, kind: provider.KindTimeout, after: 9 * time.Second},
		"a slower consumer":        {deadline: 30 * time.Second, pause: time.Second, takes: 20 * time.Second, kind: provider.KindTimeout, after: 41 * time.Second},
		"no time":                  {deadline: time.Nanosecond, first: time.Hour, kind: provider.KindTimeout, after: time.Nanosecond},
		"canceled":                 {deadline: time.Minute, cancel: 7 * time.Second, pause: 3 * time.Second, kind: provider.KindCanceled, after: 7 * time.Second},
		"canceled in time":         {deadline: 7 * time.Second, cancel: 6 * time.Second, first: time.Hour, kind: provider.KindCanceled, after: 6 * time.Second},
		"canceled while consumed":  {deadline: time.Minute, cancel: 7 * time.Second, pause: time.Second, takes: 4 * time.Second, kind: provider.KindCanceled, after: 9 * time.Second},
	} {
		for _, lazy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lazy: %v", name, lazy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ended := make(chan bool)
					hc := dialing(func() net.Conn {
						return script(func(conn *scripted, p []byte) (int, error) {
							if !bytes.HasSuffix(p, []byte(`"`)) {
								return len(p), nil
							}
							go func() {
								pause := time.After(c.first)
								for text := head; ; text = "9\r\ndata: x\n\n\r\n" {
									select {
									case <-ended:
										return
									case <-pause:
									}
									select {
									case <-ended:
										return
									case conn.replies <- []byte(text):
									}
									pause = time.After(c.pause)
								}
							}()
							return len(p), nil
						})
					})
					defer hc.CloseIdleConnections()
					defer close(ended)
					parent, cancel := context.WithCancel(t.Context())
					defer cancel()
					if c.cancel > 0 {
						time.AfterFunc(c.cancel, cancel)
					}
					var ctx context.Context
					if lazy {
						var made lazyctx.Context
						made.Begin(parent, time.Now().Add(c.deadline))
						defer made.Stop()
						ctx = &made
					} else {
						made, cancel := context.WithTimeout(parent, c.deadline)
						defer cancel()
						ctx = made
					}
					client := newClient("http://api.test", hc, func(cfg *Config) { cfg.FirstByte, cfg.Idle = 10*time.Second, 5*time.Second })
					start := time.Now()
					_, err := client.Call(ctx, bodyOf(`"x"`), true, &slowEcho{takes: c.takes})
					failure, _ := err.(*provider.Error)
					if failure == nil || failure.Kind != c.kind || time.Since(start) != c.after {
						t.Fatalf("%v after %v, want %s after %v", err, time.Since(start), c.kind, c.after)
					}
					if want := ctx.Err(); failure.Err != want {
						t.Errorf("the cause is %v, want %v", failure.Err, want)
					}
				})
			})
		}
	}
}
