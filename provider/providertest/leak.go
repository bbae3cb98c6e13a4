package providertest

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"
)

// labelKey marks the goroutines of one call. Labels are inherited, so that
// what is found was started by that call, whatever else runs in the process.
const labelKey = "providertest"

// calledTimes counts the calls, so that each gets a label of its own.
var calledTimes atomic.Int64

// linger is how long a goroutine may outlive its call. It only ends the wait for one
// that never ends.
var linger = time.Minute

// waitForGoroutines waits until no goroutine has the label. It returns the
// stacks of those that do not end, which is "" where all is well.
func waitForGoroutines(label string) string {
	pause := time.Millisecond
	for start := time.Now(); ; pause *= 2 {
		stacks := labelled(label)
		if stacks == "" || time.Since(start) > linger {
			return stacks
		}
		time.Sleep(pause)
	}
}

// labelled returns the stacks of the goroutines with the label. A connection
// that net/http keeps for the next request is no leak.
func labelled(label string) string {
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		return err.Error()
	}
	mark := `"` + labelKey + `":"` + label + `"`
	var stacks []string
	for stack := range strings.SplitSeq(buf.String(), "\n\n") {
		if strings.Contains(stack, mark) && !ofTransport(stack) {
			stacks = append(stacks, stack)
		}
	}
	return strings.Join(stacks, "\n\n")
}

// ofTransport says whether the function that the goroutine began with is one
// of the standard library's network code.
func ofTransport(stack string) bool {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	fields := strings.Fields(lines[len(lines)-1]) // # 0x6a1 net/http.(*persistConn).readLoop+0x2a /path:12
	return len(fields) > 2 && (strings.HasPrefix(fields[2], "net/http") || strings.HasPrefix(fields[2], "net."))
}
