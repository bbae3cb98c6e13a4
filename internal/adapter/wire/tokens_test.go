package wire

import (
	"testing"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

func TestMoney(t *testing.T) {
	for in, c := range map[string]struct {
		units float64
		want  provider.Money
		ok    bool
	}{
		"1":               {1, provider.Dollar, true},
		"0.1":             {1, provider.Dollar / 10, true},
		"3.287e-4":        {1, 328_700_000, true},
		"0.0000000000005": {1, 1, true},
		"0":               {1, 0, true},
		"-0":              {1, 0, true},
		"12345678901":     {1e10, 1_234_567_890_100, true},
		"1000000":         {1, 1_000_000 * provider.Dollar, true},
		"1000000.1":       {1, 0, false},
		"-0.1":            {1, 0, false},
		"1e999":           {1, 0, false},
		"null":            {1, 0, false},
		`"1"`:             {1, 0, false},
		"[1]":             {1, 0, false},
	} {
		var s jsonscan.Scanner
		s.Reset([]byte(in))
		if got, ok := Money(&s, c.units); got != c.want || ok != c.ok || s.Err() != nil || len(s.Rest()) > 0 {
			t.Errorf("%s: got %d, %v, want %d, %v (%v)", in, got, ok, c.want, c.ok, s.Err())
		}
	}
}
