package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The tour is the first command of a newcomer: it must not compile unused packages, such as a
// database or a line editor.
func TestTheTourLinksNoDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(list))
	if len(packages) < 100 {
		t.Fatalf("there are %d packages only: %q", len(packages), packages)
	}
	for _, pkg := range packages {
		for _, of := range []string{"database/sql", "modernc.org/", "github.com/jackc/", "/sqlstore", "/sqlshop", "/sqlitedb", "/sqltx", "golang.org/x/term", "golang.org/x/sys/unix"} {
			if strings.Contains(pkg, of) {
				t.Errorf("%s is linked", pkg)
			}
		}
	}
}
