package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/funcall/funcall/transcript"
)

// minPage is how many candidates List selects at least at a time, if it has a limit: some of
// them may not match.
const minPage = 100

// List implements [transcript.Lister]. The database selects candidates, whose IDs are held in
// memory: up to the limit of f, and more if some of them do not match. Each transcript is then
// loaded, since only it says whether the session matches.
func (s *Store) List(ctx context.Context, f transcript.Filter) iter.Seq2[transcript.Summary, error] {
	return func(yield func(transcript.Summary, error) bool) {
		page := f
		page.Limit = 0
		if f.Limit > 0 {
			page.Limit = max(f.Limit, minPage)
		}
		yielded := make(map[string]bool) // a session that is updated meanwhile is found again
		for {
			found, err := s.candidates(ctx, page)
			if err != nil {
				yield(transcript.Summary{}, fmt.Errorf("sqlstore: list sessions: %w", err))
				return
			}
			for _, place := range found {
				if yielded[place.ID] {
					continue
				}
				sum, fits, err := s.summary(ctx, f, place)
				if ctx.Err() != nil {
					yield(transcript.Summary{}, ctx.Err())
					return
				}
				if !fits && err == nil {
					continue
				}
				yielded[place.ID] = true
				if !yield(sum, err) || len(yielded) == f.Limit {
					return
				}
			}
			if page.Limit == 0 || len(found) < page.Limit {
				return
			}
			page.After = found[len(found)-1]
		}
	}
}

// candidates returns the places of the sessions that may match f, in order.
func (s *Store) candidates(ctx context.Context, f transcript.Filter) (found []transcript.Cursor, err error) {
	query, args, err := s.dialect.d.selection(f)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var place transcript.Cursor
		var touched string
		if err := rows.Scan(&place.ID, &touched); err != nil {
			return nil, err
		}
		if place.UpdatedAt, err = time.Parse(timeFormat, touched); err != nil {
			return nil, fmt.Errorf("session %q: column touched: %w", place.ID, err)
		}
		found = append(found, place)
	}
	return found, rows.Err()
}

// selection returns the query for the sessions that may match f. Outcomes are literals, and
// the conditions of partial indexes are repeated, so that these indexes are used.
func (d *dialect) selection(f transcript.Filter) (query string, args []any, err error) {
	if !isText(f.Subject) || !isText(f.After.ID) {
		return "", nil, fmt.Errorf("invalid subject %.60q or cursor %.60q in the filter: must be UTF-8 without NUL", f.Subject, f.After.ID)
	}
	where := []string{"entries > 0"}
	arg := func(v string) string {
		args = append(args, v)
		return fmt.Sprintf("%s%d", d.param, len(args))
	}
	if f.Subject != "" {
		where = append(where, "subject <> ''", "subject = "+arg(f.Subject))
	}
	switch f.Outcome {
	case "":
	case transcript.OutcomeDone:
		where = append(where, "outcome = 'done'")
	case transcript.OutcomeWaiting:
		where = append(where, "outcome <> 'done'", "outcome = 'open'", "(asks OR doubt)")
	case transcript.OutcomeLimit, transcript.OutcomeTruncated, transcript.OutcomeHandedOff, transcript.OutcomeFailed, transcript.OutcomeCanceled, transcript.OutcomeOpen:
		where = append(where, "outcome <> 'done'", "outcome = '"+string(f.Outcome)+"'")
	default:
		return "", nil, fmt.Errorf("unknown outcome %q in the filter", f.Outcome)
	}
	if f.InDoubt {
		where = append(where, "doubt")
	}
	if !f.UpdatedBefore.IsZero() {
		where = append(where, "touched < "+arg(stamp(f.UpdatedBefore)))
	}
	if !f.After.IsZero() {
		where = append(where, "(touched, id) > ("+arg(stamp(f.After.UpdatedAt))+", "+arg(f.After.ID)+")")
	}
	query = "SELECT id, touched FROM funcall_sessions WHERE " + strings.Join(where, " AND ") + " ORDER BY touched, id"
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return query, args, nil
}

// summary sums up the session that was found at that place, and says whether the filter picks
// it. If its row says that it may be in doubt and it is not, that is put right, unless the
// program is too old to know.
func (s *Store) summary(ctx context.Context, f transcript.Filter, place transcript.Cursor) (sum transcript.Summary, fits bool, err error) {
	t, err := s.Load(ctx, place.ID)
	if errors.Is(err, transcript.ErrDeleted) { // meanwhile
		return transcript.Summary{}, false, nil
	}
	if err != nil {
		return transcript.Summary{ID: place.ID, Cursor: place}, false, err
	}
	sum = transcript.Track(t).Summary()
	sum.Cursor = place
	if f.InDoubt && len(sum.InDoubt) == 0 && sum.Err == nil {
		err = s.writer.Do(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.dialect.d.certain, place.ID, len(t.Entries))
			return err
		})
	}
	return sum, len(t.Entries) > 0 && f.Matches(sum), err
}
