package leases

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// thisProcess identifies this process. Containers on one machine see different processes under
// the same IDs, and may count the time since the machine was booted differently, so the namespaces
// are a part of the place. If /proc is that of another namespace, the place is unknown.
func thisProcess() process {
	pid := os.Getpid()
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	pids, err2 := os.Readlink("/proc/self/ns/pid")
	times, err3 := os.Readlink("/proc/self/ns/time")
	if errors.Is(err3, fs.ErrNotExist) { // before Linux 5.6 there is one for all
		err3 = nil
	}
	self, err4 := os.Readlink("/proc/self")
	began, exists := startOf(pid)
	if errors.Join(err1, err2, err3, err4) != nil || self != strconv.Itoa(pid) || !exists || began == "" {
		return process{pid: pid}
	}
	place := strings.Join([]string{strings.TrimSpace(string(boot)), pids, times}, ".")
	return process{place: strings.ReplaceAll(place, "/", "_"), pid: pid, began: began}
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
	const state, threads, starttime = 3, 20, 22
	// It was killed, and its parent has not looked; while it has other threads, they still run.
	if s := fields[state-3]; s == "X" || s == "Z" && (fields[threads-3] == "0" || fields[threads-3] == "1") {
		return "", false
	}
	return fields[starttime-3], true
}
