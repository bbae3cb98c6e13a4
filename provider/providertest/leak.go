package providertest

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"
)

// labelKey labels the goroutines of one call. Goroutines inherit labels, so a goroutine with
// the label was started by that call, whatever else runs in the process.
const labelKey = "providertest"

// calledTimes counts the calls, so that each has its own label.
var calledTimes atomic.Int64

// linger bounds the wait for a goroutine that outlives its call.
var linger = time.Minute

// waitForGoroutines waits until no goroutine has the label. It returns the stacks of those
// that outlast linger, or "" if there are none.
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

// labelled returns the stacks of the goroutines with the label. It leaves out the idle
// connections of net/http.
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

// ofTransport reports whether the goroutine's first function belongs to the network code of
// the standard library.
func ofTransport(stack string) bool {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	fields := strings.Fields(lines[len(lines)-1]) // # 0x6a1 net/http.(*persistConn).readLoop+0x2a /path:12
	return len(fields) > 2 && (strings.HasPrefix(fields[2], "net/http") || strings.HasPrefix(fields[2], "net."))
}
