// Package httpapi is what the wire adapters have in common: it sends one
// request with a JSON body to a model's API and reads the reply, whole or as a
// stream of events, within bounds of time and size. Whatever goes wrong is a
// [provider.Error]; a key is in none of them.
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

// A Config says where an API lives and how it is asked. An adapter sets what
// is its own, and lets its user's options change the rest.
type Config struct {
	// API is what the API is called in errors while the host is Home; any
	// other host goes by its own name.
	API, Home string
	BaseURL   string
	// Path and StreamPath are added to BaseURL, for whole and for streamed
	// answers. They may have a query.
	Path, StreamPath string
	// Key goes into the header KeyHeader, behind KeyPrefix.
	Key, KeyHeader, KeyPrefix string
	// Header is set in place of the client's own headers.
	Header http.Header
	// HTTP is copied; nil is a client made for this traffic.
	HTTP *http.Client
	// OnRequest changes each request before it is sent.
	OnRequest func(*http.Request) error
	// FirstByte and Idle are how long the server may be silent.
	FirstByte, Idle time.Duration
	// MaxBytes bounds a reply.
	MaxBytes int64
}

// Defaults returns a Config with the bounds that every adapter begins with.
func Defaults() Config {
	return Config{Header: http.Header{}, FirstByte: 2 * time.Minute, Idle: time.Minute, MaxBytes: 32 << 20}
}

// A Client asks one API. It is safe for concurrent use.
type Client struct {
	private func() *private // the key and whatever else must not be shown
	http    *http.Client
	hook    func(*http.Request) error

	firstByte, idle time.Duration
	maxBytes        int64

	name, host string
	mistakes   []string
}

// New returns a client. It never fails: a mistake in the configuration is
// reported by Mistakes.
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
	c.http = refuseRedirects(c.http)
	return c
}

// mistakes says what is wrong with a configuration.
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

// Describe names a client of the given kind and model, and where it asks,
// without anything that is secret.
func (c *Client) Describe(kind, model string) string {
	p := c.private()
	base := "a bad address"
	if u, err := url.Parse(p.baseURL); err == nil {
		u.RawQuery = ""
		base = u.Redacted()
	}
	return p.secrets.in(kind + "{" + model + " at " + base + "}")
}

// An Answer is put together from a reply's JSON as it comes in.
type Answer interface {
	// Add reads the JSON value that the data begins with: an event's, or a
	// whole document. It returns what stands behind it, and fails where the
	// text is broken.
	Add(data []byte) (rest []byte, err error)
	// State says how far it has come.
	State() *Progress
	// Missing says what a finished answer would lack if the stream ended
	// here, or "".
	Missing() string
	// Response is the answer as a whole, but for what Used says, or says why it is
	// none.
	Response() (*provider.Response, *Fault)
	// Used is what the server has said so far of the model, and of what the answer
	// used and costs. It counts also if the call fails.
	Used() Used
}

// Used is what a call used, as far as the server has said.
type Used struct {
	Model string
	Usage provider.Usage
	Cost  *provider.Money
}

// Progress is how far an answer has come. An Answer embeds it.
type Progress struct {
	Finished bool // the model is done: only good manners are missing
	Done     bool // the API is done: nothing more comes
	Emitted  bool // deltas have been handed out
	Marks    bool // the mark [DONE] ends a stream, whatever has been said

	Emit func(provider.Delta) // where deltas go; nil where nobody watches

	failed bool
	report []byte // the error that came in place of the answer
}

// Fail says that an error came in place of the answer, as JSON: a report as a whole,
// or its member "error". The first counts. Progress keeps a copy, of no more than
// the server's errors are read of.
func (p *Progress) Fail(report []byte) {
	if !p.failed {
		p.failed, p.report = true, bytes.Clone(report[:min(len(report), maxReport)])
	}
}

// Failed reports whether an error came in place of the answer.
func (p *Progress) Failed() bool { return p.failed }

// Send hands a delta out, where somebody watches.
func (p *Progress) Send(d provider.Delta) {
	if p.Emit != nil {
		p.Emitted = true
		p.Emit(d)
	}
}

// Grow adds a piece to a text of the answer, and hands it out as the Text of d.
func (p *Progress) Grow(text *strings.Builder, piece []byte, d provider.Delta) {
	if p.Emit == nil {
		text.Write(piece)
		return
	}
	d.Text = string(piece)
	text.WriteString(d.Text)
	p.Send(d)
}

// State returns p, for the Answer that embeds it.
func (p *Progress) State() *Progress { return p }

// A Fault says why what came is no answer.
type Fault struct {
	Kind    provider.ErrorKind
	Message string
}

// Call sends a request and reads its reply into a.
func (c *Client) Call(ctx context.Context, b Body, stream bool, a Answer) (*provider.Response, error) {
	x := c.newExchange(ctx)
	defer x.close()
	hr := c.private().newRequest(x.ctx, b, stream)
	if c.hook != nil {
		if err := x.sign(hr); err != nil {
			return nil, err
		}
	}
	if err := x.send(hr); err != nil {
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
	// They are written to logs, and servers send back what they were sent.
	r.ID, r.RawFinish = x.clean(r.ID), x.clean(r.RawFinish)
	r.Model, r.Usage, r.Cost = used.Model, used.Usage, used.Cost
	r.RequestID = x.requestID
	return r, nil
}

// Mistakes are what is wrong with the configuration.
func (c *Client) Mistakes() []string { return c.mistakes }

// Errorf makes an error of a request that is not sent.
func (c *Client) Errorf(kind provider.ErrorKind, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Provider: c.name, Message: line(c.private().secrets.in(fmt.Sprintf(format, args...))), Cost: new(provider.Money)}
}
