// Package sqlstore keeps transcripts in an SQL database: SQLite, embedded, or
// Postgres. Packages sqlite and postgres below it open them; this one has what
// they share, and links no driver.
//
// Each entry is a row, with the version of its JSON and a checksum. Each session
// is a row that says how many entries it has: an append moves that number from
// where its writer saw it, in one transaction with the entries, and so of several
// writers one wins, in whatever processes they are.
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

// A Store keeps transcripts in a database. It is a [transcript.Store] and a
// [transcript.Lister], safe for concurrent use by any number of processes.
//
// What Append has acknowledged is committed as durably as the database commits;
// package sqlite has it on disk. An error that is no conflict may leave the
// append made: it can be made again; see [transcript.Batch].
type Store struct {
	db      *sql.DB
	dialect Dialect
	writer  *sqltx.Writer
	ready   map[string]*sql.Stmt
}

// A Dialect is what one database says in its own way. [SQLite] and [Postgres]
// are all there are.
type Dialect struct{ d *dialect }

// New returns a store in db, which speaks dialect. It makes the tables where there
// are none, and brings those of older versions up to date; tables of a newer
// version are refused. Several processes may do that at once. The caller closes
// db, after the store's last use.
func New(ctx context.Context, db *sql.DB, dialect Dialect) (*Store, error) {
	if db == nil || dialect.d == nil {
		return nil, errors.New("sqlstore: New needs a database and its dialect")
	}
	s := &Store{db: db, dialect: dialect, writer: sqltx.New(db, dialect.d.oneWriter)}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: the tables cannot be made ready: %w", err)
	}
	s.ready = make(map[string]*sql.Stmt)
	for _, q := range dialect.d.prepare {
		stmt, err := db.PrepareContext(ctx, q) // closed with db
		if err != nil {
			return nil, fmt.Errorf("sqlstore: %w", err)
		}
		s.ready[q] = stmt
	}
	return s, nil
}

// maxID bounds the id of a session, in bytes: no index takes any longer ones.
const maxID = 2000

func checkID(id string) error {
	if len(id) > maxID || !utf8.ValidString(id) || strings.Contains(id, "\x00") {
		return fmt.Errorf("sqlstore: the session id %.60q cannot be stored: it has to be UTF-8 without NUL, of at most %d bytes", id, maxID)
	}
	return nil
}

// checksum finds rows that were damaged, or edited by hand: a transcript is
// evidence.
func checksum(body []byte) int64 { return int64(crc32.Checksum(body, castagnoli)) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Load implements [transcript.Store]. A row that is missing, damaged, or of a
// newer version is an error that names it.
func (s *Store) Load(ctx context.Context, id string) (transcript.Transcript, error) {
	t := transcript.Transcript{ID: id}
	if err := checkID(id); err != nil {
		return t, err
	}
	rows, err := s.db.QueryContext(ctx, s.dialect.d.load, id)
	if err != nil {
		return t, s.failed("loaded", id, err)
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		var r row
		if err := rows.Scan(&size, &r.at, &r.version, &r.sum, &r.body); err != nil {
			return transcript.Transcript{ID: id}, s.failed("loaded", id, err)
		}
		if t.Entries == nil {
			t.Entries = make([]transcript.Entry, 0, size)
		}
		e, err := r.entry(len(t.Entries))
		if err != nil {
			return transcript.Transcript{ID: id}, fmt.Errorf("sqlstore: session %q cannot be read: %w", id, err)
		}
		t.Entries = append(t.Entries, e)
	}
	if err := rows.Err(); err != nil {
		return transcript.Transcript{ID: id}, s.failed("loaded", id, err)
	}
	if len(t.Entries) != size {
		return transcript.Transcript{ID: id}, fmt.Errorf("sqlstore: session %q cannot be read: it has %d entries, and %d are there: restore the missing rows of funcall_entries", id, size, len(t.Entries))
	}
	return t, nil
}

// row is an entry as it is stored.
type row struct {
	at, sum sql.NullInt64
	version sql.NullString
	body    []byte
}

// entry reads the row that is to be entry number want.
func (r *row) entry(want int) (e transcript.Entry, err error) {
	if !r.at.Valid || r.at.Int64 != int64(want) {
		return e, fmt.Errorf("entry %d is missing: restore its row in funcall_entries", want)
	}
	switch err := jsonversion.CheckMajor(r.version.String, version); {
	case err != nil:
		return e, fmt.Errorf("entry %d: %w", want, err)
	case checksum(r.body) != r.sum.Int64:
		return e, fmt.Errorf("entry %d is damaged: its checksum is not that of its text; restore its row in funcall_entries", want)
	}
	if err := e.UnmarshalJSON(r.body); err != nil {
		return e, fmt.Errorf("entry %d: %w", want, err)
	}
	return e, nil
}

// failed says what could not be done with which session.
func (s *Store) failed(what, id string, err error) error {
	return fmt.Errorf("sqlstore: session %q cannot be %s: %w", id, what, err)
}

// Delete forgets a session. Its id must not be used again, as idempotency keys are
// made of it. A session that is not there is no error.
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
		return s.failed("deleted", id, err)
	}
	return nil
}
