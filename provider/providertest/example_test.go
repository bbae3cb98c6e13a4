package providertest_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A model that calls a tool and then answers, tested with a loop by hand. In a
// test the first argument of NewScript is the test's t: then each mistake fails
// the test, also the ones that the code under test swallows.
func ExampleScript() {
	model := providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-1"}`),
		providertest.Say("It is on its way.").
			Expect(providertest.HasResult("get_order_status", "shipped")),
	)

	req := &provider.Request{Messages: []*provider.Message{provider.User("Where is ORD-1?")}}
	for {
		resp, err := model.Generate(context.Background(), req, nil)
		if err != nil {
			log.Fatal(err)
		}
		req.Messages = append(req.Messages, resp.Message)
		calls := resp.Message.ToolCalls()
		if len(calls) == 0 {
			fmt.Println(resp.Message.Text())
			break
		}
		results := &provider.Message{Role: provider.RoleTool}
		for _, c := range calls {
			fmt.Println(c.ID, c.Name, c.Args)
			results.Parts = append(results.Parts, provider.ToolResult{
				CallID: c.ID, Name: c.Name, Parts: []provider.Part{provider.Text{Text: "shipped"}},
			})
		}
		req.Messages = append(req.Messages, results)
	}
	// Output:
	// c1 get_order_status {"order_id":"ORD-1"}
	// It is on its way.
}

// What a test is told when the code under test strays from the script.
func ExampleTurn_Expect() {
	model := providertest.NewScript(nil,
		providertest.Say("It is on its way.").Expect(providertest.UserSays("ORD-1")),
	)
	_, err := model.Generate(context.Background(), &provider.Request{
		Messages: []*provider.Message{provider.User("Where is ORD-2?")},
	}, nil)
	fmt.Println(err)
	// Output:
	// script: invalid request: turn 1: want "ORD-1" from the user, got "Where is ORD-2?"
	// 	asked with: user "Where is ORD-2?"
}

func ExampleTurn_FailAfter() {
	model := providertest.NewScript(nil,
		providertest.Say("It is on its way.").FailAfter(2, &provider.Error{Kind: provider.KindOverloaded, Status: 529}),
	)
	_, err := model.Generate(context.Background(), new(provider.Request), func(d provider.Delta) {
		fmt.Printf("%q\n", d.Text)
	})
	fmt.Println(err)
	// Output:
	// "It "
	// "is "
	// overloaded (HTTP 529)
}

// A wrapper of a Provider must pass the suite as an adapter must. An adapter's
// serve starts a server that renders the turns, here the script does.
func ExampleConformance() {
	withUser := func(next provider.Provider) provider.Provider {
		return provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			changed := *req
			changed.System += "\nThe user's name is Ada."
			return next.Generate(ctx, &changed, emit)
		})
	}

	// In a file of its own this is func TestWithUserConforms(t *testing.T).
	_ = func(t *testing.T) {
		providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
			return withUser(providertest.NewScript(t, turns...))
		})
	}
}
