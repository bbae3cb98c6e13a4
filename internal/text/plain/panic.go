package plain

import "fmt"

// Panic renders the value of a panic, whose own methods may panic again.
func Panic(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("panic: a %T that panics when it is printed", v)
		}
	}()
	return fmt.Sprintf("panic: %v", v)
}
