package transcript_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// midday is the time of all entries in these examples.
var midday = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// asked is a conversation in which a customer asks for a return, and the model calls the tool
// for it.
func asked() transcript.Transcript {
	return transcript.Transcript{ID: "ticket-4711", Entries: []transcript.Entry{
		{Time: midday, Body: &transcript.Input{
			Message: provider.User("Return it, please."),
			Subject: "CUST-9821",
			Limits:  transcript.Limits{Steps: 16, Calls: 64, Refusals: 3},
		}},
		{Time: midday, Body: &transcript.Output{
			Message: provider.Assistant(provider.ToolCall{ID: "c1", Name: "process_return", Args: `{}`}),
			Finish:  provider.FinishToolCalls,
			Calls:   []transcript.Call{{ID: "c1", Tool: "process_return", Args: `{}`, Class: transcript.ClassEffect}},
		}},
	}}
}

// The next action follows from the transcript alone. A call that is not read-only begins with
// its intent.
func ExampleNext() {
	t := asked()
	act := transcript.Next(t)
	fmt.Println(act.Kind, act.Calls[0].Call.Tool, act.Calls[0].Key)
	for _, b := range act.Before {
		fmt.Printf("%T\n", b)
		t.Entries = append(t.Entries, transcript.Entry{Time: midday, Body: b})
	}

	// The process dies here. Next then asks the backend for the outcome instead of running the
	// call again.
	fmt.Println(transcript.Next(t).Kind == transcript.ActionReconcile)
	// Output:
	// tools process_return ticket-4711/1.0
	// *transcript.Intent
	// true
}

// A Tracker reads each entry once, however often its methods are called.
func ExampleTrack() {
	k := transcript.Track(asked())
	fmt.Println(k.Next().Kind, k.Len(), k.Steps())

	k.Add(transcript.Entry{Time: midday, Body: &transcript.Intent{Ref: transcript.Ref{Entry: 1}, Attempt: 1}})
	k.Add(transcript.Entry{Time: midday, Body: &transcript.Result{
		Ref: transcript.Ref{Entry: 1}, Status: transcript.StatusOK,
		Content: []provider.Part{provider.Text{Text: "RET-100001"}},
	}})
	fmt.Println(k.Next().Kind, k.Len(), len(k.Messages()), "messages")
	outcome, end := k.Outcome()
	fmt.Println(outcome, end)
	// Output:
	// tools 2 1
	// model 4 3 messages
	// open <nil>
}

// The state of a conversation that is running, as a service shows it.
func ExampleTracker() {
	k := transcript.Track(asked())
	entries, from := k.LastRun()
	fmt.Println("the run began at entry", from, "and has", len(entries))
	fmt.Println("last entry at", k.UpdatedAt().Format(time.Kitchen))
	fmt.Println("tokens:", k.Usage().Total(), "pending:", len(k.Pending()))
	subject, _ := k.Subject()
	fmt.Println("for", subject, "in", k.Transcript().ID, "repairs:", len(k.Repair()))
	// Output:
	// the run began at entry 0 and has 2
	// last entry at 12:00PM
	// tokens: 0 pending: 0
	// for CUST-9821 in ticket-4711 repairs: 0
}

// audited wraps a Store and logs each append.
type audited struct{ transcript.Store }

func (a audited) Append(ctx context.Context, b transcript.Batch) error {
	if err := a.Store.Append(ctx, b); err != nil {
		return err
	}
	fmt.Printf("%s: %d entries from %d on\n", b.Session, len(b.Entries), b.At)
	return nil
}

// The setup has the instructions and tools that the agent had when the last run began.
func ExampleTracker_Setup() {
	t := asked()
	t.Entries[0].Body.(*transcript.Input).Setup = &transcript.Setup{
		Instructions: "You answer the customers of a web shop.",
		Tools:        []string{"get_order_status", "process_return"},
	}
	setup := transcript.Track(t).Setup()
	fmt.Println(setup.Instructions)
	fmt.Println(setup.Tools)
	// Output:
	// You answer the customers of a web shop.
	// [get_order_status process_return]
}

// What the options of a run set is stored with the message, and every action has it.
func ExampleAction_ToolChoice() {
	t := asked()
	t.Entries[0].Body.(*transcript.Input).Steering = &transcript.Steering{
		Instructions: "Today is Monday.",
		Tools:        []string{"get_order_status"},
		ToolChoice:   transcript.ToolChoice{Mode: provider.ToolsNamed, Name: "get_order_status"},
	}
	t.Entries = t.Entries[:1] // the model has not answered yet
	act := transcript.Next(t)
	fmt.Println(act.Kind, act.Tools(), act.ToolChoice().Mode, act.Steps)
	// Output: model [get_order_status] named 0
}

// A Store has two methods, so it is easy to wrap.
func ExampleStore() {
	var store transcript.Store = audited{new(transcript.Memory)}
	t := asked()
	fmt.Println(store.Append(context.Background(), transcript.Batch{Session: t.ID, Entries: t.Entries}))
	// Output:
	// ticket-4711: 2 entries from 0 on
	// <nil>
}

