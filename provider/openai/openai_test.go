package openai_test

import (
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/funcall/funcall/internal/chatserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for name, write := range map[string]int{"an event at once": 0, "seven bytes at once": 7} {
		t.Run(name, func(t *testing.T) {
			providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
				server := chatserver.New(turns...)
				server.Key = "sk-a-test"
				if server.Write = write; write > 0 && long(turns) {
					server.Write = 4096 // a megabyte in sevens takes minutes
				}
				return openai.New("gpt-test", openai.APIKey(server.Key), openai.BaseURL(server.Start(t)))
			})
		})
	}
}

func long(turns []providertest.Turn) bool {
	return slices.ContainsFunc(turns, func(turn providertest.Turn) bool {
		for d := range providertest.Deltas(turn.Response, providertest.Whole) {
			if len(d.Text) > 1000 {
				return true
			}
		}
		return false
	})
}
