package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

const (
	defaultModel = "gpt-5-mini"
	openaiURL    = "https://api.openai.com/v1"
	holysheepURL = "https://api.holysheep.ai/v1"
	// wordPace is slow enough to be seen and quick enough for a tour.
	wordPace = 6 * time.Millisecond
)

// choose makes the model that answers, and says what it is. Which keys lie
// around in the environment changes nothing: only the provider that was asked
// for is given its key.
func choose(o options, getenv func(string) string) (provider.Provider, string, error) {
	if o.provider == "offline" {
		pace := wordPace
		if o.repeatable() {
			pace = 0
		}
		return offline.New(offline.Pace(pace)), aboutOffline, nil
	}
	e := o.endpoint(getenv)
	u, err := url.Parse(e.baseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, "", fmt.Errorf("%q is no address of a server: it looks like %s", e.baseURL, openaiURL)
	}
	if e.host != "" && u.Host != e.host && !loopback(u) {
		return nil, "", fmt.Errorf("%s goes to %s only: for another server take -provider openai", e.keyName, e.host)
	}
	key := strings.TrimSpace(getenv(e.keyName))
	switch {
	case strings.ContainsAny(key, "\r\n"):
		return nil, "", fmt.Errorf("%s holds a line break: set it to the key alone", e.keyName)
	case key != "" && u.Scheme == "http" && !loopback(u):
		return nil, "", fmt.Errorf("%s would go to %s unencrypted: take an https address, or unset it", e.keyName, u.Host)
	case key == "" && !loopback(u):
		return nil, "", fmt.Errorf("-provider %s needs a key: set %s", o.provider, e.keyName)
	}
	model := openai.New(e.model, openai.BaseURL(e.baseURL), openai.APIKey(key))
	return model, fmt.Sprintf("The model %s at %s answers.", e.model, u.Host), nil
}

type endpoint struct {
	baseURL, keyName, model string
	host                    string // the only one that the key may go to, if not empty
}

func (o options) endpoint(getenv func(string) string) endpoint {
	e := endpoint{baseURL: openaiURL, keyName: "OPENAI_API_KEY", model: defaultModel}
	if o.provider == "holysheep" {
		e = endpoint{baseURL: holysheepURL, keyName: "HOLYSHEEP_API_KEY", model: defaultModel, host: "api.holysheep.ai"}
	} else if v := getenv("OPENAI_BASE_URL"); v != "" {
		e.baseURL = v
	}
	if o.baseURL != "" {
		e.baseURL = o.baseURL
	}
	if o.model != "" {
		e.model = o.model
	}
	return e
}

// loopback reports whether the address is on this machine, where no key is
// needed and none can get lost.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// explain makes one sentence of an error.
func explain(err error, o options) string {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || o.provider == "offline" {
		return err.Error()
	}
	keyName := o.endpoint(func(string) string { return "" }).keyName
	model := o.endpoint(func(string) string { return "" }).model
	switch {
	case e.Kind == provider.Auth:
		return fmt.Sprintf("%s does not accept the key (HTTP %d): check %s.", e.Provider, e.Status, keyName)
	case e.Code == "model_not_found" || e.Status == 404:
		return fmt.Sprintf("%s has no model %q, or nothing under this address (HTTP %d): check -model and -base-url.", e.Provider, model, e.Status)
	case e.Kind == provider.Unavailable && e.Status == 0:
		return fmt.Sprintf("%s cannot be reached: is the server running, and is -base-url right? (%s)", e.Provider, oneLine(e.Message))
	case e.Kind == provider.Timeout && !errors.Is(err, context.Canceled):
		return fmt.Sprintf("%s did not answer in time: try again, or take a faster -model.", e.Provider)
	}
	return oneLine(e.Error())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
