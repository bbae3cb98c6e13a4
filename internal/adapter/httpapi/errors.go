package httpapi

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/text/plain"
	"github.com/funcall/funcall/provider"
)

// maxMessage bounds a server's text in an error or a log, in bytes.
const maxMessage = 500

// refused returns the error for a reply whose status is not 2xx.
func (x *exchange) refused() *provider.Error {
	body, err := io.ReadAll(io.LimitReader(x, maxReport))
	if e := x.cutShort(err); err != nil && e != nil {
		return e
	}
	// A body that broke off may still hold the error.
	r := parseReport(body)
	if aws, _, _ := strings.Cut(x.resp.Header.Get("X-Amzn-Errortype"), ":"); r.typ == "" {
		r.typ = aws
	}
	e := x.reported(r, x.resp.StatusCode)
	if e.Message == "" {
		e.Message = x.clean(http.StatusText(x.resp.StatusCode))
		if len(bytes.TrimSpace(body)) > 0 {
			e.Message = x.excerpt(body)
		}
		if !isHTML(body) {
			r.message = string(body)
			e.Kind = kindOf(r, x.resp.StatusCode)
		}
		if x.resp.StatusCode == http.StatusNotFound {
			e.Message += "; check the base URL"
		}
	}
	e.Cost = costOfRefusal(e.Kind, r, x.resp.StatusCode)
	return e
}

// inBand returns the error for a report inside a reply with status 200.
func (x *exchange) inBand(report []byte) *provider.Error {
	e := x.reported(parseReport(report), 0)
	e.Status = x.resp.StatusCode
	switch {
	case e.Message != "":
	case len(report) == maxReport: // truncated
		e.Message = x.excerpt(report)
	default:
		e.Message = "the server reported an error without details"
	}
	return e
}

// reported returns the error for a report. If status is 0, the kind follows from the text
// alone.
func (x *exchange) reported(r report, status int) *provider.Error {
	code := r.code
	if n := asStatus(code); n != 0 { // some servers repeat the status there
		code = ""
		status = cmp.Or(status, n)
	}
	code = cmp.Or(code, r.typ)
	after := retryAfter(x.resp.Header, time.Now())
	if after == 0 {
		after = r.retryAfter
	}
	return &provider.Error{
		Kind:       kindOf(r, status),
		Provider:   x.client.name,
		Status:     status,
		Code:       x.clean(code),
		Message:    x.clean(r.message),
		RequestID:  cmp.Or(x.requestID, x.clean(r.requestID)),
		RetryAfter: after,
	}
}

// requestID returns the server's ID of the exchange.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "Apim-Request-Id", "Cf-Ray"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// retryAfter returns how long the server asks to wait. The header has milliseconds, seconds,
// or a date by the server's own clock.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("retry-after-ms"), 64); err == nil {
		return duration(ms, time.Millisecond)
	}
	after := h.Get("retry-after")
	if s, err := strconv.ParseFloat(after, 64); err == nil {
		return duration(s, time.Second)
	}
	until, err := http.ParseTime(after)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("date")); err == nil {
		now = date
	}
	return max(until.Sub(now), 0)
}

func duration(n float64, unit time.Duration) time.Duration {
	const most = 365 * 24 * time.Hour // beyond it a Duration might overflow
	if math.IsNaN(n) || n <= 0 {
		return 0
	}
	return time.Duration(min(n*float64(unit), float64(most)))
}

// excerpt returns the beginning of a body that is not JSON.
func (x *exchange) excerpt(body []byte) string {
	s := string(body)
	if !isHTML(body) {
		return strconv.Quote(x.clean(s))
	}
	_, title, ok := strings.Cut(s, "<title>")
	if title, _, closed := strings.Cut(title, "</title>"); ok && closed {
		return "an HTML page, " + strconv.Quote(x.clean(title))
	}
	return "an HTML page"
}

func isHTML(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// clean returns a server's text for an error or a log: without secrets, on one line and
// shortened.
func (x *exchange) clean(s string) string { return line(x.secrets.in(s)) }

// line returns s as one line of at most maxMessage bytes, without terminal control characters.
func line(s string) string {
	if len(s) <= maxMessage && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return s // one word, such as an ID
	}
	s = plain.Line(strings.ToValidUTF8(strings.Join(strings.Fields(s[:min(len(s), 4*maxMessage)]), " "), ""))
	if len(s) <= maxMessage {
		return s
	}
	n := maxMessage
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
