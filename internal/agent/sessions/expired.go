package sessions

import (
	"time"

	"github.com/funcall/funcall/transcript"
)

// Expired returns the decisions on calls whose deadline has passed.
func Expired(pending []transcript.PendingCall, now time.Time) []transcript.Body {
	var bodies []transcript.Body
	for _, p := range pending {
		if p.Expired(now) {
			bodies = append(bodies, &transcript.Decision{Ref: p.Ref, Digest: p.Digest, Verdict: transcript.VerdictExpire})
		}
	}
	return bodies
}
