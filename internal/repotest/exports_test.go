package repotest_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// publicPackages are those that other modules import. Package golden is not
// among them: nothing of it works outside of a test, so that a test
// (TestOfAnAgent) is its example.
var publicPackages = []string{
	".", "transcript", "transcript/storetest", "transcript/sqlstore", "transcript/sqlstore/sqlite", "transcript/sqlstore/postgres", "provider", "provider/prices", "provider/openai", "provider/anthropic", "provider/gemini", "provider/providertest",
	"ecommerce", "ecommerce/offline", "ecommerce/sqlshop",
}

// withoutExample are exports that stand in no example, with the reason.
var withoutExample = map[string]string{
	"ecommerce.Order.Clone": "a copy",
}

// byOthers are methods that the standard library, or an interface of ours,
// calls: their type's example shows what they are for.
var byOthers = []string{
	"Error", "Unwrap", "String", "GoString", "LogValue", "Generate",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
}

// Every exported function has an example of its name, so that it is shown
// beside it. Every exported type and method has one, or stands in one of its
// package. What has no code (constants, structs that are data alone) need not.
func TestEveryExportHasAnExample(t *testing.T) {
	used := make(map[string]bool)
	for _, dir := range publicPackages {
		fset := token.NewFileSet()
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no Go files (%v)", dir, err)
		}
		var files []*ast.File
		for _, path := range paths {
			f, err := parser.ParseFile(fset, path, read(t, path), parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		pkg, err := doc.NewFromFiles(fset, files, "github.com/funcall/funcall/"+dir)
		if err != nil {
			t.Fatal(err)
		}
		e := exports{t, pkg, shown(pkg), used}
		for _, f := range pkg.Funcs {
			e.want(f.Name, f.Examples)
		}
		for _, typ := range pkg.Types {
			e.checkType(typ)
		}
	}
	for name := range withoutExample {
		if !used[name] {
			t.Errorf("%s needs no exception", name)
		}
	}
}

// exports are those of one package.
type exports struct {
	t     *testing.T
	pkg   *doc.Package
	shown map[string]bool // names that stand in an example
	used  map[string]bool // the exceptions that were needed
}

func (e exports) checkType(typ *doc.Type) {
	made := len(typ.Examples) > 0 || e.shown[typ.Name]
	for _, f := range typ.Funcs {
		e.want(f.Name, f.Examples)
		made = made || len(f.Examples) > 0
	}
	for _, c := range typ.Consts {
		made = made || slices.ContainsFunc(c.Names, func(name string) bool { return e.shown[name] })
	}
	for _, m := range typ.Methods {
		made = made || len(m.Examples) > 0
		if len(m.Examples) == 0 && !e.shown[m.Name] && !slices.Contains(byOthers, m.Name) {
			e.complain(typ.Name + "." + m.Name)
		}
	}
	if !made && (len(typ.Funcs)+len(typ.Methods) > 0 || !isData(typ)) {
		e.complain(typ.Name)
	}
}

// want is for what has an example of its own name, or none.
func (e exports) want(name string, examples []*doc.Example) {
	if len(examples) == 0 {
		e.complain(name)
	}
}

func (e exports) complain(name string) {
	full := e.pkg.Name + "." + name
	e.used[full] = true
	if withoutExample[full] == "" {
		e.t.Errorf("%s has no example", full)
	}
}

// isData reports whether a type is a struct of exported fields, which says
// all that there is to say.
func isData(typ *doc.Type) bool {
	s, ok := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
	return ok && !s.Incomplete
}

// shown are the names that are selected from something in the package's
// examples, as in transcript.Limits or res.Calls.
func shown(pkg *doc.Package) map[string]bool {
	names := make(map[string]bool)
	note := func(examples []*doc.Example) {
		for _, ex := range examples {
			ast.Inspect(ex.Code, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					names[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	note(pkg.Examples)
	for _, f := range pkg.Funcs {
		note(f.Examples)
	}
	for _, typ := range pkg.Types {
		note(typ.Examples)
		for _, f := range append(typ.Funcs, typ.Methods...) {
			note(f.Examples)
		}
	}
	return names
}
