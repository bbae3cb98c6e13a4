package repotest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var release = regexp.MustCompile(`^## \d+\.\d+\.\d+(-[0-9a-z.]+)? - \d{4}-\d{2}-\d{2}$`)

// changelogProblems returns what is wrong with the headings of a changelog: Unreleased comes
// first, versions have a date, and each change has a known kind.
func changelogProblems(text string) (problems []string) {
	kinds := []string{"### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security"}
	sections := 0
	for n, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			if first := sections == 0; first != (line == "## Unreleased") || !first && !release.MatchString(line) {
				problems = append(problems, fmt.Sprintf(`line %d: %q; "## Unreleased" comes first, then versions such as "## 0.2.0 - 2026-01-31"`, n+1, line))
			}
			sections++
		case strings.HasPrefix(line, "### ") && (sections == 0 || !slices.Contains(kinds, line)):
			problems = append(problems, fmt.Sprintf("line %d: %q; the kinds of changes are %q", n+1, line, kinds))
		}
	}
	if sections == 0 {
		problems = append(problems, `no section "## Unreleased"`)
	}
	return problems
}

func TestChangelog(t *testing.T) {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range changelogProblems(string(text)) {
		t.Errorf("CHANGELOG.md: %s", p)
	}
}

func TestChangelogProblems(t *testing.T) {
	for text, want := range map[string]int{
		"# Changelog\n\n## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-01-31\n\n### Security\n": 0,
		"# Changelog\n":                           1,
		"## 0.1.0 - 2026-01-31\n":                 1,
		"## Unreleased\n## 0.1.0\n":               1,
		"## Unreleased\n## Unreleased\n":          1,
		"## Unreleased\n### Added: models\n":      1,
		"### Added\n## Unreleased\n### Renamed\n": 2,
	} {
		if got := changelogProblems(text); len(got) != want {
			t.Errorf("%q: %q, want %d problems", text, got, want)
		}
	}
}
