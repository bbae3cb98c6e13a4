package golden_test

import (
	"context"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Retries and fallbacks of the live model's wrappers are not recorded.
func TestWrappersOfTheLiveModel(t *testing.T) {
	inDir(t)
	script := providertest.NewScript(nil, providertest.Say("It was shipped."))
	live := provider.Func(func(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
		req.Run.RecordFallback("another model")
		resp, err := script.Generate(ctx, req, emit)
		if err == nil {
			resp.Attempts = []provider.Attempt{{Kind: provider.KindOverloaded, Error: "busy", Then: provider.ThenFallback}}
		}
		return resp, err
	})
	d := newDesk()
	d.record(t, "TestX", live)
	if file := read(t, "TestX"); strings.Contains(file, "another model") || strings.Contains(file, "busy") {
		t.Error(file)
	}
	try(t, "TestX", d.test()).passes(t)
}
