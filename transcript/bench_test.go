package transcript_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/funcall/funcall/transcript"
)

// long returns one run of a thousand entries: an input, then 333 turns, each with two calls
// and their results. The last call has no result yet.
func long() transcript.Transcript {
	bodies := []transcript.Body{limited("Where are my orders?", transcript.Limits{Steps: 1000, Calls: 1000, Refusals: 3, Tokens: 1 << 40})}
	for i := range 333 {
		n := len(bodies)
		a, b := read(fmt.Sprint("call-", i, "-a")), read(fmt.Sprint("call-", i, "-b"))
		bodies = append(bodies, costs(asksSaying("Let me see.", a, b), 1000, 50),
			result(at(n, 0), transcript.StatusOK, `{"status":"in_transit","eta":"2026-03-05"}`),
			result(at(n, 1), transcript.StatusOK, `{"status":"delivered"}`))
	}
	return log(bodies...)
}

// Loading a transcript costs its length, once.
func BenchmarkNextAnew(b *testing.B) {
	tr := long()
	b.ReportAllocs()
	for b.Loop() {
		transcript.Next(tr)
	}
}

// Following a transcript costs its new entries: here an output with two calls and their
// results.
func BenchmarkNextFollowed(b *testing.B) {
	tr := long()
	n := len(tr.Entries)
	past := transcript.Transcript{ID: tr.ID, Entries: tr.Entries[: n-3 : n-3]}
	k := transcript.Track(past)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 { // so that it stays a transcript of some thousand entries
			b.StopTimer()
			k = transcript.Track(past)
			b.StartTimer()
		}
		at := k.Len()
		out := tr.Entries[n-3]
		k.Add(out)
		k.Next()
		for j := range 2 {
			k.Add(transcript.Entry{Time: out.Time, Body: &transcript.Result{Ref: transcript.Ref{Entry: at, Index: j}, Status: transcript.StatusOK}})
		}
		k.Next()
		k.Messages()
	}
}

func BenchmarkMemoryAppend(b *testing.B) {
	var store transcript.Memory
	entries := log(user("hi")).Entries // as a run has them
	b.ReportAllocs()
	id := ""
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			if err := store.Delete(b.Context(), id); err != nil {
				b.Fatal(err)
			}
			id = fmt.Sprint("s", i)
		}
		if err := store.Append(b.Context(), transcript.Batch{Session: id, At: i % 1000, Entries: entries}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	tr := long()
	b.SetBytes(int64(len(encoded(b, tr))))
	b.ReportAllocs()
	for b.Loop() {
		if err := transcript.Encode(io.Discard, tr); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text := encoded(b, long())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := transcript.Decode(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
