package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// raw opens the file without the store, as a tool of the operator does.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sqlitedb.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// limited returns a store in a file that can grow by a number of pages, until it is given
// room.
func limited(t *testing.T) (s *sqlstore.Store, grow func(pages int)) {
	db := raw(t, filepath.Join(t.TempDir(), "t.db"))
	db.SetMaxOpenConns(1) // the limit is one of the connection
	s, err := sqlstore.New(t.Context(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	return s, func(pages int) {
		var now int
		if err := db.QueryRow("PRAGMA page_count").Scan(&now); err != nil {
			t.Fatal(err)
		}
		exec(t, db, fmt.Sprintf("PRAGMA max_page_count = %d", now+pages))
	}
}

func TestFull(t *testing.T) {
	s, grow := limited(t)
	grow(20)
	n := 0
	var err error
	for ; err == nil && n < 1000; n += 3 {
		err = s.Append(t.Context(), sqlstoretest.Batch("s", n, sqlstoretest.Entry(n), sqlstoretest.Entry(n+1), sqlstoretest.Entry(n+2)))
	}
	n -= 3
	if err == nil || errors.Is(err, transcript.ErrConflict) || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), `"s"`) {
		t.Fatalf("after %d entries: %v", n, err)
	}
	for range 3 { // nothing is blocked
		if tr, err := s.Load(t.Context(), "s"); err != nil || len(tr.Entries) != n {
			t.Fatalf("%d entries, want %d: %v", len(tr.Entries), n, err)
		}
		if err := s.Append(t.Context(), sqlstoretest.Batch("s", n, sqlstoretest.Conversation(500)...)); err == nil {
			t.Fatal("a full file took 500 entries")
		}
	}
	grow(1000)
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", n, sqlstoretest.Entry(n))); err != nil {
		t.Error(err)
	}
}

// refunds is a model that calls for a refund and finishes once it was made. It depends only on
// the messages, so it can be asked again.
var refunds = provider.Func(func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	if req.Messages[len(req.Messages)-1].Role == provider.RoleTool {
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: "done"}), Finish: provider.FinishStop}, nil
	}
	m := provider.Assistant(provider.ToolCall{ID: "c", Name: "refund", Args: "{}"})
	return &provider.Response{Message: m, Finish: provider.FinishToolCalls}, nil
})

// The database is full in the middle of a run. A call whose intent was not stored does not
// start, a started call is not repeated, and the conversation continues when there is room.
func TestARunOnAFullFile(t *testing.T) {
	for pages := range 12 {
		s, grow := limited(t)
		ran := map[string]int{}
		refund := funcall.NewTool("refund", "Pays back.", func(ctx context.Context, _ struct{}) (string, error) {
			ran[funcall.CallFrom(ctx).Key]++
			return strings.Repeat("paid ", 1000), nil
		}, funcall.Reconcile(func(_ context.Context, key string, _ struct{}) (string, error) {
			if ran[key] == 0 {
				return "", funcall.ErrNotApplied
			}
			return "paid", nil
		}))
		clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		agent, err := funcall.New(refunds, funcall.Config{
			Store: s, Tools: []funcall.Tool{refund}, TakeoverAfter: time.Nanosecond, Now: func() time.Time { clock = clock.Add(time.Second); return clock },
		})
		if err != nil {
			t.Fatal(err)
		}
		grow(pages)
		question := strings.Repeat("Money! ", 500)
		res, err := agent.Session("s").Send(t.Context(), question)
		if err != nil && !strings.Contains(err.Error(), "full") {
			t.Errorf("%d pages: %v", pages, err)
		}
		for range 3 {
			if err == nil {
				break
			}
			if verr := transcript.Validate(res.Transcript); verr != nil {
				t.Errorf("%d pages: %v", pages, verr)
			}
			grow(1000)
			clock = clock.Add(time.Hour) // a started attempt is over by then
			if res, err = agent.Session("s").Resume(t.Context()); err == nil && len(res.Transcript.Entries) == 0 {
				res, err = agent.Session("s").Send(t.Context(), question)
			}
		}
		times := 0
		for _, n := range ran {
			times += n
		}
		if err != nil || res.Outcome != transcript.OutcomeDone || times != 1 {
			t.Errorf("%d pages: %s, %v, ran %v", pages, res.Outcome, err, ran)
		}
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := open(t, path)
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 0, sqlstoretest.Entry(0))); err != nil {
		t.Fatal(err)
	}
	other, err := raw(t, path).BeginTx(context.Background(), nil) // which takes the lock
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Append(ctx, sqlstoretest.Batch("s", 1, sqlstoretest.Entry(1))); err == nil || errors.Is(err, transcript.ErrConflict) {
		t.Errorf("an append while another process writes: %v", err)
	}
	if tr, err := s.Load(t.Context(), "s"); err != nil || len(tr.Entries) != 1 {
		t.Errorf("a reader has to wait for a writer: %d entries, %v", len(tr.Entries), err)
	}
	if err := other.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 1, sqlstoretest.Entry(1))); err != nil {
		t.Errorf("once it has gone: %v", err)
	}
}

