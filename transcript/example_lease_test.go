package transcript_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Two workers want one session. The second learns which worker has it, and appends nothing.
func ExampleLeaser() {
	ctx := context.Background()
	var store transcript.Memory // or one of package sqlstore
	first, second := transcript.Lease{Session: "ticket-4711", Worker: "a"}, transcript.Lease{Session: "ticket-4711", Worker: "b"}

	holder, err := store.Acquire(ctx, first, "", 6*time.Second)
	fmt.Println(holder, err)
	holder, err = store.Acquire(ctx, second, "", 6*time.Second)
	fmt.Println(holder, err)
	hello := []transcript.Entry{{Body: &transcript.Input{Message: provider.User("Hello")}}}
	err = store.Append(ctx, transcript.Batch{Session: second.Session, Writer: second.Worker, Entries: hello})
	fmt.Println(errors.Is(err, transcript.ErrConflict))

	// The first worker goes on. Its last append gives the session back.
	lost, err := store.Renew(ctx, []transcript.Lease{first}, 6*time.Second)
	fmt.Println(len(lost), err)
	fmt.Println(store.Append(ctx, transcript.Batch{Session: first.Session, Writer: first.Worker, LeaseFor: -1, Entries: hello}))
	holder, err = store.Acquire(ctx, second, "", 6*time.Second)
	fmt.Println(holder, err, store.Release(ctx, second))
	// Output:
	// a <nil>
	// a <nil>
	// true
	// 0 <nil>
	// <nil>
	// b <nil> <nil>
}
