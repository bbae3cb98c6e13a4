package leases

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// thisProcess identifies this process. Containers on one machine see different processes under
// the same IDs, so the namespace is a part of the place.
func thisProcess() process {
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	namespace, err2 := os.Readlink("/proc/self/ns/pid")
	began, exists := startOf(os.Getpid())
	if err1 != nil || err2 != nil || !exists || began == "" {
		return process{pid: os.Getpid()}
	}
	place := strings.TrimSpace(string(boot)) + "." + strings.Trim(namespace, "pid:[]")
	return process{place: strings.ReplaceAll(place, "/", "_"), pid: os.Getpid(), began: began}
}

// startOf returns when a process was started, in ticks since the machine was booted, and whether
// it exists and has not ended. If that cannot be told, it exists: /proc may hide the processes of
// other users, a signal of 0 finds them.
func startOf(pid int) (began string, exists bool) {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return "", false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", true
	}
	// The name in the second field may hold anything. See proc_pid_stat(5).
	_, rest, ok := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return "", true
	}
	const state, starttime = 3, 22
	if s := fields[state-3]; s == "Z" || s == "X" { // it was killed, and its parent has not looked
		return "", false
	}
	return fields[starttime-3], true
}
