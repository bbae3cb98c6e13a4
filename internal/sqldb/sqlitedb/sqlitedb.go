// Package sqlitedb opens SQLite database files for those who must lose
// nothing.
package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // the driver, in Go alone
	sqlite3 "modernc.org/sqlite/lib"
)

// pragmas hold for each connection. WAL lets readers go on beside a writer, and
// FULL syncs it with every commit, so that what was committed outlives the
// power cut, too (https://www.sqlite.org/pragma.html#pragma_synchronous). The
// timeout is how long a writer waits for another process's.
var pragmas = []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}

// connections are enough for the readers; writers take turns anyway.
const connections = 8

// Open opens the database in the file at path, which is made where there is
// none. Transactions take the lock for writing as they begin, so that none
// fails half-way for want of it.
func Open(ctx context.Context, path string) (*sql.DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("a database needs a file: what is in memory alone is lost with the process")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(full), RawQuery: url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	// A new file is put into WAL mode by the first connection, and SQLite lets no
	// other wait for that.
	for end := time.Now().Add(patience); ; {
		err := db.PingContext(ctx)
		if err == nil {
			return db, nil
		}
		busy, ok := errors.AsType[*sqlite.Error](err)
		if !ok || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("the database %s cannot be opened: %w", path, err), db.Close())
		}
		time.Sleep(time.Millisecond)
	}
}

// patience is how long somebody else may hold a file that is opened.
const patience = 5 * time.Second
