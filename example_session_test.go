package funcall_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A message is taken only while the session rests: here a second one comes
// while a tool still works on the first.
func ExampleSession_Send() {
	ctx := context.Background()
	var agent *funcall.Agent
	check := funcall.NewTool("check_stock", "Counts what is left.",
		func(context.Context, struct{}) (string, error) {
			_, err := agent.Session("ticket-4711").Send(ctx, "Are you there?")
			fmt.Println("meanwhile:", errors.Is(err, funcall.ErrBusy))
			return "47", nil
		}, funcall.ReadOnly())

	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("check_stock", `{}`), providertest.Say("There are 47.")),
		funcall.Config{Tools: []funcall.Tool{check}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-4711").Send(ctx, "How many are left?")
	fmt.Println(res.Text(), err)
	// Output:
	// meanwhile: true
	// There are 47. <nil>
}

func ExampleSession_Stream() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("It is on its way.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
	for ev, err := range chat.Stream(context.Background(), "Where is my order?") {
		if err != nil {
			log.Fatal(err)
		}
		if ev.Kind == funcall.EventText {
			fmt.Print(ev.Text)
		}
	}
	fmt.Println("", chat.ID())
	// Output: It is on its way. ticket-4711
}

// The model fails in the middle of a run. What the tool has answered is kept,
// and Resume asks the model alone again.
func ExampleSession_Resume() {
	ctx := context.Background()
	lookup := lookupTool()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call(lookup.Name(), `{"order_id":"ORD-78342"}`),
		providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}),
		providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookup}})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	res, err := chat.Send(ctx, "Where is ORD-78342?")
	fmt.Println(res.Outcome, err)
	res, err = chat.Resume(ctx)
	fmt.Println(res.Outcome, err, res.Text())
	fmt.Println(len(res.Calls), "call")
	// Output:
	// failed overloaded
	// done <nil> It is on its way.
	// 1 call
}

// A process died while it granted a credit: the intent is in the store, and no
// result. The tool is idempotent, so another process runs it again, under the
// same key. Of any other tool that changes something, the call would be in
// doubt.
func ExampleSession_Resume_crash() {
	ctx := context.Background()
	credit := funcall.NewTool("grant_credit", "Credits the customer's account.",
		func(ctx context.Context, _ struct{}) (string, error) {
			call := funcall.CallFrom(ctx)
			return fmt.Sprintf("attempt %d under key %s", call.Attempt, call.Key), nil
		}, funcall.Idempotent())
	newAgent := func(store transcript.Store, turns ...providertest.Turn) *funcall.Agent {
		agent, err := funcall.New(providertest.NewScript(nil, turns...), funcall.Config{
			Tools: []funcall.Tool{credit}, Store: store,
			TakeoverAfter: time.Nanosecond, // in production leave it out: longer than any step can take
		})
		if err != nil {
			log.Fatal(err)
		}
		return agent
	}

	store := new(transcript.Memory)
	first := newAgent(store, providertest.Call("grant_credit", `{}`), providertest.Say("Done."))
	res, err := first.Session("ticket-4711").Send(ctx, "Where is my credit?")
	if err != nil {
		log.Fatal(err)
	}
	const uptoIntent = 3 // input, output, intent
	store.Delete("ticket-4711")
	if err := store.Append(ctx, transcript.Batch{Session: "ticket-4711", Entries: res.Transcript.Entries[:uptoIntent]}); err != nil {
		log.Fatal(err)
	}

	second := newAgent(store, providertest.Say("You have it."))
	res, err = second.Session("ticket-4711").Resume(ctx)
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text())
	fmt.Println(res.Text(), err)
	// Output:
	// ok attempt 2 under key ticket-4711/1.0
	// You have it. <nil>
}

// The customer edits the last message: what was said before is taken back first.
func ExampleSession_Withdraw() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Say("There is no order ORD-7834."), providertest.Say("It is on its way.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	if _, err := chat.Send(ctx, "Where is ORD-7834?"); err != nil {
		log.Fatal(err)
	}
	message, err := chat.Withdraw(ctx)
	if err != nil {
		log.Fatal(err)
	}
	res, err := chat.Send(ctx, strings.Replace(message.Text(), "7834", "78342", 1))
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range res.Transcript.Messages() {
		fmt.Printf("%s: %s\n", m.Role, m.Text())
	}
	// Output:
	// user: Where is ORD-78342?
	// assistant: It is on its way.
}

// The conversation as it stands, for a page that shows it.
func ExampleSession_Transcript() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	if _, err := chat.Send(ctx, "Where is ORD-78342?"); err != nil {
		log.Fatal(err)
	}
	t, err := chat.Transcript(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range t.Messages() {
		if text := m.Text(); text != "" && m.Role != provider.RoleTool {
			fmt.Printf("%s: %s\n", m.Role, text)
		}
	}
	// Output:
	// user: Where is ORD-78342?
	// assistant: It is on its way.
}

// An engine that owns the transcript itself, as a durable workflow does: Next
// is its deterministic part, Do is the part with effects.
func ExampleAgent_Do() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	in, err := agent.Input("Where is ORD-78342?", funcall.Subject("CUST-9821"))
	if err != nil {
		log.Fatal(err)
	}
	t := transcript.Transcript{ID: "workflow-1"}
	add := func(bodies ...transcript.Body) { // in one append, to whatever keeps it
		for _, b := range bodies {
			t.Entries = append(t.Entries, transcript.Entry{At: time.Now(), Body: b})
		}
	}
	add(in)
	for {
		act := transcript.Next(t)
		add(act.Before...)
		fmt.Println(act.Kind)
		if act.Kind == transcript.ActionRest || act.Kind == transcript.ActionWait {
			break
		}
		bodies, err := agent.Do(ctx, t.Messages(), act, nil)
		add(bodies...)
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// model
	// tools
	// model
	// rest
}
