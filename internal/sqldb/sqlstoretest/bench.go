package sqlstoretest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore"
)

// Bench measures an append that extends a lease, as a run's appends do, a bare INSERT of the same row into the same table, and loading a
// long session.
func Bench(b *testing.B, db *sql.DB, store *sqlstore.Store, insert string) {
	ctx := context.Background()
	id := func(what string) string { return fmt.Sprint(what, time.Now().UnixNano()) }
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		id, n := id("append"), 0
		for b.Loop() {
			if err := store.Append(ctx, transcript.Batch{Session: id, At: n, Writer: "a", LeaseFor: 6 * time.Second, Entries: []transcript.Entry{Entry(n)}}); err != nil {
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
	benchLoad(b, store, "load1000", Conversation(1000))
	benchLoad(b, store, "load10000of600", longEntries(10000, 600))
}

// benchLoad measures the time from Load to the next action.
func benchLoad(b *testing.B, store *sqlstore.Store, name string, entries []transcript.Entry) {
	b.Run(name, func(b *testing.B) {
		ctx, id := context.Background(), fmt.Sprint(name, time.Now().UnixNano())
		for at := 0; at < len(entries); at += 1000 {
			if err := store.Append(ctx, Batch(id, at, entries[at:min(at+1000, len(entries))]...)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			t, err := store.Load(ctx, id)
			if err != nil || len(t.Entries) != len(entries) {
				b.Fatal(len(t.Entries), err)
			}
			transcript.Next(t)
		}
	})
}

// longEntries returns n entries of that many bytes on average: texts of tools and of the model
// are longer than in Conversation.
func longEntries(n, bytes int) []transcript.Entry {
	entries := Conversation(n)
	have, texts := 0, 0
	for _, e := range entries {
		line, err := e.MarshalJSON()
		if err != nil {
			panic(err)
		}
		have += len(line)
		if _, ok := e.Body.(*transcript.Result); ok {
			texts++
		}
	}
	more := provider.Text{Text: strings.Repeat("It is in transit. ", (n*bytes-have)/texts/18)}
	for _, e := range entries {
		if r, ok := e.Body.(*transcript.Result); ok {
			r.Content = append(slices.Clone(r.Content), more)
		}
	}
	return entries
}
