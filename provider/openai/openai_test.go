package openai_test

import (
	"testing"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/internal/chatserver"
	"github.com/funcall/funcall/internal/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func TestConformance(t *testing.T) {
	adaptertest.Conform(t, chatserver.New, func(key, address string) provider.Provider {
		return openai.New("gpt-test", openai.APIKey(key), openai.BaseURL(address))
	})
}
