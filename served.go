package funcall

import (
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
)

// served notes, by their IDs, which calls of the provider's own tools a consumer has seen in
// the turn: one that began is there, and true if it is done.
type served map[string]bool

// delta emits the event of a delta, once for each call.
func (s *served) delta(d provider.Delta, emit func(Event)) {
	if d.Server == nil || d.Server.ID == "" {
		return
	}
	id := d.Server.ID
	done, begun := (*s)[id]
	switch {
	case !begun && len(*s) < storable.MaxCalls:
		if *s == nil {
			*s = make(served)
		}
		(*s)[id] = false
		emit(Event{Kind: EventServerToolStart, Server: d.Server})
	case !begun || done:
		return
	}
	if d.Kind == provider.DeltaServerEnd {
		(*s)[id] = true
		emit(Event{Kind: EventServerToolEnd, Server: d.Server})
	}
}

// rest emits the events of a complete response that had no deltas.
func (s *served) rest(m *provider.Message, emit func(Event)) {
	if emit == nil {
		return
	}
	for _, c := range m.ServerCalls() {
		done, begun := (*s)[c.ID]
		if !begun {
			emit(Event{Kind: EventServerToolStart, Server: &c})
		}
		if !done {
			emit(Event{Kind: EventServerToolEnd, Server: &c})
		}
	}
}
