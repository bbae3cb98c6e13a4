package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/postgres"
	"github.com/funcall/funcall/transcript/storetest"
)

// server returns the address of a real server; .ci/postgres starts one.
func server(t testing.TB) string {
	dsn := os.Getenv("FUNCALL_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("FUNCALL_TEST_POSTGRES names no server; .ci/postgres starts one")
	}
	return dsn
}

var schemas atomic.Int64

// schema returns the address of a new, empty schema on the server.
func schema(t testing.TB) string {
	dsn := server(t)
	name := fmt.Sprintf("funcall_test_%d_%d", os.Getpid(), schemas.Add(1))
	admin := open(t, dsn).DB() // its own tables are not changed
	if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return dsn + " search_path=" + name
}

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
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
	storetest.Run(t, func(t *testing.T) transcript.Store { return open(t, schema(t)) })
}

func TestLeaser(t *testing.T) {
	storetest.RunLeaser(t, func(t *testing.T) (s, other storetest.LeasedStore) {
		dsn := schema(t)
		return open(t, dsn), open(t, dsn)
	})
}

// An append that waits for the session's row while another worker gets the lease is refused.
func TestAppendThatWaitsForALease(t *testing.T) {
	ctx, dsn := t.Context(), schema(t)
	s, other := open(t, dsn), open(t, dsn)
	batch := func(at int, d time.Duration) transcript.Batch {
		return transcript.Batch{Session: "x", At: at, Writer: "a", LeaseFor: d, Entries: []transcript.Entry{{Body: &transcript.Resume{}}}}
	}
	if err := s.Append(ctx, batch(0, time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, "SELECT 1 FROM funcall_sessions WHERE id = 'x' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Append(ctx, batch(1, time.Hour)) }()
	for waiting := 0; waiting == 0; { // until the append waits for the row
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%funcall_entries%'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if holder, err := other.Acquire(ctx, transcript.Lease{Session: "x", Worker: "b"}, "", time.Hour); err != nil || holder != "b" {
		t.Fatal(holder, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, transcript.ErrConflict) {
		t.Errorf("the append returned %v", err)
	}
	tr, err := s.Load(ctx, "x")
	lost, err2 := other.Renew(ctx, []transcript.Lease{{Session: "x", Worker: "b"}}, time.Hour)
	if len(tr.Entries) != 1 || len(lost) != 0 || err != nil || err2 != nil {
		t.Errorf("%d entries, lost %v; %v, %v", len(tr.Entries), lost, err, err2)
	}
}

func TestLedger(t *testing.T) {
	storetest.RunLedger(t, func(t *testing.T) (l, other transcript.Ledger) {
		dsn := schema(t)
		return open(t, dsn), open(t, dsn)
	})
}

func TestOpenShowsNoPassword(t *testing.T) {
	for _, dsn := range []string{
		"postgres://funcall:hunter2@127.0.0.1:1/none?connect_timeout=1",
		"host=127.0.0.1 port=1 user=funcall password=hunter2 connect_timeout=1",
		"postgres://funcall:hunter2@127.0.0.1:none/none",
		"host=127.0.0.1 port=none password=hunter2",
		"postgres://funcall:hunter2@%zz/",
	} {
		_, err := postgres.Open(t.Context(), dsn)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

// The server restarts or drops its connections. An append that was running is made once, and
// the store continues to work.
func TestConnectionsAreLost(t *testing.T) {
	s, admin := open(t, schema(t)), open(t, server(t))
	ctx := t.Context()
	for n := range 20 {
		if n%3 == 0 {
			if _, err := admin.DB().ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"); err != nil {
				t.Fatal(err)
			}
		}
		b := sqlstoretest.Batch("s", n, sqlstoretest.Entry(n))
		b.Writer = "worker-1"
		err := s.Append(ctx, b)
		if errors.Is(err, transcript.ErrConflict) {
			t.Fatal(err)
		}
		if err != nil {
			err = s.Append(ctx, b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if tr, err := s.Load(ctx, "s"); err != nil || len(tr.Entries) != 20 {
		t.Errorf("%d entries, %v", len(tr.Entries), err)
	}
}

func TestNewerTables(t *testing.T) {
	dsn := schema(t)
	if _, err := open(t, dsn).DB().Exec("INSERT INTO funcall_schema (version) VALUES (1000)"); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), dsn); err == nil || !strings.Contains(err.Error(), "version 1000") {
		t.Errorf("tables of a newer version: %v", err)
	}
}

func TestDamaged(t *testing.T) {
	s := open(t, schema(t))
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 0, sqlstoretest.Conversation(10)...)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().Exec("UPDATE funcall_entries SET body = replace(body, '115.97', '915.97') WHERE at = 2"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "s"); err == nil || !strings.Contains(err.Error(), "entry 2 is damaged") {
		t.Errorf("%v", err)
	}
}

// Processes that open a new database at once create its tables once.
func TestOpenAtOnce(t *testing.T) {
	dsn := schema(t)
	sqlstoretest.OpenAtOnce(t, func() (sqlstoretest.Store, error) { return postgres.Open(context.Background(), dsn) })
}

func BenchmarkStore(b *testing.B) {
	s := open(b, schema(b))
	sqlstoretest.Bench(b, s.DB(), s.Store, "INSERT INTO funcall_entries (session, at, version, sum, body) VALUES ($1, $2, $3, $4, $5)")
}

func TestR24_NewerEntries(t *testing.T) { sqlstoretest.NewerEntries(t, open(t, schema(t))) }

func TestOddTexts(t *testing.T) { sqlstoretest.OddTexts(t, open(t, schema(t))) }

func TestDeleteAgainstSend(t *testing.T) {
	dsn := schema(t)
	sqlstoretest.DeleteAgainstSend(t, open(t, dsn), open(t, dsn))
}
