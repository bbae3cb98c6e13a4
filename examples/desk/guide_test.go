package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/provider/providertest"
)

const guide = "../../docs/guide.md"

// A block is a code block of the guide.
type block struct {
	lang, text string
	start, end int    // of text, in the guide
	file       string // the last Go file that is named between the block before and this one
}

var (
	fences  = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")
	goFiles = regexp.MustCompile("`([a-z_]+\\.go)`")
)

// blocks returns the code blocks of the guide, in order.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var all []block
	from := 0
	for _, m := range fences.FindAllStringSubmatchIndex(page, -1) {
		b := block{lang: page[m[2]:m[3]], text: page[m[4]:m[5]], start: m[4], end: m[5]}
		if names := goFiles.FindAllStringSubmatch(page[from:m[0]], -1); names != nil {
			b.file = names[len(names)-1][1]
		}
		all = append(all, b)
		from = m[1]
	}
	if len(all) == 0 {
		t.Fatal("the guide has no code blocks")
	}
	return all
}

// edit does what a block says: a Go block is a whole file, a diff block changes a file. It returns
// false for all other blocks.
func edit(t *testing.T, files map[string]string, b block) bool {
	t.Helper()
	switch {
	case b.lang != "go" && b.lang != "diff":
		return false
	case b.file == "":
		t.Fatalf("the guide names no file ahead of this block:\n%s", b.text)
	case b.lang == "go":
		files[b.file] = b.text
		return true
	}
	for hunk := range strings.SplitSeq(b.text, "@@\n") {
		var before, after strings.Builder
		for line := range strings.Lines(hunk) {
			switch rest := line[1:]; line[0] {
			case '-':
				before.WriteString(rest)
			case '+':
				after.WriteString(rest)
			case ' ':
				before.WriteString(rest)
				after.WriteString(rest)
			default:
				t.Fatalf("the line begins with neither -, + nor a space: %q", line)
			}
		}
		if n := strings.Count(files[b.file], before.String()); n != 1 {
			t.Fatalf("%s has these lines %d times, not once:\n%s", b.file, n, before.String())
		}
		files[b.file] = strings.Replace(files[b.file], before.String(), after.String(), 1)
	}
	return true
}

// The files of the guide are, at its end, those of this package.
func TestTheGuidesFiles(t *testing.T) {
	got, want := make(map[string]string), make(map[string]string)
	for _, b := range blocks(t, read(t, guide)) {
		edit(t, got, b)
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name != "doc.go" && name != "guide_test.go" {
			want[name] = read(t, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-files of this package +guide)\n%s", diff)
	}
}

// offline replaces the commands that need a network: there is no clone, and the requirements of
// this module are copied. The path of this module is that of other tests, so that its packages are
// built already.
var offline = strings.NewReplacer(
	"git clone https://github.com/funcall/funcall\n", "",
	"go mod tidy\n", `cp "$FUNCALL/go.mod" "$FUNCALL/go.sum" . &&
go mod edit -module example.com/desk -require github.com/funcall/funcall@v0.0.0 -replace "github.com/funcall/funcall=$FUNCALL"
`)

// TestGuide does all that the guide says, from an empty folder on, and compares what the commands
// print with the guide: a text block is the output of the commands ahead of it. GUIDE_UPDATE=1
// writes the outputs into the guide instead.
func TestGuide(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the guide's commands are for a Unix shell")
	}
	if now := time.Now().UTC(); now.Add(10*time.Minute).Day() != now.Day() {
		t.Skip("the budget of a day would begin anew while the test runs")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	realModel := chatserver.New(
		providertest.Call("get_order", `{"order_id":"A-1001"}`),
		providertest.Say("I am sorry. How much would you like back?"))
	dir := t.TempDir()
	env := append(cleanEnv(), "FUNCALL="+root, "OPENAI_BASE_URL="+realModel.Start(t),
		"GOPROXY=off", "GOSUMDB=off", "GOFLAGS=-buildvcs=false -vet=off -ldflags=-w", "GOWORK=off")

	page, files := read(t, guide), make(map[string]string)
	all := blocks(t, page)
	var updated strings.Builder
	from := 0
	for i, b := range all {
		if edit(t, files, b) {
			if err := os.WriteFile(filepath.Join(dir, "desk", b.file), []byte(files[b.file]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if b.lang != "sh" {
			continue
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute) // ends a hang
		shell := exec.CommandContext(ctx, "bash", "-c", "cd desk 2>/dev/null\n"+offline.Replace(b.text))
		shell.Dir, shell.Env, shell.WaitDelay = dir, env, time.Second
		printed, err := shell.CombinedOutput()
		stop()
		if i+1 == len(all) || all[i+1].lang != "text" {
			if err != nil {
				t.Fatalf("%v: %s\n%s", err, b.text, printed)
			}
			continue
		}
		shown := all[i+1]
		got := plain(string(printed))
		if diff := cmp.Diff(plain(shown.text), got); diff != "" && os.Getenv("GUIDE_UPDATE") == "" {
			t.Errorf("GUIDE_UPDATE=1 writes what the commands print into the guide (-guide +printed):\n%s%s", b.text, diff)
		}
		updated.WriteString(page[from:shown.start] + got)
		from = shown.end
	}
	if n := len(realModel.Requests()); n != 2 {
		t.Errorf("the real model was asked %d times, not twice", n)
	}
	if os.Getenv("GUIDE_UPDATE") != "" {
		if err := os.WriteFile(guide, []byte(updated.String()+page[from:]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// cleanEnv is the environment of a reader who has set nothing for the programs of the guide.
func cleanEnv() []string {
	var env []string
	for _, v := range os.Environ() {
		if !regexp.MustCompile(`^(OPENAI|GOLDEN|PAYMENTS)`).MatchString(v) {
			env = append(env, v)
		}
	}
	return env
}

var (
	seconds = regexp.MustCompile(`\b\d+\.\d+s\b`)
	killed  = regexp.MustCompile(`(?m)^.*\bKilled\b.*\n`) // what a shell says of the process
	blanks  = regexp.MustCompile(`(?m)[ \t]+$`)
)

// plain returns an output without what changes from run to run.
func plain(output string) string {
	output = strings.ReplaceAll(output, "\u00a0", " ") // of go-cmp, which puts it in now and then
	output = seconds.ReplaceAllString(output, "0.01s")
	output = killed.ReplaceAllString(output, "")
	return blanks.ReplaceAllString(output, "")
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
