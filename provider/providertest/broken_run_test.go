package providertest

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A brokenProvider has one fault. It must fail checks, one of which names the fault.
type brokenProvider struct {
	name   string
	wrap   wrapper
	checks []string
	says   string
}

const brokenEnv = "PROVIDERTEST_BROKEN"

// isToFail reports whether this process was started by [failsAlone].
func isToFail() bool { return os.Getenv(brokenEnv) != "" }

// failsAlone runs the test again in another process, because a test cannot expect another one
// to fail. It checks that each broken Provider fails as it must, and returns the output.
func failsAlone(t *testing.T, broken []brokenProvider) string {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), brokenEnv+"=1")
	printed, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		t.Fatalf("the broken providers passed: %v", err)
	}
	out := string(printed)
	failed := make(map[string]bool)
	for _, m := range regexp.MustCompile(`--- FAIL: `+t.Name()+`/(\S+)`).FindAllStringSubmatch(out, -1) {
		failed[m[1]] = true
	}
	for _, b := range broken {
		for _, check := range b.checks {
			if !failed[b.name+"/"+check] {
				t.Errorf("%s: %s did not fail", b.name, check)
			}
		}
		if !strings.Contains(saidOf(t, out, b.name), b.says) {
			t.Errorf("%s: nothing says %q", b.name, b.says)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
	return out
}

// saidOf returns the output of the test of one broken Provider.
func saidOf(t *testing.T, out, name string) string {
	begins := regexp.MustCompile(`(?m)^=== RUN   ` + t.Name() + `/([^/\n]+)$`)
	for _, m := range begins.FindAllStringSubmatchIndex(out, -1) {
		if out[m[2]:m[3]] != name {
			continue
		}
		said := out[m[1]:]
		if next := begins.FindStringIndex(said); next != nil {
			said = said[:next[0]]
		}
		return said
	}
	return ""
}

// allBut skips the names that have no part in paths.
func allBut(names, paths []string) []Option {
	var opts []Option
	for _, name := range names {
		if !slices.ContainsFunc(paths, func(path string) bool { return path == name || strings.HasPrefix(path, name+"/") }) {
			opts = append(opts, Skip(name, "it does not look for this fault"))
		}
	}
	return opts
}
