// Package postgres keeps transcripts in a Postgres database, which several machines can share.
// It links github.com/jackc/pgx/v5.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/funcall/funcall/transcript/sqlstore"
)

// A Store is a [sqlstore.Store] in a Postgres database.
type Store struct {
	*sqlstore.Store
	db *sql.DB
}

// Open connects to the database that dsn names, a URL or keywords and values
// (https://www.postgresql.org/docs/current/libpq-connect.html). It creates the tables in the
// first schema of the search_path. Appends are as durable as the server's commits: keep
// synchronous_commit on. Errors do not show the password.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: parse dsn: %w", err)
	}
	db := stdlib.OpenDB(*cfg)
	s, err := sqlstore.New(ctx, db, sqlstore.Postgres)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{s, db}, nil
}

// DB returns the connection pool, to configure it (sql.DB.SetMaxOpenConns and others).
func (s *Store) DB() *sql.DB { return s.db }

// Close closes the connections. It waits for queries that are running.
func (s *Store) Close() error { return s.db.Close() }
