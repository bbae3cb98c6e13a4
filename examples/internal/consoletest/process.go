package consoletest

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider/providertest"
)

// asProgram is set in the environment where the test binary is to be the
// program.
const asProgram = "FUNCALL_TEST_AS_PROGRAM"

// Command is the program as a process of its own, for tests that call [Main].
func Command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=1", "TERM=xterm")
	return cmd
}

// A Screen is what a process has written so far.
type Screen struct {
	t *testing.T

	mu      sync.Mutex
	written strings.Builder
	seen    int           // what of it a test has waited for
	more    chan struct{} // has an element when there is more
}

// NewScreen returns an empty Screen.
func NewScreen(t *testing.T) *Screen { return &Screen{t: t, more: make(chan struct{}, 1)} }

// Write takes what the process writes.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.written.Write(p)
}

// silence is how long a process may write nothing. It only ends a test that hangs.
const silence = time.Minute

// Shows waits until a text appears behind those that were waited for.
func (s *Screen) Shows(text string) {
	s.t.Helper()
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
		case <-time.After(silence):
			s.t.Fatalf("it wrote nothing for %v, and never shows %q:\n%s", silence, text, all)
		}
	}
}

// SlowThenQuick starts a model that gets stuck in the midst of its first answer. It
// returns the server and the base URL of its API.
func SlowThenQuick(t *testing.T) (*chatserver.Server, string) {
	s := chatserver.New(providertest.Say("It is on its way.").HangAfter(3), providertest.Say("It has arrived."), providertest.Say("You are welcome."))
	return s, s.Start(t)
}
