// Package sqlstoretest holds the shared tests and benchmarks of both databases.
package sqlstoretest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// Entry returns an entry with the result of a tool, of some 600 bytes.
func Entry(n int) transcript.Entry {
	return transcript.Entry{
		Time: time.Date(2026, 3, 1, 12, 0, 0, n, time.UTC),
		Body: &transcript.Result{
			Ref: transcript.Ref{Entry: n}, Status: transcript.StatusOK, Duration: 31 * time.Millisecond,
			Content: []provider.Part{provider.Text{Text: `{"success":true,"data":{"order_id":"ORD-78342","customer_id":"CUST-9821","status":"in_transit","items":[{"name":"Wireless Earbuds Pro","sku":"WEP-2024","qty":1,"price":89.99},{"name":"USB-C Charging Cable","sku":"UCC-2M","qty":2,"price":12.99}],"total":115.97,"order_date":"2024-11-15","shipping_address":"742 Evergreen Terrace, Springfield, IL 62704","estimated_delivery":"2024-11-20"}}`}},
		},
	}
}

// Batch returns an append of the entries, without a writer's name.
func Batch(session string, at int, entries ...transcript.Entry) transcript.Batch {
	return transcript.Batch{Session: session, At: at, Entries: entries}
}

// Conversation returns n entries of a conversation: questions with one call each.
func Conversation(n int) []transcript.Entry {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var es []transcript.Entry
	add := func(b transcript.Body) {
		at = at.Add(time.Second)
		es = append(es, transcript.Entry{Time: at, Body: b})
	}
	for run := 0; len(es) < n; run++ {
		add(&transcript.Input{Message: provider.User("Where is my order ORD-78342?"), Subject: "CUST-9821", Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3}})
		id := fmt.Sprint("call_", run)
		add(&transcript.Output{
			Message: provider.Assistant(provider.ToolCall{ID: id, Name: "get_order_status", Args: `{"order_id":"ORD-78342"}`}), Finish: provider.FinishToolCalls,
			Usage: provider.Usage{Input: 1200, Output: 30}, Model: "model-1", RequestID: "req_1",
			Calls: []transcript.Call{{ID: id, Tool: "get_order_status", Digest: "0123456789abcdef", Args: `{"order_id":"ORD-78342","include_tracking":true}`, Class: transcript.ClassReadOnly}},
		})
		r := Entry(0).Body.(*transcript.Result)
		r.Ref = transcript.Ref{Entry: len(es) - 1}
		add(r)
		add(&transcript.Output{Message: provider.Assistant(provider.Text{Text: "It is on its way, and will be there on Friday."}), Finish: provider.FinishStop, Usage: provider.Usage{Input: 1400, Output: 20}})
		add(&transcript.End{Outcome: transcript.OutcomeDone})
	}
	return es[:n]
}

// A Store is a transcript.Store that can be closed.
type Store interface {
	transcript.Store
	Close() error
}

// OpenAtOnce opens a new database many times at once, as many processes do. Its tables are
// created once, and every store works.
func OpenAtOnce(t *testing.T, open func() (Store, error)) {
	errs := make(chan error)
	for i := range 8 {
		go func() {
			s, err := open()
			if err == nil {
				err = errors.Join(s.Append(context.Background(), Batch(fmt.Sprint(i), 0, Entry(0))), s.Close())
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
