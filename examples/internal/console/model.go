package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
	"github.com/funcall/funcall/provider/gemini"
	"github.com/funcall/funcall/provider/openai"
)

// offlineRules is the value of -provider for the rules of package offline.
const offlineRules = "offline"

// Offline reports whether the offline rules answer.
func (f *Flags) Offline() bool { return f.Provider == offlineRules }

const aboutOffline = `Offline rules answer here, not a language model: they know a few phrases, and pick calls and sentences by them. The tools and the checks are the real thing. To have a real model answer, use one of
  HOLYSHEEP_API_KEY=… go run ./examples/%[1]s -provider holysheep
  OPENAI_API_KEY=…    go run ./examples/%[1]s -provider openai -model gpt-5-mini
  ANTHROPIC_API_KEY=… go run ./examples/%[1]s -provider anthropic
  GEMINI_API_KEY=…    go run ./examples/%[1]s -provider gemini
  go run ./examples/%[1]s -provider openai -base-url http://localhost:11434/v1 -model qwen3:8b`

// WordPace is the time per word of the offline rules: slow enough to be seen, fast enough for a
// tour.
const WordPace = 6 * time.Millisecond

// A vendor is a provider of models.
type vendor struct {
	name, keyName, model string
	baseURL, urlName     string // urlName is the variable that replaces baseURL, if there is one
	host                 string // if not "", the only host that the key may be sent to
	dial                 func(model, baseURL, key string) provider.Provider
}

var vendors = []vendor{
	{name: "holysheep", keyName: "HOLYSHEEP_API_KEY", model: "gpt-5-mini", baseURL: "https://api.holysheep.ai/v1", host: "api.holysheep.ai", dial: completions},
	{name: "openai", keyName: "OPENAI_API_KEY", model: "gpt-5-mini", baseURL: "https://api.openai.com/v1", urlName: "OPENAI_BASE_URL", dial: completions},
	{name: "responses", keyName: "OPENAI_API_KEY", model: "gpt-5-mini", baseURL: "https://api.openai.com/v1", urlName: "OPENAI_BASE_URL",
		dial: func(model, baseURL, key string) provider.Provider {
			return openai.NewResponses(model, openai.BaseURL(baseURL), openai.APIKey(key))
		}},
	{name: "anthropic", keyName: "ANTHROPIC_API_KEY", model: "claude-sonnet-4-5", baseURL: "https://api.anthropic.com/v1",
		dial: func(model, baseURL, key string) provider.Provider {
			return anthropic.New(model, anthropic.BaseURL(baseURL), anthropic.APIKey(key))
		}},
	{name: "gemini", keyName: "GEMINI_API_KEY", model: "gemini-2.5-flash", baseURL: "https://generativelanguage.googleapis.com/v1beta",
		dial: func(model, baseURL, key string) provider.Provider {
			return gemini.New(model, gemini.BaseURL(baseURL), gemini.APIKey(key))
		}},
}

func completions(model, baseURL, key string) provider.Provider {
	return openai.New(model, openai.BaseURL(baseURL), openai.APIKey(key))
}

// vendor returns the vendor named by -provider.
func (f *Flags) vendor() (vendor, bool) {
	i := slices.IndexFunc(vendors, func(v vendor) bool { return v.name == f.Provider })
	if i < 0 {
		return vendor{}, false
	}
	return vendors[i], true
}

// vendorNames returns the values of -provider besides offline.
func vendorNames() string {
	var names []string
	for _, v := range vendors {
		names = append(names, v.name)
	}
	return strings.Join(names, ", ")
}

// Choose returns the selected model and its description. pace is the time per word of the offline
// rules. Only the selected provider's key is read from the environment.
func (f *Flags) Choose(getenv func(string) string, pace time.Duration) (provider.Provider, string, error) {
	if f.Offline() {
		return offline.New(offline.Pace(pace)), fmt.Sprintf(aboutOffline, f.Name()), nil
	}
	e := f.endpoint(getenv)
	u, err := url.Parse(e.baseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, "", fmt.Errorf("invalid server address %q: use one such as https://api.openai.com/v1", e.baseURL)
	}
	if e.host != "" && u.Host != e.host && !loopback(u) {
		return nil, "", fmt.Errorf("%s may be sent to %s only: for another server use -provider openai", e.keyName, e.host)
	}
	key := strings.TrimSpace(getenv(e.keyName))
	switch {
	case strings.ContainsAny(key, "\r\n"):
		return nil, "", fmt.Errorf("%s holds a line break: set it to the key alone", e.keyName)
	case key != "" && u.Scheme == "http" && !loopback(u):
		return nil, "", fmt.Errorf("%s would be sent to %s unencrypted: use an https address, or unset it", e.keyName, u.Host)
	case key == "" && !loopback(u):
		return nil, "", fmt.Errorf("-provider %s needs a key: set %s", f.Provider, e.keyName)
	}
	return e.dial(e.model, e.baseURL, key), fmt.Sprintf("The model %s at %s answers.", e.model, u.Host), nil
}

// endpoint returns the selected vendor, with the selected address and model.
func (f *Flags) endpoint(getenv func(string) string) vendor {
	e, _ := f.vendor()
	if e.urlName != "" {
		e.baseURL = cmp.Or(getenv(e.urlName), e.baseURL)
	}
	e.baseURL, e.model = cmp.Or(f.BaseURL, e.baseURL), cmp.Or(f.Model, e.model)
	return e
}

// loopback reports whether the address is on this machine: no key is needed, and none can leak.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Explain returns an error in one sentence.
func (f *Flags) Explain(err error) string {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || f.Offline() {
		return err.Error()
	}
	asked := f.endpoint(func(string) string { return "" })
	switch {
	case e.Kind == provider.KindAuth:
		return fmt.Sprintf("%s does not accept the key (HTTP %d): check %s.", e.Provider, e.Status, asked.keyName)
	case e.Code == "model_not_found" || e.Status == 404:
		return fmt.Sprintf("%s has no model %q, or nothing under this address (HTTP %d): check -model and -base-url.", e.Provider, asked.model, e.Status)
	case e.Kind == provider.KindUnavailable && e.Status == 0:
		return fmt.Sprintf("%s cannot be reached: is the server running, and is -base-url right? (%s)", e.Provider, oneLine(e.Message))
	case e.Kind == provider.KindTimeout && !errors.Is(err, context.Canceled):
		return fmt.Sprintf("%s did not answer in time: try again, or take a faster -model.", e.Provider)
	}
	return oneLine(e.Error())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
