package jsonversion_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/json/jsonversion"
)

func TestVersions(t *testing.T) {
	const known = "1.2"
	for _, c := range []struct {
		version string
		newer   bool
		readErr string // of CheckMajor
	}{
		{"1.2", false, ""},
		{"1.0", false, ""},
		{"1.3", true, ""},
		{"1.10", true, ""},
		{"1.65535", true, ""},
		{"2.0", true, "version 2.0 is newer than this program, which reads versions 1.x: upgrade github.com/funcall/funcall"},
		{"65535.1", true, "is newer than this program"},
	} {
		newer, err := jsonversion.IsNewer(c.version, known)
		if newer != c.newer || err != nil {
			t.Errorf("%s: newer %v, %v", c.version, newer, err)
		}
		err = jsonversion.CheckMajor(c.version, known)
		if c.readErr == "" && err != nil || c.readErr != "" && (!errors.Is(err, jsonversion.ErrNewer) || !strings.Contains(err.Error(), c.readErr)) {
			t.Errorf("%s: got %v, want %q", c.version, err, c.readErr)
		}
	}
}

func TestTextsThatAreNoVersion(t *testing.T) {
	for _, text := range []string{"", "1", "1.", ".1", "0.9", "1.0.0", "1.x", "-1.0", "1.-1", "+1.0", " 1.0", "99999999999999.0", strings.Repeat("x", 1000)} {
		newer, err := jsonversion.IsNewer(text, "1.2")
		for _, err := range []error{err, jsonversion.CheckMajor(text, "1.2")} {
			if newer || err == nil || errors.Is(err, jsonversion.ErrNewer) || !strings.Contains(err.Error(), "is no version") || len(err.Error()) > 100 {
				t.Errorf("%.20q: newer %v, %v", text, newer, err)
			}
		}
	}
}
