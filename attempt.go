package funcall

import (
	"errors"
	"time"

	"github.com/funcall/funcall/internal/storable"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// attempt makes the entry of a model call that began at that time and failed.
func (a *Agent) attempt(err error, began time.Time) *transcript.Attempt {
	t := &transcript.Attempt{Error: storable.Reason(err.Error()), Duration: time.Since(began)}
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return t
	}
	t.Kind, t.Provider = provider.ErrorKind(storable.Name(string(e.Kind))), storable.Name(e.Provider)
	t.Model, t.RequestID = storable.Name(e.Model), storable.Name(e.RequestID)
	if storable.CheckUsage(e.Usage) != nil {
		return t
	}
	t.Usage, t.Cost = e.Usage, a.costs.Of(e.Model, e.Usage, e.Cost)
	if t.Cost == nil && isRefusal(e) {
		t.Cost = new(provider.Money)
	}
	return t
}

// isRefusal reports whether the API refused the request before a model ran.
func isRefusal(e *provider.Error) bool {
	switch e.Kind {
	case provider.KindRateLimited, provider.KindOverloaded, provider.KindAuth, provider.KindQuota, provider.KindInvalidRequest, provider.KindUnsupported,
		provider.KindContextTooLong, provider.KindInvalidMedia:
		return !e.Emitted && e.Usage == (provider.Usage{})
	}
	return false
}