// A run was canceled after it had started an effect. Before the next message, the call must
// have a result for the model.
func ExampleRepair() {
	t := asked()
	for _, b := range []transcript.Body{
		&transcript.Intent{Ref: transcript.Ref{Entry: 1}, Attempt: 1},
		&transcript.End{Outcome: transcript.OutcomeCanceled, Reason: "context canceled"},
	} {
		t.Entries = append(t.Entries, transcript.Entry{Time: midday, Body: b})
	}
	for _, b := range transcript.Repair(t) {
		if r, ok := b.(*transcript.Result); ok {
			fmt.Println(r.Ref, r.Status)
			fmt.Println(r.Text())
		}
	}
	// Output:
	// 1.0 in_doubt
	// It is not known whether this was done. Do not call it again; say that it is being checked.
}

func ExampleValidate() {
	t := asked()
	fmt.Println(transcript.Validate(t)) // a crash may leave it so
	t.Entries = append(t.Entries, transcript.Entry{Time: midday, Body: &transcript.Result{
		Ref: transcript.Ref{Entry: 1}, Status: transcript.StatusOK,
	}})
	fmt.Println(transcript.Validate(t))
	// Output:
	// <nil>
	// transcript "ticket-4711", entry 2 (result): the call is not read-only and has no intent
}

// A transcript as JSON Lines: a header, and one line per entry.
func ExampleEncode() {
	t := transcript.Transcript{ID: "ticket-4711", Entries: []transcript.Entry{
		{Time: midday, Body: &transcript.Input{Message: provider.User("Hello!"), Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3}}},
		{Time: midday, Body: &transcript.End{Outcome: transcript.OutcomeCanceled, Reason: "context canceled"}},
	}}
	if err := transcript.Encode(os.Stdout, t); err != nil {
		fmt.Println(err)
		return
	}
	// Output:
	// {"funcall_transcript":"1.2","id":"ticket-4711"}
	// {"at":"2026-01-31T12:00:00Z","type":"input","message":{"role":"user","parts":[{"type":"text","text":"Hello!"}]},"limits":{"steps":16,"calls":64,"refusals":3}}
	// {"at":"2026-01-31T12:00:00Z","type":"end","outcome":"canceled","why":"context canceled"}
}

