// Package postgres keeps transcripts in a Postgres database, which any number of
// machines may share. It links github.com/jackc/pgx/v5.
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
// (https://www.postgresql.org/docs/current/libpq-connect.html). The tables are made
// in the schema that its search_path has first. What is acknowledged is as durable
// as the server commits; its synchronous_commit should be on. An error shows no
// password.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("postgres: the database's address cannot be read: %w", err)
	}
	db := stdlib.OpenDB(*cfg)
	s, err := sqlstore.New(ctx, db, sqlstore.Postgres)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{s, db}, nil
}

// DB is the pool of connections, for its settings (sql.DB.SetMaxOpenConns and
// others).
func (s *Store) DB() *sql.DB { return s.db }

// Close closes the connections. What is under way is waited for.
func (s *Store) Close() error { return s.db.Close() }
