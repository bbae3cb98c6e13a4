package repotest_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every Go block in the README and in docs stands, line for line, in a Go file
// of this module, so it compiles, and what it shows is tested where that file
// is. Indentation does not count.
func TestEveryCodeBlockInTheDocsCompiles(t *testing.T) {
	var code strings.Builder
	for _, file := range files(t, ".go") {
		code.WriteString(unindent(read(t, file)))
		code.WriteString("\n\x00\n")
	}
	blocks := 0
	for _, file := range files(t, ".md") {
		for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, file), -1) {
			blocks++
			if !strings.Contains(code.String(), unindent(block[1])) {
				t.Errorf("%s: this block stands in no Go file of the module:\n%s", file, block[1])
			}
		}
	}
	if blocks == 0 {
		t.Error("there are no blocks")
	}
}

func unindent(s string) string {
	lines := strings.Split("\n"+strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n") + "\n"
}

func files(t *testing.T, ext string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ext {
			found = append(found, strings.TrimPrefix(path, root+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Links in the docs lead to files that are there, and tests that the docs
// appeal to exist.
func TestTheDocsAppealToWhatIsThere(t *testing.T) {
	tests := make(map[string]bool)
	for _, file := range files(t, ".go") {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz|Example)\w*)\(`).FindAllStringSubmatch(read(t, file), -1) {
			tests[m[1]] = true
		}
	}
	for _, file := range files(t, ".md") {
		text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(read(t, file), "") // links, not indexes
		for _, m := range regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`).FindAllStringSubmatch(text, -1) {
			to := file
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(file), m[1])
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", file, m[1])
			} else if m[2] != "" && !slices.Contains(anchors(read(t, to)), m[2]) {
				t.Errorf("%s: %s has no heading #%s", file, to, m[2])
			}
		}
		for _, m := range regexp.MustCompile("`((?:Test|Benchmark|Fuzz)\\w+)`").FindAllStringSubmatch(text, -1) {
			if !tests[m[1]] {
				t.Errorf("%s: there is no %s", file, m[1])
			}
		}
	}
}

// anchors returns the anchors that GitHub gives to the headings of a page.
func anchors(page string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, strings.ReplaceAll(name, " ", "-"))
	}
	return list
}

