//go:build !race

package adaptertest

import "testing"

// CountsAllocations skips a test that counts allocations if the race detector runs.
func CountsAllocations(*testing.T) {}
