package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/transcript"
)

// Append implements [transcript.Store].
func (s *Store) Append(ctx context.Context, b transcript.Batch) error {
	if err := checkID(b.Session); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return s.failed("append to", b.Session, err)
	}
	a, err := newAppend(b)
	if err == nil && b.LeaseFor > 0 {
		err = checkWorker(b.Writer)
	}
	if err != nil {
		return s.failed("append to", b.Session, err)
	}
	written := false
	if b.At >= 0 && len(b.Entries) > 0 {
		if written, err = s.dialect.d.append(ctx, s, a); err != nil {
			return fmt.Errorf("sqlstore: append to session %q at %d: %w", b.Session, b.At, err)
		}
	}
	if written {
		return nil
	}
	made, have, err := s.isMade(ctx, a)
	switch {
	case err != nil:
		return fmt.Errorf("sqlstore: append to session %q at %d: %w", b.Session, b.At, err)
	case have == deleted:
		return s.failed("append to", b.Session, transcript.ErrDeleted)
	case made || have == b.At && len(b.Entries) == 0:
		return nil
	}
	if have == b.At {
		return fmt.Errorf("%w: session %q is leased to another worker", transcript.ErrConflict, b.Session)
	}
	return fmt.Errorf("%w: session %q has %d entries, not %d", transcript.ErrConflict, b.Session, have, b.At)
}

// appendOf is the data of one append.
type appendOf struct {
	id     string
	at     int
	writer string
	lease  time.Duration // see transcript.Batch.LeaseFor
	bodies []string
	sums   []int64
	session
}

// session is what an append changes in the session's row; nil is no change.
type session struct {
	outcome, subject *string
	asks, doubt      *bool // a call may await approval; a call may be in doubt
	touched          string
}

// timeFormat is that of the column touched. Its texts sort as their times.
const timeFormat = "2006-01-02T15:04:05.000000000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeFormat) }

// newAppend encodes the entries and derives the columns that sessions are listed by. Those
// columns may select a session too many, never one too few: List checks the transcript.
func newAppend(b transcript.Batch) (*appendOf, error) {
	n := len(b.Entries)
	a := &appendOf{id: b.Session, at: b.At, writer: b.Writer, lease: b.LeaseFor, bodies: make([]string, n), sums: make([]int64, n)}
	for i, e := range b.Entries {
		body, err := e.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("encode entry %d: %w", b.At+i, err)
		}
		a.bodies[i], a.sums[i] = string(body), checksum(body)
		a.learn(e)
	}
	return a, nil
}

func (s *session) learn(e transcript.Entry) {
	s.touched = stamp(e.Time)
	open := string(transcript.OutcomeOpen)
	switch b := e.Body.(type) {
	case *transcript.Input:
		s.outcome, s.subject, s.asks = &open, &b.Subject, new(bool)
	case *transcript.Output:
		asks := false
		for _, c := range b.Calls {
			asks = asks || c.ApprovalReason != ""
		}
		s.asks = &asks
	case *transcript.Result:
		if b.Status == transcript.StatusInDoubt {
			doubt := true
			s.doubt = &doubt
		}
	case *transcript.Resume:
		s.outcome = &open
	case *transcript.End:
		o := string(b.Outcome)
		s.outcome = &o
	}
}

// isMade reports whether the append repeats the last one by the same writer. It also returns
// the number of entries.
func (s *Store) isMade(ctx context.Context, a *appendOf) (made bool, have int, err error) {
	var last int
	var writer string
	err = s.db.QueryRowContext(ctx, s.dialect.d.last, a.id).Scan(&have, &last, &writer)
	if errors.Is(err, sql.ErrNoRows) {
		return false, 0, nil
	}
	if err != nil || a.writer == "" || a.writer != writer || a.at != last || have != a.at+len(a.bodies) {
		return false, have, err
	}
	rows, err := s.db.QueryContext(ctx, s.dialect.d.tail, a.id, a.at)
	if err != nil {
		return false, have, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return false, have, err
		}
		if n >= len(a.bodies) || !bytes.Equal(body, []byte(a.bodies[n])) {
			return false, have, nil
		}
	}
	return n == len(a.bodies), have, rows.Err()
}
