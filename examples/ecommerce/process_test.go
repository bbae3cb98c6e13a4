package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/chatserver"
	"github.com/funcall/funcall/provider/providertest"
)

// asProgram is set in the environment where the test binary is to be the
// program.
const asProgram = "ECOMMERCE_TEST_AS_PROGRAM"

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=1", "TERM=xterm")
	return cmd
}

// A screen is what a process has written so far.
type screen struct {
	t *testing.T

	mu      sync.Mutex
	written strings.Builder
	seen    int           // what of it a test has waited for
	more    chan struct{} // has an element when there is more
}

func newScreen(t *testing.T) *screen { return &screen{t: t, more: make(chan struct{}, 1)} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.written.Write(p)
}

// shows waits until a text appears behind those that were waited for.
func (s *screen) shows(text string) {
	s.t.Helper()
	late := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		all := s.written.String()
		s.mu.Unlock()
		if i := strings.Index(all[s.seen:], text); i >= 0 {
			s.seen += i + len(text)
			return
		}
		select {
		case <-s.more:
		case <-late:
			s.t.Fatalf("it never shows %q:\n%s", text, all)
		}
	}
}

// slowThenQuick is a model that gets stuck in the midst of its first answer.
func slowThenQuick(t *testing.T) (*chatserver.Server, string) {
	s := chatserver.New(providertest.Say("It is on its way.").HangAfter(3), providertest.Say("It has arrived."), providertest.Say("You are welcome."))
	return s, s.Start(t)
}

// A signal stops the answer, and the conversation goes on: the next request
// holds the question whose answer was stopped.
func TestSignalStopsTheAnswerAlone(t *testing.T) {
	server, base := slowThenQuick(t)
	cmd := command(t, "-chat", "-provider", "openai", "-base-url", base)
	typed, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := newScreen(t)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Skipf("no process can be started: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	_, _ = io.WriteString(typed, "Where is ORD-78342?\n")
	out.shows("Agent:    It is on")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("no signal can be sent: %v", err)
	}
	out.shows("(stopped)")
	_, _ = io.WriteString(typed, "And now?\n")
	out.shows("Agent:    It has arrived.")
	typed.Close()
	out.shows("(the chat is over, after 2 questions)")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if requests := server.Requests(); len(requests) != 2 || !strings.Contains(string(requests[1]), "Where is ORD-78342?") || !strings.Contains(string(requests[1]), "And now?") {
		t.Errorf("the model was asked: %q", requests)
	}
}
