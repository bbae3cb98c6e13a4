package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/examples/internal/consoletest"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestMain(m *testing.M) {
	consoletest.Main(m, func() {
		main()
		os.Exit(0)
	})
}

// ask posts a message as Sarah, and returns the stream of the reply.
func ask(t *testing.T, address string) *bufio.Reader {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/tickets/t-1/messages", strings.NewReader(`{"text":"Where is ORD-78342?"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sarah")
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return bufio.NewReader(resp.Body)
}

// readTo reads up to a line with that prefix.
func readTo(t *testing.T, r *bufio.Reader, prefix string) string {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSuffix(line, "\n")
		}
		if err != nil {
			t.Fatalf("%v, and no line that begins with %q", err, prefix)
		}
	}
}

// The process reports that it listens once a client can reach it. After a signal it finishes the
// running answer and reports that it stopped.
func TestTheProcessStopsAfterASignal(t *testing.T) {
	cmd := consoletest.Command(t, "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := consoletest.NewScreen(t)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Skipf("no process can be started: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	said := readTo(t, bufio.NewReader(out), "listening on http://")
	address, _, _ := strings.Cut(strings.TrimPrefix(said, "listening on "), ";")
	reply := ask(t, address)
	readTo(t, reply, "event: ") // the run has started
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("no signal can be sent: %v", err)
	}
	readTo(t, reply, "event: done")
	log.Shows("stopping")
	log.Shows("stopped")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// If the process cannot listen, it reports the error and not an address.
func TestListenErrorIsReported(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cmd := consoletest.Command(t, "-addr", taken.Addr().String())
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Skipf("no process can be started: %v", err)
	}
	if cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(string(out), "sse: listen tcp") || strings.Contains(string(out), "listening") {
		t.Errorf("%v: %s", cmd.ProcessState, out)
	}
}

// If a run does not end within the grace period, it is canceled: the customer gets an event, and
// the transcript an End.
func TestServeCancelsRunsThatDoNotEnd(t *testing.T) {
	store := new(transcript.Memory)
	agent, err := funcall.New(providertest.NewScript(t, providertest.Say("It is on").HangAfter(1)), funcall.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	routes := (&server{agent: agent, customer: demoCustomer, heartbeat: time.Minute}).routes()
	go func() { served <- serveUntil(ctx, l, routes, time.Millisecond) }()
	reply := ask(t, "http://"+l.Addr().String())
	readTo(t, reply, "event: text")
	stop()
	readTo(t, reply, "event: error")
	if rest, err := io.ReadAll(reply); err != nil {
		t.Errorf("the stream does not end well: %v behind %q", err, rest)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	tr, err := store.Load(t.Context(), "t-1")
	if err != nil {
		t.Fatal(err)
	}
	if outcome, _ := transcript.Track(tr).Outcome(); outcome != transcript.OutcomeCanceled {
		t.Errorf("the run is %s", outcome)
	}
}

// A signal before the program serves stops it, too. If the address is invalid, it reports the
// error.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, "127.0.0.1:0"); err != nil {
		t.Error(err)
	}
	if err := run(t.Context(), "127.0.0.1:-1"); err == nil {
		t.Error("there is no such address, and no error")
	}
}
