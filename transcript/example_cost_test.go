package transcript_test

import (
	"fmt"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What nobody knows is said, and is not counted as nothing.
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
