package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
	"github.com/funcall/funcall/transcript/storetest"
)

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) transcript.Store { return open(t, filepath.Join(t.TempDir(), "t.db")) })
}

func TestLeaser(t *testing.T) {
	storetest.RunLeaser(t, func(t *testing.T) (s, other storetest.LeasedStore) {
		path := filepath.Join(t.TempDir(), "t.db")
		return open(t, path), open(t, path)
	})
}

func TestLedger(t *testing.T) {
	storetest.RunLedger(t, func(t *testing.T) (l, other transcript.Ledger) {
		path := filepath.Join(t.TempDir(), "t.db")
		return open(t, path), open(t, path)
	})
}

func BenchmarkStore(b *testing.B) {
	path := filepath.Join(b.TempDir(), "t.db")
	db, err := sqlitedb.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	sqlstoretest.Bench(b, db, open(b, path).Store, "INSERT INTO funcall_entries (session, at, version, sum, body) VALUES (?, ?, ?, ?, ?)")
}

func TestOddTexts(t *testing.T) {
	sqlstoretest.OddTexts(t, open(t, filepath.Join(t.TempDir(), "t.db")))
}

func TestDeleteAgainstSend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	sqlstoretest.DeleteAgainstSend(t, open(t, path), open(t, path))
}
