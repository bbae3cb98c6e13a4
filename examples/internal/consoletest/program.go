// Package consoletest runs the shop's programs for their tests: within the test,
// or as a process that can be given signals and a terminal of its own.
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

// A Program is the function that main hands to [console.Main].
type Program func(ctx context.Context, p console.Process, args []string) int

// Main runs the tests of a program. In a process that [Command] started it runs
// the program itself.
func Main(m *testing.M, main func()) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	leaktest.Main(m)
}

// Output is what a program has written, and its exit code.
type Output struct {
	Code           int
	Stdout, Stderr string
}

// Run runs the program with an environment of its own, and with lines on its
// standard input.
func (program Program) Run(t *testing.T, env map[string]string, lines string, args ...string) Output {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := program(t.Context(), console.Process{
		Stdin: strings.NewReader(lines), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return env[name] },
	}, args)
	return Output{code, stdout.String(), stderr.String()}
}

// InOrder wants all texts in a text, one after the other, whatever the wrapping.
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