func TestGone(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 0, sqlstoretest.Entry(0))); err == nil || errors.Is(err, transcript.ErrConflict) {
		t.Errorf("Append: %v", err)
	}
	if tr, err := s.Load(t.Context(), "s"); err == nil {
		t.Errorf("Load of a store that is closed: %d entries and no error", len(tr.Entries))
	}
}

func TestErrorsNameOperationAndSession(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "t.db"))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, load := s.Load(gone, "s")
	for want, err := range map[string]error{
		`load session "s": `:      load,
		`append to session "s": `: s.Append(gone, sqlstoretest.Batch("s", 0, sqlstoretest.Entry(0))),
		`delete session "s": `:    s.Delete(gone, "s"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Damaged entries are never returned.
func TestDamaged(t *testing.T) {
	for want, damage := range map[string]string{
		"entry 2 is damaged":           `UPDATE funcall_entries SET body = replace(body, '115.97', '915.97') WHERE at = 2`,
		"entry 4 is damaged":           `UPDATE funcall_entries SET body = substr(body, 1, 20) WHERE at = 4`,
		"entry 3 is damaged":           `UPDATE funcall_entries SET body = '' WHERE at = 3`,
		"entry 1 is damaged":           `UPDATE funcall_entries SET sum = 0 WHERE at = 1`,
		"entry 0 is missing":           `DELETE FROM funcall_entries WHERE at = 0`,
		"entry 2 is missing":           `DELETE FROM funcall_entries WHERE at = 2`,
		"found 9 entries, want 10":     `DELETE FROM funcall_entries WHERE at = 9`,
		"found 10 entries, want 11":    `UPDATE funcall_sessions SET entries = 11`,
		"version 2.0 is newer than":    `UPDATE funcall_entries SET version = '2.0' WHERE at = 9`,
		`entry 5: "new" is no version`: `UPDATE funcall_entries SET version = 'new' WHERE at = 5`,
		"found 10 entries, want 5":     `UPDATE funcall_sessions SET entries = 5`,
	} {
		path := filepath.Join(t.TempDir(), "t.db")
		s := open(t, path)
		for _, id := range []string{"good", "s"} {
			if err := s.Append(t.Context(), sqlstoretest.Batch(id, 0, sqlstoretest.Conversation(10)...)); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(damage, "funcall_entries") {
			damage += " AND session = (SELECT key FROM funcall_sessions WHERE id = 's')"
		} else {
			damage += " WHERE id = 's'"
		}
		exec(t, raw(t, path), damage)
		tr, err := s.Load(t.Context(), "s")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"s"`) || len(tr.Entries) > 0 {
			t.Errorf("%s: %d entries, %v; want %q", damage, len(tr.Entries), err, want)
		}
		// List yields it with an error, and the other sessions.
		listed, damaged := 0, 0
		for sum, err := range s.List(t.Context(), transcript.Filter{}) {
			if err == nil && sum.ID == "good" {
				listed++
			} else if err != nil && sum.ID == "s" {
				damaged++
			}
		}
		if listed != 1 || damaged != 1 {
			t.Errorf("%s: %d sessions are listed, %d as damaged", damage, listed, damaged)
		}
	}
}

func TestNewerTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	open(t, path)
	exec(t, raw(t, path), "INSERT INTO funcall_schema (version) VALUES (1000)")
	if s, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "version 1000") || !strings.Contains(err.Error(), "upgrade") {
		s.Close()
		t.Errorf("tables of a newer version: %v", err)
	}
}

// Processes that open a new file at once create its tables once.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	sqlstoretest.OpenAtOnce(t, func() (sqlstoretest.Store, error) { return sqlite.Open(context.Background(), path) })
}

func TestOddIDsAreRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "t.db"))
	for _, id := range []string{"a\x00b", "\xff", strings.Repeat("x", 2001)} {
		if err := s.Append(t.Context(), sqlstoretest.Batch(id, 0, sqlstoretest.Entry(0))); err == nil || errors.Is(err, transcript.ErrConflict) {
			t.Errorf("%.10q: %v", id, err)
		}
		if _, err := s.Load(t.Context(), id); err == nil {
			t.Errorf("%.10q is loaded", id)
		}
	}
}

// Of a deleted session the tables keep the ID alone.
func TestDelete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := open(t, path)
	for _, id := range []string{"s", "other"} {
		b := sqlstoretest.Batch(id, 0, sqlstoretest.Conversation(4)...)
		b.Writer = "worker-1"
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	var entries int
	if err := db.QueryRow(`SELECT count(*) FROM funcall_entries`).Scan(&entries); err != nil || entries != 4 {
		t.Errorf("%d entries are left, %v", entries, err)
	}
	var kept string
	if err := db.QueryRow(`SELECT id || '|' || entries || '|' || last || '|' || writer || '|' || outcome || '|' || subject || '|' || asks || '|' || doubt || '|' || touched
		FROM funcall_sessions WHERE id = 's'`).Scan(&kept); err != nil || kept != "s|-1|0||done||0|0|" {
		t.Errorf("the session's row is %q, %v", kept, err)
	}
	if err := s.Delete(t.Context(), "a\x00b"); err == nil || !strings.Contains(err.Error(), "invalid session ID") {
		t.Errorf("an invalid ID: %v", err)
	}
}
