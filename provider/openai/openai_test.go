package openai_test

import (
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/internal/apitest/chatserver"
	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func TestConformance(t *testing.T) {
	adaptertest.Conform(t, chatserver.New, func(key, address string) provider.Provider {
		return openai.New("gpt-test", openai.APIKey(key), openai.BaseURL(address))
	})
}

// TestConformanceWithQuirks runs the suite with servers that need quirks.
func TestConformanceWithQuirks(t *testing.T) {
	for model, serve := range map[string]func(...providertest.Turn) *chatserver.Server{"mistral-test": chatserver.NewMistral, "kimi-k2.5": chatserver.NewKimi} {
		t.Run(model, func(t *testing.T) {
			providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
				return openai.New(model, openai.BaseURL(serve(turns...).Start(t)))
			})
		})
	}
}
