//go:build unix

package killtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stoppedFile says that a worker stops itself.
const stoppedFile = "stopped"

// stop stops the worker's process. It returns once the process goes on, and the
// clocks were moved meanwhile.
func stop(dir string) {
	if err := os.WriteFile(filepath.Join(dir, stoppedFile), nil, 0o600); err != nil {
		panic(err)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	for moved(dir) == 0 { // until it has taken effect
		time.Sleep(time.Millisecond)
	}
}

// waitStopped waits until a worker that stops itself has done so.
func waitStopped(t *testing.T, pid int, dir string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, stoppedFile)); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a worker that is to stop itself does not")
		}
	}
	var status syscall.WaitStatus
	for { // it does not exit, as it waits for the clock
		switch _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); {
		case err == syscall.EINTR:
		case err != nil || !status.Stopped():
			t.Fatalf("the worker is not stopped: %v, %v", status, err)
		default:
			return
		}
	}
}

// A worker is stopped at every place where something was just written or is about
// to be, but inside of its tools. An hour later another one finishes the
// conversation, and then the first goes on.
func TestR14_StoppedAtEveryBoundary(t *testing.T) {
	m := measure(t)
	counting := start(t, scene(t), 0, 0, 0, envStops+"=1")
	if wait(t, counting) {
		t.Fatal("a worker died without a kill")
	}
	points, _ := strconv.Atoi(strings.TrimSpace(fmt.Sprint(counting.Stdout)))
	if points < 30 {
		t.Fatalf("there are %d points only", points)
	}
	for point := 1; point <= points; point++ {
		dir := scene(t)
		stopped := start(t, dir, point, 0, 0, envStops+"=1")
		waitStopped(t, stopped.Process.Pid, dir)
		if err := os.WriteFile(filepath.Join(dir, clockFile), []byte(later.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if wait(t, start(t, dir, 0, 0, 0)) {
			t.Fatal("a worker died without a kill")
		}
		if err := stopped.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if wait(t, stopped) {
			t.Fatal("the stopped worker was killed")
		}
		messages, ok := look(t, dir)
		if diff := cmp.Diff(m.messages, messages); diff != "" || !ok {
			t.Errorf("stopped at point %d of %d, the conversation ends otherwise (-unstopped +stopped):\n%s", point, points, diff)
		}
	}
}
