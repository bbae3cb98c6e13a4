package golden

import (
	"strings"
	"testing"
)

func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"TestX":           "TestX",
		"TestX/a_b#01":    "TestX/a_b#01",
		"../etc/passwd":   "%2E%2E/etc/passwd",
		"a//b":            "a/%/b",
		`a\b:c*d?"e<f>|g`: "a%5Cb%3Ac%2Ad%3F%22e%3Cf%3E%7Cg",
		"nul":             "%nul",
		"Com1.x":          "%Com1.x",
		"100%":            "100%25",
		"größe":           "größe",
		"ends.":           "ends%2E",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	long := strings.Repeat("é", 300)
	if a, b := fileName(long), fileName(long+"x"); a == b || len(a) > maxName+1 {
		t.Errorf("long names: %q, %q", a, b)
	}
}
