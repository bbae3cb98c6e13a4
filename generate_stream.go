package funcall

import (
	"context"
	"iter"
	"reflect"

	"github.com/funcall/funcall/internal/agent/consumer"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/internal/schema"
)

// A Partial is an event of [GenerateStream], with the structured output so far.
type Partial[T any] struct {
	Event Event
	// Value is the output as far as the model has written it, unchecked (EventOutput), or the
	// checked output (EventDone without an error). With other events it is zero.
	Value T
}

// GenerateStream is like Generate and yields the run's events, as [Agent.Stream] does, and the
// output while the model writes it. The last event is EventDone: it has the Result and the
// checked output, and comes with the error that Generate would return. With all other events
// the error is nil.
//
// EventOutput says that the model has written more of the output. Its Value is not checked. A
// property that is not written yet is zero, also if it has a default. A string may end in its
// middle; a number or a bool is there once it is complete. A T with methods such as
// UnmarshalJSON gets unfinished text, too. While the text does not fit T, there is no
// EventOutput. If an output is refused, the next one begins anew. Each Value is new, so the
// caller may keep it.
//
// EventText, as in Stream, has the JSON text of an output that is no tool call: show EventOutput
// instead.
//
// An output of up to 4 KiB is decoded with each piece that arrives, a longer one each time
// that it has grown by a sixteenth. So the cost is linear in its length.
func GenerateStream[T any](ctx context.Context, r Runner, text string, opts ...RunOption) iter.Seq2[Partial[T], error] {
	t := reflect.TypeFor[T]()
	if schema.IsObject(t) {
		return generateStream[T](ctx, r, t, text, opts)
	}
	boxes := generateStream[structured.Boxed[T]](ctx, r, t, text, opts)
	return func(yield func(Partial[T], error) bool) {
		boxes(func(p Partial[structured.Boxed[T]], err error) bool {
			return yield(Partial[T]{Event: p.Event, Value: p.Value.Value}, err)
		})
	}
}

// generateStream is GenerateStream for a T that is an object; see generate.
func generateStream[T any](ctx context.Context, r Runner, asked reflect.Type, text string, opts []RunOption) iter.Seq2[Partial[T], error] {
	return consumer.Watch(ctx, func(ctx context.Context, emit func(Partial[T])) (Partial[T], error) {
		answer, res, err := generate(ctx, r, asked, text, opts,
			func(ev Event) { emit(Partial[T]{Event: ev}) },
			func(partial T) { emit(Partial[T]{Event: Event{Kind: EventOutput}, Value: partial}) })
		return Partial[T]{Event: Event{Kind: EventDone, Result: res}, Value: answer}, err
	})
}
