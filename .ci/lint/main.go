// Command lint checks the module: staticcheck with all its checks, and analyzers for
// what it leaves out: nil, unused writes, errors, bodies of responses, rows of
// databases, contexts. They share one load of the packages. Flags and patterns are
// those of staticcheck; a comment "//lint:ignore name reason" accepts one finding.
package main

import (
	"log"
	"os"
	"strings"

	"github.com/kisielk/errcheck/errcheck"
	sqlclosecheck "github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/sonatard/noctx"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"honnef.co/go/tools/lintcmd"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
	"honnef.co/go/tools/stylecheck"
	"honnef.co/go/tools/unused"
)

func main() {
	excluded, err := excludeErrors()
	if err != nil {
		log.Fatal(err)
	}
	cmd := lintcmd.NewCommand("lint")
	cmd.ParseFlags(os.Args[1:])
	cmd.AddAnalyzers(simple.Analyzers...)
	cmd.AddAnalyzers(staticcheck.Analyzers...)
	cmd.AddAnalyzers(stylecheck.Analyzers...)
	cmd.AddAnalyzers(unused.Analyzer)
	cmd.AddBareAnalyzers(
		nilness.Analyzer,
		inProgram(unusedwrite.Analyzer),
		inProgram(errcheck.Analyzer),
		inProgram(bodyclose.Analyzer),
		inProgram(sqlclosecheck.NewAnalyzer()),
		inProgram(noctx.Analyzer),
	)
	code := cmd.Execute()
	os.Remove(excluded)
	os.Exit(code)
}

// testSupport are the packages that only tests and benchmarks use. They lose no
// data of a program's user, and a test ends what they leave open.
var testSupport = []string{
	"/bench", "/internal/apitest/", "/internal/testkit/", "/internal/sqldb/sqlstoretest", "/examples/internal/consoletest",
}

// inProgram returns the analyzer without its findings in tests and their support.
func inProgram(a *analysis.Analyzer) *analysis.Analyzer {
	limited := *a
	limited.Run = func(pass *analysis.Pass) (any, error) {
		inner := *pass
		inner.Report = func(d analysis.Diagnostic) {
			if !strings.HasSuffix(pass.Fset.Position(d.Pos).Filename, "_test.go") && !accepted(pass.Pkg.Path(), d.Message) {
				pass.Report(d)
			}
		}
		return a.Run(&inner)
	}
	return &limited
}

func accepted(pkg, message string) bool {
	for _, part := range testSupport {
		if strings.Contains(pkg+"/", part) {
			return true
		}
	}
	// A listener on an address of this machine is opened at once or not at all.
	return strings.HasPrefix(message, "net.Listen must not be called")
}

// ignoredErrors are functions whose errors a program may leave unchecked, beside
// those that errcheck knows, such as writes to a bytes.Buffer.
const ignoredErrors = `
// Texts for a terminal, an HTTP response or a hash: a reader that has gone needs no text.
fmt.Fprint
fmt.Fprintf
fmt.Fprintln
// The error of a bufio.Writer stays: Flush returns it, and Flush is checked.
(*bufio.Writer).Write
(*bufio.Writer).WriteByte
// After the last row, Rows.Err has the error of reading; a body that was read has none.
(*database/sql.Rows).Close
(io.ReadCloser).Close
// Each append to a store is committed by itself: closing it at the end of a program loses nothing.
(*github.com/funcall/funcall/transcript/sqlstore/sqlite.Store).Close
`

// excludeErrors writes ignoredErrors to a file for errcheck, and returns its name.
func excludeErrors() (string, error) {
	f, err := os.CreateTemp("", "lint")
	if err != nil {
		return "", err
	}
	if _, err := f.WriteString(strings.TrimSpace(ignoredErrors) + "\n"); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return f.Name(), errcheck.Analyzer.Flags.Set("exclude", f.Name())
}
