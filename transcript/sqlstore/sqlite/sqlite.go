// Package sqlite keeps transcripts in an SQLite file. It needs no installation and no cgo, and
// links modernc.org/sqlite.
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

// Open opens the file at path and creates it if it does not exist. When Append returns nil,
// the entries are on disk (WAL, synchronous=FULL). Several processes of one machine may open
// the file. Do not open it on a network file system (https://www.sqlite.org/wal.html).
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

// Close closes the file. It waits for queries that are running.
func (s *Store) Close() error { return s.db.Close() }
