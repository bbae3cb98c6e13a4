package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// A dialect holds the statements and the properties of one database.
type dialect struct {
	oneWriter  bool
	param      string // ahead of the number of a parameter
	migrations []string
	// lock keeps other processes from migrating at the same time, until the transaction ends.
	lock string

	load, last, tail string
	certain          string
	prepare          []string // statements prepared once
	delete           []string // the row first: it is the lock against appends
	setVersion       string
	append           func(ctx context.Context, s *Store, a *appendOf) (bool, error)
	accounts         accountSQL
	leases           leaseSQL
}

// deleted is the number of entries in the row of a deleted session. No append is at that
// position, so the statements that append do not match the row. The row has no other data but
// the ID, and it is not listed.
const deleted = -1

// bury makes the row of a session that exists equal to that of an unknown one that is deleted.
const bury = `ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, last = excluded.last, writer = excluded.writer,
	outcome = excluded.outcome, subject = excluded.subject, asks = excluded.asks, doubt = excluded.doubt, touched = excluded.touched`

// SQLite is the dialect of SQLite 3.35 and later.
var SQLite = Dialect{&dialect{
	oneWriter:  true,
	param:      "?",
	migrations: sqliteMigrations,
	load: `SELECT s.entries, e.at, e.version, e.sum, e.body FROM funcall_sessions s
		LEFT JOIN funcall_entries e ON e.session = s.key WHERE s.id = ? AND s.entries <> 0 ORDER BY e.at`,
	last: `SELECT entries, last, writer FROM funcall_sessions WHERE id = ?`,
	tail: `SELECT e.body FROM funcall_sessions s JOIN funcall_entries e ON e.session = s.key
		WHERE s.id = ? AND e.at >= ? ORDER BY e.at`,
	certain: `UPDATE funcall_sessions SET doubt = 0 WHERE id = ? AND entries = ?`,
	delete: []string{
		`INSERT INTO funcall_sessions (id, entries, last, writer, outcome, subject, asks, doubt, touched)
			VALUES (?, -1, 0, '', 'done', '', false, false, '') ` + bury,
		`DELETE FROM funcall_entries WHERE session = (SELECT key FROM funcall_sessions WHERE id = ?)`,
		`DELETE FROM funcall_leases WHERE session = ?`,
	},
	setVersion: `INSERT INTO funcall_schema (version) VALUES (?)`,
	prepare:    []string{sqliteBegin, sqliteGoOn, sqliteEntry, sqliteLeases.acquire, sqliteLeases.release, sqliteRenew},
	append:     appendSQLite,
	accounts:   sqliteAccounts,
	leases:     sqliteLeases,
}}

// Postgres is the dialect of Postgres 12 and later, and of databases that are compatible with
// it.
var Postgres = Dialect{&dialect{
	param:      "$",
	migrations: postgresMigrations,
	lock:       `SELECT pg_advisory_xact_lock(7306092711846523)`, // an arbitrary constant
	load: `SELECT s.entries, e.at, e.version, e.sum, e.body FROM funcall_sessions s
		LEFT JOIN funcall_entries e ON e.session = s.key WHERE s.id = $1 AND s.entries <> 0 ORDER BY e.at`,
	last: `SELECT entries, last, writer FROM funcall_sessions WHERE id = $1`,
	tail: `SELECT e.body FROM funcall_sessions s JOIN funcall_entries e ON e.session = s.key
		WHERE s.id = $1 AND e.at >= $2 ORDER BY e.at`,
	certain: `UPDATE funcall_sessions SET doubt = false WHERE id = $1 AND entries = $2`,
	delete: []string{
		`INSERT INTO funcall_sessions (id, entries, last, writer, outcome, subject, asks, doubt, touched)
			VALUES ($1, -1, 0, '', 'done', '', false, false, '') ` + bury,
		`DELETE FROM funcall_entries WHERE session = (SELECT key FROM funcall_sessions WHERE id = $1)`,
		`DELETE FROM funcall_leases WHERE session = $1`,
	},
	setVersion: `INSERT INTO funcall_schema (version) VALUES ($1)`,
	append:     appendPostgres,
	accounts:   postgresAccounts,
	leases:     postgresLeases,
}}

const (
	sqliteBegin = `INSERT INTO funcall_sessions (id, entries, last, writer, outcome, subject, asks, doubt, touched)
		SELECT ?1, ?2, ?3, ?4, coalesce(?5, 'open'), coalesce(?6, ''), coalesce(?7, 0), coalesce(?8, 0), ?9 WHERE ` + sqliteFree + `
		ON CONFLICT (id) DO NOTHING RETURNING key`
	sqliteGoOn = `UPDATE funcall_sessions SET entries = ?2, last = ?3, writer = ?4, outcome = coalesce(?5, outcome),
		subject = coalesce(?6, subject), asks = coalesce(?7, asks), doubt = coalesce(?8, doubt), touched = ?9
		WHERE id = ?1 AND entries = ?3 AND ` + sqliteFree + ` RETURNING key`
	// sqliteFree is true unless another worker than ?4 has the lease of session ?1.
	sqliteFree  = `NOT EXISTS (SELECT 1 FROM funcall_leases l WHERE l.session = ?1 AND l.worker <> ?4 AND l.until > ` + sqliteNow + `)`
	sqliteEntry = `INSERT INTO funcall_entries (session, at, version, sum, body) VALUES (?, ?, ?, ?, ?)`
)

