// Package httpapi sends a request with a JSON body to a model's API and reads the reply, whole
// or as a stream of events, within bounds of time and size. All adapters use it. Every failure
// is a [provider.Error] and contains no key.
package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
)

// A Config tells how to reach an API. An adapter sets what is specific to the API; its options
// change the rest.
type Config struct {
	// API is the name of the API in errors if Home is the host. Another host is named itself.
	API, Home string
	BaseURL   string
	// Path and StreamPath are added to BaseURL, for whole and for streamed responses. They may
	// have a query.
	Path, StreamPath string
	// Key is sent in the header KeyHeader, after KeyPrefix.
	Key, KeyHeader, KeyPrefix string
	// Header replaces the client's own headers.
	Header http.Header
	// HTTP is copied. If it is nil, a client tuned for this traffic is used.
	HTTP *http.Client
	// OnRequest changes each request before it is sent.
	OnRequest func(*http.Request) error
	// FirstByte and Idle bound the silence of the server.
	FirstByte, Idle time.Duration
	// MaxBytes bounds a reply.
	MaxBytes int64
}

// Defaults returns a Config with the default bounds of all adapters.
func Defaults() Config {
	return Config{Header: http.Header{}, FirstByte: 2 * time.Minute, Idle: time.Minute, MaxBytes: 32 << 20}
}

// A Client calls one API. It is safe for concurrent use.
type Client struct {
	private func() *private // holds the key and other secrets
	http    *http.Client
	direct  bool // most requests do not need http
	hook    func(*http.Request) error

	firstByte, idle time.Duration
	maxBytes        int64

	name, host string
	mistakes   []string
}

// New returns a client. It never fails; Mistakes returns what is wrong with the configuration.
func New(cfg Config) *Client {
	p := &private{baseURL: cfg.BaseURL}
	c := &Client{
		private:   func() *private { return p },
		http:      cfg.HTTP,
		hook:      cfg.OnRequest,
		firstByte: cfg.FirstByte,
		idle:      cfg.Idle,
		maxBytes:  cfg.MaxBytes,
	}
	u, err := url.Parse(cfg.BaseURL)
	p.secrets = secretsOf(u, cfg.headers(""))
	p.secrets.spell()
	if err == nil {
		c.host = u.Host
	}
	if c.name = c.host; c.host == "" || c.host == cfg.Home {
		c.name = cfg.API
	}
	if c.mistakes = cfg.mistakes(u, err); len(c.mistakes) == 0 {
		c.mistakes = p.prepare(u, cfg)
	}
	if c.http == nil {
		c.http = &http.Client{Transport: newTransport()}
	}
	c.direct = c.hook == nil && isDirect(c.http)
	c.http = refuseRedirects(c.http)
	return c
}

// mistakes returns what is wrong with a configuration.
func (cfg *Config) mistakes(u *url.URL, err error) (list []string) {
	path, _, _ := strings.Cut(cfg.Path, "?")
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		list = append(list, "BaseURL is not an address such as https://"+cfg.Home)
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/"+path):
		list = append(list, "BaseURL ends in /"+path+", which the client adds: leave it off")
	}
	switch {
	case strings.TrimSpace(cfg.Key) != cfg.Key:
		list = append(list, "the API key begins or ends with white space: trim it")
	case strings.ContainsFunc(cfg.Key, isControl):
		list = append(list, "the API key contains a line break or another control character")
	}
	if bad := badHeader(cfg.Header); bad != "" {
		list = append(list, bad)
	}
	positive := func(option string, value any, ok bool) {
		if !ok {
			list = append(list, fmt.Sprintf("%s is %v and must be positive: leave it out for the default", option, value))
		}
	}
	positive("FirstByteTimeout", cfg.FirstByte, cfg.FirstByte > 0)
	positive("IdleTimeout", cfg.Idle, cfg.Idle > 0)
	positive("MaxResponseBytes", cfg.MaxBytes, cfg.MaxBytes > 0)
	return list
}

// Host returns the host of BaseURL, or "" if BaseURL is not an address.
func (c *Client) Host() string { return c.host }

// Name returns the name of the API in errors.
func (c *Client) Name() string { return c.name }

