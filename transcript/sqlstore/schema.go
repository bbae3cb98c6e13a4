package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/funcall/funcall/transcript"
)

// version is the version of the JSON in rows that this program writes.
const version = transcript.Version

// The migrations are applied in order, each once. Never change one that was published: add
// another.
var sqliteMigrations = []string{`
CREATE TABLE funcall_sessions (
	key INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	entries INTEGER NOT NULL,
	last INTEGER NOT NULL,   -- where the last append began
	writer TEXT NOT NULL,    -- who made it
	outcome TEXT NOT NULL,   -- of the last run; open where it has none
	subject TEXT NOT NULL,
	asks INTEGER NOT NULL,   -- a call of the last turn may wait for a decision
	doubt INTEGER NOT NULL,  -- a call may be in doubt
	touched TEXT NOT NULL    -- when the last entry was written
) STRICT;
-- What operators look for is rare. No index has what changes with each append.
CREATE INDEX funcall_sessions_outcome ON funcall_sessions (outcome) WHERE outcome <> 'done';
CREATE INDEX funcall_sessions_doubt ON funcall_sessions (key) WHERE doubt;
CREATE TABLE funcall_entries (
	session INTEGER NOT NULL REFERENCES funcall_sessions (key),
	at INTEGER NOT NULL,
	version TEXT NOT NULL,   -- of the JSON
	sum INTEGER NOT NULL,    -- CRC-32C of the body
	body TEXT NOT NULL,
	PRIMARY KEY (session, at)
) STRICT;
`, bySubject, sqliteAccountTable, sqliteLeaseTable}

var postgresMigrations = []string{`
CREATE TABLE funcall_sessions (
	key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id text COLLATE "C" NOT NULL UNIQUE,
	entries bigint NOT NULL,
	last bigint NOT NULL,    -- where the last append began
	writer text NOT NULL,    -- who made it
	outcome text NOT NULL,   -- of the last run; open where it has none
	subject text NOT NULL,
	asks boolean NOT NULL,   -- a call of the last turn may wait for a decision
	doubt boolean NOT NULL,  -- a call may be in doubt
	touched text COLLATE "C" NOT NULL -- when the last entry was written
) WITH (fillfactor = 80);
-- What operators look for is rare. No index has what changes with each append.
CREATE INDEX funcall_sessions_outcome ON funcall_sessions (outcome) WHERE outcome <> 'done';
CREATE INDEX funcall_sessions_doubt ON funcall_sessions (key) WHERE doubt;
CREATE TABLE funcall_entries (
	session bigint NOT NULL REFERENCES funcall_sessions (key),
	at bigint NOT NULL,
	version text NOT NULL,   -- of the JSON
	sum bigint NOT NULL,     -- CRC-32C of the body
	body text NOT NULL,
	PRIMARY KEY (session, at)
);
`, bySubject, postgresAccountTable, postgresLeaseTable}

// bySubject is migration 2. The subject of a session is set once.
const bySubject = `CREATE INDEX funcall_sessions_subject ON funcall_sessions (subject) WHERE subject <> ''`

// sqliteAccountTable and postgresAccountTable are migration 3.
const (
	sqliteAccountTable = `
-- What the runs of a budget have spent together. An account is not deleted.
CREATE TABLE funcall_accounts (
	key TEXT PRIMARY KEY,
	tokens INTEGER NOT NULL,
	cost INTEGER NOT NULL,   -- in units of 1e-12 dollars
	touched TEXT NOT NULL    -- when it was last changed, by the writer's clock
) STRICT, WITHOUT ROWID;
`
	postgresAccountTable = `
-- What the runs of a budget have spent together. An account is not deleted.
CREATE TABLE funcall_accounts (
	key text COLLATE "C" PRIMARY KEY,
	tokens bigint NOT NULL,
	cost bigint NOT NULL,    -- in units of 1e-12 dollars
	touched text COLLATE "C" NOT NULL -- when it was last changed, by the writer's clock
) WITH (fillfactor = 80);
`
)

// sqliteLeaseTable and postgresLeaseTable are migration 4. A row is deleted when the lease is
// given back.
const (
	sqliteLeaseTable = `
CREATE TABLE funcall_leases (
	session TEXT PRIMARY KEY,
	worker TEXT NOT NULL,
	until INTEGER NOT NULL   -- when it expires, in milliseconds since 1970, by the machine's clock
) STRICT, WITHOUT ROWID;
`
	postgresLeaseTable = `
CREATE TABLE funcall_leases (
	session text COLLATE "C" PRIMARY KEY,
	worker text NOT NULL,
	until timestamptz NOT NULL -- when it expires, by the server's clock
) WITH (fillfactor = 50);
`
)

// migrate brings the tables up to date.
func (s *Store) migrate(ctx context.Context) error {
	return s.writer.Do(ctx, func(tx *sql.Tx) error {
		d := s.dialect.d
		if d.lock != "" {
			if _, err := tx.ExecContext(ctx, d.lock); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS funcall_schema (version INTEGER NOT NULL)`); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM funcall_schema`).Scan(&have); err != nil {
			return err
		}
		if have > len(d.migrations) {
			return fmt.Errorf("tables have version %d, newer than version %d of this program: upgrade github.com/funcall/funcall", have, len(d.migrations))
		}
		for v := have; v < len(d.migrations); v++ {
			if _, err := tx.ExecContext(ctx, d.migrations[v]); err != nil {
				return fmt.Errorf("migration %d: %w", v+1, err)
			}
			if _, err := tx.ExecContext(ctx, d.setVersion, v+1); err != nil {
				return err
			}
		}
		return nil
	})
}
