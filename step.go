package funcall

import (
	"log/slog"
	"time"

	"github.com/funcall/funcall/internal/agent/callids"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A step is an action, and what the run has for it.
type step struct {
	transcript.Action
	messages []*provider.Message
	callIDs  *callids.Set     // of messages, or of their beginning; may be nil
	intended time.Time        // when the intent of a call that changes something was written
	asked    time.Time        // when the model was asked last
	answer   *structured.Form // of Action.OutputSchema; nil until it is read
	byTool   bool             // the answer was asked for as a call
	early    *early           // nil where nothing begins early
	served   served           // the provider's own tools in the turn
	batch    *batch           // that runs; nil where no tools do
	jobs     *exec.Crew       // the run's
	shared   *provider.Run    // with the other requests of the run; nil until the first
	log      *slog.Logger
	emit     func(Event)       // nil if the run is not watched
	hooks    *hooks            // the run's; may be nil
	left     []transcript.Body // of a step that runtime.Goexit ended
}

// budgets returns the accounts of the run.
func (s *step) budgets() []transcript.Account {
	if s.Steering == nil {
		return nil
	}
	return s.Steering.Budgets
}

// callsFirst reports whether the model has to call a tool in this step, and may answer in a later
// one.
func (s *step) callsFirst() bool {
	mode := s.ToolChoice().Mode
	forces := mode == provider.ToolsRequired || mode == provider.ToolsNamed
	return forces && !s.ToolsOff && !s.Steering.ToolChoice.EveryStep
}

// emitLast emits the last event of the step, which came to bodies. They are kept first, so
// that runtime.Goexit in the consumer does not lose them.
func (s *step) emitLast(bodies []transcript.Body, ev Event) {
	if s.left = bodies; s.emit != nil {
		s.emit(ev)
	}
}

// leave cancels the calls of a step that runtime.Goexit or a panic ended, and keeps their
// results.
func (s *step) leave() {
	if s != nil && s.batch != nil {
		s.left = s.batch.leave()
	}
}

// movedBy says that n attempts stand ahead of the model's turn. The verdicts on calls that
// began early name another place, so they do not count; the time of their rules does.
func (s *step) movedBy(n int) {
	if n > 0 {
		s.Entry, s.early = s.Entry+n, &early{asked: *s.early.rules()}
	}
}
