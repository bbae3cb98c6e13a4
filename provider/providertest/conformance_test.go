package providertest

import (
	"testing"

	"github.com/funcall/funcall/provider"
)

func TestScriptConforms(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]Cut{
		"words":  CutWords,
		"whole":  CutWhole,
		"random": CutRandom(7),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Conformance(t, func(t *testing.T, turns []Turn) provider.Provider {
				return NewScript(t, turns...).Cut(cut)
			})
		})
	}
}
