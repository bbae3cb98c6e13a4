// Package sqlite keeps transcripts in an SQLite file: the embedded default for
// whoever wants to keep them, with nothing to install. It links
// modernc.org/sqlite, which is Go alone.
package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/transcript/sqlstore"
)

// A Store is a [sqlstore.Store] in a file.
type Store struct {
	*sqlstore.Store
	db *sql.DB
}

// Open opens the file at path, which is made where there is none. What is
// acknowledged is on disk (WAL, synchronous=FULL). Several processes of one
// machine may have it open; on a file system of the network they must not
// (https://www.sqlite.org/wal.html).
func Open(ctx context.Context, path string) (*Store, error) {
	db, err := sqlitedb.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.New(ctx, db, sqlstore.SQLite)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{s, db}, nil
}

// Close closes the file. What is under way is waited for.
func (s *Store) Close() error { return s.db.Close() }
