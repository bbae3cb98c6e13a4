package transcript

import (
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonversion"
)

// ErrNewerVersion means that the transcript needs a newer version of this package. A transcript of a
// newer major version cannot be read. A transcript with an entry that needs a newer version
// (see [Unknown]) can be read, but not continued. Upgrade the program.
var ErrNewerVersion = jsonversion.ErrNewer

// needs returns the version that a program must know to act on a transcript with the body. It
// is "" if every version knows the body, or if an older program may ignore it.
func needs(b Body) string {
	switch b := b.(type) {
	case *Withdrawal: // a program that ignores it sends the model what was taken back
		return "1.1"
	case *Input:
		if b.Steering != nil { // a program that ignores it asks for something else, or spends more
			return "1.2"
		}
	}
	return ""
}

// Err returns an error that matches [ErrNewerVersion] if an entry needs a version that the
// program does not know. Such a transcript can be read, listed and encoded, but not continued:
// Next returns ActionNone, Resumable returns false, and Pending, Repair and Withdraw return
// nothing. The other methods ignore the entry.
func (k *Tracker) Err() error {
	if k.newer == nil {
		return nil
	}
	return fmt.Errorf("transcript %q, entry %d (%.40q) needs version %s, %w (version %s): upgrade github.com/funcall/funcall",
		k.t.ID, slices.IndexFunc(k.t.Entries, func(e Entry) bool { return e.Body == k.newer }), k.newer.Type, k.newer.Needs, ErrNewerVersion, Version)
}
