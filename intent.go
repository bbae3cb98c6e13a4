package funcall

import (
	"time"

	"github.com/funcall/funcall/transcript"
)

// An intent says to other workers that an attempt may be under way. It holds for
// a bounded time: once that has passed, the backend's word that it has not heard
// of the attempt is believed, and another worker may make the call. So a handler
// does not start after that time (exec.Job.Until), and its context is done by then.
// A worker that stood still meanwhile finds out right before the handler.

// maxTries is how often a worker starts a call of which the backend has no record.
const maxTries = 3

// lifetime returns how long an attempt can take from its intent until it is given
// up on, by the stored verdict or else by the tool as it is configured here.
func (a *Agent) lifetime(t *tool, w transcript.Work) time.Duration {
	if w.Call.MaxDuration > 0 {
		return w.Call.MaxDuration
	}
	return t.timeout + a.cfg.GracePeriod
}
