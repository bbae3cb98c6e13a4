package repotest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider/openai"
)

// The clients accept the addresses that docs/recipes.md lists for gateways.
func TestRecipesHaveGoodAddresses(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/recipes.md"), "| service | `BaseURL` |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([^`]+)`").FindAllStringSubmatch(table, -1)
	if len(rows) < 10 {
		t.Fatalf("there are %d rows", len(rows))
	}
	for _, row := range rows {
		if err := openai.New("m", openai.BaseURL(row[2])).Check(); err != nil {
			t.Errorf("%s: %v", row[1], err)
		}
	}
}
