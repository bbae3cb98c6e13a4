// Package intent takes back intents whose attempts have not begun.
package intent

import "github.com/funcall/funcall/transcript"

// Voids takes back the intents in bodies.
func Voids(bodies []transcript.Body) []transcript.Body {
	var back []transcript.Body
	for _, b := range bodies {
		if in, ok := b.(*transcript.Intent); ok && !in.Void {
			back = append(back, Void(in.Ref, in.Attempt))
		}
	}
	return back
}

// Void says that an attempt was never begun, though its intent is stored.
func Void(ref transcript.Ref, attempt int) *transcript.Intent {
	return &transcript.Intent{Ref: ref, Attempt: attempt, Void: true}
}