// Decode keeps entries that a newer minor version added.
func ExampleDecode() {
	var file bytes.Buffer
	if err := transcript.Encode(&file, asked()); err != nil {
		fmt.Println(err)
		return
	}
	file.WriteString(`{"at":"2026-01-31T12:00:01Z","type":"rating","stars":5}` + "\n")
	t, err := transcript.Decode(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range t.Entries {
		fmt.Printf("%T\n", e.Body)
	}
	// Output:
	// *transcript.Input
	// *transcript.Output
	// *transcript.Unknown
}

// A worker that is not updated yet loads a session that a newer worker wrote.
func ExampleTracker_Err() {
	var e transcript.Entry
	err := e.UnmarshalJSON([]byte(`{"at":"2026-01-31T12:00:01Z","type":"settlement","needs":"1.9","call":"1.0"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	k := transcript.Track(asked())
	fmt.Println(k.Next().Kind, k.Err())
	k.Add(e)
	fmt.Println(k.Next().Kind, errors.Is(k.Err(), transcript.ErrNewerVersion))
	// Output:
	// tools <nil>
	// rest true
}

// The key of a call is made of its session and position, so an operator can find the call by
// it.
func ExampleKey() {
	key := transcript.Key("ticket-4711", transcript.Ref{Entry: 5, Index: 1})
	fmt.Println(key)

	session, place, _ := strings.Cut(key, "/")
	var ref transcript.Ref
	err := ref.UnmarshalText([]byte(place))
	fmt.Println(session, ref.Entry, ref.Index, err)
	// Output:
	// ticket-4711/5.1
	// ticket-4711 5 1 <nil>
}

// Of two writers that saw the same transcript, one wins.
func ExampleMemory() {
	ctx := context.Background()
	var store transcript.Memory // a transcript.Store, ready as it is
	t := asked()
	fmt.Println(store.Append(ctx, transcript.Batch{Session: t.ID, Entries: t.Entries}))

	err := store.Append(ctx, transcript.Batch{Session: t.ID, Entries: []transcript.Entry{t.Entries[0]}})
	fmt.Println(errors.Is(err, transcript.ErrConflict))

	t, err = store.Load(ctx, t.ID)
	fmt.Println(len(t.Entries), err)
	// Output:
	// <nil>
	// true
	// 2 <nil>
}

// A deleted session is gone, and its ID cannot be used again.
func ExampleDeleter() {
	ctx := context.Background()
	store := new(transcript.Memory)
	t := asked()
	_ = store.Append(ctx, transcript.Batch{Session: t.ID, Entries: t.Entries})

	var deleter transcript.Deleter = store
	fmt.Println(deleter.Delete(ctx, t.ID))
	_, err := store.Load(ctx, t.ID)
	fmt.Println(errors.Is(err, transcript.ErrDeleted))
	err = store.Append(ctx, transcript.Batch{Session: t.ID, Entries: t.Entries})
	fmt.Println(errors.Is(err, transcript.ErrDeleted))
	// Output:
	// <nil>
	// true
	// true
}

func ExampleMemory_Delete() {
	var store transcript.Memory
	fmt.Println(store.Delete(context.Background(), "ticket-4711"))
	// Output: <nil>
}

// The entries of a conversation, as a console shows them.
func ExampleTranscript() {
	for i, e := range asked().Entries {
		switch b := e.Body.(type) {
		case *transcript.Input:
			fmt.Printf("%d %s asks: %s\n", i, b.Subject, b.Message.Text())
		case *transcript.Output:
			for _, c := range b.Calls {
				fmt.Printf("%d the model calls %s (%s)\n", i, c.Tool, c.Class)
			}
		case *transcript.Result:
			fmt.Printf("%d %s %s\n", i, b.Ref, b.Status)
		}
	}
	// Output:
	// 0 CUST-9821 asks: Return it, please.
	// 1 the model calls process_return (effect)
}

// The structured output of a turn, given as text or as a call.
func ExampleOutput_StructuredOutput() {
	as := func(m *provider.Message, answer string, calls ...transcript.Call) *transcript.Output {
		return &transcript.Output{Message: m, Finish: provider.FinishStop, StructuredText: answer, Calls: calls}
	}
	text := as(provider.Assistant(provider.Text{Text: `{"queue":"stock"}`}), `{"queue":"stock","urgent":false}`)
	call := as(provider.Assistant(provider.ToolCall{ID: "c1", Name: "answer", Args: `{"queue":"stock"}`}), "",
		transcript.Call{ID: "c1", Tool: "answer", Args: `{"queue":"stock","urgent":false}`, EndsWith: transcript.OutcomeDone, IsOutput: true})
	fmt.Println(text.StructuredOutput())
	fmt.Println(call.StructuredOutput())
	// Output:
	// {"queue":"stock","urgent":false}
	// {"queue":"stock","urgent":false}
}

// A withdrawn turn stays in the transcript and is no longer sent to the model.
func ExampleTracker_Withdraw() {
	t := transcript.Transcript{ID: "ticket-4711", Entries: []transcript.Entry{
		{Time: midday, Body: &transcript.Input{Message: provider.User("Where is ORD-7834?"), Limits: transcript.Limits{Steps: 16, Calls: 64, Refusals: 3}}},
		{Time: midday, Body: &transcript.End{Outcome: transcript.OutcomeCanceled}},
	}}
	k := transcript.Track(t)
	bodies, message := k.Withdraw()
	for _, b := range bodies {
		k.Add(transcript.Entry{Time: midday, Body: b})
	}
	fmt.Println(message.Text())
	fmt.Println(k.Len(), "entries,", len(k.Messages()), "messages")
	// Output:
	// Where is ORD-7834?
	// 3 entries, 0 messages
}

// A run that was interrupted can be resumed, until its turn is withdrawn.
func ExampleTracker_Resumable() {
	t := asked()
	t.Entries = append(t.Entries, transcript.Entry{Time: midday, Body: &transcript.End{Outcome: transcript.OutcomeCanceled}})
	k := transcript.Track(t)
	fmt.Println(k.Resumable())
	bodies, _ := k.Withdraw()
	for _, b := range bodies {
		k.Add(transcript.Entry{Time: midday, Body: b})
	}
	fmt.Println(k.Resumable())
	// Output:
	// true
	// false
}

// An unknown cost is shown, not counted as zero.
func ExampleCost() {
	fmt.Println(transcript.Cost{Amount: 42 * provider.Dollar / 1000})
	fmt.Println(transcript.Cost{Amount: 42 * provider.Dollar / 1000, UnknownCalls: 1})
	fmt.Println(transcript.Cost{UnknownCalls: 2})

	turn := provider.Dollar / 100
	k := transcript.Track(transcript.Transcript{ID: "s", Entries: []transcript.Entry{
		{Body: &transcript.Input{Message: provider.User("hi")}},
		{Body: &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishStop, Cost: &turn}},
	}})
	fmt.Println(k.Cost())
	// Output:
	// $0.042
	// at least $0.042 (1 of unknown cost)
	// unknown
	// $0.01
}

// What a conversation cost in all, beside its last run.
func ExampleTracker_TotalCost() {
	began := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	k := transcript.Track(transcript.Transcript{ID: "ticket-4711"})
	for range 3 {
		for _, b := range []transcript.Body{
			&transcript.Input{Message: provider.User("Where is my order?")},
			&transcript.Output{
				Message: provider.Assistant(provider.Text{Text: "It is on its way."}), Finish: provider.FinishStop,
				Usage: provider.Usage{Input: 1200, Output: 30}, Cost: new(provider.Dollar / 100),
			},
			&transcript.End{Outcome: transcript.OutcomeDone},
		} {
			k.Add(transcript.Entry{Time: began, Body: b})
		}
	}
	fmt.Println(k.Cost(), k.Usage().Total())
	fmt.Println(k.TotalCost(), k.TotalUsage().Total())
	// Output:
	// $0.01 1230
	// $0.03 3690
}
