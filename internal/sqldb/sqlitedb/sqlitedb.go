// Package sqlitedb opens SQLite files with settings that keep committed data on disk.
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

	"modernc.org/sqlite" // a driver without cgo
	sqlite3 "modernc.org/sqlite/lib"
)

// pragmas apply to each connection. WAL lets readers run beside a writer. FULL syncs each
// commit to disk, so that it survives a power failure
// (https://www.sqlite.org/pragma.html#pragma_synchronous). busy_timeout is how long a writer
// waits for one in another process.
var pragmas = []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}

// connections bounds the pool. More readers gain nothing, and writers take turns anyway.
const connections = 8

// Open opens the file at path and creates it if it does not exist. Transactions take the write
// lock when they begin, so that none fails half-way for lack of it.
func Open(ctx context.Context, path string) (*sql.DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("sqlite: a database in memory is lost with the process; want the path of a file")
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
	// The first connection puts a new file into WAL mode, and SQLite does not make other
	// connections wait for that.
	for end := time.Now().Add(patience); ; {
		err := db.PingContext(ctx)
		if err == nil {
			return db, nil
		}
		busy, ok := errors.AsType[*sqlite.Error](err)
		if !ok || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), db.Close())
		}
		time.Sleep(time.Millisecond)
	}
}

// patience is how long Open waits while another connection holds the file.
const patience = 5 * time.Second
