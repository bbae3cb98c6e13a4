package golden

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A journal is a transcript in the form of a golden file: without secrets and without values
// that change from run to run.
type journal struct {
	transcript.Transcript
	lines []string // of its JSON: a header, and a line an entry
}

// startTime is the time of the first entry. Each entry is a second later than the one before.
var startTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// approvalTime is the deadline of an approval, unless the transcript says that it expired. It
// is longer than any conversation in a file.
const approvalTime = 365 * 24 * time.Hour

// journal returns t in the form of a golden file. It is idempotent.
func (c *cleaner) journal(t transcript.Transcript) (*journal, error) {
	kept := transcript.Transcript{ID: runID.pattern.ReplaceAllLiteralString(c.keys(t.ID), runID.name)}
	k := transcript.Track(kept)
	for i, e := range t.Entries {
		at := startTime.Add(time.Duration(i) * time.Second)
		entry, err := c.entry(e, at)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		entry.Time = at
		normalize(entry)
		if d, ok := entry.Body.(*transcript.Decision); ok {
			normalizeDecision(d, at, k)
		}
		kept.Entries = append(kept.Entries, entry)
		k.Add(entry)
	}
	var b strings.Builder
	if err := transcript.Encode(&b, kept); err != nil {
		return nil, err
	}
	return &journal{kept, strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")}, nil
}

// entry returns a copy of e without secrets.
func (c *cleaner) entry(e transcript.Entry, at time.Time) (kept transcript.Entry, err error) {
	text, err := e.MarshalJSON()
	if err != nil {
		return kept, err
	}
	line := string(text)
	switch e.Body.(type) {
	case *transcript.Output:
		line = c.line(line, true)
	case *transcript.Unknown:
		stamp, _ := at.MarshalText() // its year is in range
		line = entryTime.ReplaceAllLiteralString(line, `"at":"`+string(stamp)+`"`)
		line = c.definitions(c.secrets(line))
	default:
		line = c.line(line, false)
	}
	return kept, kept.UnmarshalJSON([]byte(line))
}

var entryTime = regexp.MustCompile(`"at":"[^"]*"`)

// normalize removes what changes from run to run: times, durations, the windows of budgets, the
// API's IDs, and digests of what the file holds.
func normalize(e transcript.Entry) {
	switch b := e.Body.(type) {
	case *transcript.Input:
		b.ConfigDigest, b.Setup = "", nil
		if b.Steering != nil {
			if b.Steering.Budgets = nil; b.Steering.IsZero() {
				b.Steering = nil
			}
		}
	case *transcript.Output:
		b.RequestID = ""
		for i := range b.Calls {
			c := &b.Calls[i]
			c.Digest, c.MaxDuration = "", 0
			if !c.ApprovalDeadline.IsZero() {
				c.ApprovalDeadline = e.Time.Add(approvalTime)
			}
		}
	case *transcript.Attempt:
		b.RequestID, b.Duration = "", 0
	case *transcript.Result:
		b.Duration = 0
	}
}

// normalizeDecision binds a decision to its call in the journal k.
func normalizeDecision(d *transcript.Decision, at time.Time, k *transcript.Tracker) {
	d.Digest = ""
	for _, p := range k.Pending() {
		if p.Ref != d.Ref {
			continue
		}
		d.Digest = p.Digest
		if out, ok := k.Transcript().Entries[d.Ref.Entry].Body.(*transcript.Output); ok && d.Verdict == transcript.VerdictExpire {
			out.Calls[d.Ref.Index].ApprovalDeadline = at
		}
	}
}
