package repotest_test

import (
	"fmt"
	"os"
	"testing"
)

// root is the folder of the module. Files are opened by whole paths: a cached result of "go test"
// depends on them only then, because it knows nothing of the change of the folder.
var root string

// TestMain runs the tests at the root of the module, whose files they read.
func TestMain(m *testing.M) {
	err := os.Chdir("../..")
	if err == nil {
		root, err = os.Getwd()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	m.Run()
}
