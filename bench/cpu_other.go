//go:build !unix

package main

import (
	"fmt"
	"runtime"
	"time"
)

// cpuTime returns an error: the system has no getrusage.
func cpuTime() (time.Duration, error) {
	return 0, fmt.Errorf("the CPU time of the process cannot be read: %s has no getrusage; run the Go benchmarks instead (go test -bench . ./bench)", runtime.GOOS)
}
