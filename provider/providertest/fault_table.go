package providertest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// A fault is a failure of a server or of the network, and the error that the adapter must
// return.
type fault struct {
	name          string
	kind          provider.ErrorKind
	streamKind    provider.ErrorKind // the kind for a stream, if it differs
	status        int                // 0 if no reply begins
	retryAfter    time.Duration
	whole, stream http.HandlerFunc // whole is nil if only streams have the fault; stream is nil if both fail alike
	shown         bool             // the stream emits text before the fault
}

// faults returns the table.
func (c FaultConfig) faults() []fault {
	var table []fault
	failures := c.failures()
	for _, kind := range slices.Sorted(maps.Keys(failures)) {
		f := failures[kind]
		table = append(table, fault{name: "Error" + camel(kind), kind: kind, status: f.Status, whole: reply(f.Status, "application/json", f.Body)})
	}
	table = append(table, c.refusals(failures)...)
	table = append(table, c.breaks()...)
	table = append(table, c.silences()...)
	return append(table, c.inBand(failures)...)
}

// refusals are faults whose reply has no part of a response.
func (c FaultConfig) refusals(failures map[provider.ErrorKind]ErrorReply) []fault {
	rate := failures[provider.KindRateLimited]
	page := "<!doctype html><html><head><title>Welcome</title></head></html>"
	return []fault{
		{name: "RetryAfter", kind: provider.KindRateLimited, status: rate.Status, retryAfter: 7 * time.Second, whole: waitSevenSeconds(reply(rate.Status, "application/json", rate.Body))},
		{name: "BadGateway", kind: provider.KindUnavailable, status: http.StatusBadGateway, whole: reply(http.StatusBadGateway, "text/html", page)},
		{name: "EmptyReply", kind: provider.KindMalformed, status: http.StatusOK, whole: reply(http.StatusOK, "application/json", ""), stream: reply(http.StatusOK, c.streamType(), "")},
		{name: "WrongContent", kind: provider.KindMalformed, status: http.StatusOK, whole: reply(http.StatusOK, "text/html", page)},
		{name: "EchoedKey", kind: provider.KindAuth, status: http.StatusUnauthorized, whole: echo},
	}
}

// breaks are faults in which the connection or the reply ends early.
func (c FaultConfig) breaks() []fault {
	return []fault{
		{name: "ResetBeforeReply", kind: provider.KindUnavailable, whole: reset},
		{name: "ResetInReply", kind: provider.KindUnavailable, status: http.StatusOK, whole: c.beginWhole(c.half(), reset), stream: c.beginStream(c.StreamHead, reset), shown: true},
		{name: "EndInReply", kind: provider.KindMalformed, streamKind: provider.KindUnavailable, status: http.StatusOK, whole: c.beginWhole(c.half(), end), stream: c.beginStream(c.StreamHead, end), shown: true},
	}
}

// silences are faults that only a timeout ends.
func (c FaultConfig) silences() []fault {
	comment := "\n"
	if c.streamType() == streaming {
		comment = ": ping\n\n"
	}
	table := []fault{
		{name: "HangBeforeReply", kind: provider.KindTimeout, whole: hang},
		{name: "HangAfterHeader", kind: provider.KindTimeout, status: http.StatusOK, whole: c.beginWhole("", hang), stream: c.beginStream("", hang)},
		{name: "HangInReply", kind: provider.KindTimeout, status: http.StatusOK, whole: c.beginWhole(c.half(), hang), stream: c.beginStream(c.StreamHead, hang), shown: true},
		{name: "KeepAlive", kind: provider.KindTimeout, status: http.StatusOK, whole: c.beginWhole("", drip("\n")), stream: c.beginStream(c.StreamHead, drip(comment)), shown: true},
	}
	if c.StreamPing != "" {
		table = append(table, fault{name: "Pings", kind: provider.KindTimeout, status: http.StatusOK, stream: c.beginStream(c.StreamHead, drip(c.StreamPing)), shown: true})
	}
	return table
}

// inBand are errors in a reply with status 200.
func (c FaultConfig) inBand(failures map[provider.ErrorKind]ErrorReply) []fault {
	if c.StreamError == "" {
		return nil
	}
	within := fault{name: "ErrorInReply", kind: provider.KindOverloaded, status: http.StatusOK, stream: reply(http.StatusOK, c.streamType(), c.StreamHead+c.StreamError), shown: true}
	instead := fault{name: "ErrorAsReply", kind: provider.KindOverloaded, status: http.StatusOK, stream: reply(http.StatusOK, c.streamType(), c.StreamError)}
	if f, ok := failures[provider.KindOverloaded]; ok {
		instead.whole = reply(http.StatusOK, "application/json", f.Body)
	}
	return []fault{within, instead}
}

// camel turns rate_limited into RateLimited.
func camel(kind provider.ErrorKind) string {
	var b strings.Builder
	for word := range strings.SplitSeq(string(kind), "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func (c FaultConfig) streamType() string { return cmp.Or(c.StreamType, streaming) }

// half returns the first half of Whole.
func (c FaultConfig) half() string { return c.Whole[:len(c.Whole)/2] }

// good sends the good reply.
func (c FaultConfig) good(stream bool) http.HandlerFunc {
	if stream {
		return c.beginStream(c.StreamHead, func(w http.ResponseWriter, _ *http.Request) { send(w, c.StreamTail) })
	}
	return reply(http.StatusOK, "application/json", c.Whole)
}

func (c FaultConfig) beginWhole(body string, then http.HandlerFunc) http.HandlerFunc {
	return begin("application/json", body, then)
}

func (c FaultConfig) beginStream(body string, then http.HandlerFunc) http.HandlerFunc {
	return begin(c.streamType(), body, then)
}

// begin sends the start of a reply and continues with then.
func begin(contentType, body string, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		send(w, body)
		then(w, r)
	}
}

// reply sends a reply.
func reply(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		send(w, body)
	}
}

// send sends and flushes a piece of a reply. It ignores errors: the client may be gone.
func send(w http.ResponseWriter, piece string) {
	_, _ = io.WriteString(w, piece)
	_ = http.NewResponseController(w).Flush()
}

// waitSevenSeconds adds the header Retry-After.
func waitSevenSeconds(then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		then(w, r)
	}
}

// echo refuses a request with a text that repeats its headers and its query.
func echo(w http.ResponseWriter, r *http.Request) {
	reply(http.StatusUnauthorized, "text/plain", fmt.Sprintf("bad key: %v %s", r.Header, r.URL.RawQuery))(w, r)
}

// end ends the reply.
func end(http.ResponseWriter, *http.Request) {}

// hang is silent until the client closes the connection.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// drip sends a piece every second until the client closes the connection.
func drip(piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			send(w, piece)
			time.Sleep(time.Second)
		}
	}
}

// reset resets the connection.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
