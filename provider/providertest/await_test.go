package providertest

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall/provider"
)

// A call is aborted if it makes no progress, however long it took before.
func TestSlowIsNoHang(t *testing.T) {
	words := Say(strings.Repeat("word ", 100)).Response
	slow := func(pause func(n int)) provider.Func {
		return func(_ context.Context, _ *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			n := 0
			for d := range Deltas(words, CutWords) {
				pause(n)
				emit(d)
				n++
			}
			return words, nil
		}
	}
	for name, c := range map[string]struct {
		pause func(n int)
		says  string // "" for a call that returns
	}{
		"slow all along":      {func(int) { time.Sleep(patience - time.Second) }, ""},
		"silent at the start": {func(int) { time.Sleep(2 * patience) }, "Generate has not returned after 0 deltas, and emitted none for 1m0s"},
		"silent in the midst": {func(n int) { time.Sleep(time.Duration(n/50) * 3 * patience) }, "Generate has not returned after 50 deltas"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &suite{stream: true}
				o := s.generate(t.Context(), slow(c.pause), request(), nil)
				if got := strings.Join(o.problems, "\n"); o.hung != (c.says != "") || !strings.Contains(got, c.says) || c.says == "" && got != "" {
					t.Errorf("hung: %v, %s", o.hung, got)
				}
				time.Sleep(1000 * patience) // until a call that counted as hung has returned
			})
		})
	}
}

// An endless response is aborted.
func TestEndlessResponseIsAborted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		endless := provider.Func(func(_ context.Context, _ *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return Say("").Response, nil
				default:
				}
				if n%1000 == 0 {
					time.Sleep(time.Second / 50)
				}
				emit(provider.Delta{Kind: provider.DeltaText, Text: "x"})
			}
		})
		s := &suite{stream: true}
		o := s.generate(t.Context(), endless, request(), nil)
		if got := strings.Join(o.problems, "\n"); !o.hung || !strings.Contains(got, "no response of the suite has more than") {
			t.Errorf("hung: %v, %s", o.hung, got)
		}
		close(stop)
		synctest.Wait()
		time.Sleep(time.Second) // until it has returned
	})
}
