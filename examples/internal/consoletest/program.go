// Package consoletest runs the shop's programs for their tests: within the test, or as a
// process with signals and its own terminal.
package consoletest

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/funcall/funcall/examples/internal/console"
	"github.com/funcall/funcall/internal/testkit/leaktest"
)

// A Program is the function that main passes to [console.Main].
type Program func(ctx context.Context, p console.Process, args []string) int

// Main runs the tests of a program. In a process that [Command] started it runs
// the program itself.
func Main(m *testing.M, main func()) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	leaktest.Main(m)
}

// Output is a program's output and its exit code.
type Output struct {
	Code           int
	Stdout, Stderr string
}

// Run runs the program with that environment and lines on its standard input.
func (program Program) Run(t *testing.T, env map[string]string, lines string, args ...string) Output {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := program(t.Context(), console.Process{
		Stdin: strings.NewReader(lines), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return env[name] },
	}, args)
	return Output{code, stdout.String(), stderr.String()}
}

// InOrder fails the test unless a text contains all texts in order, however it is wrapped.
func InOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := Flat(text)
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is missing, or out of its place, in:\n%s", want, text)
		}
		rest = after
	}
}

// Flat undoes the wrapping.
func Flat(text string) string { return strings.Join(strings.Fields(text), " ") }
