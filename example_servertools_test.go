package funcall_test

import (
	"context"
	"fmt"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
)

// A consumer sees what a tool of the provider looks for, and what it finds.
func ExampleEvent_serverTools() {
	// In place of a client such as anthropic.New(name, anthropic.WebSearch(…)).
	model := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		return &provider.Response{
			Message: provider.Assistant(
				provider.ServerCall{ID: "s1", Name: "web_search", Input: "rain in Kiel", Output: "Rain: https://rain.example"},
				provider.Text{Text: "It rains."},
			),
			Finish: provider.FinishStop,
		}, nil
	})
	agent, err := funcall.New(model, funcall.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for ev, err := range agent.Stream(context.Background(), "Does it rain?") {
		switch {
		case err != nil:
			fmt.Println(err)
		case ev.Kind == funcall.EventServerToolStart:
			fmt.Println("searching …")
		case ev.Kind == funcall.EventServerToolEnd:
			fmt.Printf("%s for %q: %s\n", ev.Server.Name, ev.Server.Input, ev.Server.Output)
		case ev.Kind == funcall.EventDone:
			fmt.Println(ev.Result.Text(), len(ev.Result.ServerCalls))
		}
	}
	// Output:
	// searching …
	// web_search for "rain in Kiel": Rain: https://rain.example
	// It rains. 1
}
