package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/transcript"
)

// A file with the first version of the tables and the transcripts of the corpus. Every version
// must read it. It is never written again.
const firstTables = "testdata/tables-1.db"

// corpus are the transcripts that version 1.0 wrote.
func corpus(t *testing.T) map[string][]transcript.Entry {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "transcripts", "1.0", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	sessions := map[string][]transcript.Entry{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := transcript.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		sessions[strings.TrimSuffix(filepath.Base(file), ".jsonl")] = tr.Entries
	}
	return sessions
}

func TestR24_FirstTables(t *testing.T) {
	want := corpus(t)
	if os.Getenv("FUNCALL_WRITE_CORPUS") != "" {
		writeTables(t, want)
	}
	b, err := os.ReadFile(firstTables)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	for id, entries := range want {
		got, err := s.Load(t.Context(), id)
		if err != nil || !bytes.Equal(encoded(t, got.Entries), encoded(t, entries)) {
			t.Errorf("%s: %d entries, want %d: %v", id, len(got.Entries), len(entries), err)
		}
		if err := s.Append(t.Context(), sqlstoretest.Batch(id, len(entries), transcript.Entry{Time: entries[0].Time, Body: &transcript.Resume{}})); err != nil {
			t.Errorf("%s does not go on: %v", id, err)
		}
	}
	listed := idsOf(t, s, transcript.Filter{})
	if len(listed) != len(want) {
		t.Errorf("%d sessions are listed, want %d", len(listed), len(want))
	}
	if paged := pagedIDs(t, s, 3); !slices.Equal(paged, listed) {
		t.Errorf("pages hold %q, want %q", paged, listed)
	}

	// The tables take what came later, too: tombstones and accounts.
	gone, left := listed[1], slices.Delete(slices.Clone(listed), 1, 2)
	for range 2 {
		if err := s.Delete(t.Context(), gone); err != nil {
			t.Errorf("deleting %s: %v", gone, err)
		}
	}
	if _, err := s.Load(t.Context(), gone); !errors.Is(err, transcript.ErrDeleted) {
		t.Errorf("loading the deleted session %s: %v", gone, err)
	}
	for _, at := range []int{0, len(want[gone]) + 1} {
		if err := s.Append(t.Context(), sqlstoretest.Batch(gone, at, want[gone][0])); !errors.Is(err, transcript.ErrDeleted) {
			t.Errorf("appending to the deleted session %s at %d: %v", gone, at, err)
		}
	}
	if paged := pagedIDs(t, s, 2); !slices.Equal(paged, left) {
		t.Errorf("after a deletion, pages hold %q, want %q", paged, left)
	}
	account := transcript.Account{Key: "a", Bound: transcript.Spend{Tokens: 10}}
	for i, want := range []string{"", "a"} {
		if full, err := s.Reserve(t.Context(), []transcript.Account{account}, account.Bound); err != nil || full != want {
			t.Errorf("reservation %d: %q, %v; want %q", i, full, err, want)
		}
	}
	if err := s.Settle(t.Context(), []string{"a"}, transcript.Spend{Tokens: -4}); err != nil {
		t.Error(err)
	}
	if spent, err := s.Spent(t.Context(), "a"); err != nil || spent.Tokens != 6 {
		t.Errorf("%v are spent, want 6 tokens: %v", spent, err)
	}
}

// idsOf returns the IDs that List yields, in order.
func idsOf(t *testing.T, s transcript.Lister, f transcript.Filter) (ids []string) {
	t.Helper()
	for sum, err := range s.List(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, sum.ID)
	}
	return ids
}

// pagedIDs returns the IDs of all sessions, read in pages.
func pagedIDs(t *testing.T, s transcript.Lister, limit int) (ids []string) {
	t.Helper()
	for f := (transcript.Filter{Limit: limit}); ; {
		n := 0
		for sum, err := range s.List(t.Context(), f) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, sum.ID)
			f.After = sum.Cursor
			n++
		}
		if n > limit {
			t.Fatalf("a page has %d sessions, want at most %d", n, limit)
		}
		if n < limit {
			return ids
		}
	}
}

func TestR24_NewerEntries(t *testing.T) {
	sqlstoretest.NewerEntries(t, open(t, filepath.Join(t.TempDir(), "t.db")))
}

// The version of a row says whether it can be read. The entry says whether it must be known.
func TestR24_NewerRows(t *testing.T) {
	const settlement = `{"at":"2026-03-01T12:00:09Z","type":"settlement","needs":"1.65535"}`
	var e transcript.Entry
	if err := e.UnmarshalJSON([]byte(settlement)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.db")
	s, db := open(t, path), raw(t, path)
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 0, sqlstoretest.Conversation(10)...)); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), sqlstoretest.Batch("s", 10, e)); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"1.0", transcript.Version, "1.65535"} {
		exec(t, db, "UPDATE funcall_entries SET version = ?", version)
		tr, err := s.Load(t.Context(), "s")
		if err != nil || !errors.Is(transcript.Track(tr).Err(), transcript.ErrNewerVersion) {
			t.Errorf("rows of %s: %v, %v", version, err, transcript.Track(tr).Err())
		}
	}
	exec(t, db, "UPDATE funcall_entries SET version = '2.0' WHERE at = 0")
	if _, err := s.Load(t.Context(), "s"); !errors.Is(err, transcript.ErrNewerVersion) {
		t.Errorf("a row of version 2.0: %v", err)
	}
}

// An older program does not correct the columns for List that a newer program wrote.
func TestR24_NewerHints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s, db := open(t, path), raw(t, path)
	for at, want := range []int{0, 1} { // that the session may be in doubt
		e := sqlstoretest.Entry(0)
		if want == 1 {
			e.Body = &transcript.Unknown{Type: "settlement", Needs: "1.65535", Raw: []byte(`{"type":"settlement","needs":"1.65535"}`)}
		}
		if err := s.Append(t.Context(), sqlstoretest.Batch("s", at, e)); err != nil {
			t.Fatal(err)
		}
		exec(t, db, "UPDATE funcall_sessions SET doubt = 1")
		for _, err := range s.List(t.Context(), transcript.Filter{InDoubt: true}) {
			t.Errorf("a session is listed: %v", err)
		}
		var got int
		if err := db.QueryRow("SELECT doubt FROM funcall_sessions").Scan(&got); err != nil || got != want {
			t.Errorf("entry %d: the row says %d, %v; want %d", at, got, err, want)
		}
	}
}

func encoded(t *testing.T, entries []transcript.Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := transcript.Encode(&b, transcript.Transcript{Entries: entries}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeTables(t *testing.T, sessions map[string][]transcript.Entry) {
	if _, err := os.Stat(firstTables); err == nil {
		t.Fatalf("%s is there, and is never written again", firstTables)
	}
	if err := os.MkdirAll(filepath.Dir(firstTables), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, firstTables)
	for id, entries := range sessions {
		if err := s.Append(t.Context(), transcript.Batch{Session: id, Writer: "worker-1", Entries: entries}); err != nil {
			t.Fatal(err)
		}
	}
	db := raw(t, firstTables)
	exec(t, db, "PRAGMA wal_checkpoint(TRUNCATE)")
	var left string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&left); err != nil {
		t.Fatal(err)
	}
	fmt.Println(firstTables, "is written, in journal mode", left)
}
