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

// private is what a printed client must not show. The client holds it behind a function,
// because printers do not look into functions: neither those that cannot call methods of
// unexported fields nor those that follow pointers.
type private struct {
	baseURL         string
	secrets         secrets
	whole, streamed template
}

// A template is what all requests for whole, or for streamed, responses are made from.
type template struct {
	request *http.Request
	direct  http.Header // of requests that do not need the http.Client; values have no room for more
	head    int         // the most bytes that these requests have before the body
}

func (p *private) template(stream bool) *template {
	if stream {
		return &p.streamed
	}
	return &p.whole
}

// prepare makes the parts that all requests share. It returns what is wrong with the address.
func (p *private) prepare(base *url.URL, cfg Config) (mistakes []string) {
	for _, kind := range []struct {
		template     *template
		path, accept string
	}{{&p.whole, cfg.Path, "application/json"}, {&p.streamed, cfg.StreamPath, "text/event-stream"}} {
		path, query, _ := strings.Cut(kind.path, "?")
		u := base.JoinPath(path)
		if query != "" && u.RawQuery != "" {
			query = "&" + query
		}
		u.RawQuery += query
		hr, err := http.NewRequestWithContext(context.Background(), http.MethodPost, u.String(), nil)
		if err != nil {
			return []string{"BaseURL is not an address that a request can be sent to"}
		}
		hr.Header = cfg.headers(kind.accept)
		kind.template.request, kind.template.direct = hr, hr.Header.Clone()
		if login := u.User; login != nil && hr.Header.Get("Authorization") == "" {
			password, _ := login.Password()
			(&http.Request{Header: kind.template.direct}).SetBasicAuth(login.Username(), password)
		}
		kind.template.head = headSize(u, kind.template.direct)
	}
	return nil
}

// headers returns the headers of a request before the OnRequest hook.
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

// secretsOf returns what servers and libraries may repeat of a request: the values of its
// headers and its query, and the login in its address. Short values are left out, because they
// are ordinary words of errors; but a token in Authorization is always secret, and local
// servers accept short ones. Values of headers whose names do not suggest a secret are
// searched for only unchanged.
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

// badHeader returns why a header cannot be sent, or "". It does not show the value.
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

// A hidden error replaces an error whose text contains a secret. errors.Is treats it like the
// original, which cannot be reached.
type hidden struct {
	text string
	is   func(target error) bool
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return h.is(target) }

// cause returns err, or a hidden error in its place.
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
