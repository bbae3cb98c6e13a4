package httpapi

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The private parts of a client stand behind a function, which no printer
// looks into: neither one that cannot call the methods of an unexported field
// nor one that follows pointers.
type private struct {
	baseURL         string
	secrets         secrets
	whole, streamed *http.Request // what every request is made from
}

// prepare makes what all requests have in common. It says what is wrong with
// the address.
func (p *private) prepare(base *url.URL, cfg Config) (mistakes []string) {
	for _, kind := range []struct {
		request      **http.Request
		path, accept string
	}{{&p.whole, cfg.Path, "application/json"}, {&p.streamed, cfg.StreamPath, "text/event-stream"}} {
		path, query, _ := strings.Cut(kind.path, "?")
		u := base.JoinPath(path)
		if query != "" && u.RawQuery != "" {
			query = "&" + query
		}
		u.RawQuery += query
		hr, err := http.NewRequest(http.MethodPost, u.String(), nil)
		if err != nil {
			return []string{"BaseURL is not an address that a request can be sent to"}
		}
		hr.Header = cfg.headers(kind.accept)
		*kind.request = hr
	}
	return nil
}

// headers are those of a request, ahead of the hook.
func (cfg *Config) headers(accept string) http.Header {
	h := http.Header{
		"Content-Type": {"application/json"},
		"Accept":       {accept},
		"User-Agent":   {"funcall"},
	}
	if cfg.Key != "" {
		h.Set(cfg.KeyHeader, cfg.KeyPrefix+cfg.Key)
	}
	maps.Copy(h, cfg.Header)
	return h
}

// newRequest makes a request. Its URL and its headers are its own, as hooks
// and transports write to them.
func (p *private) newRequest(ctx context.Context, b Body, stream bool) *http.Request {
	common := p.whole
	if stream {
		common = p.streamed
	}
	hr := common.WithContext(ctx)
	hr.ContentLength, hr.GetBody = b.size, b.open
	hr.Body, _ = b.open()
	u := *hr.URL
	hr.URL = &u
	hr.Header = common.Header.Clone()
	return hr
}

// secretsOf collects what servers and libraries may repeat of a request: the
// values of its headers and of its query, and the login in its address. Short values
// are left alone: they are no secrets, and are words of errors. Of a token in
// Authorization it is known that it is one; local servers take short ones. The values
// of headers that are not named like secrets are looked for only as they are.
func secretsOf(u *url.URL, header http.Header) secrets {
	const shortToken = 4
	var list secrets
	addFrom := func(least int, s string) {
		if len(s) >= least {
			list = append(list, newSecret(s, false))
		}
	}
	add := func(s string) { addFrom(short, s) }
	for name, values := range header {
		if name == "Content-Type" || name == "Accept" || name == "User-Agent" || name == "Anthropic-Version" {
			continue
		}
		for _, v := range values {
			if !isSecretName(name) {
				if len(v) >= short {
					list = append(list, newSecret(v, true))
				}
				continue
			}
			add(v)
			if _, token, ok := strings.Cut(v, " "); ok && name == "Authorization" {
				addFrom(shortToken, token)
			} else if ok {
				add(token)
			}
		}
	}
	if u != nil {
		for name, values := range u.Query() {
			if name == "api-version" { // public, and what errors are about
				continue
			}
			for _, v := range values {
				add(v)
			}
		}
		password, _ := u.User.Password()
		add(u.User.Username())
		add(password)
		// What net/http makes a header of.
		add(base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password)))
	}
	return list
}

// secretNames are parts of the names of headers with secrets.
var secretNames = []string{"auth", "key", "token", "secret", "pass", "credential", "cookie", "session", "signature", "jwt", "bearer"}

func isSecretName(name string) bool { return containsAny(lower(name), secretNames) }

// badHeader says what keeps a header from being sent, or "". It does not show
// the value.
func badHeader(h http.Header) string {
	for name, values := range h {
		if name == "" || strings.ContainsFunc(name, notInToken) {
			return "invalid header name " + strconv.Quote(name)
		}
		for _, v := range values {
			if strings.ContainsFunc(v, isControl) {
				return "the value of header " + name + " contains a line break or another control character"
			}
		}
	}
	return ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func notInToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// A hidden error stands for one whose text holds a secret. It is all that the
// other is to errors.Is; the other itself cannot be reached.
type hidden struct {
	text string
	is   func(target error) bool
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return h.is(target) }

// cause returns err, or what stands for it.
func (x *exchange) cause(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if x.secrets.in(text) == text {
		return err
	}
	return &hidden{x.clean(text), func(target error) bool { return errors.Is(err, target) }}
}
