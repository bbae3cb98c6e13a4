package leases

import (
	"os/exec"
	"strconv"
	"testing"
)

// workerOf returns the name that a run in a process has.
func workerOf(p process) string { return nameOf(p) + "/RANDOM" }

func TestGone(t *testing.T) {
	here := thisProcess()
	if here.place == "" || here.began == "" {
		t.Fatalf("this process does not know itself: %+v", here)
	}
	other := here
	other.place = "another-machine"
	reused := here
	reused.began = strconv.Itoa(1)
	for name, c := range map[string]struct {
		worker string
		want   bool
	}{
		"this process":                      {workerOf(here), false},
		"its ID, used by an earlier one":    {workerOf(reused), true},
		"the same ID on another machine":    {workerOf(other), false},
		"no process":                        {workerOf(process{here.place, 1 << 30, "5"}), true},
		"no name of ours":                   {"worker-7", false},
		"a name of ours that is cut":        {nameOf(here), false},
		"an ID that is no number":           {here.place + "/x/1/R", false},
		"an ID that stands for all":         {here.place + "/-1/1/R", false},
		"a process whose start is unknown":  {workerOf(process{pid: 1 << 30}), false},
		"the first process of this machine": {workerOf(process{here.place, 1, startOfPID(t, 1)}), false},
	} {
		if got := gone(c.worker); got != c.want {
			t.Errorf("%s: gone(%q) is %t", name, c.worker, got)
		}
	}
}

func startOfPID(t *testing.T, pid int) string {
	began, exists := startOf(pid)
	if !exists {
		t.Fatalf("process %d does not exist", pid)
	}
	return began
}

// A process that was killed is gone before its parent has waited for it, too.
func TestAKilledProcessIsGone(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	p := process{thisProcess().place, cmd.Process.Pid, startOfPID(t, cmd.Process.Pid)}
	if gone(workerOf(p)) {
		t.Error("it is alive")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for !gone(workerOf(p)) { // until the kernel has ended it
		if t.Context().Err() != nil {
			t.Fatal("it is not gone")
		}
	}
	_ = cmd.Wait()
	if !gone(workerOf(p)) {
		t.Error("it has ended")
	}
}
