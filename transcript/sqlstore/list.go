package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"github.com/funcall/funcall/transcript"
)

// List implements [transcript.Lister]. The database selects candidates, whose IDs are held in
// memory. Each transcript is then loaded, since only it says whether the session matches.
func (s *Store) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	return func(yield func(transcript.Summary, error) bool) {
		ids, err := s.candidates(ctx, f)
		if err != nil {
			yield(transcript.Summary{}, fmt.Errorf("sqlstore: list sessions: %w", err))
			return
		}
		for _, id := range ids {
			sum, fits, err := s.summary(ctx, f, id)
			if ctx.Err() != nil {
				yield(transcript.Summary{}, ctx.Err())
				return
			}
			if (fits || err != nil) && !yield(sum, err) {
				return
			}
		}
	}
}

// candidates returns the IDs of the sessions that may match f.
func (s *Store) candidates(ctx context.Context, f transcript.Filter) (ids []string, err error) {
	where := []string{"true"}
	switch f.Outcome {
	case "":
	case transcript.OutcomeWaiting:
		where = append(where, "outcome = 'open'", "(asks OR doubt)")
	case transcript.OutcomeDone, transcript.OutcomeLimit, transcript.OutcomeTruncated, transcript.OutcomeHandedOff, transcript.OutcomeFailed, transcript.OutcomeCanceled, transcript.OutcomeOpen:
		where = append(where, "outcome = '"+string(f.Outcome)+"'") // a literal, so that the partial index is used
	default:
		return nil, fmt.Errorf("unknown outcome %q in the filter", f.Outcome)
	}
	if f.InDoubt {
		where = append(where, "doubt")
	}
	if !f.UpdatedBefore.IsZero() {
		where = append(where, "touched < '"+f.UpdatedBefore.UTC().Format(timeFormat)+"'")
	}
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM funcall_sessions WHERE "+strings.Join(where, " AND ")+" ORDER BY touched, id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// summary sums up a session, and says whether the filter picks it. If its row says that
// it may be in doubt and it is not, that is put right, unless the program is too old to
// know.
func (s *Store) summary(ctx context.Context, f transcript.Filter, id string) (sum transcript.Summary, fits bool, err error) {
	t, err := s.Load(ctx, id)
	if err != nil {
		return transcript.Summary{ID: id}, false, err
	}
	sum = transcript.Track(t).Summary()
	if f.InDoubt && len(sum.InDoubt) == 0 && sum.Err == nil {
		err = s.writer.Do(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.dialect.d.certain, id, len(t.Entries))
			return err
		})
	}
	return sum, len(t.Entries) > 0 && f.Matches(sum), err
}
