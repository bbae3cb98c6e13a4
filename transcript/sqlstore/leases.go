package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/transcript"
)

// leaseSQL holds the statements for leases. acquire changes no row if another worker has the
// lease, unless it is the fourth parameter.
type leaseSQL struct {
	acquire, release, holder string

	renew func(ctx context.Context, s *Store, leases []transcript.Lease, ms int64) (held map[string]bool, err error)
}

// sqliteNow is the time in milliseconds since 1970. It is that of the machine.
const sqliteNow = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`

var sqliteLeases = leaseSQL{
	acquire: `INSERT INTO funcall_leases (session, worker, until) VALUES (?1, ?2, ` + sqliteNow + ` + ?3)
		ON CONFLICT (session) DO UPDATE SET worker = excluded.worker, until = excluded.until
		WHERE worker IN (?2, ?4) OR until <= ` + sqliteNow,
	renew:   renewSQLite,
	release: `DELETE FROM funcall_leases WHERE session = ?1 AND worker = ?2`,
	holder:  `SELECT worker FROM funcall_leases WHERE session = ?1`,
}

var postgresLeases = leaseSQL{
	acquire: `INSERT INTO funcall_leases AS l (session, worker, until) VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond')
		ON CONFLICT (session) DO UPDATE SET worker = excluded.worker, until = excluded.until
		WHERE l.worker IN ($2, $4) OR l.until <= clock_timestamp()`,
	renew:   renewPostgres,
	release: `DELETE FROM funcall_leases WHERE session = $1 AND worker = $2`,
	holder:  `SELECT worker FROM funcall_leases WHERE session = $1`,
}

const (
	sqliteRenew   = `UPDATE funcall_leases SET until = ` + sqliteNow + ` + ?3 WHERE session = ?1 AND worker = ?2`
	postgresRenew = `UPDATE funcall_leases l SET until = clock_timestamp() + $3::bigint * interval '1 millisecond'
		FROM unnest($1::text[], $2::text[]) AS r(session, worker)
		WHERE l.session = r.session AND l.worker = r.worker RETURNING l.session`
)

// Acquire implements [transcript.Leaser]. The time is that of the Postgres server, or, with
// SQLite, that of the machine.
func (s *Store) Acquire(ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (holder string, err error) {
	if err := checkLease(l, ttl); err != nil {
		return "", err
	}
	for { // until either is true: a lease that is given back in between has no holder
		taken, err := s.changeLease(ctx, s.dialect.d.leases.acquire, l.Session, l.Worker, milliseconds(ttl), from)
		if err != nil {
			return "", s.failed("lease", l.Session, err)
		}
		if taken {
			return l.Worker, nil
		}
		err = s.db.QueryRowContext(ctx, s.dialect.d.leases.holder, l.Session).Scan(&holder)
		if err == nil {
			return holder, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", s.failed("lease", l.Session, err)
		}
	}
}

// Renew implements [transcript.Leaser], in transactions of up to 500 leases.
func (s *Store) Renew(ctx context.Context, leases []transcript.Lease, ttl time.Duration) (lost []transcript.Lease, err error) {
	for _, l := range leases {
		if err := checkLease(l, ttl); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sqlstore: renew leases: %w", err)
	}
	for some := range slices.Chunk(leases, 500) {
		held, err := s.dialect.d.leases.renew(ctx, s, some, milliseconds(ttl))
		if err != nil {
			return nil, fmt.Errorf("sqlstore: renew %d leases: %w", len(some), err)
		}
		for _, l := range some {
			if !held[l.Session] {
				lost = append(lost, l)
			}
		}
	}
	return lost, nil
}

// renewSQLite extends leases in one transaction, and returns the sessions that are held.
func renewSQLite(ctx context.Context, s *Store, leases []transcript.Lease, ms int64) (map[string]bool, error) {
	held := make(map[string]bool)
	err := s.writer.Do(ctx, func(tx *sql.Tx) error {
		//lint:ignore sqlclosecheck closed with its transaction
		renew := tx.StmtContext(ctx, s.ready[sqliteRenew])
		for _, l := range leases {
			res, err := renew.ExecContext(ctx, l.Session, l.Worker, ms)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			held[l.Session] = n > 0
		}
		return nil
	})
	return held, err
}

// renewPostgres extends leases in one statement, and returns the sessions that are held.
func renewPostgres(ctx context.Context, s *Store, leases []transcript.Lease, ms int64) (map[string]bool, error) {
	sessions, workers := make([]string, len(leases)), make([]string, len(leases))
	for i, l := range leases {
		sessions[i], workers[i] = l.Session, l.Worker
	}
	rows, err := s.db.QueryContext(ctx, postgresRenew, sessions, workers, ms)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := make(map[string]bool)
	for rows.Next() {
		var session string
		if err := rows.Scan(&session); err != nil {
			return nil, err
		}
		held[session] = true
	}
	return held, rows.Err()
}

// milliseconds returns d in milliseconds, rounded away from 0.
func milliseconds(d time.Duration) int64 {
	switch ms := d.Milliseconds(); {
	case ms == 0 && d > 0:
		return 1
	case ms == 0 && d < 0:
		return -1
	default:
		return ms
	}
}

// Release implements [transcript.Leaser].
func (s *Store) Release(ctx context.Context, l transcript.Lease) error {
	if _, err := s.changeLease(ctx, s.dialect.d.leases.release, l.Session, l.Worker); err != nil {
		return s.failed("release", l.Session, err)
	}
	return nil
}

// changeLease runs a statement that changes one row or none.
func (s *Store) changeLease(ctx context.Context, query string, args ...any) (changed bool, err error) {
	err = s.writer.Do(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		changed = n > 0
		return err
	})
	return changed, err
}

// maxWorker is the longest name of a worker in bytes.
const maxWorker = 500

func checkWorker(worker string) error {
	if worker == "" || len(worker) > maxWorker || !isText(worker) {
		return fmt.Errorf("invalid name of a worker %.60q: must be UTF-8 without NUL, 1 to %d bytes", worker, maxWorker)
	}
	return nil
}

func checkLease(l transcript.Lease, ttl time.Duration) error {
	if err := errors.Join(checkID(l.Session), checkWorker(l.Worker)); err != nil {
		return fmt.Errorf("sqlstore: lease session %q: %w", l.Session, err)
	}
	if ttl <= 0 {
		return fmt.Errorf("sqlstore: lease session %q: a lease of %v has expired already: use a positive duration", l.Session, ttl)
	}
	return nil
}
