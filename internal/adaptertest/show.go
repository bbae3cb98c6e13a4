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
	if all := text.String() + log.String(); strings.Contains(all, "secret") {
		t.Errorf("the key is shown: %s", all)
	}
}
