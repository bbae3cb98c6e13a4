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

// asProgram is the environment variable that makes the test binary run the program.
const asProgram = "FUNCALL_TEST_AS_PROGRAM"

// Command returns the program as a separate process, for tests that call [Main].
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

// A Screen holds the output of a process so far.
type Screen struct {
	t *testing.T

	mu      sync.Mutex
	written strings.Builder
	seen    int           // the number of bytes that the test has waited for
	more    chan struct{} // receives a value after a write
}

// NewScreen returns an empty Screen.
func NewScreen(t *testing.T) *Screen { return &Screen{t: t, more: make(chan struct{}, 1)} }

// Write appends output of the process.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.written.Write(p)
}

// silence is the time after which a test without output fails as hanging.
const silence = time.Minute

// Shows waits until the text appears after the texts of earlier calls. It returns what is between.
func (s *Screen) Shows(text string) string {
	s.t.Helper()
	for {
		s.mu.Lock()
		all := s.written.String()
		s.mu.Unlock()
		if i := strings.Index(all[s.seen:], text); i >= 0 {
			between := all[s.seen : s.seen+i]
			s.seen += i + len(text)
			return between
		}
		select {
		case <-s.more:
		case <-time.After(silence):
			s.t.Fatalf("it wrote nothing for %v, and never shows %q:\n%s", silence, text, all)
		}
	}
}

// SlowThenQuick starts a model that hangs in the middle of its first answer. It returns the
// server and the base URL of its API.
func SlowThenQuick(t *testing.T) (*chatserver.Server, string) {
	s := chatserver.New(providertest.Say("It is on its way.").HangAfter(3), providertest.Say("It has arrived."), providertest.Say("You are welcome."))
	return s, s.Start(t)
}
