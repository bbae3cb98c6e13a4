package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/transcript"
)

// leaseSQL holds the statements for leases. acquire changes no row if another worker has the
// lease, unless it is the fourth parameter.
type leaseSQL struct{ acquire, renew, release, holder string }

// sqliteNow is the time in milliseconds since 1970. It is that of the machine.
const sqliteNow = `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`

var sqliteLeases = leaseSQL{
	acquire: `INSERT INTO funcall_leases (session, worker, until) VALUES (?1, ?2, ` + sqliteNow + ` + ?3)
		ON CONFLICT (session) DO UPDATE SET worker = excluded.worker, until = excluded.until
		WHERE worker IN (?2, ?4) OR until <= ` + sqliteNow,
	renew:   `UPDATE funcall_leases SET until = ` + sqliteNow + ` + ?3 WHERE session = ?1 AND worker = ?2`,
	release: `DELETE FROM funcall_leases WHERE session = ?1 AND worker = ?2`,
	holder:  `SELECT worker FROM funcall_leases WHERE session = ?1`,
}

var postgresLeases = leaseSQL{
	acquire: `INSERT INTO funcall_leases AS l (session, worker, until) VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond')
		ON CONFLICT (session) DO UPDATE SET worker = excluded.worker, until = excluded.until
		WHERE l.worker IN ($2, $4) OR l.until <= clock_timestamp()`,
	renew:   `UPDATE funcall_leases SET until = clock_timestamp() + $3::bigint * interval '1 millisecond' WHERE session = $1 AND worker = $2`,
	release: `DELETE FROM funcall_leases WHERE session = $1 AND worker = $2`,
	holder:  `SELECT worker FROM funcall_leases WHERE session = $1`,
}

// Acquire implements [transcript.Leaser]. The time is that of the Postgres server, or, with
// SQLite, that of the machine.
func (s *Store) Acquire(ctx context.Context, l transcript.Lease, from string, ttl time.Duration) (holder string, err error) {
	if err := checkLease(l, ttl); err != nil {
		return "", err
	}
	for { // until either is true: a lease that is given back in between has no holder
		taken, err := s.changeLease(ctx, s.dialect.d.leases.acquire, l.Session, l.Worker, max(ttl.Milliseconds(), 1), from)
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

// Renew implements [transcript.Leaser].
func (s *Store) Renew(ctx context.Context, l transcript.Lease, ttl time.Duration) (held bool, err error) {
	if err := checkLease(l, ttl); err != nil {
		return false, err
	}
	held, err = s.changeLease(ctx, s.dialect.d.leases.renew, l.Session, l.Worker, max(ttl.Milliseconds(), 1))
	if err != nil {
		return false, s.failed("renew the lease of", l.Session, err)
	}
	return held, nil
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
