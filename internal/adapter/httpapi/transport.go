package httpapi

import (
	"net"
	"net/http"
	"time"
)

// newTransport returns http.DefaultTransport tuned for this traffic. A connection per
// conversation is kept. A request goes out in one write if it fits, headers and body, into a
// buffer of 128 KiB. Each connection has such a buffer as long as it is open, also while it is idle.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   2048,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       128 << 10,
	}
}
