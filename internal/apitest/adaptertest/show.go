package adaptertest

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// show prints everything in every way and looks for the key.
func show(t *testing.T, p provider.Provider, resp *provider.Response, err error) {
	t.Helper()
	holder := struct{ inside provider.Provider }{p}
	var text strings.Builder
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&text, format+"\n", p)
		fmt.Fprintf(&text, format+"\n", holder)
		if resp != nil {
			fmt.Fprintf(&text, format+"\n", *resp)
		}
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			fmt.Fprintf(&text, format+"\n", cause)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "client", p, "error", err)
	all := text.String() + log.String()
	for _, spelled := range spellings {
		if strings.Contains(all, spelled) {
			t.Errorf("the key is shown, as %s: %s", spelled, all)
		}
	}
}

// spellings are those of a part of the key: in hex, and in base64 behind any number of
// bytes.
var spellings = []string{"secret", "SECRET", "736563726574", "c2VjcmV0", "NlY3Jld", "zZWNyZX"}
