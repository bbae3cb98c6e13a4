package repotest_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rootFiles are the files of the root package in the order in which to read them: none
// uses an identifier of a later one.
var rootFiles = []string{
	"errors.go",
	"schema.go",
	"tool.go",
	"result.go",
	"event.go",
	"budget.go",
	"options.go",
	"agent.go",
	"consult.go",
	"input.go",
	"steer.go",
	"call.go",
	"approval.go",
	"verdict.go",
	"intent.go",
	"batch.go",
	"early.go",
	"served.go",
	"step.go",
	"reconcile.go",
	"spend.go",
	"attempt.go",
	"admit.go",
	"do.go",
	"run.go",
	"session.go",
	"state.go",
	"generate.go",
	"generate_stream.go",
	"generate_each.go",
	"decide.go",
}

func TestRootFilesUseEarlierOnesAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	for _, path := range paths {
		if !slices.Contains(rootFiles, path) {
			t.Errorf("%s is not in rootFiles; put it behind all files that it uses", path)
		}
	}
	for _, path := range rootFiles {
		if !slices.Contains(paths, path) {
			t.Errorf("%s is in rootFiles, but does not exist", path)
		}
	}
	if t.Failed() {
		return
	}

	for _, u := range usesOfOtherFiles(t, paths) {
		if slices.Index(rootFiles, u.file) < slices.Index(rootFiles, u.of) {
			t.Errorf("%s:%d uses %s of %s, which is later in rootFiles", u.file, u.line, u.name, u.of)
		}
	}
}

// A fileUse is the use of an identifier that another file of the package declares: a
// type, function, variable or constant of the package, a method or a field.
type fileUse struct {
	file string
	line int
	name string
	of   string
}

// usesOfOtherFiles type-checks the root package, and returns the uses in their order.
func usesOfOtherFiles(t *testing.T, paths []string) []fileUse {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		f, err := parser.ParseFile(fset, path, read(t, path), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exportData(t))}
	pkg, err := config.Check("funcall", fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	var uses []fileUse
	for ident, obj := range info.Uses {
		if obj.Pkg() != pkg {
			continue
		}
		at, declared := fset.Position(ident.Pos()), fset.Position(obj.Pos())
		if at.Filename != declared.Filename {
			uses = append(uses, fileUse{at.Filename, at.Line, obj.Name(), declared.Filename})
		}
	}
	slices.SortFunc(uses, func(a, b fileUse) int {
		return strings.Compare(fmt.Sprintf("%s:%6d %s", a.file, a.line, a.name), fmt.Sprintf("%s:%6d %s", b.file, b.line, b.name))
	})
	return uses
}

// exportData returns a function that opens the export data of what the root imports.
func exportData(t *testing.T) importer.Lookup {
	t.Helper()
	files := make(map[string]string)
	for line := range strings.Lines(goTool(t, ".", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".")) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
