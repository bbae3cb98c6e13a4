package transcript_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/funcall/funcall/transcript"
)

// The sessions of a customer, page by page. A web page sends the cursor as text.
func ExampleCursor() {
	ctx := context.Background()
	store := new(transcript.Memory)
	for _, id := range []string{"ticket-1", "ticket-2", "ticket-3"} {
		if err := store.Append(ctx, transcript.Batch{Session: id, Entries: asksForRefund()}); err != nil {
			panic(err)
		}
	}
	page := func(cursor string) (next string) {
		filter := transcript.Filter{Subject: "CUST-9821", Limit: 2}
		if cursor != "" {
			if err := json.Unmarshal([]byte(cursor), &filter.After); err != nil {
				panic(err)
			}
		}
		for s, err := range store.List(ctx, filter) {
			if err != nil {
				panic(err)
			}
			fmt.Println(s.ID, s.Outcome)
			b, _ := json.Marshal(s.Cursor)
			next = string(b)
		}
		return next
	}
	next := page("")
	fmt.Println(next)
	page(next)
	// Output:
	// ticket-1 waiting
	// ticket-2 waiting
	// {"updated_at":"2026-03-01T09:00:00Z","id":"ticket-2"}
	// ticket-3 waiting
}

func ExampleCursor_Compare() {
	var begin transcript.Cursor
	c := transcript.Cursor{UpdatedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), ID: "ticket-1"}
	fmt.Println(begin.IsZero(), begin.Compare(c), c.Compare(c))
	// Output: true -1 0
}
