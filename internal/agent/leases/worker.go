package leases

import (
	"strconv"
	"strings"
	"sync"
)

// self returns the name of this process: a text by which another process on the same machine
// finds out whether it is alive, and the ID of the process for operators.
var self = sync.OnceValue(func() string { return nameOf(thisProcess()) })

// A process identifies a process on the machines of the world. Its place is empty if the system
// does not tell enough.
type process struct {
	place string // of the machine since it was booted, and of the processes that it sees
	pid   int
	began string // when it was started: an ID is used again
}

func nameOf(p process) string {
	return strings.Join([]string{p.place, strconv.Itoa(p.pid), p.began}, "/")
}

// gone reports whether the worker's process is known to have ended: it ran in this place, and
// either there is no process with its ID, or it was started at another time.
func gone(worker string) bool {
	parts := strings.Split(worker, "/")
	if len(parts) != 4 {
		return false
	}
	here := thisProcess()
	pid, err := strconv.Atoi(parts[1])
	if err != nil || pid <= 0 || here.place == "" || parts[0] != here.place {
		return false
	}
	began, exists := startOf(pid)
	return !exists || began != "" && began != parts[2]
}
