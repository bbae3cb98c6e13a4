package sqlstore

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/transcript"
)

// What operators look for is found by an index.
func TestListUsesIndexes(t *testing.T) {
	db, err := sqlitedb.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := New(t.Context(), db, SQLite); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter transcript.Filter
		index  string
	}{
		{transcript.Filter{Subject: "CUST-1"}, "funcall_sessions_subject"},
		{transcript.Filter{Subject: "CUST-1", Limit: 50, After: transcript.Cursor{UpdatedAt: time.Now(), ID: "s"}}, "funcall_sessions_subject"},
		{transcript.Filter{Outcome: transcript.OutcomeWaiting}, "funcall_sessions_outcome"},
		{transcript.Filter{Outcome: transcript.OutcomeOpen, UpdatedBefore: time.Now()}, "funcall_sessions_outcome"},
		{transcript.Filter{InDoubt: true}, "funcall_sessions_doubt"},
	} {
		query, args, err := SQLite.d.selection(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan += step + "\n"
		}
		if err := rows.Err(); err != nil || !strings.Contains(plan, c.index) {
			t.Errorf("%s: %v\n%swant %s", query, err, plan, c.index)
		}
	}
}
