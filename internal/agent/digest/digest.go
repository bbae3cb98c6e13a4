// Package digest identifies definitions and pending calls by their hash.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/funcall/funcall/transcript"
)

// Of identifies a list of texts.
func Of(texts ...string) string {
	h := sha256.New()
	for _, s := range texts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Shown returns the digest of what p shows to a person, p.Digest included: a decision on a
// Pending that was altered on its way does not match the call. Texts are hashed as JSON,
// which is how they travel. The digest has 16 bytes, so that no second text with the same
// digest can be found.
func Shown(p transcript.PendingCall) string {
	shown, err := json.Marshal([]string{p.Session, p.Ref.String(), p.Tool, p.Args, p.Reason, p.Subject, p.Digest})
	if err != nil {
		return "" // which matches no call
	}
	sum := sha256.Sum256(shown)
	return hex.EncodeToString(sum[:16])
}
