// Package sqlstore keeps transcripts in an SQL database. Packages sqlite and postgres open
// one. This package has what they share, and links no driver.
//
// Each entry is a row with the version of its JSON and a checksum. Each session is a row with
// its number of entries. An append raises that number from the one its writer saw, in one
// transaction with the entries, so one of several writers wins, in whatever processes they
// run.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsonversion"
	"github.com/funcall/funcall/internal/sqldb/sqltx"
	"github.com/funcall/funcall/transcript"
)

// A Store keeps transcripts in a database. It implements [transcript.Store],
// [transcript.Lister], [transcript.Deleter], [transcript.Leaser] and [transcript.Ledger], and is
// safe for concurrent use by any number of processes.
//
// When Append returns nil, the entries are committed, as durably as the database commits;
// package sqlite syncs each commit to disk. If Append returns an error other than
// [transcript.ErrConflict], the entries may have been committed: repeat the append, see
// [transcript.Batch].
type Store struct {
	db      *sql.DB
	dialect Dialect
	writer  *sqltx.Writer
	ready   map[string]*sql.Stmt
}

// A Dialect is the SQL of one database: [SQLite] or [Postgres].
type Dialect struct{ d *dialect }

// New returns a store in db. It creates the tables if they do not exist, and migrates those of
// older versions; several processes may do so at once. If the tables have a newer version, New
// returns an error. The caller closes db after the last use of the store.
func New(ctx context.Context, db *sql.DB, dialect Dialect) (*Store, error) {
	if db == nil || dialect.d == nil {
		return nil, errors.New("sqlstore: New: the database or the dialect is missing")
	}
	s := &Store{db: db, dialect: dialect, writer: sqltx.New(db, dialect.d.oneWriter)}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: create or migrate tables: %w", err)
	}
	s.ready = make(map[string]*sql.Stmt)
	for _, q := range dialect.d.prepare {
		//lint:ignore sqlclosecheck closed with db
		stmt, err := db.PrepareContext(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: prepare statement: %w", err)
		}
		s.ready[q] = stmt
	}
	return s, nil
}

// maxID is the longest session ID in bytes, since the databases cannot index longer ones.
const maxID = 2000

func checkID(id string) error {
	if len(id) > maxID || !isText(id) {
		return fmt.Errorf("sqlstore: invalid session ID %.60q: must be UTF-8 without NUL, at most %d bytes", id, maxID)
	}
	return nil
}

// isText reports whether the databases have s as a text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// checksum is stored with each row, to detect rows that were damaged or edited by hand: a
// transcript is evidence.
func checksum(body []byte) int64 { return int64(crc32.Checksum(body, castagnoli)) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Load implements [transcript.Store]. If a row is missing, damaged, or of a newer version, the
// error names it.
func (s *Store) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t := transcript.Transcript{ID: id}
	if err := checkID(id); err != nil {
		return t, err
	}
	rows, err := s.db.QueryContext(ctx, s.dialect.d.load, id)
	if err != nil {
		return t, s.failed("load", id, err)
	}
	defer rows.Close()
	size := 0
	var r row
	for rows.Next() {
		if err := rows.Scan(&size, &r.at, &r.version, &r.sum, &r.body); err != nil {
			return transcript.Transcript{ID: id}, s.failed("load", id, err)
		}
		if size == deleted {
			return transcript.Transcript{ID: id}, s.failed("load", id, transcript.ErrDeleted)
		}
		if t.Entries == nil {
			t.Entries = make([]transcript.Entry, 0, size)
		}
		e, err := r.entry(len(t.Entries))
		if err != nil {
			return transcript.Transcript{ID: id}, s.failed("load", id, err)
		}
		t.Entries = append(t.Entries, e)
	}
	if err := rows.Err(); err != nil {
		return transcript.Transcript{ID: id}, s.failed("load", id, err)
	}
	if len(t.Entries) != size {
		return transcript.Transcript{ID: id}, fmt.Errorf("sqlstore: load session %q: found %d entries, want %d; restore the missing rows of funcall_entries", id, len(t.Entries), size)
	}
	return t, nil
}

// row is a stored entry.
type row struct {
	at, sum sql.NullInt64
	version sql.NullString
	body    sql.RawBytes // valid until the next row
}

// entry decodes the row, whose position must be want.
func (r *row) entry(want int) (e transcript.Entry, err error) {
	if !r.at.Valid || r.at.Int64 != int64(want) {
		return e, fmt.Errorf("entry %d is missing; restore its row in funcall_entries", want)
	}
	switch err := jsonversion.CheckMajor(r.version.String, version); {
	case err != nil:
		return e, fmt.Errorf("entry %d: %w", want, err)
	case checksum(r.body) != r.sum.Int64:
		return e, fmt.Errorf("entry %d is damaged: checksum mismatch; restore its row in funcall_entries", want)
	}
	if err := e.UnmarshalJSON(r.body); err != nil {
		return e, fmt.Errorf("entry %d: %w", want, err)
	}
	return e, nil
}

// failed wraps err with the session and with what failed.
func (s *Store) failed(what, id string, err error) error {
	return fmt.Errorf("sqlstore: %s session %q: %w", what, id, err)
}

// Delete implements [transcript.Deleter]. Of the session's row it keeps the ID. The database
// decides when the space of deleted rows is overwritten; see VACUUM in its manual.
func (s *Store) Delete(ctx context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	err := s.writer.Do(ctx, func(tx *sql.Tx) error {
		for _, q := range s.dialect.d.delete {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.failed("delete", id, err)
	}
	return nil
}
