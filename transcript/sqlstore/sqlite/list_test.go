package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/transcript"
)

// fill writes n sessions of 5 entries, from s000000 on, and damages those from number good on.
func fill(t testing.TB, db *sql.DB, store transcript.Store, n, good int) {
	t.Helper()
	if err := store.Append(context.Background(), sqlstoretest.Batch("first", 0, sqlstoretest.Conversation(5)...)); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < %d)
			INSERT INTO funcall_sessions (id, entries, last, writer, outcome, subject, asks, doubt, touched)
			SELECT printf('s%%06d', i), entries, last, writer, outcome, CASE i %% 1000 WHEN 7 THEN subject ELSE 'CUST-' || i END, asks, doubt, strftime('%%Y-%%m-%%dT%%H:%%M:%%S.000000000Z', 1772366400 + i, 'unixepoch')
			FROM n, funcall_sessions WHERE id = 'first'`, n-1),
		`INSERT INTO funcall_entries SELECT s.key, e.at, e.version, e.sum, e.body FROM funcall_sessions s, funcall_entries e WHERE s.key <> e.session`,
		`DELETE FROM funcall_entries WHERE session = (SELECT key FROM funcall_sessions WHERE id = 'first')`,
		`DELETE FROM funcall_sessions WHERE id = 'first'`,
		fmt.Sprintf(`UPDATE funcall_entries SET sum = 0 WHERE session IN (SELECT key FROM funcall_sessions WHERE id >= 's%06d')`, good),
	} {
		exec(t, db, query)
	}
}

// A page loads the sessions that it yields, no others: those cannot be read.
func TestAPageLoadsWhatItYields(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := open(t, path)
	const page = 50
	fill(t, raw(t, path), s, 1000, page)
	n := 0
	for sum, err := range s.List(t.Context(), transcript.Filter{Limit: page}) {
		if want := fmt.Sprintf("s%06d", n); err != nil || sum.ID != want {
			t.Fatalf("%q, %v, want %q", sum.ID, err, want)
		}
		n++
	}
	if n != page {
		t.Errorf("%d sessions", n)
	}
	// Sessions that cannot be read are yielded once, and count.
	f, broken := transcript.Filter{Limit: 90}, 0
	for n = 0; n < 2000; {
		before := n
		for sum, err := range s.List(t.Context(), f) {
			if want := fmt.Sprintf("s%06d", n); sum.ID != want || sum.Cursor.ID != want || (err == nil) != (n < page) {
				t.Fatalf("%q at %q, %v, want %q", sum.ID, sum.Cursor.ID, err, want)
			}
			if err != nil {
				broken++
			}
			f.After = sum.Cursor
			n++
		}
		if n-before < f.Limit {
			break
		}
	}
	if n != 1000 || broken != 950 {
		t.Errorf("%d sessions, %d of them damaged", n, broken)
	}
}

func TestFilterIsText(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "t.db"))
	for _, f := range []transcript.Filter{{Subject: "\xff"}, {Subject: "a\x00"}, {After: transcript.Cursor{ID: "\xff"}}} {
		for _, err := range s.List(t.Context(), f) {
			if err == nil || !strings.Contains(err.Error(), "must be UTF-8") {
				t.Errorf("%+v: %v", f, err)
			}
		}
	}
}

func BenchmarkPage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "t.db")
	s := open(b, path)
	fill(b, raw(b, path), s, 100_000, 100_000)
	for name, f := range map[string]transcript.Filter{
		"all":     {Limit: 50},
		"subject": {Limit: 50, Subject: "CUST-9821"},
		"waiting": {Limit: 50, Outcome: transcript.OutcomeWaiting},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range s.List(b.Context(), f) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
