package adaptertest

import (
	"slices"
	"testing"

	"github.com/funcall/funcall/internal/apiserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Conform runs the conformance suite over a strict server, with its streams in
// one write an event, and in small pieces.
func Conform(t *testing.T, serve func(...providertest.Turn) *apiserver.Server, dial func(key, address string) provider.Provider, opts ...providertest.Option) {
	for name, write := range map[string]int{"an event at once": 0, "seven bytes at once": 7} {
		t.Run(name, func(t *testing.T) {
			providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
				server := serve(turns...)
				server.Key = "key-of-a-test"
				if server.Write = write; write > 0 && slices.ContainsFunc(turns, long) {
					server.Write = 4096 // a megabyte in sevens takes minutes
				}
				return dial(server.Key, server.Start(t))
			}, opts...)
		})
	}
}

func long(turn providertest.Turn) bool {
	for d := range providertest.Deltas(turn.Response, providertest.Whole) {
		if len(d.Text) > 1000 {
			return true
		}
	}
	return false
}