// Another module can import this one as the README says. Its requirements are
// copied rather than resolved: "go mod tidy" also reads the modules that the tests
// of dependencies import, which a fresh machine has only after a download.
func TestImportFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for from, to := range map[string]string{"examples/quickstart/main.go": "main.go", "go.mod": "go.mod", "go.sum": "go.sum"} {
		if err := os.WriteFile(filepath.Join(dir, to), []byte(read(t, from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	goTool(t, dir, "mod", "edit", "-module", "example.com/shop", "-require", "github.com/funcall/funcall@v0.0.0", "-replace", "github.com/funcall/funcall="+here)
	goTool(t, dir, "build", "-o", filepath.Join(dir, "shop"), ".")
}

// A program with the core and one adapter stays small: few modules linked,
// few megabytes.
func TestTheCoreIsLight(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	modules := make(map[string]bool)
	for line := range strings.Lines(goTool(t, ".", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./examples/openai")) {
		modules[strings.TrimSpace(line)] = true
	}
	delete(modules, "")
	delete(modules, "github.com/funcall/funcall")
	if len(modules) != 6 { // the README says so; more than eight must not be
		t.Errorf("%d modules are linked: %v", len(modules), modules)
	}
	bin := filepath.Join(t.TempDir(), "openai")
	goTool(t, ".", "build", "-ldflags", "-s -w", "-o", bin, "./examples/openai")
	info, err := os.Stat(bin)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d modules, %.1f MB stripped", len(modules), float64(info.Size())/1e6)
	if info.Size() > 9.8e6 { // Go 1.27 makes larger programs than 1.26
		t.Errorf("a stripped program has %d bytes", info.Size())
	}
}

// The packages of the module import in one direction only.
func TestImportsFollowTheArrows(t *testing.T) {
	const module = "github.com/funcall/funcall"
	allowed := map[string][]string{
		"provider":                     {},
		"provider/prices":              {"provider"},
		"provider/openai":              {"provider", "internal/"},
		"provider/anthropic":           {"provider", "internal/"},
		"provider/gemini":              {"provider", "internal/"},
		"provider/providertest":        {"provider", "internal/"},
		"golden":                       {"provider", "transcript", "provider/providertest"},
		"transcript":                   {"provider", "internal/json/jsonscan", "internal/json/jsonversion", "internal/text/wording"},
		"transcript/storetest":         {"transcript", "provider"},
		"transcript/sqlstore":          {"transcript", "internal/"},
		"transcript/sqlstore/sqlite":   {"transcript/sqlstore", "internal/"},
		"transcript/sqlstore/postgres": {"transcript/sqlstore"},
		".":                            {"transcript", "provider", "internal/"},
		"internal/exec":                {"internal/lazyctx", "internal/text/"},
		"internal/lazyctx":             {},
		"internal/text/termsvg":        {},
		"internal/agent/consumer":      {},
		"internal/agent/sessions":      {"transcript", "provider", "internal/agent/callids"},
		"internal/agent/digest":        {"transcript"},
		"internal/agent/limits":        {"transcript", "internal/text/"},
		"internal/agent/attempts":      {"provider", "internal/agent/"},
		"internal/agent/runlog":        {"transcript", "provider", "internal/agent/"},
		"internal/agent/costs":         {"provider"},
		"internal/agent/callids":       {"provider"},
		"internal/agent/storable":      {"provider", "internal/"},
		"internal/schema/arguments":    {"internal/"},
		"internal/agent/structured":    {"transcript", "provider", "internal/"},
		"internal/agent/toolresult":    {"transcript", "provider", "internal/"},
		"internal/agent/guard":         {"transcript", "provider", "internal/"},
		"internal/agent/journal":       {"transcript"},
		"ecommerce":                    {".", "transcript", "provider", "internal/text/"},
		"ecommerce/sqlshop":            {"ecommerce", "internal/"},
		"ecommerce/offline":            {"provider", "internal/"},
		"examples/internal/console":    {".", "ecommerce", "ecommerce/offline", "transcript", "provider", "provider/"},
		"examples/internal/lineeditor": {"examples/internal/console"},
		"examples/quickstart":          {".", "provider/"},
		"examples/ecommerce":           {".", "ecommerce", "examples/internal/console", "provider/prices", "transcript"},
		"examples/desk":                {".", "transcript", "transcript/sqlstore/sqlite", "provider", "provider/"},
		"examples/durable":             {".", "ecommerce", "ecommerce/sqlshop", "transcript", "transcript/sqlstore/sqlite", "provider/prices", "examples/internal/"},
		"examples/sse":                 {".", "ecommerce", "ecommerce/offline", "transcript", "provider"},
	}
	for room, may := range allowed {
		entries, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(entries) == 0 {
			t.Errorf("%s: no Go files (%v)", room, err)
		}
		for _, file := range entries {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, read(t, file), parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				path := strings.Trim(imp.Path.Value, `"`)
				rest, ours := strings.CutPrefix(path, module)
				if !ours {
					continue
				}
				rest = strings.TrimPrefix(rest, "/")
				if rest == "" {
					rest = "."
				}
				ok := false
				for _, m := range may {
					ok = ok || rest == m || strings.HasSuffix(m, "/") && strings.HasPrefix(rest, m)
				}
				if !ok {
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}

// goTool runs the go command without the network. It may use only what building
// this test downloads.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOSUMDB=off", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		var stderr string
		if e, ok := err.(*exec.ExitError); ok {
			stderr = string(e.Stderr)
		}
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return string(out)
}
