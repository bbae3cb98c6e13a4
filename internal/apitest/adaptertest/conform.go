package adaptertest

import (
	"slices"
	"testing"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// Conform runs the conformance suite over a strict server: in each layout of
// JSON, with streams in one write an event, and in small pieces.
func Conform(t *testing.T, serve func(...providertest.Turn) *apiserver.Server, dial func(key, address string) provider.Provider, opts ...providertest.Option) {
	for _, way := range []struct {
		name   string
		write  int
		layout Layout
	}{
		{name: "an event at once", layout: Compact},
		{name: "seven bytes at once", write: 7, layout: Pretty},
		{name: "white space everywhere", layout: Spaced},
	} {
		t.Run(way.name, func(t *testing.T) {
			providertest.Conformance(t, func(t *testing.T, turns []providertest.Turn) provider.Provider {
				server := serve(turns...)
				server.Key = "key-of-a-test"
				server.Write, server.Layout = way.write, way.layout.Document
				if slices.ContainsFunc(turns, long) {
					if way.layout == Spaced {
						t.Skip("a megabyte of text is served in two ways, which is enough")
					}
					server.Write, server.Layout = min(way.write*1000, 4096), nil // in sevens it takes minutes
				}
				return dial(server.Key, server.Start(t))
			}, opts...)
		})
	}
}

func long(turn providertest.Turn) bool {
	for d := range providertest.Deltas(turn.Response, providertest.CutWhole) {
		if len(d.Text) > 1000 {
			return true
		}
	}
	return false
}