// appendSQLite writes in one transaction, which takes the write lock when it begins. It
// returns false if the session does not have a.at entries.
func appendSQLite(ctx context.Context, s *Store, a *appendOf) (written bool, err error) {
	err = s.writer.Do(ctx, func(tx *sql.Tx) error {
		step := sqliteGoOn
		if a.at == 0 {
			step = sqliteBegin
		}
		var key int64
		//lint:ignore sqlclosecheck closed with its transaction
		err := tx.StmtContext(ctx, s.ready[step]).QueryRowContext(ctx, a.id, a.at+len(a.bodies), a.at, a.writer, a.outcome, a.subject, a.asks, a.doubt, a.touched).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		//lint:ignore sqlclosecheck closed with its transaction
		entry := tx.StmtContext(ctx, s.ready[sqliteEntry])
		for i, body := range a.bodies {
			if _, err := entry.ExecContext(ctx, key, a.at+i, version, a.sums[i], body); err != nil {
				return err
			}
		}
		written = true
		if a.lease == 0 {
			return nil
		}
		lease, args := sqliteLeases.release, []any{a.id, a.writer}
		if a.lease > 0 {
			lease, args = sqliteLeases.acquire, append(args, milliseconds(a.lease), "")
		}
		//lint:ignore sqlclosecheck closed with its transaction
		_, err = tx.StmtContext(ctx, s.ready[lease]).ExecContext(ctx, args...)
		return err
	})
	return written && err == nil, err
}

const (
	postgresBegin = `WITH s AS (
		INSERT INTO funcall_sessions (id, entries, last, writer, outcome, subject, asks, doubt, touched)
		SELECT $1::text, $2::bigint, $3::bigint, $4::text, coalesce($5::text, 'open'), coalesce($6::text, ''), coalesce($7::boolean, false),
			coalesce($8::boolean, false), $9::text WHERE ` + postgresFree + `
		ON CONFLICT (id) DO NOTHING RETURNING key)`
	postgresGoOn = `WITH s AS (
		UPDATE funcall_sessions SET entries = $2, last = $3, writer = $4, outcome = coalesce($5, outcome),
			subject = coalesce($6, subject), asks = coalesce($7, asks), doubt = coalesce($8, doubt), touched = $9
		WHERE id = $1 AND entries = $3 AND ` + postgresFree + ` RETURNING key)`
	// postgresFree is true unless another worker than $4 has the lease of session $1.
	postgresFree = `NOT EXISTS (SELECT 1 FROM funcall_leases l WHERE l.session = $1 AND l.worker <> $4 AND l.until > clock_timestamp())`
	// postgresTake takes or extends the lease of an append that is made, postgresGive gives it
	// back if $13 is negative. If another worker has got the lease since the statement began, l has
	// no row, and the entries have no version: that violates a constraint, so nothing is written.
	postgresTake = `, l AS (INSERT INTO funcall_leases AS l (session, worker, until)
		SELECT $1::text, $4::text, ` + postgresUntil + ` FROM s
		ON CONFLICT (session) DO UPDATE SET worker = excluded.worker, until = excluded.until
		WHERE l.worker = excluded.worker OR l.until <= clock_timestamp() RETURNING 1)`
	postgresGive    = `, l AS (DELETE FROM funcall_leases USING s WHERE session = $1 AND worker = $4 AND $13::bigint < 0 RETURNING 1)`
	postgresUntil   = `clock_timestamp() + $13::bigint * interval '1 millisecond'`
	postgresEntries = ` INSERT INTO funcall_entries (session, at, version, sum, body)
		SELECT s.key, $3 + r.n - 1, CASE WHEN $13::bigint <= 0 OR EXISTS (SELECT 1 FROM l) THEN $10::text END, r.sum, r.body
		FROM s, unnest($11::bigint[], $12::text[]) WITH ORDINALITY AS r(sum, body, n)`
)

// appendPostgres writes in one statement, so in one round trip. If two appends run at once,
// the second waits for the first and then finds another number of entries.
func appendPostgres(ctx context.Context, s *Store, a *appendOf) (bool, error) {
	step := postgresGoOn
	if a.at == 0 {
		step = postgresBegin
	}
	lease := postgresGive
	if a.lease > 0 {
		lease = postgresTake
	}
	res, err := s.db.ExecContext(ctx, step+lease+postgresEntries, a.id, a.at+len(a.bodies), a.at, a.writer,
		a.outcome, a.subject, a.asks, a.doubt, a.touched, version, a.sums, a.bodies, milliseconds(a.lease))
	if a.lease > 0 && isNull(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == int64(len(a.bodies)), err
}

// isNull reports whether the database refused a row because a column that must have a value had
// none.
func isNull(err error) bool {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	return ok && state.SQLState() == "23502"
}