// Describe returns the type of the client, the model and the address, without secrets.
func (c *Client) Describe(kind, model string) string {
	p := c.private()
	base := "a bad address"
	if u, err := url.Parse(p.baseURL); err == nil {
		u.RawQuery = ""
		base = u.Redacted()
	}
	return p.secrets.in(kind + "{" + model + " at " + base + "}")
}

// An Answer builds a response from the JSON of a reply as it arrives.
type Answer interface {
	// Add reads the JSON value at the beginning of data: an event's, or a whole document. It
	// returns the rest of data, or an error if the JSON is broken.
	Add(data []byte) (rest []byte, err error)
	// State returns the progress.
	State() *Progress
	// Missing says what a finished response would lack if the stream ended now, or "".
	Missing() string
	// Response returns the whole response, without the fields of Used, or a Fault if what came
	// is not a response.
	Response() (*provider.Response, *Fault)
	// Used returns what the server has reported so far: the model, the usage and the cost. It
	// also counts if the call fails.
	Used() Used
}

// Used is what a call used, as far as the server reported it.
type Used struct {
	Model string
	Usage provider.Usage
	Cost  *provider.Money
}

// Progress is how far a response has come. An Answer embeds it.
type Progress struct {
	Finished bool // the model is done; usage and the end of the stream may follow
	Done     bool // the API is done: nothing follows
	Emitted  bool // deltas were emitted
	Marks    bool // the mark [DONE] ends a stream in any state

	Emit func(provider.Delta) // nil if the call does not stream

	failed bool
	report []byte // the error that came in place of a response
}

// Fail records an error that came in place of a response, as JSON: a whole report, or its
// member "error". The first one counts. Progress keeps a copy of at most maxReport bytes.
func (p *Progress) Fail(report []byte) {
	if !p.failed {
		p.failed, p.report = true, bytes.Clone(report[:min(len(report), maxReport)])
	}
}

// Failed reports whether an error came in place of a response.
func (p *Progress) Failed() bool { return p.failed }

// Send emits a delta, if the call streams.
func (p *Progress) Send(d provider.Delta) {
	if p.Emit != nil {
		p.Emitted = true
		p.Emit(d)
	}
}

// Grow adds a piece to a text of the response, and emits it as the Text of d. That is a part
// of the response's text, so it costs no memory of its own.
func (p *Progress) Grow(text *strings.Builder, piece []byte, d provider.Delta) {
	if p.Emit == nil {
		text.Write(piece)
		return
	}
	if text.Cap() == 0 {
		text.Grow(max(len(piece), firstText))
	}
	text.Write(piece)
	d.Text = text.String()[text.Len()-len(piece):]
	p.Send(d)
}

// firstText is the room for a text that comes in pieces. It is enough for the arguments of
// most calls.
const firstText = 64

// State returns p, for the Answer that embeds it.
func (p *Progress) State() *Progress { return p }

// A Fault says why a reply is not a response.
type Fault struct {
	Kind    provider.ErrorKind
	Message string
}

// Call sends a request and reads its reply into a. The body is released.
func (c *Client) Call(ctx context.Context, b *Body, stream bool, a Answer) (*provider.Response, error) {
	x := c.newExchange(ctx)
	defer x.close()
	if err := x.send(b, stream); err != nil {
		return nil, err
	}
	r, err := x.receive(a)
	used := a.Used()
	used.Model = line(x.secrets.inModel(used.Model))
	if err != nil {
		err.Emitted = a.State().Emitted
		addUsed(err, used)
		return nil, err
	}
	// Both are logged, and servers repeat parts of requests.
	r.ID, r.RawFinish = x.clean(r.ID), x.clean(r.RawFinish)
	r.Model, r.Usage, r.Cost = used.Model, used.Usage, used.Cost
	r.RequestID = x.requestID
	return r, nil
}

// Mistakes returns what is wrong with the configuration.
func (c *Client) Mistakes() []string { return c.mistakes }

// Errorf returns the error for a request that is not sent.
func (c *Client) Errorf(kind provider.ErrorKind, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Provider: c.name, Message: line(c.private().secrets.in(fmt.Sprintf(format, args...))), Cost: new(provider.Money)}
}
