package funcall_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// helloAgent returns an agent that answers each message with the same text.
func helloAgent() *funcall.Agent {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("Hello.")).Loop(), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	return agent
}

// Look at a session without running it.
func ExampleSession_State() {
	ctx := context.Background()
	agent := helloAgent()
	chat := agent.Session("ticket-4711")
	for range 2 {
		if _, err := chat.Send(ctx, "Hello?"); err != nil {
			log.Fatal(err)
		}
	}
	state, err := chat.State(ctx)
	fmt.Println(state.Outcome, state.Runs, len(state.Pending), len(state.InDoubt), err)

	state, err = agent.Session("ticket-4712").State(ctx)
	fmt.Println(state.Entries == 0, err) // there is no such session
	// Output:
	// done 2 0 0 <nil>
	// true <nil>
}

// An operator takes a conversation to another store, or to an archive.
func ExampleSession_Export() {
	ctx := context.Background()
	chat := helloAgent().Session("ticket-4711", funcall.Subject("CUST-9821"))
	if _, err := chat.Send(ctx, "Hello?"); err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := chat.Export(ctx, &file); err != nil {
		log.Fatal(err)
	}
	t, err := transcript.Decode(&file)
	fmt.Println(t.ID, len(t.Entries), err)
	// Output: ticket-4711 3 <nil>
}

// A customer wants the conversation deleted.
func ExampleSession_Delete() {
	ctx := context.Background()
	chat := helloAgent().Session("ticket-4711", funcall.Subject("CUST-9821"))
	if _, err := chat.Send(ctx, "Hello?"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(chat.Delete(ctx))
	_, err := chat.Send(ctx, "Hello?")
	fmt.Println(errors.Is(err, transcript.ErrDeleted))
	// Output:
	// <nil>
	// true
}
