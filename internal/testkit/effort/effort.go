// Package effort lets expensive tests do less where more shows nothing: with the
// race detector, which makes code about ten times slower and sees nothing of code
// that runs on one goroutine, and with -short. A plain "go test" does everything.
package effort

import "testing"

// Rounds returns how many rounds of a test to run: n, or a tenth of it, and at
// least one, with the race detector or -short.
func Rounds(n int) int {
	if raceDetector || testing.Short() {
		return max(n/10, 1)
	}
	return n
}

// Cost skips a test that measures what large input costs on one goroutine, if it
// runs with the race detector or -short.
func Cost(t testing.TB) {
	t.Helper()
	switch {
	case raceDetector:
		t.Skip("a test of cost, without the race detector")
	case testing.Short():
		t.Skip("a test of cost, without -short")
	}
}
