package sqlstoretest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore"
)

// Bench measures an append, a bare INSERT of the same row into the same table, and loading a
// long session.
func Bench(b *testing.B, db *sql.DB, store *sqlstore.Store, insert string) {
	ctx := context.Background()
	id := func(what string) string { return fmt.Sprint(what, time.Now().UnixNano()) }
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		id, n := id("append"), 0
		for b.Loop() {
			if err := store.Append(ctx, Batch(id, n, Entry(n))); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
	b.Run("insert", func(b *testing.B) {
		// A row of a session that exists, so the same constraints and indexes apply.
		id := id("insert")
		if err := store.Append(ctx, Batch(id, 0, Entry(0))); err != nil {
			b.Fatal(err)
		}
		var key int64
		if err := db.QueryRowContext(ctx, "SELECT key FROM funcall_sessions WHERE id = '"+id+"'").Scan(&key); err != nil {
			b.Fatal(err)
		}
		bare, err := db.PrepareContext(ctx, insert)
		if err != nil {
			b.Fatal(err)
		}
		defer bare.Close()
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n++
			body, err := Entry(n).MarshalJSON()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := bare.ExecContext(ctx, key, n, "1.0", 0, string(body)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load1000", func(b *testing.B) {
		id := id("long")
		if err := store.Append(ctx, Batch(id, 0, Conversation(1000)...)); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			t, err := store.Load(ctx, id)
			if err != nil || len(t.Entries) != 1000 {
				b.Fatal(len(t.Entries), err)
			}
			transcript.Track(t)
		}
	})
}
