// Package leaktest fails tests that leave goroutines behind.
package leaktest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a goroutine may take to end, on a busy machine. It only ends
// the wait for one that never ends.
const patience = time.Minute

// Main runs the tests of a package and exits. It fails if they leave a goroutine.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := find(patience); err != nil {
			fmt.Fprintln(os.Stderr, "leaktest: the tests leave goroutines:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Check fails the test if a goroutine is left, other than those of the test binary.
func Check(t testing.TB) {
	t.Helper()
	if err := find(patience); err != nil {
		t.Error(err)
	}
}

// find returns an error if goroutines are left after d. A look of goleak itself takes
// less than a second.
func find(d time.Duration) error {
	for began := time.Now(); ; {
		err := goleak.Find()
		if err == nil || time.Since(began) > d {
			return err
		}
	}
}
