package funcall

import (
	"context"
	"fmt"
	"iter"

	"github.com/funcall/funcall/transcript"
)

// Generated is the result of one text of [GenerateEach]: what [Generate] returns.
type Generated[T any] struct {
	Value  T       // zero if Err is not nil
	Result *Result // never nil
	Err    error
}

// GenerateEach calls Generate for each text, with at most parallel runs at a time. It yields
// the index of each text and what Generate returned, in the order in which the runs end. A run
// that fails does not stop the others. If parallel is less than 1, each text is yielded with
// an error.
//
// The loop works on the caller's goroutine. Once parallel runs have begun, a further one begins
// when the loop comes back for the next result. So a slow loop holds the runs back, and at
// most parallel results wait for it.
//
// Each text is yielded once, unless the loop is left. If ctx is done, the runs are canceled and
// no further run begins: the texts that are left are yielded with OutcomeCanceled and the
// error of ctx. If the loop is left or panics, the runs are canceled, too, and GenerateEach
// waits for their end.
//
// [WithBudget] bounds what all runs spend together. [Subject] and the other options apply to
// each run.
func GenerateEach[T any](ctx context.Context, a *Agent, parallel int, texts []string, opts ...RunOption) iter.Seq2[int, Generated[T]] {
	return func(yield func(int, Generated[T]) bool) {
		if parallel < 1 {
			err := fmt.Errorf("funcall: GenerateEach: parallel is %d; it must be at least 1", parallel)
			for i := range texts {
				if !yield(i, notGenerated[T](transcript.OutcomeFailed, err)) {
					return
				}
			}
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		e := &each[T]{ended: make(chan generated[T], min(parallel, len(texts)))}
		defer e.wait()
		defer cancel() // also if yield panics or calls runtime.Goexit
		for i, text := range texts {
			if e.running == parallel && !yield(e.next()) {
				return
			}
			e.running++
			go func() {
				g := generated[T]{i, notGenerated[T](transcript.OutcomeFailed, fmt.Errorf("funcall: %w", errGoexit))}
				defer func() { e.ended <- g }() // also if a provider calls runtime.Goexit
				g.Generated = generateOne[T](ctx, a, text, opts)
			}()
		}
		for e.running > 0 && yield(e.next()) {
		}
	}
}

// each has the runs of one GenerateEach.
type each[T any] struct {
	running int // runs whose result is not taken
	ended   chan generated[T]
}

// A generated is the result of the text with that index.
type generated[T any] struct {
	index int
	Generated[T]
}

// next takes the result of the next run that ends.
func (e *each[T]) next() (int, Generated[T]) {
	g := <-e.ended
	e.running--
	return g.index, g.Generated
}

// wait waits for all runs, and drops their results.
func (e *each[T]) wait() {
	for e.running > 0 {
		e.next()
	}
}

// generateOne calls Generate, unless ctx is done.
func generateOne[T any](ctx context.Context, a *Agent, text string, opts []RunOption) (g Generated[T]) {
	if err := ctx.Err(); err != nil {
		return notGenerated[T](transcript.OutcomeCanceled, err)
	}
	g.Value, g.Result, g.Err = Generate[T](ctx, a, text, opts...)
	return g
}

// notGenerated returns the result of a text that has none from Generate.
func notGenerated[T any](o transcript.Outcome, err error) Generated[T] {
	return Generated[T]{Result: &Result{Outcome: o, Reason: err.Error()}, Err: err}
}
